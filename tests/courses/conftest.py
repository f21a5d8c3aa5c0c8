"""What the tests of courses share."""

import pytest

from tests.courses.room import Room, open_room
from tests.support.cast import World


@pytest.fixture
def room(world: World) -> Room:
    return open_room(world)
