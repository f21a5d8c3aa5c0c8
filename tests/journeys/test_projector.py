"""An instructor before the class: the text on the wall warms while students mark, and shows nothing before its time."""

from functools import partial

import pytest
from playwright.sync_api import Page, expect

from tests.browser.visiting import until
from tests.courses.room import open_room
from tests.journeys.axe import findings
from tests.journeys.person import Seats
from tests.support.cast import World

pytestmark = pytest.mark.browser


def test_the_wall_warms_once_it_is_revealed(seats: Seats, world: World) -> None:
    room = open_room(world)
    text = room.sets(reveal_kind="staff")
    ada, ben = room.student(world, "Ada"), room.student(world, "Ben")
    text.mark(ada, "Waiting can be a policy", "claim")
    grace = seats.sit(room.grace)
    page = grace.open(f"{text.address}/progress")
    page.get_by_role("link", name="Projector").click()
    expect(page.locator(".warm")).to_have_count(0)
    page.get_by_role("button", name="Reveal to all now").click()
    warm = page.locator("#p1 .warm").first
    expect(warm).to_have_text("Waiting can be a policy.")
    where = page.evaluate("scrollY")
    text.mark(ben, "can be a policy", "claim")
    expect(page.locator("#p1 .warm__people").first).to_have_text("2")
    expect(page.locator("#strip rect")).to_have_count(1)
    assert page.evaluate("scrollY") == where
    for key, forward in (("ArrowRight", True), ("Space", True), ("ArrowLeft", False)):
        before = page.evaluate("scrollY")
        page.keyboard.press(key)
        until(partial(moved, page, before, forward=forward))
    assert findings(page, "the wall", ("light", "dark", "contrast")) == []
    assert grace.complaints() == []


def moved(page: Page, before: float, *, forward: bool) -> bool:
    """Whether the page has been turned that way."""
    way = page.evaluate("scrollY") - before
    return bool(way > 100 if forward else way < -100)
