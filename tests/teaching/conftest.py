"""A class with two students, for the tests of what staff do."""

import pytest

from tests.courses.room import Room, open_room
from tests.support.cast import Member, World


@pytest.fixture
def room(world: World) -> Room:
    return open_room(world)


@pytest.fixture
def ada(world: World, room: Room) -> Member:
    return room.student(world, "Ada")


@pytest.fixture
def ben(world: World, room: Room) -> Member:
    return room.student(world, "Ben")
