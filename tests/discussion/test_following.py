"""Following and muting: wishes that can be taken back, the most particular of which holds."""

import re

import pytest
from sqlalchemy import select

from app.database import now
from app.discussion.following import Place, Wish, Wishes
from app.discussion.models import Follow
from app.identity import new_uid
from tests.courses.room import Room, SetText
from tests.support.cast import Member, World

pytestmark = pytest.mark.database


def rows(world: World) -> list[tuple[bool, bool, str]]:
    """Whether each wish is about a paragraph, about a thread, and what it is."""
    with world.database.reading() as db:
        found = db.scalars(select(Follow).order_by(Follow.id))
        return [(row.paragraph_id is not None, row.root_id is not None, row.stance) for row in found]


def pressed(page: str) -> list[str]:
    return re.findall(r'aria-pressed="true">((?:Follow|Mute) this \w+)<', page)


@pytest.mark.parametrize(
    ("address", "form", "expected"),
    [
        ("{reading}/follow", {}, (False, False)),
        ("{reading}/follow", {"paragraph": "2"}, (True, False)),
        ("/annotations/{post}/follow", {}, (False, True)),
    ],
    ids=["reading", "paragraph", "thread"],
)
def test_each_place_is_followed_muted_and_left_alone(
    room: Room, ada: Member, ben: Member, address: str, form: dict[str, str], expected: tuple[bool, bool]
) -> None:
    text = room.sets()
    root = text.mark(ben, "Tehran", "actor")
    there = address.format(reading=text.address, post=root)
    for stance in ("follow", "follow", "mute", "mute"):
        answer = ada.fragment(there, form | {"stance": stance})
        assert answer.status_code == 200
        assert [words.split()[0].lower() for words in pressed(answer.text)] == [stance]
        assert rows(room.world) == [(*expected, stance)]
    assert pressed(ada.fragment(there, form | {"stance": "none"}).text) == []
    assert rows(room.world) == []
    assert ada.post(there, form | {"stance": "none"}).status_code == 303


def test_to_wish_the_same_again_keeps_since_when(room: Room, ada: Member) -> None:
    text = room.sets()
    since = []
    for _ in range(2):
        ada.post(f"{text.address}/follow", {"stance": "follow"})
        with room.world.database.reading() as db:
            since += db.scalars(select(Follow.at))
    assert len(since) == 2 and since[0] == since[1]


def test_a_wish_made_at_an_answer_is_about_its_thread(room: Room, ada: Member, ben: Member) -> None:
    text = room.sets()
    root = text.mark(ben, "Tehran", "actor")
    answer = text.reply(ben, root, "and more")
    assert ada.post(f"/annotations/{answer}/follow", {"stance": "mute"}).status_code == 303
    assert rows(room.world) == [(False, True, "mute")]
    assert pressed(ada.get(f"/annotations/{root}/thread").text) == ["Mute this thread"] * 2
    assert pressed(ben.get(f"/annotations/{root}/thread").text) == []


def test_the_pages_say_how_it_stands_and_forget_nothing_they_kept(room: Room, ada: Member) -> None:
    text = room.sets()
    first = ada.get(text.address)
    assert pressed(first.text) == []
    ada.post(f"{text.address}/follow", {"stance": "follow"})
    ada.post(f"{text.address}/follow", {"stance": "mute", "paragraph": "2"})
    again = ada.get(text.address, headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 200 and pressed(again.text) == ["Follow this reading"]
    assert pressed(ada.get(f"{text.address}/remarks/new?paragraph=2").text) == ["Mute this paragraph"]
    assert pressed(ada.get(f"{text.address}/remarks/new?paragraph=3").text) == []


@pytest.mark.parametrize("paragraph", ["-1", "4000"])
def test_there_is_no_such_paragraph(room: Room, ada: Member, paragraph: str) -> None:
    form = {"stance": "follow", "paragraph": paragraph}
    assert ada.post(f"{room.sets().address}/follow", form).status_code == 404
    assert rows(room.world) == []


def test_what_cannot_be_seen_cannot_be_followed(room: Room, ada: Member, ben: Member) -> None:
    text = room.sets(reveal_kind="staff")
    uids = [
        text.mark(ben, "Tehran", "actor"),
        text.mark(ben, "Washington", "actor", audience="me"),
        new_uid(),
    ]
    for uid in uids:
        assert ada.post(f"/annotations/{uid}/follow", {"stance": "follow"}).status_code == 404
    own = f"{ada.reading}/follow"
    assert ada.post(own, {"stance": "follow"}).status_code == 404, "there is nobody to follow"
    assert ada.post(f"{text.address}/follow", {"stance": "shout"}).status_code == 422
    assert rows(room.world) == []


def test_in_an_archived_class_nothing_is_followed(room: Room, ada: Member) -> None:
    text = room.sets()
    assert room.grace.post(f"{room.address}/archive").status_code == 303
    assert ada.post(f"{text.address}/follow", {"stance": "follow"}).status_code == 403
    assert "Follow this reading" not in ada.get(text.address).text


def test_the_most_particular_wish_holds() -> None:
    follow, mute = Wish("follow", now()), Wish("mute", now())
    wishes = Wishes({Place(1): mute, Place(1, paragraph_id=2): follow, Place(1, root_id=3): mute})
    assert wishes.on(1, 2, 3) == mute and wishes.on(1, 2, 4) == follow and wishes.on(1, 5, 6) == mute
    assert wishes.on(7, 2, 4) is None
    assert wishes.followed() == {1: [Place(1, paragraph_id=2)]}


# What is muted is no news


def trail(text: SetText, member: Member) -> list[str]:
    return re.findall(r'class="trail__stop" href="#p(\d+)"', member.get(text.address).text)


def news(text: SetText, member: Member, cursor: str) -> int:
    answer = member.fragment(f"{text.address}/news?since={cursor}")
    return int(re.findall(r">(\d+) new<", answer.text)[0]) if answer.status_code == 200 else 0


def visited(world: World, text: SetText, member: Member) -> str:
    """Have somebody look at the page and go; return its cursor."""
    found = re.search(r'data-cursor="([^"]*)"', member.get(text.address).text)
    assert found
    assert member.post(f"{text.address}/place", {"place": "0", "cursor": found[1]}).status_code == 204
    world.app.state.places.flush()
    return found[1]


@pytest.mark.parametrize(
    ("muted", "left"),
    [
        ("thread", ["1", "5"]),
        ("paragraph", ["5"]),
        ("reading", []),
        ("reading but the thread", ["1"]),
        ("reading but the paragraph", ["1"]),
    ],
)
def test_what_is_muted_is_neither_on_the_trail_nor_counted_and_stays_readable(
    room: Room, ada: Member, ben: Member, muted: str, left: list[str]
) -> None:
    text = room.sets()
    root = text.mark(ben, "Waiting can be a policy", "claim", note="first")
    cursor = visited(room.world, text, ada)
    places = {
        "thread": (f"/annotations/{root}/follow", {}),
        "paragraph": (f"{text.address}/follow", {"paragraph": "1"}),
        "reading": (f"{text.address}/follow", {}),
    }
    what, _, but = muted.partition(" but the ")
    for place, stance in ((what, "mute"), (but, "follow")):
        if place:
            address, form = places[place]
            assert ada.post(address, form | {"stance": stance}).status_code == 303
    text.reply(ben, root, "canary-answer")
    text.mark(ben, "Ali Khamenei", "actor") if muted == "thread" else None
    text.mark(ben, "does not seem", "hedge")
    assert trail(text, ada) == left
    assert news(text, ada, cursor) == len(left)
    assert "canary-answer" in text.seen_by(ada)
    assert trail(text, room.grace) == [] and "U" not in trail(text, ben)
