"""Keyboards of other countries: what tags is the key's digit, wherever it lies and whatever it writes."""

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.person import Person, Seats
from tests.support.cast import Member

pytestmark = pytest.mark.browser
ALT, CONTROL = 1, 2


def press(page: Page, key: str, code: str, modifiers: int = 0) -> None:
    """A key of any layout, as the browser gets it from the system."""
    session = page.context.new_cdp_session(page)
    stroke = {"key": key, "code": code, "modifiers": modifiers, "windowsVirtualKeyCode": ord(code[-1])}
    session.send("Input.dispatchKeyEvent", {"type": "keyDown", "text": key, **stroke})
    session.send("Input.dispatchKeyEvent", {"type": "keyUp", **stroke})
    session.detach()


@pytest.fixture
def reader(seats: Seats, ada: Member) -> Person:
    """Ada with words selected."""
    reader = seats.sit(ada)
    reader.read()
    reader.drag("The ambiguity is deliberate", 2)
    reader.tag_bar.wait_for()
    return reader


@pytest.mark.parametrize(
    ("key", "code", "colour"),
    [("é", "Digit2", "b"), ("۳", "Digit3", "g"), ("١", "Digit1", "o"), ("४", "Digit4", "p")],
)
def test_digits(reader: Person, key: str, code: str, colour: str) -> None:
    press(reader.page, key, code)
    expect(reader.page.locator(f"#t2 mark[class^={colour}]")).to_have_text("The ambiguity is deliberate")


def test_a_letter_by_its_place(reader: Person) -> None:
    press(reader.page, "د", "KeyN")
    expect(reader.page.get_by_label("Note", exact=True)).to_be_focused()


def test_what_does_not_tag(reader: Person, ada: Member) -> None:
    page = reader.page
    press(page, "@", "Digit2", ALT | CONTROL)
    page.keyboard.press("Control+2")
    page.keyboard.press("n")
    page.keyboard.type("1 and 2")
    expect(page.get_by_label("Note", exact=True)).to_have_value("1 and 2")
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    page.keyboard.press("2")
    page.get_by_role("button", name="More").click()
    page.keyboard.press("1")
    reader.settled()
    expect(page.locator("#text mark")).to_have_count(0)
    assert ada.annotations() == []
