"""The place kept: known at once, written in batches, never older than what was noted last."""

import pytest
from sqlalchemy import delete, select

from app.accounts.models import User
from app.database import Db
from app.readings.models import Reading, ReadingMember
from app.readings.places import PlaceKeeper
from tests.contracts.test_queries import counted
from tests.courses.room import open_room
from tests.support.cast import Member, World


def test_a_place_is_known_while_it_is_written(world: World, ada: Member) -> None:
    """A request that began before the batch was written sees an older database, and the new place all the same."""
    assert ada.user
    keeper, db = PlaceKeeper(world.database, 30), Db(world.database)
    reading_id = db.read.scalar(select(Reading.id).where(Reading.uid == ada.reading_uid)) or 0
    keeper.note(reading_id, ada.user.id, 7, 0)
    assert keeper.place(db, reading_id, ada.user.id) == 7
    keeper.flush()
    assert db.read.scalar(select(ReadingMember.place)) != 7
    assert keeper.place(db, reading_id, ada.user.id) == 7
    db.close()
    keeper.flush()
    assert keeper.place(db, reading_id, ada.user.id) == 7
    assert db.read.scalar(select(ReadingMember.place)) == 7
    db.close()


def test_a_place_that_could_not_be_written_waits_and_a_newer_one_wins(ada: Member, ben: Member) -> None:
    keeper = ada.world.app.state.places
    for member, place in ((ada, 3), (ben, 4)):
        member.post(f"{member.reading}/place", {"place": place})
    write, keeper._write = keeper._write, _refusing
    with pytest.raises(OSError, match="full"):
        keeper.flush()
    ada.post(f"{ada.reading}/place", {"place": 9})
    keeper._write = write
    keeper.flush()

    with ada.world.database.reading() as db:
        assert sorted(db.scalars(select(ReadingMember.place))) == [4, 9]


def test_a_batch_asks_no_more_for_more_readers(world: World) -> None:
    room, keeper = open_room(world), world.app.state.places
    text, people = room.sets(), [room.student(world, f"Student {n}") for n in range(6)]

    def asked(readers: list[Member], place: int) -> int:
        for reader in readers:
            assert reader.post(f"{text.address}/place", {"place": place}).status_code == 204
        with counted() as statements:
            keeper.flush()
        return len(statements)

    asked(people, 1)
    assert asked(people[:1], 2) == asked(people, 3) <= 4
    with world.database.reading() as db:
        assert list(db.scalars(select(ReadingMember.place).where(ReadingMember.place > 0))) == [3] * 6


def test_a_place_of_who_has_gone_is_let_go(world: World, ada: Member, ben: Member) -> None:
    keeper = world.app.state.places
    for member in (ada, ben):
        assert member.post(f"{member.reading}/place", {"place": 5}).status_code == 204
    with world.database.writing() as writing:
        writing.execute(delete(User).where(User.id == ada.known.id))
    keeper.flush()
    with world.database.reading() as db:
        assert list(db.scalars(select(ReadingMember.place).where(ReadingMember.place > 0))) == [5]


def _refusing(*_batch: object) -> None:
    raise OSError("the disk is full")
