"""A class comes together: opened, joined by link, by code and by roster, divided, archived."""

import re

import pytest
from playwright.sync_api import expect

from tests.journeys.axe import findings
from tests.journeys.person import Seats
from tests.support.cast import World

pytestmark = pytest.mark.browser


def test_a_class_comes_together(seats: Seats, world: World) -> None:
    grace = seats.sit(world.member("Grace", is_admin=True))
    page = grace.open("/courses")
    found = findings(page, "no classes yet")
    page.get_by_label("Name").fill("POLS 210")
    page.get_by_label("Time zone").fill("Europe/Berlin")
    page.get_by_role("button", name="Open", exact=True).click()
    expect(page.get_by_role("heading", name="POLS 210")).to_be_visible()
    link = page.get_by_label("Link to join with").input_value()
    code = page.locator(".code").inner_text()

    dora = seats.sit(screen="phone")
    phone = dora.open(link.removeprefix(seats.address))
    found += findings(phone, "joining")
    phone.get_by_label("Your name").fill("Dora")
    phone.get_by_label("Password").fill("a sentence is good")
    phone.get_by_role("button", name="Join", exact=True).tap()
    expect(phone.get_by_role("heading", name="POLS 210")).to_be_visible()
    found += findings(phone, "a student's class")
    phone.get_by_role("button", name="Yes").tap()
    expect(phone.get_by_text("You said yes.")).to_be_visible()

    ben = seats.sit(world.member("Ben"))
    other = ben.open("/join")
    other.get_by_label("Code").fill(code.lower())
    found += findings(other, "a code is typed")
    other.get_by_role("button", name="Go on").click()
    other.get_by_role("button", name="Join", exact=True).click()
    expect(other.get_by_role("heading", name="POLS 210")).to_be_visible()

    page.get_by_label("Roster").fill("Emil, emil@example.org, Monday\nFay,, Tuesday")
    page.get_by_role("button", name="Put in").click()
    expect(page.locator(".secret")).to_have_count(2)
    found += findings(page, "links of a roster", ("dark",))
    page.get_by_label("Role of Ben").select_option("assistant")
    page.locator(".row", has_text="Ben").get_by_role("button", name="Change").click()
    expect(page.get_by_label("Role of Ben")).to_have_value("assistant")

    page.get_by_role("link", name="Groups").click()
    page.get_by_label("Name").fill("Seminars")
    page.get_by_label("How many groups").fill("2")
    page.get_by_role("button", name="Divide").click()
    seminars = page.get_by_role("region", name="Seminars")
    expect(seminars.get_by_label(re.compile("Group of"))).to_have_count(3)
    found += findings(page, "groups", ("dark",))

    page.get_by_role("link", name="POLS 210").click()
    page.get_by_role("link", name="Settings").click()
    found += findings(page, "settings", ("dark",))
    page.get_by_role("button", name="Archive the class").click()
    expect(page.get_by_text("This class is archived")).to_be_visible()
    found += findings(page, "archived")
    assert found == []
