"""Progress: what staff see of each student, late marked as late, extensions."""

import pytest
from sqlalchemy import update

from app.database import now
from app.readings.models import Reading
from tests.courses.room import Room, SetText
from tests.support.cast import Member, World

pytestmark = pytest.mark.database


def due_a_minute_ago(world: World, text: SetText) -> None:
    with world.database.writing() as db:
        db.execute(update(Reading).where(Reading.uid == text.uid).values(due_at=now().replace(year=2020)))


def row_of(page: str, member: Member) -> str:
    assert member.user
    return page[page.index(f"students/{member.user.uid}") :].split("</tr>")[0]


def test_opened_read_marked_and_replied(world: World, room: Room, ada: Member, ben: Member) -> None:
    text = room.sets()
    uid = text.mark(ada, "Ali Khamenei", "actor")
    text.mark(ada, "Tehran", "actor", audience="me")
    text.reply(ben, uid, "why?")
    ada.post(f"{text.address}/place", {"place": "9999"})
    world.app.state.places.flush()
    page = room.grace.get(f"{text.address}/progress").text
    assert "Read to the end" in row_of(page, ada)
    assert [cell.split("<")[0] for cell in row_of(page, ada).split('table__number">')[1:]] == ["1", "0"]
    assert "Not yet" in row_of(page, ben)
    assert [cell.split("<")[0] for cell in row_of(page, ben).split('table__number">')[1:]] == ["0", "1"]


def test_students_do_not_see_each_others_progress(room: Room, ada: Member) -> None:
    text = room.sets()
    assert ada.get(f"{text.address}/progress").status_code == 403
    assert ada.user
    assert ada.get(f"{text.address}/students/{ada.user.uid}").status_code == 403


def test_one_students_work_is_on_one_page(room: Room, ada: Member, ben: Member) -> None:
    text = room.sets()
    text.mark(ada, "Ali Khamenei", "actor", note="canary-ada")
    text.mark(ada, "Tehran", "actor", note="canary-private", audience="me")
    text.mark(ben, "Washington", "actor", note="canary-ben")
    assert ada.user
    page = room.grace.get(f"{text.address}/students/{ada.user.uid}").text
    assert "canary-ada" in page and "canary-ben" not in page and "canary-private" not in page


def test_late_is_marked_for_its_author_and_staff_until_the_date_is_extended(
    world: World, room: Room, ada: Member, ben: Member
) -> None:
    text = room.sets()
    due_a_minute_ago(world, text)
    text.mark(ada, "Ali Khamenei", "actor", note="x")
    assert ">Late<" in text.seen_by(ada) and ">Late<" in text.seen_by(room.grace)
    assert ">Late<" not in text.seen_by(ben)
    assert ada.user
    address = f"{text.address}/students/{ada.user.uid}/extension"
    assert room.grace.post(address, {"due_at": "2999-01-01T12:00"}).status_code == 303
    assert ">Late<" not in room.grace.get(f"{text.address}/progress").text
    assert "2999-01-01, 12:00" in ada.get(text.address).text
    assert "2999-01-01" not in ben.get(text.address).text
    assert ">Late<" not in text.seen_by(ada) and ">Late<" not in text.seen_by(room.grace)
    room.grace.post(address, {"due_at": ""})
    assert "2999-01-01" not in ada.get(text.address).text


def test_an_extension_that_is_no_date_is_refused(room: Room, ada: Member) -> None:
    text = room.sets()
    assert ada.user
    answer = room.grace.post(f"{text.address}/students/{ada.user.uid}/extension", {"due_at": "soon"})
    assert answer.status_code == 422 and 'value="soon"' in answer.text


def test_a_reveal_cannot_be_taken_back_and_is_noted(room: Room, ada: Member) -> None:
    text = room.sets(reveal_kind="staff")
    assert ada.post(f"{text.address}/reveal").status_code == 403
    room.grace.post(f"{text.address}/reveal")
    assert "Revealed" in room.grace.get(f"{text.address}/progress").text
