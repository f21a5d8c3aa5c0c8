"""What the tests of streams share: the application served on a port of this machine."""

from collections.abc import Iterator

import pytest

from tests.journeys.serving import serving
from tests.support.cast import World


@pytest.fixture
def address(world: World) -> Iterator[str]:
    """Where the application of this test is."""
    with serving(world.app) as address:
        yield address
