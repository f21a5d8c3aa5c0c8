"""Groups: dealt out at random, filled by hand."""

import re
from collections import Counter

import pytest
from sqlalchemy import select

from app.courses.models import Group, GroupMember, GroupSet
from tests.courses.room import Room
from tests.support.cast import Member, World

pytestmark = pytest.mark.database


def sizes(world: World) -> list[int]:
    with world.database.reading() as db:
        return sorted(Counter(db.scalars(select(GroupMember.group_id))).values())


def groups_of(world: World) -> tuple[str, list[str]]:
    with world.database.reading() as db:
        return db.scalars(select(GroupSet.uid)).one(), list(db.scalars(select(Group.uid).order_by(Group.id)))


def test_students_are_dealt_out_evenly_and_staff_are_not(room: Room, world: World) -> None:
    room.takes_in(*(world.member(f"Student {n}") for n in range(7)))
    form = {"name": "Seminars", "number": "3", "random": "true"}
    assert room.grace.post(f"{room.address}/groups", form).status_code == 303
    assert sizes(world) == [2, 2, 3]


def test_a_student_is_moved_by_hand_and_taken_out(room: Room, world: World, ada: Member) -> None:
    room.takes_in(ada)
    room.grace.post(f"{room.address}/groups", {"name": "Pairs", "number": "2"})
    assert sizes(world) == []
    set_uid, (first, second) = groups_of(world)
    assert ada.user is not None
    seat = f"{room.address}/groups/{set_uid}/people/{ada.user.uid}"
    for group in (first, second):
        assert room.grace.post(seat, {"group": group}).status_code == 303
        assert re.search(rf'value="{group}" selected', room.grace.get(f"{room.address}/groups").text)
        assert sizes(world) == [1]
    assert room.grace.post(seat, {"group": "elsewhere"}).status_code == 409
    assert room.grace.post(seat, {"group": ""}).status_code == 303
    assert sizes(world) == []


def test_who_leaves_leaves_the_groups(room: Room, world: World, ada: Member) -> None:
    room.takes_in(ada)
    room.grace.post(f"{room.address}/groups", {"name": "Pairs", "number": "2", "random": "true"})
    assert sizes(world) == [1]
    ada.post(f"{room.address}/leave")
    assert sizes(world) == []


@pytest.mark.parametrize(
    ("form", "status", "words"),
    [
        ({"name": "", "number": "2"}, 422, "Fill this in"),
        ({"name": "Odd", "number": "1"}, 422, "field__error"),
        ({"name": "Odd", "number": "61"}, 422, "field__error"),
        ({"name": "Pairs", "number": "2"}, 409, "already"),
    ],
)
def test_groups_that_cannot_be_made_say_why(
    room: Room, form: dict[str, str], status: int, words: str
) -> None:
    room.grace.post(f"{room.address}/groups", {"name": "Pairs", "number": "2"})
    answer = room.grace.post(f"{room.address}/groups", form)
    assert answer.status_code == status and words in answer.text
    assert f'value="{form["number"]}"' in answer.text


def test_students_neither_see_nor_make_groups_here(room: Room, ada: Member, ben: Member) -> None:
    room.takes_in(ada)
    assert ada.get(f"{room.address}/groups").status_code == 403
    assert ada.post(f"{room.address}/groups", {"name": "Mine", "number": "2"}).status_code == 403
    assert ben.get(f"{room.address}/groups").status_code == 404
