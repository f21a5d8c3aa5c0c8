"""Setting readings: what students find and when, dates in the class's time zone, changing, deleting, archiving."""

import re

import pytest
from sqlalchemy import select

from app.readings.models import Reading
from tests.courses.room import Room
from tests.support.cast import Member, World

pytestmark = pytest.mark.database


def reading_row(world: World, uid: str) -> Reading:
    with world.database.reading() as db:
        return db.scalars(select(Reading).where(Reading.uid == uid)).one()


def test_a_reading_that_is_set_is_found_by_the_class_and_in_the_library(room: Room, ada: Member) -> None:
    text = room.sets(due_at="2999-05-01T18:00", instructions="Read *all* of it.")
    for page in (room.address, "/"):
        assert text.address in ada.get(page).text and "2999-05-01, 18:00" in ada.get(page).text
    assert "<em>all</em>" in ada.get(text.address).text


def test_dates_are_meant_in_the_classs_time_zone(world: World, room: Room) -> None:
    text = room.sets(due_at="2999-07-01T18:00")
    due = reading_row(world, text.uid).due_at
    assert due and due.isoformat() == "2999-07-01T16:00:00+00:00"


@pytest.mark.parametrize("rules", [{"opens": "draft"}, {"opens": "date", "opens_at": "2999-01-01T08:00"}])
def test_students_do_not_find_what_is_not_open(room: Room, ada: Member, rules: dict[str, str]) -> None:
    text = room.sets(**rules)
    assert ada.get(text.address).status_code == 404 and text.uid not in ada.get(room.address).text
    assert room.grace.get(text.address).status_code == 200 and text.uid in room.grace.get(room.address).text
    change = {"opens": "now", "reveal_kind": "at_once"}
    assert room.grace.post(f"{text.address}/settings", change).status_code == 303
    assert ada.get(text.address).status_code == 200


@pytest.mark.parametrize(
    ("rules", "field", "words"),
    [
        ({"opens": "date"}, "opens_at", "Say when it opens"),
        ({"reveal_kind": "date"}, "reveal_at", "Say when students see"),
        ({"reveal_kind": "count"}, "reveal_n", "after how many"),
        ({"reveal_kind": "count", "reveal_n": "0"}, "reveal_n", "reveal_n-error"),
        ({"due_at": "2001-01-01T08:00"}, "due_at", "due before it opens"),
        ({"due_at": "soon"}, "due_at", "due_at-error"),
        ({"article": "nobody's"}, "article", "Choose an article"),
        ({"group_set": "nobody's"}, "group_set", "not there any more"),
    ],
)
def test_rules_that_do_not_fit_are_refused_with_what_was_typed(
    room: Room, rules: dict[str, str], field: str, words: str
) -> None:
    form = room.form_of_a_reading() | {"instructions": "typed with care"} | rules
    answer = room.grace.post(f"{room.address}/readings", form)
    assert answer.status_code == 422 and words in answer.text and "typed with care" in answer.text, field


def test_nobody_sets_anothers_article(world: World, room: Room, ada: Member) -> None:
    article = room.form_of_a_reading()["article"]
    assert ada.post(f"{room.address}/readings", {"article": article}).status_code == 403
    olga = world.member("Olga")
    room.takes_in(olga)
    room.grace.post(f"{room.person(olga)}/role", {"role": "assistant"})
    assert olga.post(f"{room.address}/readings", {"article": article}).status_code == 422


def test_the_form_shows_the_rules_as_they_are(room: Room) -> None:
    text = room.sets(due_at="2999-05-01T18:00", reveal_kind="count", reveal_n="3", audience="group")
    page = room.grace.get(f"{text.address}/settings").text
    assert 'value="2999-05-01T18:00"' in page and 'value="count" checked' in page
    assert re.search(r'id="reveal_n"[^>]*value="3"', page) and '<option value="group" selected' in page


def test_changing_the_rules_does_not_open_it_anew(world: World, room: Room) -> None:
    text = room.sets()
    opened = reading_row(world, text.uid).opens_at
    room.grace.post(f"{text.address}/settings", {"opens": "now", "reveal_kind": "staff"})
    assert reading_row(world, text.uid).opens_at == opened


def test_a_deleted_reading_is_gone_for_the_class_and_its_posts_stay_their_authors(
    room: Room, ada: Member
) -> None:
    text = room.sets()
    uid = text.mark(ada, "Ali Khamenei", "actor", note="canary")
    assert room.grace.post(f"{text.address}/delete").status_code == 303
    for member in (ada, room.grace):
        assert member.get(text.address).status_code == 404 and text.uid not in member.get(room.address).text
    assert "canary" in ada.get("/notebook").text and "canary" in ada.get(f"/annotations/{uid}").text


def test_nothing_is_written_in_an_archived_class(room: Room, ada: Member) -> None:
    text = room.sets()
    uid = text.mark(ada, "Ali Khamenei", "actor", note="before")
    room.grace.post(f"{room.address}/archive")
    assert ada.get(text.address).status_code == 200 and "before" in text.seen_by(ada)
    assert ada.mark("Tehran", "actor", reading=text.address).status_code == 403
    assert ada.fragment(f"/annotations/{uid}/replies", {"uid": uid, "note": "x"}).status_code == 403
    assert room.grace.post(f"{text.address}/reveal").status_code == 403
    assert room.grace.get(f"{text.address}/progress").status_code == 200


def test_staff_see_the_reading_with_a_students_eyes(room: Room, ada: Member) -> None:
    text = room.sets(reveal_kind="staff")
    text.mark(ada, "Ali Khamenei", "actor", note="canary-ada")
    text.mark(room.grace, "Tehran", "actor", note="canary-me", audience="me")
    text.mark(room.grace, "Tehran", "actor", note="canary-staff", audience="staff")
    text.mark(room.grace, "Washington", "actor", note="canary-class")
    seen = text.seen_by(room.grace, "as=student")
    assert "canary-class" in seen
    for hidden in ("canary-ada", "canary-me", "canary-staff"):
        assert hidden not in seen and hidden in text.seen_by(room.grace) + text.seen_by(ada)
    assert (
        "tag-bar"
        not in room.grace.get(f"{text.address}?as=student").text.split("<main")[1].split("</main")[0]
    )
    assert "canary-ada" not in text.seen_by(room.student(room.world, "Ben"), "as=instructor")


def test_an_article_that_a_class_reads_may_leave_its_owners_library(room: Room, ada: Member) -> None:
    text = room.sets()
    room.grace.post(f"/articles/{room.form_of_a_reading()['article']}/delete")
    assert ada.get(text.address).status_code == 200


def seal_in(page: str) -> str:
    found = re.search(r'name="seal" value="(\w+)"', page)
    assert found
    return found[1]


def test_rules_that_changed_meanwhile_are_shown_beside_what_was_typed(world: World, room: Room) -> None:
    text = room.sets(instructions="As it was")
    address = f"{text.address}/settings"
    drawn_from = seal_in(room.grace.get(address).text)
    first = {"seal": drawn_from, "instructions": "From the laptop", "audience": "group"}
    assert room.grace.post(address, first).status_code == 303
    assert room.grace.post(address, first).status_code == 303  # its answer was lost, and it comes again
    second = {"seal": drawn_from, "instructions": "From the phone"}
    refused = room.grace.post(address, second)
    assert refused.status_code == 409
    assert "From the laptop" in refused.text and "From the phone" in refused.text
    assert reading_row(world, text.uid).instructions == "From the laptop"
    assert room.grace.post(address, second | {"seal": seal_in(refused.text)}).status_code == 303
    assert reading_row(world, text.uid).instructions == "From the phone"
