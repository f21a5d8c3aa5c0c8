"""People: added by an administrator, let in by a one-time link, shut out when they sign out everywhere."""

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.person import Seats
from tests.support.cast import World

pytestmark = pytest.mark.browser
SECRET = "correct horse battery"


def sign_in(page: Page, name: str, password: str) -> None:
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


def invitation(page: Page, name: str) -> str:
    """Adds a person and reads the address off the page."""
    page.get_by_role("button", name="Account").click()
    page.get_by_role("link", name="People").click()
    page.get_by_label("Name").fill(name)
    page.get_by_role("button", name="Add").click()
    return page.get_by_label("Invitation address").input_value()


def test_a_new_person(seats: Seats, world: World) -> None:
    grace = seats.sit(world.member("Grace", is_admin=True))
    address = invitation(grace.open(), "Ben")
    expect(grace.page.get_by_role("button", name="Deactivate Ben")).to_be_visible()
    grace.page.get_by_role("button", name="Copy").click()
    expect(grace.page.locator(".toast")).to_have_text("Copied.")

    ben = seats.sit()
    page = ben.page
    page.goto(address)
    expect(page.get_by_role("heading", name="Welcome, Ben")).to_be_visible()
    page.get_by_label("Password").fill(SECRET)
    page.get_by_role("button", name="Set password").click()
    page.get_by_role("link", name="Patience as strategy", exact=True).click()
    expect(page.locator("h1.block__text")).to_have_text("Patience as strategy")
    ben.mark("2", "Waiting can be a policy", 1)

    late = seats.sit()
    late.expects("404")
    late.page.goto(address)
    expect(late.page.get_by_text("There is nothing at this address")).to_be_visible()
    grace.page.get_by_role("link", name="Library").click()
    expect(grace.page.get_by_text("annotation")).to_have_count(0)


def test_a_wrong_password_and_signing_out_everywhere(seats: Seats, world: World) -> None:
    world.member("Ada", password=SECRET)
    phone, laptop = seats.sit(screen="phone"), seats.sit()
    phone.expects("422")
    page = phone.open("/notebook")
    sign_in(page, "Ada", "not this one at all")
    expect(page.get_by_role("alert")).to_contain_text("do not go together")
    expect(page.get_by_label("Name")).to_have_value("Ada")
    sign_in(page, "ADA", SECRET)
    expect(page.get_by_role("heading", name="Your notebook is empty")).to_be_visible()
    sign_in(laptop.open("/account"), "Ada", SECRET)
    expect(laptop.page.locator(".row", has_text="Chrom")).to_have_count(2)
    end_all_others(laptop.page)
    phone.open("/notebook")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    laptop.open("/notebook")
    expect(laptop.page.get_by_role("heading", name="Notebook", exact=True)).to_be_visible()


def end_all_others(page: Page) -> None:
    """A new password signs every other device out."""
    page.get_by_label("Present password").fill(SECRET)
    page.get_by_label("New password").fill(SECRET + " staple")
    page.get_by_role("button", name="Change password").click()
    expect(page.locator(".row", has_text="This device")).to_have_count(1)
    expect(page.get_by_text("last seen")).to_have_count(1)
