"""A term ends: the class is archived and copied for the next one, on a laptop and on a phone."""

import pytest
from playwright.sync_api import expect

from tests.copying.term import last_term
from tests.journeys.axe import findings
from tests.journeys.person import Seats
from tests.support.cast import World

pytestmark = pytest.mark.browser


def test_a_class_is_copied_for_the_next_term(seats: Seats, world: World) -> None:
    term = last_term(world)
    assert term.room.grace.post(f"{term.room.address}/archive").status_code == 303
    grace = seats.sit(term.room.grace)
    grace.expects("422")
    page = grace.open(f"{term.room.address}/settings")
    page.get_by_role("link", name="Copy for the next term").click()
    expect(page.get_by_role("heading", name="Copy for the next term")).to_be_visible()
    found = findings(page, "copying a class", ("dark", "sepia", "contrast"))
    expect(page.get_by_text("from Ben")).to_have_count(0)
    page.get_by_label("Name").fill("POLS 210, autumn")
    page.get_by_label("By how many days").fill("9999")
    page.get_by_role("button", name="Make the class").click()
    expect(page.locator(".field__error")).to_be_visible()
    found += findings(page, "copying a class, refused")
    page.get_by_label("By how many days").fill("182")
    page.get_by_role("checkbox", name="from Ada").check()
    page.get_by_role("checkbox", name="from Alan").check()
    page.get_by_role("button", name="Make the class").click()
    expect(page.get_by_role("heading", name="POLS 210, autumn")).to_be_visible()
    expect(page.get_by_text("Draft")).to_be_visible()
    expect(page.get_by_text("2026-09-03, 18:00")).to_be_visible()
    expect(page.get_by_text("1 person")).to_be_visible()
    page.get_by_role("link", name="Patience as strategy").click()
    expect(page.get_by_text("Some annotations are examples from an earlier class.")).to_be_visible()
    assert found == []


def test_a_class_is_copied_on_a_phone(seats: Seats, world: World) -> None:
    term = last_term(world)
    grace = seats.sit(term.room.grace, screen="phone")
    page = grace.open(term.address)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_text("Leave them out").tap()
    page.get_by_role("button", name="Make the class").tap()
    expect(page.get_by_role("heading", name="POLS 210")).to_be_visible()
    expect(page.get_by_text("Draft")).to_be_visible()
    expect(page.get_by_text("Due")).to_have_count(0)
