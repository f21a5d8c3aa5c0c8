"""Mishaps: a sign-in that ended, a network that went away, two tabs that edit the same card. Nothing typed is lost."""

import pytest
from playwright.sync_api import expect
from sqlalchemy import delete

from app.accounts.models import SignIn
from tests.journeys.person import Person, Seats
from tests.support.cast import Member, World

pytestmark = pytest.mark.browser
NOTE = "Half a thought about *this*, with 1, 2 and 3; and 😀"


def type_note(reader: Person) -> None:
    """Opens the note on some words and types, without saving."""
    reader.drag("What he did not do was rule them out", 1)
    reader.tag_bar.wait_for()
    reader.page.keyboard.press("n")
    reader.page.keyboard.type(NOTE)


def test_a_sign_in_that_ended(seats: Seats, world: World) -> None:
    ada = world.member("Ada", password="a sentence is good")
    reader = seats.sit(ada)
    reader.expects("401")
    page = reader.read()
    type_note(reader)
    with world.database.writing() as writing:
        writing.execute(delete(SignIn))
    page.keyboard.press("Control+Enter")
    dialog = page.get_by_role("dialog", name="You are signed out")
    dialog.get_by_role("button", name="Not now").click()
    expect(page.locator(".unsent-note")).to_contain_text(NOTE)
    page.reload()
    page.get_by_label("Name").fill("Ada")
    page.get_by_label("Password").fill("a sentence is good")
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator("#text")).to_be_visible()
    expect(reader.card("What he did not do was rule them out")).to_have_count(1)
    assert [one.note for one in ada.annotations()] == [NOTE]
    page.reload()
    expect(page.locator("#tag-bar [name=note]")).to_have_value("")


def test_a_network_that_went_away(seats: Seats, ada: Member) -> None:
    reader = seats.sit(ada)
    reader.expects("ERR_INTERNET_DISCONNECTED|Failed to fetch")
    page = reader.read()
    expect(page.locator(".margin__group")).to_have_count(34)
    type_note(reader)
    reader.context.set_offline(True)
    page.keyboard.press("Control+Enter")
    expect(page.locator("#unsent")).to_contain_text("Not sent yet: 1")
    expect(page.locator(".unsent-note")).to_contain_text(NOTE)
    reader.context.set_offline(False)
    expect(reader.card("What he did not do was rule them out")).to_have_count(1)
    page.keyboard.press("Escape")
    reader.drag("The ambiguity is deliberate", 2)
    reader.tag_bar.wait_for()
    reader.context.set_offline(True)
    page.keyboard.press("2")
    expect(page.locator("#unsent")).to_contain_text("Not sent yet: 1")
    expect(page.locator("#t2 mark")).to_have_count(0)
    reader.context.set_offline(False)
    expect(page.locator("#t2 mark[class^=b]")).to_have_text("The ambiguity is deliberate")
    assert [one.note for one in ada.annotations()] == [NOTE, ""]


def test_two_tabs_and_one_card(seats: Seats, ada: Member) -> None:
    ada.mark("Waiting can be a policy", "claim", note="As it was")
    first, second = seats.sit(ada), seats.sit(ada)
    second.expects("409")
    for person, words in ((first, "Mine came first"), (second, "Mine came second")):
        person.read()
        card = person.card("Waiting can be a policy")
        card.hover()
        card.get_by_role("link", name="Edit").click()
        person.page.locator(".annotation--editing textarea").fill(words)
    for person in (first, second):
        person.page.get_by_role("button", name="Save", exact=True).click()
        person.settled()
    conflict = second.page.locator(".conflict")
    expect(conflict).to_contain_text("Mine came first")
    expect(conflict).to_contain_text("Mine came second")
    expect(second.page.locator(".annotation--editing textarea")).to_have_value("Mine came second")
    second.page.get_by_role("button", name="Save", exact=True).click()
    expect(second.card("Waiting can be a policy").locator(".annotation__note")).to_have_text(
        "Mine came second"
    )
    assert [one.note for one in ada.annotations()] == ["Mine came second"]
