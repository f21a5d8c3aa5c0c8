"""Texts brought in: pasted, from a file, corrected in the preview; a book of two thousand paragraphs."""

import re

import pytest
from playwright.sync_api import Page, expect

from app.library.importing import read_file
from app.library.models import Shelved
from app.readings.welcome import shelve
from tests.browser.visiting import until
from tests.journeys.person import Person, Seats
from tests.support.cast import Member

pytestmark = pytest.mark.browser

PASTED = """A day at the harbour

Ships came in
The first ship was late.

The second ship never came. 😀 Nobody said why.

- nets
- ropes
"""
FACTS = "The tide rose twice. Nobody on the quay could say why it did so, or whether it would rise again."
BOOK = "\n\n".join(["A book of tides", *(f"Paragraph {n} of the book. {FACTS}" for n in range(1, 2001))])
AT_TOP = """id => {
    const {top} = document.getElementById(id).getBoundingClientRect();
    return top > -4 && top < innerHeight / 2;
}"""


def kinds(page: Page) -> list[str]:
    """The kind of each block in the reader."""
    classes = page.locator("#text .block").evaluate_all("all => all.map(one => one.className)")
    return [re.sub(r"block block--", "", one) for one in classes]


def test_pasted_and_corrected(seats: Seats, ada: Member) -> None:
    reader = seats.sit(ada)
    page = reader.open()
    page.get_by_role("link", name="Add an article").click()
    page.get_by_role("textbox", name="Text").fill(PASTED)
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_label("Title", exact=True)).to_have_value("A day at the harbour")
    page.get_by_label("Title", exact=True).fill("A long day at the harbour")
    block = page.locator(".preview__block", has_text="The second ship never came")
    block.get_by_role("combobox").select_option(label="Quotation")
    page.get_by_role("button", name="Save to the library").click()
    expect(page.locator("h1.block__text")).to_have_text("A long day at the harbour")
    found = kinds(page)
    assert found[0] == "title" and found.count("quotation") == 1 and found.count("list_item") == 2
    expect(page.locator(".block--quotation")).to_contain_text("never came. 😀 Nobody")
    n = int((page.locator(".block--quotation").get_attribute("id") or "")[1:])
    reader.mark("2", "Nobody said why", n)
    assert reader.marks(n)[0][1] == "Nobody said why"


def test_a_file_with_another_direction(seats: Seats, ada: Member) -> None:
    page = seats.sit(ada).open("/articles/new")
    page.get_by_label("Or a file").set_input_files(
        {
            "name": "note.md",
            "mimeType": "text/markdown",
            "buffer": "# یادداشت\n\nمتن یکم.\n\n> گفته\n".encode(),
        }
    )
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_label("Direction")).to_have_value("rtl")
    page.get_by_label("Language").select_option("fa")
    page.get_by_role("button", name="Save to the library").click()
    expect(page.locator("#text")).to_have_attribute("dir", "rtl")
    expect(page.locator("#text")).to_have_attribute("lang", "fa")
    assert kinds(page) == ["title", "paragraph", "quotation"]
    number, words = page.locator("#p1 .block__number").bounding_box(), page.locator("#t1").bounding_box()
    assert number and words and number["x"] > words["x"] + words["width"] - 4


def bring_in_the_book(ada: Member) -> str:
    """Imports it as the command line does; returns the reading's path."""
    assert ada.user
    book = Shelved(read_file("book.txt", BOOK.encode()))
    with ada.world.database.writing() as writing:
        return f"/readings/{shelve(writing, ada.user.id, book).uid}"


def test_a_book(seats: Seats, ada: Member) -> None:
    reader = seats.sit(ada)
    book = bring_in_the_book(ada)
    page = reader.open(book)
    assert page.locator("#text .block").count() < 300
    scroll_on(page)
    reader.mark("2", "The tide rose twice", 130)
    expect(reader.cards).to_have_count(1)
    page.goto(reader.address + "/notebook")
    until(lambda: re.search('data-place="1(2[789]|30)"', ada.get(book).text))
    other = seats.sit(ada, screen="phone")
    landed(other, book, "p130", near=True)
    landed(other, f"{book}/paragraphs/1500", "p1500")
    page.get_by_role("link", name="Paragraph 130").click()
    card = reader.card("The tide rose twice")
    expect(card).to_be_focused()
    expect(page.locator("#t130 mark")).to_be_in_viewport()
    expect(card).to_be_in_viewport()
    without_script(seats.sit(ada, scripts=False), book)


def scroll_on(page: Page) -> None:
    """Windows come by themselves as the foot of the page comes near."""
    page.mouse.move(400, 400)
    for n in (119, 130):
        page.locator(f"#p{n}").wait_for(state="attached")
        page.locator(f"#p{n}").scroll_into_view_if_needed()
    expect(page.locator("#p239")).to_be_attached()
    numbers = page.locator("#text .block").evaluate_all("all => all.map(one => Number(one.id.slice(1)))")
    assert numbers == list(range(240))


def landed(person: Person, path: str, block: str, *, near: bool = False) -> None:
    """A paragraph stands in the upper half of the window; with `near`, it or one of its neighbours."""
    page = person.open(path)
    number = int(block[1:])
    ids = [f"p{n}" for n in range(number - 3, number + 2)] if near else [block]
    expect(page.locator(f"#{block}")).to_be_in_viewport()
    until(lambda: any(page.evaluate(AT_TOP, one) for one in ids))


def without_script(person: Person, book: str) -> None:
    page = person.open(f"{book}?from=0")
    page.get_by_role("link", name="Next paragraphs").click()
    expect(page.locator("#p120")).to_be_visible()
    expect(page.locator("#p119")).to_have_count(0)
    page.get_by_role("link", name="Next paragraphs").click()
    expect(page.locator("#p240")).to_be_visible()
    page.get_by_role("link", name="Earlier paragraphs").click()
    expect(page.locator("#p120")).to_be_visible()
    page.locator("#p125 .block__number").click()
    expect(page.locator("#p125")).to_be_in_viewport()
