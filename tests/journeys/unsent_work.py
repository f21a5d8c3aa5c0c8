"""What somebody does in a reading while the network is bad, and where they are told of it."""

from playwright.sync_api import Locator

from tests.journeys.person import Person, Seats
from tests.support.cast import Member

NOTE = "Half a thought, with 1, 2 and 3; and 😀"
WORDS = "What he did not do was rule them out"


def sits(seats: Seats, member: Member | None, **more: object) -> Person:
    """Somebody whose console may tell of requests that failed."""
    reader = seats.sit(member, **more)
    reader.expects(
        "Failed to load resource|Failed to fetch|ERR_|NetworkError|AbortError|TypeError: network error"
    )
    return reader


def presses(reader: Person, key: str, words: str, n: int) -> None:
    reader.drag(words, n)
    reader.tag_bar.wait_for()
    reader.page.keyboard.press(key)


def line(reader: Person) -> Locator:
    """The quiet line."""
    return reader.page.locator("#unsent [role=status]")


def tries_now(reader: Person) -> None:
    """Presses the line's button, also when the page has just tried by itself and taken it away."""
    reader.page.locator("#unsent [data-try]").evaluate("button => button.click()")


def note(reader: Person, words: str, n: int, text: str) -> None:
    presses(reader, "n", words, n)
    reader.page.keyboard.type(text)
    reader.page.keyboard.press("Control+Enter")


def does_mark(reader: Person, _uid: str) -> None:
    presses(reader, "2", WORDS, 1)


def does_note(reader: Person, _uid: str) -> None:
    note(reader, WORDS, 1, NOTE)


def does_reply(reader: Person, uid: str) -> None:
    card = reader.page.locator(f"#annotation-{uid}")
    card.get_by_role("link", name="Reply", exact=True).first.click()
    card.locator("textarea").fill(NOTE)
    card.locator(".reply-form").get_by_role("button", name="Reply").click()


def does_edit(reader: Person, uid: str) -> None:
    card = reader.page.locator(f"#annotation-{uid}")
    card.hover()
    card.get_by_role("link", name="Edit").click()
    card.locator("textarea").fill(NOTE)
    card.get_by_role("button", name="Save", exact=True).click()


def does_react(reader: Person, uid: str) -> None:
    card = reader.page.locator(f"#annotation-{uid}")
    card.hover()
    card.get_by_role("button", name="Agree", exact=True).click()


def does_delete(reader: Person, uid: str) -> None:
    card = reader.page.locator(f"#annotation-{uid}")
    card.hover()
    card.get_by_role("button", name="Delete").click()


DOINGS = {
    "mark": does_mark,
    "note": does_note,
    "reply": does_reply,
    "edit": does_edit,
    "reaction": does_react,
    "delete": does_delete,
}
