"""The journeys' stage: Postil served on this machine over a clean database, a Chromium, people who sit at it, and a
screenshot with the console's words when a journey fails."""

import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.journeys.bad_network import BadNetwork
from tests.journeys.person import Seats
from tests.journeys.serving import serving
from tests.support.cast import World

FAILED = Path(tempfile.gettempdir()) / "postil-journeys"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Keeps what each screen showed when a journey failed, and says where."""
    report = yield
    seats = getattr(item, "funcargs", {}).get("seats")
    if report.when == "call" and report.failed and seats:
        folder = FAILED / re.sub(r"\W+", "-", item.name)
        seats.keep(folder)
        report.sections.append(("screens", f"Screenshots and console: {folder}"))
    return report


@pytest.fixture
def address(world: World) -> Iterator[str]:
    """Where the application is served, without a trailing slash."""
    with serving(world.app) as address:
        yield address


@pytest.fixture
def network(world: World) -> Iterator[BadNetwork]:
    """A bad network before the application; journeys through it take its address for theirs."""
    with serving(world.app) as behind, BadNetwork(behind) as network:
        yield network


@pytest.fixture
def seats(chromium: Browser, world: World, address: str) -> Iterator[Seats]:
    """Browsers to sit down at; afterwards no console may have held a warning that was not expected."""
    seats = Seats(chromium, world, address)
    yield seats
    complaints = seats.close()
    assert complaints == []
