"""Deactivating and erasing: who is gone is gone everywhere, and nobody takes the last keys along."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from app.annotations.models import Annotation
from app.commands.purging import purge
from app.database import now
from tests.contracts.scene import PASSWORD
from tests.courses.room import open_room
from tests.support.cast import Member, World
from tests.support.contents import dump

pytestmark = pytest.mark.database


def address(member: Member) -> str:
    assert member.user is not None
    return f"/people/{member.user.uid}"


@pytest.fixture
def dora(world: World) -> Member:
    """Somebody with canaries in her name, her texts, her notes and what she deleted."""
    dora = world.member("canaryname", password=PASSWORD)
    source = {
        "source": "canarytitle\n\nWords of canarytext.",
        "title": "canarytitle",
        "language": "en",
        "direction": "ltr",
    }
    assert dora.post("/articles", source).status_code == 303
    dora.mark("Ali Khamenei", "actor", note="canarynote")
    dora.mark("Waiting can be a policy", note="canarygone")
    uid = dora.annotations()[-1].uid
    dora.fragment(f"/annotations/{uid}", {"version": "1", "note": "canaryedited"})
    dora.fragment(f"/annotations/{uid}/delete", {"version": "2"})
    return dora


def canaries(world: World) -> bool:
    return "canary" in repr(dump(world.database))


def test_who_is_erased_is_gone_everywhere(dora: Member, world: World) -> None:
    assert canaries(world)
    room = open_room(world)
    room.takes_in(dora)
    answer = dora.post(f"{address(dora)}/erase", {"password": PASSWORD})
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
    assert answer.headers["clear-site-data"] == '"cache"'
    assert not canaries(world)
    assert dora.get("/").status_code == 303
    assert "canaryname" not in room.grace.get(room.address).text


def test_only_with_the_right_password(dora: Member, world: World) -> None:
    for password in ("", "wrong"):
        answer = dora.post(f"{address(dora)}/erase", {"password": password})
        assert answer.status_code == 422 and "field__error" in answer.text
    assert canaries(world) and dora.get("/").status_code == 200


def test_an_administrator_erases_others_with_his_own_password(dora: Member, world: World) -> None:
    grace = world.member("Grace", is_admin=True, password="another sentence")
    assert grace.post(f"{address(dora)}/erase", {"password": PASSWORD}).status_code == 422
    assert (
        grace.post(f"{address(dora)}/erase", {"password": "another sentence"}).headers["location"]
        == "/people"
    )
    assert not canaries(world)


def test_nobody_erases_somebody_else(dora: Member, ben: Member, world: World) -> None:
    assert ben.get(f"{address(dora)}/erase").status_code == 404
    assert ben.post(f"{address(dora)}/erase", {"password": PASSWORD}).status_code == 404
    assert canaries(world)


def test_the_last_administrator_stays(world: World) -> None:
    grace = world.member("Grace", is_admin=True, password=PASSWORD)
    answer = grace.post(f"{address(grace)}/erase", {"password": PASSWORD})
    assert answer.status_code == 409 and "administrator" in answer.text
    assert grace.post(f"{address(grace)}/deactivate").status_code == 409
    assert grace.get("/").status_code == 200


def test_a_class_keeps_its_instructor_and_an_empty_one_goes(world: World, ada: Member) -> None:
    world.member("Root", is_admin=True)
    room = open_room(world)
    room.takes_in(ada)
    grace = room.grace
    assert grace.post("/account/password", {"current": "x", "password": PASSWORD}).status_code == 422
    assert grace.user is not None
    with world.database.writing() as writing:
        writing.merge(grace.user).password_hash = world.app.state.passwords.hash(PASSWORD)
    answer = grace.post(f"{address(grace)}/erase", {"password": PASSWORD})
    assert answer.status_code == 409 and "POLS 210" in answer.text
    ada.post(f"{room.address}/leave")
    assert grace.post(f"{address(grace)}/erase", {"password": PASSWORD}).status_code == 303
    assert "POLS 210" not in repr(dump(world.database))


def test_who_is_deactivated_is_signed_out_and_stays_out(dora: Member, world: World) -> None:
    grace = world.member("Grace", is_admin=True)
    assert grace.post(f"{address(dora)}/deactivate").status_code == 303
    assert "deactivated" in grace.get("/people").text
    assert dora.get("/").status_code == 303
    again = {"name": "canaryname", "password": PASSWORD}
    assert dora.post("/sign-in", again).status_code == 422
    assert grace.post(f"{address(dora)}/activate").status_code == 303
    assert dora.post("/sign-in", again).status_code == 303


def test_an_administrator_lets_somebody_open_classes(ben: Member, world: World) -> None:
    grace = world.member("Grace", is_admin=True)
    form = {"title": "Mine", "timezone": "UTC"}
    assert ben.post("/courses", form).status_code == 403
    grace.post(f"{address(ben)}/permit", {"courses": "true"})
    assert "opens classes" in grace.get("/people").text
    assert ben.post("/courses", form).status_code == 303
    grace.post(f"{address(ben)}/permit", {"courses": "false"})
    assert ben.post("/courses", form).status_code == 403
    assert "Mine" in ben.get("/courses").text


def test_what_others_answered_loses_its_words_and_keeps_its_place(dora: Member, world: World) -> None:
    room = open_room(world)
    room.takes_in(dora)
    text = room.sets()
    ben = room.student(world, "Ben")
    root = text.mark(dora, "Ali Khamenei", "actor", note="canaryroot")
    bare = text.mark(dora, "Tehran", "actor", note="canarybare")
    text.reply(dora, text.reply(ben, root, "ben answers"), "canaryreply")
    private = text.mark(dora, "Washington", "actor", note="canaryprivate", audience="staff")
    text.reply(room.grace, private, "said to dora alone")
    theirs = text.mark(ben, "Waiting can be", "claim", note="still here")
    dora.fragment(f"/annotations/{theirs}/reactions", {"kind": "agree"})
    assert dora.post(f"{address(dora)}/erase", {"password": PASSWORD}).status_code == 303
    assert not canaries(world)
    seen = text.seen_by(ben)
    assert "ben answers" in seen and "Deleted by its author" in seen and "still here" in seen
    assert ben.get(f"/annotations/{bare}").status_code == 404
    assert "said to dora alone" not in text.seen_by(room.grace)


def test_texts_that_a_class_reads_stay_with_it_when_their_owner_goes(world: World) -> None:
    room = open_room(world)
    olga, ben = room.student(world, "Olga"), room.student(world, "Ben")
    room.grace.post(f"{room.person(olga)}/role", {"role": "instructor"})
    text = room.sets()
    text.mark(ben, "Ali Khamenei", "actor", note="ben reads on")
    admin = world.member("Root", is_admin=True, password=PASSWORD)
    assert admin.post(f"{address(room.grace)}/erase", {"password": PASSWORD}).status_code == 303
    assert "ben reads on" in text.seen_by(ben) and "ben reads on" in text.seen_by(olga)


def test_purging_keeps_the_place_of_what_was_answered(world: World) -> None:
    room = open_room(world)
    ada, ben = room.student(world, "Ada"), room.student(world, "Ben")
    text = room.sets()
    root = text.mark(ada, "Ali Khamenei", "actor", note="canaryroot")
    text.reply(ben, root, "ben answers")
    alone = text.mark(ada, "Tehran", "actor", note="canaryalone")
    for uid in (root, alone):
        ada.fragment(f"/annotations/{uid}/delete", {"version": "1"})
    with world.database.writing() as db:
        gone = Annotation.deleted_at.is_not(None)
        db.execute(update(Annotation).where(gone).values(deleted_at=now() - timedelta(days=40)))
    assert purge(world.database)[0] == 2
    assert not canaries(world) and "ben answers" in text.seen_by(ben)
    assert purge(world.database)[0] == 0
    assert "ben answers" in text.seen_by(ben)
