"""An open page that catches up: what went out of sight goes from wherever it stood, for those who saw it there."""

import re

import pytest

from tests.courses.room import Room, SetText
from tests.support.cast import Member

pytestmark = pytest.mark.database


def cursor(text: SetText, member: Member) -> str:
    found = re.search(r'data-cursor="([0-9a-f-]+)"', member.get(text.address).text)
    assert found
    return found[1]


def drawn(text: SetText, member: Member, since: str) -> set[int]:
    """The paragraphs that a page of that moment draws now."""
    shown = member.fragment(f"{text.address}/news/shown?since={since}").text
    return {int(n) for n in re.findall(r'hx-target="#p(\d+)"', shown)}


def move(text: SetText, member: Member, annotation: str, to: str) -> None:
    start = member.text.text.index(to)
    span = {"start": str(start), "end": str(start + len(to)), "exact": to}
    answer = member.fragment(f"/annotations/{annotation}", span | {"version": "1", "only": "span"})
    assert answer.status_code == 200, answer.text


def hide(room: Room, annotation: str, *, on: bool = True) -> None:
    answer = room.grace.fragment(f"/annotations/{annotation}/hide", {"on": "true" if on else "false"})
    assert answer.status_code == 200


def test_a_hidden_mark_that_is_moved_and_withdrawn_goes_from_a_staff_members_page(
    room: Room, ada: Member
) -> None:
    text = room.sets()
    mark = text.mark(ada, "Ali Khamenei", "actor")
    hide(room, mark)
    since = cursor(text, room.grace)
    move(text, ada, mark, "certain conditions")
    ada.fragment(f"{text.address}/annotations/share", {"annotations": mark, "audience": "me"})
    assert drawn(text, room.grace, since) == {1, 2}


def test_where_a_mark_stood_while_it_was_hidden_is_not_told_to_peers(
    room: Room, ada: Member, ben: Member
) -> None:
    text = room.sets()
    mark = text.mark(ada, "Ali Khamenei", "actor")
    hide(room, mark)
    since = cursor(text, ben)
    move(text, ada, mark, "certain conditions")
    hide(room, mark, on=False)
    assert drawn(text, ben, since) == {2}
    hide(room, mark)
    assert drawn(text, ben, since) == {2}


def test_a_hidden_reply_that_is_deleted_goes_from_pages_that_show_it(
    room: Room, ada: Member, ben: Member
) -> None:
    text = room.sets()
    mark = text.mark(ada, "Ali Khamenei", "actor")
    reply = text.reply(ada, mark, "Since when?")
    since = cursor(text, ben)
    hide(room, reply)
    ada.fragment(f"/annotations/{reply}/delete", {"version": "1"})
    assert drawn(text, ben, since) == {1}
