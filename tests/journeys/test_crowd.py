"""A student among many: where the class marked, how many marked a sentence, and the list behind a stretch."""

import re

import pytest
from playwright.sync_api import expect

from tests.courses.room import open_room
from tests.journeys.axe import findings
from tests.journeys.person import Seats
from tests.support.cast import World
from tests.support.many_hands import Hands

pytestmark = pytest.mark.browser
MANY = 30


def test_where_the_class_marked_and_what(seats: Seats, world: World) -> None:
    room = open_room(world)
    text = room.sets()
    ada = seats.sit(room.student(world, "Ada"))
    Hands.of(world.database, text.uid, MANY).mark(MANY, paragraph=25, spans=1, note="Here.")
    assert ada.member
    text.mark(ada.member, "Waiting can be a policy", "claim", note="It has been one for years.")
    page = ada.open(text.address)
    expect(page.locator(".heat__strip a:has(rect[class])")).to_have_count(2)
    found = findings(page, "the strip")
    page.get_by_role("button", name="More").click()
    page.get_by_role("button", name="How many marked what").click()
    table = page.get_by_role("dialog", name="How many marked what")
    expect(table.get_by_role("row").nth(2)).to_have_text(re.compile(rf"^\s*25\s*{MANY}\s*{MANY}\s*$"))
    found += findings(page, "the table")
    table.get_by_role("link", name="25").click()
    expect(page.locator("#p25")).to_be_in_viewport()
    page.locator("#t25 mark").first.click()
    pile = page.locator("#pile:popover-open")
    expect(pile.get_by_text(re.compile(f"^{MANY} of {MANY + 1} marked this sentence as"))).to_be_visible()
    expect(pile.get_by_role("heading", name=f"{MANY} annotations here")).to_be_visible()
    words, box = page.locator("#t25 mark").first.bounding_box(), pile.bounding_box()
    assert words and box and (box["y"] >= words["y"] + 10 or box["y"] + box["height"] <= words["y"] + 10)
    found += findings(page, "a stretch", ("dark", "sepia"))
    pile.get_by_role("button", name="Newest").click()
    expect(pile.get_by_role("button", name="Newest")).to_have_attribute("aria-current", "true")
    pile.get_by_role("button", name="Further").click()
    expect(pile.get_by_text("Page 2 of 2")).to_be_visible()
    expect(pile.locator(".pile__item")).to_have_count(MANY - 20)
    found += findings(page, "its second page")
    assert found == []
