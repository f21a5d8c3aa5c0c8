"""How many queries the hot pages ask: few, and no more however many annotations there are."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Engine, event, select

from app.access import seats_now
from app.accounts.models import SignIn
from app.database import Db
from app.identity import new_uid
from app.readings.models import Reading
from tests.courses.room import open_room
from tests.support.cast import Member, World

pytestmark = pytest.mark.database
READING = 8
FRAGMENT = 8
CREATION = 18
NOTEBOOK = 8


@contextmanager
def counted() -> Iterator[list[str]]:
    """Collects the statements that are asked, on whichever connection; not those that begin and end transactions."""
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if not statement.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN")):
            asked.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def queries(member: Member, address: str, **more: Any) -> int:
    with counted() as asked:
        assert member.http.get(address, **more).status_code == 200
    return len(asked)


def mark_words(ada: Member, first: int, last: int) -> None:
    text = ada.text
    for n in range(first, last):
        paragraph = text.paragraphs[1 + n % 5]
        start = paragraph.start + 2 * n
        data = {"uid": new_uid(), "start": start, "end": start + 9, "exact": text.text[start : start + 9]}
        assert ada.fragment(f"{ada.reading}/annotations", data | {"tag": "claim"}).status_code == 201


@pytest.mark.parametrize(
    ("page", "most"),
    [
        ("", READING),
        ("/margin?first=0&last=40", FRAGMENT),
        ("/paragraphs/2", FRAGMENT),
        ("/annotations", FRAGMENT),
    ],
)
def test_reading_asks_little_however_much_is_marked(ada: Member, page: str, most: int) -> None:
    address = ada.reading + page
    mark_words(ada, 0, 2)
    queries(ada, address)
    ada.http.get(ada.reading)
    mark_words(ada, 2, 4)
    few = queries(ada, address)
    mark_words(ada, 4, 24)
    many = queries(ada, address)
    assert many <= few <= most


def test_an_unchanged_page_asks_less(ada: Member) -> None:
    first = ada.get(ada.reading)
    with counted() as asked:
        assert ada.get(ada.reading, headers={"If-None-Match": first.headers["etag"]}).status_code == 304
    assert len(asked) <= READING


def test_the_notebook_and_the_library_ask_little(ada: Member) -> None:
    for address in ("/notebook", "/"):
        mark_words(ada, 0, 2) if address == "/notebook" else None
        few = queries(ada, address)
        mark_words(ada, 2 if address == "/notebook" else 12, 12 if address == "/notebook" else 22)
        assert queries(ada, address) <= few <= NOTEBOOK


def test_creating_asks_no_more_when_there_is_much(ada: Member) -> None:
    mark_words(ada, 0, 1)
    with counted() as few:
        mark_words(ada, 1, 2)
    mark_words(ada, 2, 22)
    with counted() as many:
        mark_words(ada, 22, 23)
    assert len(many) <= len(few) + 1
    assert len(few) <= CREATION


def test_drawing_asks_nothing(world: World, ada: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    mark_words(ada, 0, 3)
    asked_in_templates: list[int] = []
    environment = world.app.state.templates
    real = type(environment.get_template("error.html")).render

    def render(self: Any, *args: Any, **more: Any) -> str:
        with counted() as asked:
            drawn = real(self, *args, **more)
        asked_in_templates.append(len(asked))
        return drawn

    monkeypatch.setattr("jinja2.Template.render", render)
    for address in ("/", "/account", "/notebook", "/exports", ada.reading, f"{ada.reading}/annotations"):
        assert ada.get(address).status_code == 200
    assert asked_in_templates
    assert set(asked_in_templates) == {0}


def test_whether_all_who_follow_still_may_is_one_query(world: World) -> None:
    room = open_room(world)
    text = room.sets()
    people = [room.student(world, f"Student {n}") for n in range(5)]
    room.grace.post(f"{room.person(people[0])}/remove")
    with world.database.reading() as reading:
        key = reading.scalars(select(Reading.id).where(Reading.uid == text.uid)).one()
        sessions = {row.id: row.user_id for row in reading.execute(select(SignIn.id, SignIn.user_id))}
    db = Db(world.database)
    with counted() as asked:
        seats = seats_now(db, key, sessions)
    db.close()
    assert len(asked) == 1
    assert {sessions[one] for one in seats} == {one.known.id for one in [room.grace, *people[1:]]}
