"""A crowd in a paragraph: what is drawn of it, where the class marked, and that nothing grows with it."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Any

import pytest
from sqlalchemy import Engine, event

from app.annotations.crowd.others import MOST_OF_OTHERS
from app.annotations.drawing import MOST_IN_A_CROWD
from app.discussion.news import MOST_NEWS
from app.identity import new_uid
from tests.courses.room import Room, SetText, open_room
from tests.support.cast import Member, World
from tests.support.many_hands import Hands

pytestmark = pytest.mark.database
MARK = re.compile(r"<mark class=\w+ data-o")
TINT = re.compile(r"<span class=crowd(\d)>")
CARD = re.compile(r'<article class="annotation')
CELL = re.compile(r'<rect class="heat__(\d)"')


@pytest.fixture
def room(world: World) -> Room:
    return open_room(world)


@pytest.fixture
def ada(world: World, room: Room) -> Member:
    return room.student(world, "Ada")


@pytest.fixture
def text(room: Room) -> SetText:
    return room.sets()


def paragraph(member: Member, text: SetText, n: int = 2) -> str:
    answer = member.http.get(f"{text.address}/paragraphs/{n}", headers={"hx-request": "true"})
    assert answer.status_code == 200
    return answer.text


def words(html: str) -> str:
    found = re.search(r'class="block__text"[^>]*>(.*)</p>', html, re.DOTALL)
    assert found
    return re.sub(r"<[^>]+>", "", found[1])


def test_what_can_be_told_apart_is_drawn_one_by_one(world: World, ada: Member, text: SetText) -> None:
    Hands.of(world.database, text.uid, 5).mark(MOST_OF_OTHERS, spans=MOST_OF_OTHERS)
    found = paragraph(ada, text)
    assert len(set(re.findall(r"data-n=\d+", found))) >= 1 and not TINT.search(found)
    assert "a sentence of it" not in found


def test_a_crowd_is_tinted_and_its_most_shared_spans_are_drawn(
    world: World, ada: Member, text: SetText
) -> None:
    before = words(paragraph(ada, text))
    crowd = Hands.of(world.database, text.uid, 6)
    crowd.mark(MOST_OF_OTHERS + 10, spans=MOST_OF_OTHERS + 10)
    crowd.mark(6, spans=1, length=40)
    found = paragraph(ada, text)
    assert TINT.search(found) and "a sentence of it by 6 students" in found
    assert 1 < len(re.findall(r"data-n=\d+", found)) <= MOST_IN_A_CROWD
    assert "data-n=6" in found
    assert words(found) == before


def test_ones_own_marks_are_always_drawn_and_not_counted_among_others(
    world: World, ada: Member, text: SetText
) -> None:
    Hands.of(world.database, text.uid, 4).mark(MOST_OF_OTHERS + 5, spans=MOST_OF_OTHERS + 5)
    assert MARK.search(paragraph(ada, text))
    text.mark(ada, "Waiting can be a policy", "claim")
    others = len(re.findall(r"data-n=", paragraph(ada, text, 1)))
    assert "<mark class=bD" in paragraph(ada, text, 1) and others == 0


def test_the_margin_says_how_many_more(world: World, ada: Member, text: SetText) -> None:
    Hands.of(world.database, text.uid, 4).mark(20, spans=20, note="a word")
    margin = ada.get(f"{text.address}/margin?first=2&last=2").text
    assert len(CARD.findall(margin)) == 12 and "8 more" in margin
    Hands.of(world.database, text.uid, 4).mark(40, spans=40, length=9, note="a word")
    margin = ada.get(f"{text.address}/margin?first=2&last=2").text
    assert len(CARD.findall(margin)) == MOST_IN_A_CROWD and f"{60 - MOST_IN_A_CROWD} more" in margin


def test_the_strip_shows_where_the_class_marked(world: World, room: Room, ada: Member, text: SetText) -> None:
    assert not CELL.search(ada.get(text.address).text)
    Hands.of(world.database, text.uid, 4).mark(4, spans=1)
    Hands.of(world.database, text.uid, 1).mark(1, spans=1, paragraph=3)
    for member in (ada, room.grace):
        page = ada.get(text.address).text if member is ada else member.get(text.address).text
        assert CELL.findall(page) == ["4", "1"]
        assert re.search(r'href="#p2">2</a></th><td class="table__number">4</td>', page)
    form = {"uid": new_uid(), "start": 0, "end": 4, "exact": ada.text.text[:4], "tag": "claim", "note": ""}
    answer = ada.fragment(f"{text.address}/annotations", form)
    assert answer.status_code == 201 and 'hx-target="#heat"' in answer.text


def test_a_blind_reader_and_ones_own_reading_have_no_strip(world: World, room: Room, ada: Member) -> None:
    text = room.sets(reveal_kind="staff")
    Hands.of(world.database, text.uid, MOST_OF_OTHERS + 5).mark(MOST_OF_OTHERS + 5, spans=MOST_OF_OTHERS + 5)
    page = ada.get(text.address).text
    assert 'id="heat"' not in page and not TINT.search(page) and "data-o" not in page
    assert CELL.search(room.grace.get(text.address).text)
    assert 'id="heat"' not in ada.get(ada.reading).text


def test_staff_are_no_students_in_the_heat(world: World, room: Room, ada: Member, text: SetText) -> None:
    text.mark(ada, "Waiting can be a policy", "claim")
    text.mark(room.grace, "Waiting can be a policy", "claim")
    for member, people in ((ada, 1), (room.grace, 2)):
        page = member.get(text.address).text
        assert re.search(
            rf'href="#p1">1</a></th><td class="table__number">{people}</td><td class="table__number">1<', page
        )


def test_more_news_than_are_counted(world: World, ada: Member, text: SetText) -> None:
    page = ada.get(text.address).text
    cursor = re.search(r'data-cursor="([^"]*)"', page)
    assert cursor
    Hands.of(world.database, text.uid, 2).mark(MOST_NEWS + 1, spans=40)
    told = ada.http.get(f"{text.address}/news?since={cursor[1]}", headers={"hx-request": "true"})
    assert f"More than {MOST_NEWS} new" in told.text
    drawn = ada.http.get(f"{text.address}/news/shown?since={cursor[1]}", headers={"hx-request": "true"})
    assert drawn.status_code == 200 and 'hx-target="#p0"' in drawn.text


# That nothing grows


@contextmanager
def rows_read() -> Iterator[list[int]]:
    """How many rows each statement finds, on whichever connection."""
    found: list[int] = []

    def note(connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if statement.startswith("SELECT"):
            cursor = connection.connection.cursor()
            cursor.execute(f"SELECT count(*) FROM ({statement}) AS asked", parameters)
            found.append(cursor.fetchone()[0])
            cursor.close()

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(Engine, "before_cursor_execute", note)


@pytest.mark.parametrize("page", ["", "/paragraphs/2", "/margin?first=0&last=40", "/news"])
def test_no_more_is_read_for_more_people(world: World, ada: Member, text: SetText, page: str) -> None:
    for number in (1, 2):
        text.mark(ada, ("Waiting can be a policy", "Ali Khamenei")[number - 1], "claim")
    headers = {"hx-request": "true"} if page else {}
    cursor = re.search(r'data-cursor="([^"]*)"', ada.get(text.address).text)
    assert cursor
    address = f"{text.address}{page}" + (f"?since={cursor[1]}" if page == "/news" else "")
    crowd = Hands.of(world.database, text.uid, 60)
    crowd.mark(60, spans=60, note="a word")
    world.database.drawn.clear()
    with rows_read() as few:
        assert ada.http.get(address, headers=headers).status_code == 200
    crowd.mark(540, spans=60, note="a word")
    world.database.drawn.clear()
    with rows_read() as many:
        assert ada.http.get(address, headers=headers).status_code == 200
    assert len(many) == len(few) and 0 < sum(many) <= sum(few)


def test_marking_reads_no_more_for_more_people(world: World, ada: Member, text: SetText) -> None:
    crowd = Hands.of(world.database, text.uid, 60)
    first, second, third = (match.span() for match in islice(re.finditer(r"\w+", ada.text.text), 3))
    crowd.mark(60, paragraph=0, spans=15, note="a word")
    mark_at(ada, text, first)
    with rows_read() as few:
        mark_at(ada, text, second)
    crowd.mark(540, paragraph=0, spans=15, note="a word")
    with rows_read() as many:
        mark_at(ada, text, third)
    assert len(many) == len(few) and 0 < sum(many) <= sum(few) + 10


def mark_at(member: Member, text: SetText, place: tuple[int, int]) -> None:
    start, end = place
    form = {
        "uid": new_uid(),
        "start": start,
        "end": end,
        "exact": member.text.text[start:end],
        "tag": "claim",
    }
    assert member.fragment(f"{text.address}/annotations", form | {"note": ""}).status_code == 201
