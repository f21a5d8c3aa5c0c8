"""What the tests of streams share: the application served on a port of this machine, and a class with two students."""

from collections.abc import Iterator

import pytest

from tests.courses.room import Room, open_room
from tests.journeys.serving import serving
from tests.support.cast import Member, World


@pytest.fixture
def address(world: World) -> Iterator[str]:
    """Where the application of this test is."""
    with serving(world.app) as address:
        yield address


@pytest.fixture
def room(world: World) -> Room:
    return open_room(world)


@pytest.fixture
def ada(world: World, room: Room) -> Member:
    return room.student(world, "Ada")


@pytest.fixture
def ben(world: World, room: Room) -> Member:
    return room.student(world, "Ben")
