"""What an open page is told of posts that move or go out of sight: where they stood, and not where they went."""

import re

import pytest
from sqlalchemy import select

from app.database import Db
from app.live.events import events_since
from app.readings.models import CLASS, ME, Reading
from tests.courses.room import Room, SetText
from tests.support.cast import Member

pytestmark = pytest.mark.database


def cursor(text: SetText, member: Member) -> str:
    found = re.search(r'data-cursor="([0-9a-f-]*)"', member.get(text.address).text)
    assert found
    return found[1]


def told(text: SetText, member: Member, since: str) -> list[int]:
    """The paragraphs that a stream names, and that are drawn for the page that asks."""
    stream = member.get(f"{text.address}/stream?once=true&since={since}").text
    shown = member.fragment(f"{text.address}/news/shown?since={since}").text
    named = re.search(r'"paragraphs": \[([^]]*)\]', stream)
    paragraphs = [int(n) for n in named[1].split(",")] if named else []
    assert [int(n) for n in re.findall(r'hx-target="#p(\d+)"', shown)] == paragraphs
    return paragraphs


def told_live(text: SetText, since: int, kind: str = CLASS) -> set[int]:
    """The paragraphs that those of an audience hear of live, after an event."""
    with text.room.world.database.reading() as session:
        reading_id = session.scalars(select(Reading.id).where(Reading.uid == text.uid)).one()
    db = Db(text.room.world.database)
    try:
        happened = events_since(db, {reading_id: since}).get(reading_id, [])
    finally:
        db.close()
    parts = [(event, [part for part in (event.what, event.above) if part]) for event in happened]
    for_them = [
        event
        for event, its in parts
        if {part.whom.kind for part in its} == {kind} and not any(part.hidden for part in its)
    ]
    return set[int]().union(*(event.paragraphs for event in for_them))


def move(member: Member, text: SetText, uid: str, words: str, version: int) -> None:
    start = member.text.text.index(words)
    form = {"version": version, "only": "span", "start": start, "end": start + len(words), "exact": words}
    assert member.fragment(f"/annotations/{uid}", form).status_code == 200


def test_a_mark_that_is_moved_goes_from_where_it_stood(room: Room, ada: Member, ben: Member) -> None:
    text = room.sets()
    uid = text.mark(ada, "Ali Khamenei", "actor")
    since = cursor(text, ben)
    move(ada, text, uid, "certain conditions", 1)
    assert told(text, ben, since) == [1, 2] and told_live(text, 1) == {1, 2}


def test_where_a_mark_went_that_is_for_fewer_now_is_not_told(room: Room, ada: Member, ben: Member) -> None:
    text = room.sets()
    uid = text.mark(ada, "Ali Khamenei", "actor")
    since = cursor(text, ben)
    ada.fragment(f"{text.address}/annotations/share", {"annotations": uid, "audience": "me"})
    move(ada, text, uid, "certain conditions", 2)
    assert told(text, ben, since) == [1] and told_live(text, 1) == {1}


def test_where_a_hidden_mark_was_moved_is_told_to_staff_alone(room: Room, ada: Member, ben: Member) -> None:
    text = room.sets()
    uid = text.mark(ada, "Ali Khamenei", "actor")
    since, of_staff = cursor(text, ben), cursor(text, room.grace)
    assert room.grace.fragment(f"/annotations/{uid}/hide", {"on": "true"}).status_code == 200
    move(ada, text, uid, "certain conditions", 1)
    assert told(text, ben, since) == [1] and told(text, room.grace, of_staff) == [1, 2]
    assert told_live(text, 1) == {1}


def test_what_went_out_of_sight_is_told_once(room: Room, ada: Member, ben: Member) -> None:
    text = room.sets()
    uid = text.mark(ada, "Ali Khamenei", "actor")
    since = cursor(text, ben)
    room.grace.fragment(f"/annotations/{uid}/hide", {"on": "true"})
    assert told(text, ben, since) == [1]
    assert told(text, ben, cursor(text, ben)) == []


def test_an_answer_is_told_where_its_thread_stands_by_now(room: Room, ada: Member, ben: Member) -> None:
    text = room.sets()
    uid = text.mark(ada, "Ali Khamenei", "actor")
    reply = text.reply(ben, uid, "first")
    move(ada, text, uid, "certain conditions", 1)
    since = cursor(text, ada)
    answer = ben.fragment(f"/annotations/{reply}", {"version": "1", "note": "second"})
    assert 'hx-target="#margin-2"' in answer.text and told(text, ada, since) == [2]
    assert told_live(text, 3) == {2}


def test_the_blind_are_told_what_staff_do_to_their_own_and_not_to_others(
    room: Room, ada: Member, ben: Member
) -> None:
    text = room.sets(reveal_kind="staff")
    uid = text.mark(ada, "Ali Khamenei", "actor")
    mine, others = cursor(text, ada), cursor(text, ben)
    assert room.grace.fragment(f"/annotations/{uid}/hide", {"on": "true", "word": "no"}).status_code == 200
    assert told(text, ada, mine) == [1] and told(text, ben, others) == []
    assert told_live(text, 1, ME) == {1}


def test_the_blind_are_not_told_that_a_peer_nodded_to_their_own(room: Room, ada: Member, ben: Member) -> None:
    text = room.sets(reveal_kind="count", reveal_n="2")
    uid = text.mark(ada, "Ali Khamenei", "actor")
    text.mark(ben, "Tehran", "actor")
    text.mark(ben, "Washington", "actor")
    mine, others = cursor(text, ada), cursor(text, room.grace)
    assert ben.fragment(f"/annotations/{uid}/reactions", {"kind": "agree"}).status_code == 200
    assert told(text, ada, mine) == [] and told(text, room.grace, others) == [1]
    assert told_live(text, 3) == {1} and told_live(text, 3, ME) == set()
