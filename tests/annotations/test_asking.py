"""What the class marked in a sentence, told at the head of a pile: as far as the viewer may know, and not further."""

import re

import pytest
from sqlalchemy import select, update

from app.annotations.models import Annotation
from app.courses.models import Group, GroupMember, GroupSet, Membership
from app.database import now
from tests.courses.room import Room, SetText, open_room
from tests.support.cast import Member, World

pytestmark = pytest.mark.database

WORDS = "Waiting can be a policy"


@pytest.fixture
def room(world: World) -> Room:
    return open_room(world)


@pytest.fixture
def students(world: World, room: Room) -> list[Member]:
    return [room.student(world, name) for name in ("Ada", "Ben", "Chloe", "Dan")]


def told(text: SetText, member: Member, more: str = "") -> str:
    """The words at the head of the pile, without their mark-up; empty where nothing is told."""
    start = member.text.text.index(WORDS) + 3
    answer = member.fragment(f"{text.address}/pile?start={start}&end={start + 1}{more}")
    assert answer.status_code == 200
    section = re.search(r'<section class="told".*?</section>', answer.text, re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", section[0]).split()) if section else ""


def test_how_many_marked_it_as_what_and_also(room: Room, students: list[Member]) -> None:
    ada, ben, chloe, _dan = students
    text = room.sets()
    text.mark(ada, WORDS, "claim", "hedge")
    text.mark(ben, WORDS, "claim")
    text.mark(ben, "can be", "hedge")
    text.mark(chloe, "policy", "claim")
    for viewer in (*students, room.grace):
        words = told(text, viewer)
        assert words.startswith("3 of 4 marked this sentence as “claim”; 2 of them also “hedge”."), words
        assert "hedge 2 2 also claim" in words and "Any mark 3" in words


def test_a_note_without_a_tag_is_a_mark(room: Room, students: list[Member]) -> None:
    text = room.sets()
    text.mark(students[0], WORDS, note="A policy of whom?")
    assert told(text, students[1]).startswith("1 of 4 marked this sentence. Tag")
    assert told(text, students[1]).endswith("Any mark 1")


def test_nothing_is_told_of_what_nobody_marked_nor_where_one_reads_alone(
    room: Room, students: list[Member]
) -> None:
    text, ada = room.sets(), students[0]
    text.mark(ada, WORDS, "claim", audience="me")
    text.mark(room.grace, WORDS, "claim")
    assert told(text, ada) == told(text, room.grace) == ""
    ada.mark(WORDS, "claim")
    start = ada.text.text.index(WORDS)
    assert "told" not in ada.fragment(f"{ada.reading}/pile?start={start}&end={start + 1}").text


def test_who_is_blind_is_told_nothing_until_it_is_revealed(room: Room, students: list[Member]) -> None:
    ada, ben, *_ = students
    text = room.sets(reveal_kind="staff")
    text.mark(ada, WORDS, "claim")
    text.mark(ben, WORDS, "claim")
    assert told(text, ada) == told(text, room.grace, "&as=student") == ""
    assert told(text, room.grace).startswith("2 of 4 marked this sentence as “claim”.")
    room.grace.post(f"{text.address}/reveal")
    assert told(text, ada).startswith("2 of 4 marked this sentence as “claim”.")


def test_what_is_hidden_or_for_staff_is_told_to_staff_alone(room: Room, students: list[Member]) -> None:
    ada, ben, chloe, _dan = students
    text = room.sets()
    text.mark(ada, WORDS, "claim")
    hidden = text.mark(ben, WORDS, "claim")
    text.mark(chloe, WORDS, "claim", audience="staff")
    room.grace.fragment(f"/annotations/{hidden}/hide", {"on": "true", "word": ""})
    assert told(text, ada).startswith("1 of 4 marked this sentence as “claim”.")
    assert told(text, room.grace).startswith("3 of 4 marked this sentence as “claim”.")
    assert told(text, room.grace, "&as=student").startswith("1 of 4 marked this sentence as “claim”.")


def test_a_name_and_a_pseudonym_are_two_to_peers_and_never_more_than_there_are(
    world: World, room: Room, students: list[Member]
) -> None:
    ada = students[0]
    room.grace.post(f"{room.address}/settings", {"title": "POLS", "timezone": "UTC", "anonymity": "allowed"})
    text = room.sets()
    text.mark(ada, WORDS, "claim", signs_as="pseudonym")
    text.mark(ada, "policy", "claim", signs_as="name")
    with world.database.writing() as db:
        assert set(db.scalars(select(Annotation.signed_as))) == {"name", "pseudonym"}
        others = [member.known.id for member in students[1:]]
        db.execute(update(Membership).where(Membership.user_id.in_(others)).values(left_at=now()))
    assert told(text, ada).startswith("2 of 2 marked this sentence as “claim”.")
    assert told(text, room.grace).startswith("1 of 1 marked this sentence as “claim”.")


def test_staff_see_it_by_group_and_a_student_what_is_for_their_own(
    world: World, room: Room, students: list[Member]
) -> None:
    room.grace.post(f"{room.address}/groups", {"name": "Pairs", "number": "2", "random": "true"})
    text = room.sets(group_set=set_of(world))
    ada, mate, *others = by_group(world, students)
    text.mark(ada, WORDS, "claim", audience="group")
    text.mark(others[0], WORDS, "claim")
    assert told(text, mate).startswith("2 of 4 marked this sentence as “claim”.")
    assert told(text, others[1]).startswith("1 of 4 marked this sentence as “claim”.")
    assert "By group" in told(text, room.grace) and "By group" not in told(text, ada)
    table = told(text, room.grace, "&groups=true")
    assert table.endswith("Group Marked it claim Group 1 1 of 2 1 Group 2 1 of 2 1")
    assert "Group 1" not in told(text, ada, "&groups=true")
    assert "Group 1" not in told(text, room.grace, "&groups=true&as=student")


def set_of(world: World) -> str:
    with world.database.reading() as db:
        return db.scalars(select(GroupSet.uid)).one()


def by_group(world: World, students: list[Member]) -> list[Member]:
    """The students, those of the first group first."""
    with world.database.reading() as db:
        theirs = select(GroupMember.user_id, Group.name).join(Group, Group.id == GroupMember.group_id)
        of = dict(db.execute(theirs).all())
    return sorted(students, key=lambda member: of[member.known.id])
