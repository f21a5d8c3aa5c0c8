"""The first day with a mouse and keys: claim the server, read, mark, change, undo, take home."""

import csv
import json
from pathlib import Path

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from app.accounts.models import one_time_secret
from app.database import Db
from app.library.texts import text_of
from app.readings.models import Reading
from tests.browser.visiting import until
from tests.journeys.person import Person, Seats
from tests.support.cast import World

pytestmark = pytest.mark.browser


def claim_address(world: World) -> str:
    """What the first start prints."""
    with world.database.writing() as writing:
        return f"/setup/{one_time_secret(writing, 'claim')}"


def canonical_text(world: World) -> str:
    """The text of the one article that there is."""
    with world.database.reading() as db:
        (revision_id,) = db.scalars(select(Reading.revision_id)).all()
    db = Db(world.database)
    try:
        return text_of(db, revision_id).text
    finally:
        db.close()


def download(person: Person, name: str, folder: Path) -> Path:
    """Takes a file home from the menu."""
    person.page.get_by_role("button", name="More").click()
    with person.page.expect_download() as started:
        person.page.get_by_role("link", name=name).click()
    path = folder / started.value.suggested_filename
    started.value.save_as(path)
    person.page.keyboard.press("Escape")
    return path


def test_first_day(seats: Seats, world: World, tmp_path: Path) -> None:
    ada = seats.sit()
    claim(ada, claim_address(world))
    mark_ten(ada)
    write_and_change(ada)
    take_back(ada)
    take_home(ada, canonical_text(world), tmp_path)


def test_every_refused_script_is_heard(seats: Seats, world: World) -> None:
    """The watch over the consoles has teeth: a script that the policy refuses is a complaint."""
    reader = seats.sit(world.member("Ada"))
    reader.read().evaluate(
        "document.body.append(Object.assign(document.createElement('script'), {text: '1'}))"
    )
    until(lambda: reader.complaints())
    assert "Content Security Policy" in reader.complaints()[0]
    reader.expects("Content Security Policy")


def claim(ada: Person, address: str) -> None:
    page = ada.open(address)
    page.get_by_label("Your name").fill("Ada")
    page.get_by_label("Password").fill("a sentence is good")
    page.get_by_role("button", name="Begin").click()
    expect(page.locator("h1.block__text")).to_have_text("Patience as strategy")
    expect(page.locator(".block--paragraph")).to_have_count(29)
    expect(page.locator(".margin__empty")).to_be_visible()


def mark_ten(ada: Person) -> None:
    """Ten spans: overlapping, nested, identical with two tags, across paragraphs, and the title."""
    ada.mark("2", "Waiting can be a policy", 1)
    ada.mark("1", "Ali Khamenei, Iran’s Supreme Leader", 1)
    ada.mark("1", "Iran", 1)
    ada.mark("2", "Supreme Leader, it has long been one", 1)
    ada.mark("23", "The ambiguity is deliberate", 2)
    ada.mark("2", "room for contact", 2, "What he gains by this is plain enough", 3)
    ada.mark("4", "as strategy", 0)
    ada.mark("3", "if certain conditions are met", 2)
    ada.mark("4", "who is expected to raise the pressure on Iran", 4)
    ada.mark("1", "President Donald Trump", 4)
    expect(ada.cards).to_have_count(10)
    expect(ada.page.locator("#count")).to_have_text("10")
    expect(ada.card("The ambiguity is deliberate").locator(".tag")).to_have_text(["claim", "hedge"])
    assert "Iran" in {words for classes, words in ada.marks(1) if classes.startswith("o")}
    ada.page.keyboard.press("Escape")
    expect(ada.tag_bar).to_have_count(0)


def write_and_change(ada: Person) -> None:
    page = ada.page
    ada.drag("stay free of any fixed course", 3)
    ada.tag_bar.wait_for()
    page.keyboard.press("n")
    page.keyboard.type("Is this *Khamenei’s* aim, or the author’s guess? 1 or 2")
    page.keyboard.press("Control+Enter")
    card = ada.card("stay free of any fixed course")
    expect(card.locator(".annotation__note em")).to_have_text("Khamenei’s")
    expect(card.locator(".tag")).to_have_count(0)
    page.keyboard.press("Escape")

    page.locator("#t1 mark", has_text="Iran").last.click()
    pile = page.locator("#pile:popover-open")
    expect(pile.locator(".pile__item .annotation__quote").first).to_have_text("Iran")
    lengths = [len(words) for words in pile.locator(".annotation__quote").all_inner_texts()]
    assert len(lengths) == 2 and lengths == sorted(lengths)
    pile.locator(".pile__item").first.click()
    expect(ada.card("Iran")).to_be_focused()

    card.hover()
    card.get_by_role("link", name="Edit").click()
    note = page.get_by_label("Note", exact=True).and_(page.locator(".annotation--editing textarea"))
    expect(note).to_be_focused()
    note.fill("The author’s guess, I think.")
    page.locator(".annotation--editing").get_by_label("hedge").check()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(card.locator(".annotation__note")).to_have_text("The author’s guess, I think.")
    expect(card.locator(".tag")).to_have_text(["hedge"])

    card.hover()
    card.get_by_role("link", name="Edit").click()
    page.get_by_role("button", name="Begin one word earlier").click()
    expect(page.locator(".annotation--editing .annotation__quote")).to_have_text(
        "and stay free of any fixed course"
    )
    page.get_by_role("button", name="Save", exact=True).click()
    moved = ada.card("and stay free of any fixed course")
    expect(moved.locator(".annotation__note")).to_have_text("The author’s guess, I think.")
    drag_edge(ada)


def drag_edge(ada: Person) -> None:
    """The end of a span goes two words further when its handle is dragged there."""
    page = ada.page
    ada.card("President Donald Trump").click()
    handle = page.locator(".edge--end")
    expect(handle).to_be_visible()
    box = handle.bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    where = page.locator("#t4").evaluate(
        """block => {
            const walker = document.createTreeWalker(block, NodeFilter.SHOW_TEXT);
            while (walker.nextNode()) {
                const at = walker.currentNode.data.indexOf("expected");
                if (at < 0) continue;
                const range = document.createRange();
                range.setStart(walker.currentNode, at + 3);
                range.setEnd(walker.currentNode, at + 4);
                const {left, top, bottom} = range.getBoundingClientRect();
                return {x: left, y: (top + bottom) / 2};
            }
        }"""
    )
    page.mouse.move(where["x"], where["y"], steps=5)
    page.mouse.up()
    expect(ada.card("President Donald Trump, who is expected")).to_have_count(1)


def take_back(ada: Person) -> None:
    page = ada.page
    title = ada.card("as strategy")
    title.hover()
    title.get_by_role("button", name="Delete").click()
    expect(title).to_have_count(0)
    expect(page.locator("#count")).to_have_text("10")
    page.get_by_role("button", name="Undo", exact=True).click()
    expect(title).to_have_count(1)
    page.reload()
    expect(ada.cards).to_have_count(11)
    assert {words for _, words in ada.marks(0)} == {"as strategy"}
    title.hover()
    title.get_by_role("button", name="Delete").click()
    expect(title).to_have_count(0)
    page.reload()
    expect(ada.cards).to_have_count(10)
    page.locator("h1").click()
    page.keyboard.press("Control+z")
    expect(title).to_have_count(1)
    expect(page.locator("#count")).to_have_text("11")


def take_home(ada: Person, text: str, folder: Path) -> None:
    """Every quote in both files stands in the text at its offsets."""
    with download(ada, "Export as CSV", folder).open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 12  # eleven annotations, one of them with two tags
    for row in rows:
        quoted = next(value for name, value in row.items() if name in {"exact", "words", "quote"})
        assert text[int(row["start"]) : int(row["end"])] == quoted
    collection = json.loads(download(ada, "Export as JSON-LD", folder).read_text("utf-8"))
    items = collection["first"]["items"]
    assert len(items) == 11
    for item in items:
        selectors = {one["type"]: one for one in item["target"]["selector"]}
        position, quote = selectors["TextPositionSelector"], selectors["TextQuoteSelector"]
        assert text[position["start"] : position["end"]] == quote["exact"]
        assert text[: position["start"]].endswith(quote.get("prefix", ""))
        assert text[position["end"] :].startswith(quote.get("suffix", ""))
