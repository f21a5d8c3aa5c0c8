"""Marking with mouse and keys where Postil stands under a path: the scripts keep to it."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from app.settings import Settings
from tests.journeys.person import Seats
from tests.journeys.serving import serving
from tests.journeys.test_first_day import drag_edge
from tests.support.cast import World

pytestmark = pytest.mark.browser


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"base_path": "/postil"})


@pytest.fixture
def address(world: World) -> Iterator[str]:
    with serving(world.app) as address:
        yield f"{address}/postil"


def test_every_request_of_a_reader_stays_under_the_base_path(seats: Seats, world: World) -> None:
    ada = seats.sit(world.member("Ada"))
    asked: list[str] = []
    ada.page.on("request", lambda request: asked.append(urlsplit(request.url).path))
    page = ada.read()
    ada.mark("1", "President Donald Trump", 4)
    ada.page.keyboard.press("Escape")
    drag_edge(ada)
    page.locator("#t4 mark").first.click()
    expect(page.locator("#pile:popover-open .pile__item")).to_have_count(1)
    page.keyboard.press("Escape")
    page.keyboard.press("Control+z")
    expect(ada.card("President Donald Trump")).to_have_count(1)
    with page.expect_request("**/place"):
        page.mouse.wheel(0, 3000)
    page.locator('a[href="/postil/"]').first.click()
    page.wait_for_url("**/postil/")
    for part in ("/annotations", "/undo", "/pile", ".woff2"):
        assert any(part in path for path in asked), part
    assert [path for path in asked if not path.startswith("/postil/")] == []
