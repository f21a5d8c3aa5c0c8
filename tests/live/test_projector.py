"""The class on the wall: for staff to open, for students to see, so nothing that a student may not know."""

import re

import pytest

from tests.courses.room import Room, SetText
from tests.live.hearing import listening
from tests.support.cast import Member, World

pytestmark = pytest.mark.database


@pytest.fixture
def ada(world: World, room: Room) -> Member:
    return room.student(world, "Ada Canary")


@pytest.fixture
def ben(world: World, room: Room) -> Member:
    return room.student(world, "Ben Canary")


def wall(room: Room, text: SetText) -> str:
    """What is on the wall now; in both ways of asking the same."""
    address = f"{text.address}/projector"
    page, fragment = room.grace.get(address), room.grace.fragment(address)
    assert page.status_code == 200 and page.headers["cache-control"] == "no-store"
    assert fragment.text in page.text
    return page.text


def people(page: str) -> list[int]:
    """How many marked each warm sentence."""
    return [int(number) for number in re.findall(r"<sup[^>]*>(\d+)<", page)]


def test_it_is_for_staff(world: World, room: Room, ada: Member) -> None:
    text = room.sets()
    assert room.grace.get(f"{text.address}/projector").status_code == 200
    assert ada.get(f"{text.address}/projector").status_code == 403
    assert world.member("Mallory").get(f"{text.address}/projector").status_code == 404
    assert room.grace.get(f"{room.grace.reading}/projector").status_code == 404


def test_it_warms_where_the_class_marked(room: Room, ada: Member, ben: Member) -> None:
    text = room.sets()
    assert people(wall(room, text)) == [] and "<rect" not in wall(room, text)
    text.mark(ada, "Waiting can be a policy", "claim", note="canary")
    text.mark(ben, "can be a policy", "hedge")
    text.mark(ben, "certain conditions", "hedge")
    page = wall(room, text)
    assert people(page) == [2, 1] and page.count("<rect") == 2
    assert "<b>2</b> voices in the class" in page
    assert not re.search("canary", page, re.IGNORECASE), "no names and no words of notes"


def test_what_is_not_for_the_class_is_not_on_the_wall(room: Room, ada: Member, ben: Member) -> None:
    text = room.sets()
    cold = wall(room, text)
    for audience in ("me", "staff"):
        text.mark(ada, "Waiting can be a policy", "claim", audience=audience)
    hidden = text.mark(ben, "certain conditions", "hedge", note="canary")
    room.grace.fragment(f"/annotations/{hidden}/hide", {"on": "true", "word": "canary"})
    gone = text.mark(ben, "does not seem", "hedge")
    ben.fragment(f"/annotations/{gone}/delete", {"version": "1"})
    at = re.compile(r'data-cursor="[^"]*"')
    assert at.sub("", wall(room, text)) == at.sub("", cold)


@pytest.mark.parametrize(
    "rules", [{"reveal_kind": "staff"}, {"reveal_kind": "count", "reveal_n": "1"}], ids=str
)
def test_while_blind_nothing_of_the_others_is_on_it(
    room: Room, ada: Member, ben: Member, rules: dict[str, str]
) -> None:
    text = room.sets(**rules)
    at = re.compile(r'data-cursor="[^"]*"')
    before = at.sub("", wall(room, text))
    assert "Reveal to all now" in before and "0</b> of 2 have read to the end" in before
    for member in (ada, ben):
        text.mark(member, "Waiting can be a policy", "claim")
    assert at.sub("", wall(room, text)) == before, "whoever has earned it sees it, and not the whole class"
    answer = room.grace.post(f"{text.address}/reveal", {"back": "projector"})
    assert answer.headers["location"] == f"{text.address}/projector"
    page = wall(room, text)
    assert people(page) == [2] and "Reveal to all now" not in page and "<b>2</b> voices" in page


def test_a_name_and_a_pseudonym_are_two_voices(world: World, room: Room, ada: Member) -> None:
    form = {"title": "POLS 210", "timezone": "UTC", "anonymity": "allowed"}
    assert room.grace.post(f"{room.address}/settings", form).status_code == 303
    text = room.sets()
    text.mark(ada, "Waiting can be a policy", "claim", signs_as="name")
    text.mark(ada, "Waiting can be", "hedge", signs_as="pseudonym")
    page = wall(room, text)
    assert people(page) == [2] and "<b>2</b> voices" in page


def test_whoever_has_it_open_is_told_of_the_reveal(address: str, room: Room, ada: Member) -> None:
    text = room.sets(reveal_kind="staff")
    with listening(address, text, room.grace) as told:
        room.grace.post(f"{text.address}/reveal")
        told.waits_for("revealed")
        assert told.said("again") == []
