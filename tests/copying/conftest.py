"""What the tests of copying share."""

import pytest

from tests.copying.term import Term, last_term
from tests.support.cast import World


@pytest.fixture
def term(world: World) -> Term:
    return last_term(world)
