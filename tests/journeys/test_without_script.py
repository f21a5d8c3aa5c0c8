"""The first day without a script: everything by links and forms."""

import csv
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from app.accounts.models import one_time_secret
from tests.journeys.person import Person, Seats
from tests.support.cast import World

pytestmark = pytest.mark.browser


def test_first_day(seats: Seats, world: World, tmp_path: Path) -> None:
    with world.database.writing() as writing:
        secret = one_time_secret(writing, "claim")
    ada = seats.sit(scripts=False)
    page = ada.open(f"/setup/{secret}")
    page.get_by_label("Your name").fill("Ada")
    page.get_by_label("Password").fill("a sentence is good")
    page.get_by_role("button", name="Begin").click()
    expect(page.locator("h1.block__text")).to_have_text("Patience as strategy")
    expect(page.locator("[data-margin-toggle]")).to_be_hidden()
    quote(page)
    which_one(ada)
    not_there(ada)
    change(ada)
    look_around(page)
    take_home(page, tmp_path)
    appearance(page)
    out_and_in(page)


def to_the_form(page: Page) -> None:
    page.get_by_role("button", name="More").click()
    page.locator("#reader-menu").get_by_role("link", name="Annotate by quoting").click()


def quote(page: Page) -> None:
    to_the_form(page)
    page.get_by_label("The words").fill("to cut off the income")
    page.get_by_role("checkbox", name="prediction").check()
    page.get_by_label("Note").fill("By *whom*?")
    page.get_by_role("button", name="Save annotation").click()
    expect(page.locator("#t11 mark[class^=p]")).to_have_text("to cut off the income")
    expect(page.locator("#t11")).to_be_in_viewport()
    expect(page.locator("#t1")).not_to_be_in_viewport()


def which_one(ada: Person) -> None:
    """Words that stand in several places: asked which, with what was typed kept."""
    page = ada.page
    ada.expects("300")
    to_the_form(page)
    page.get_by_label("Paragraph number").fill("1")
    page.get_by_label("The words").fill("he")
    page.get_by_role("checkbox", name="actor").check()
    page.get_by_role("button", name="Save annotation").click()
    expect(page.get_by_text("These words stand in more than one place")).to_be_visible()
    expect(page.get_by_role("checkbox", name="actor")).to_be_checked()
    choices = page.get_by_role("radio")
    assert choices.count() > 1
    choices.nth(1).check()
    page.get_by_role("button", name="Save annotation").click()
    expect(page.locator("#t1 mark[class^=o]")).to_have_text("he")


def not_there(ada: Person) -> None:
    page = ada.page
    ada.expects("422")
    to_the_form(page)
    page.get_by_label("The words").fill("words that nobody wrote")
    page.get_by_label("Note").fill("kept all the same")
    page.get_by_role("checkbox", name="hedge").check()
    page.get_by_role("button", name="Save annotation").click()
    expect(page.locator(".field__error, .notice--error").first).to_be_visible()
    expect(page.get_by_label("The words")).to_have_value("words that nobody wrote")
    expect(page.get_by_label("Note")).to_have_value("kept all the same")
    expect(page.get_by_role("checkbox", name="hedge")).to_be_checked()
    page.get_by_role("link", name="Back to the text").click()


def change(ada: Person) -> None:
    page = ada.page
    page.get_by_role("link", name="Notes").click()
    card = page.locator(".annotation", has_text="cut off")
    card.get_by_role("link", name="Edit").click()
    page.get_by_role("button", name="End one word later").click()
    expect(page.locator(".annotation__quote")).to_have_text("to cut off the income that")
    page.get_by_label("Note", exact=True).fill("By whom, I ask.")
    page.get_by_role("checkbox", name="hedge").check()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#t11 mark[class^=g]")).to_have_text("to cut off the income that")
    page.get_by_role("link", name="Notes").click()
    expect(card.locator(".annotation__note")).to_have_text("By whom, I ask.")
    card.get_by_role("link", name="Paragraph 11").click()
    expect(page.locator("#t11")).to_be_in_viewport()
    page.get_by_role("link", name="Notes").click()
    ada.card("he").get_by_role("button", name="Delete").click()
    expect(page.locator(".annotation")).to_have_count(1)


def look_around(page: Page) -> None:
    page.get_by_role("link", name="prediction").click()
    expect(page.locator(".annotation")).to_have_count(1)
    page.get_by_role("link", name="claim").click()
    expect(page.locator(".annotation")).to_have_count(0)
    page.get_by_role("link", name="Notebook").click()
    page.get_by_label("Words").fill("income whom")
    page.get_by_role("button", name="Filter").click()
    expect(page.locator(".annotation")).to_have_count(1)
    page.get_by_label("Words").fill("elsewhere")
    page.get_by_role("button", name="Filter").click()
    expect(page.get_by_role("heading", name="Nothing matches")).to_be_visible()


def take_home(page: Page, folder: Path) -> None:
    page.get_by_role("link", name="Exports").click()
    with page.expect_download() as started:
        page.get_by_role("link", name="Patience as strategy as CSV").click()
    path = folder / "annotations.csv"
    started.value.save_as(path)
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert sorted(row["tag"] for row in rows) == ["hedge", "prediction"]


def appearance(page: Page) -> None:
    page.get_by_role("button", name="Appearance").click()
    page.get_by_role("radio", name="Dark").check(force=True)
    page.get_by_role("button", name="Apply").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    expect(page.get_by_role("heading", name="Take your work home")).to_be_visible()


def out_and_in(page: Page) -> None:
    page.get_by_role("button", name="Account").click()
    page.get_by_role("button", name="Sign out").click()
    page.goto(page.url.split("/sign-in")[0] + "/notebook")
    page.get_by_label("Name").fill("ada")
    page.get_by_label("Password").fill("a sentence is good")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Notebook")).to_be_visible()
    expect(page.locator(".annotation")).to_have_count(1)
