"""How many are here: people and not pages, the same in every process, and nothing where the class does not show it."""

from contextlib import ExitStack
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from app.courses.models import Course
from app.database import Database, Db, now, table_of
from app.live.models import Presence
from app.live.presence import Attendance, counted
from app.main import create_app
from app.readings.models import Reading
from tests.courses.room import Room
from tests.journeys.serving import serving
from tests.live.hearing import Told, listening
from tests.support.cast import Member, World

pytestmark = pytest.mark.database


def hears(told: Told, here: int) -> bool:
    """Whether a page comes to know that so many are here."""
    with told.more:
        return told.more.wait_for(lambda: told.said("here")[-1:] == [{"here": here}], 20.0)


def test_everybody_knows_how_many_are_here_and_when_one_goes(address: str, room: Room, ben: Member) -> None:
    text = room.sets()
    with listening(address, text, room.grace) as told:
        with listening(address, text, ben) as other, listening(address, text, ben):
            assert hears(told, 2) and hears(other, 2), "two pages of one person are one"
        assert hears(told, 1)
    assert told.ids == [], "nothing that a page would have to catch up with"


def test_processes_count_the_same_people(world: World, address: str, room: Room, ben: Member) -> None:
    text, app = room.sets(), create_app(world.settings, Database(world.settings))
    with ExitStack() as open_now:
        elsewhere = open_now.enter_context(serving(app))
        here = open_now.enter_context(listening(address, text, room.grace))
        there = open_now.enter_context(listening(elsewhere, text, ben))
        open_now.enter_context(listening(address, text, ben))
        assert hears(here, 2) and hears(there, 2)


def test_another_reading_is_another_place(address: str, room: Room, ben: Member) -> None:
    one, other = room.sets(), room.sets()
    with listening(address, one, room.grace) as told, listening(address, other, ben):
        assert hears(told, 1)


def shows(room: Room, on: str) -> dict[str, str]:
    more = {"shows_presence": on} if on else {}
    return {"title": "POLS 210", "timezone": "UTC", "anonymity": "off"} | more


def test_a_class_that_does_not_show_it_shows_it_to_nobody(
    world: World, address: str, room: Room, ben: Member
) -> None:
    text = room.sets()
    assert 'id="here"' in ben.get(text.address).text
    with listening(address, text, room.grace) as told, listening(address, text, ben) as other:
        assert hears(told, 2)
        assert ben.post(f"{room.address}/settings", shows(room, "")).status_code == 403
        assert room.grace.post(f"{room.address}/settings", shows(room, "")).status_code == 303
        assert hears(told, 0) and hears(other, 0)
    for member in (ben, room.grace):
        assert 'id="here"' not in member.get(text.address).text
    with world.database.reading() as db:
        assert db.scalars(select(Presence.user_id)).all() == []
    page = room.grace.get(f"{room.address}/settings").text
    assert 'name="shows_presence" value="true">' in page
    room.grace.post(f"{room.address}/settings", shows(room, "true"))
    assert 'name="shows_presence" value="true" checked>' in room.grace.get(f"{room.address}/settings").text
    with world.database.reading() as db:
        assert db.scalars(select(Course.shows_presence).where(Course.uid == room.uid)).one()


def test_who_was_in_a_killed_process_is_counted_no_longer(world: World, room: Room, ben: Member) -> None:
    text, db = room.sets(), Db(world.database)
    assert ben.user
    reading = db.ask(select(table_of(Reading).c.id).where(table_of(Reading).c.uid == text.uid)).scalar_one()
    Attendance().say(db, {(reading, ben.user.id)})
    assert counted(db, {reading}) == {reading: 1}
    with db.changing() as writing:
        writing.execute(update(table_of(Presence)).values(until=now() - timedelta(seconds=1)))
    assert counted(db, {reading}) == {}
    alive = Attendance()
    alive.say(db, {(reading, ben.user.id)})
    rows = db.ask(select(table_of(Presence).c.process)).all()
    assert len(rows) == 1, "what has expired is taken away by whoever is there"
    alive.leave(db)
    assert counted(db, {reading}) == {}
    db.close()
