"""The margin: cards beside their words, a drawer on a phone, filters, steps, and the way between card and words."""

from itertools import pairwise

import pytest
from playwright.sync_api import Page, expect

from tests.browser.visiting import until
from tests.journeys.person import Seats
from tests.support.cast import Member

pytestmark = pytest.mark.browser
BOXES = """(selector) => [...document.querySelectorAll(selector)].filter((one) => one.offsetHeight)
    .map((one) => one.getBoundingClientRect()).map(({top, bottom, left, right}) => [top, bottom, left, right])"""
LONG = "A long note about this.\n\n" * 12


def boxes(page: Page, selector: str) -> list[tuple[float, float, float, float]]:
    return [(top, bottom, left, right) for top, bottom, left, right in page.evaluate(BOXES, selector)]


@pytest.fixture
def marked(ada: Member) -> Member:
    """Ada with more cards than the paragraphs have room for."""
    ada.mark("Waiting can be a policy", "claim", note=LONG)
    ada.mark("Ali Khamenei, Iran’s Supreme Leader", "actor")
    ada.mark("The ambiguity is deliberate", "claim", note=LONG)
    ada.mark("if certain conditions are met", "hedge")
    ada.mark("What he gains by this is plain enough", "claim", "hedge")
    ada.mark("The delay could mean", "prediction")
    return ada


def test_cards_never_overlap_and_never_push_the_text(seats: Seats, ada: Member, marked: Member) -> None:
    reader = seats.sit(ada)
    page = reader.read()
    expect(page.locator("#margin[data-laid]")).to_be_attached()
    expect(reader.cards).to_have_count(6)
    blocks, cards = boxes(page, "#text .block"), boxes(page, ".margin .annotation")
    assert all(upper[1] <= lower[0] for upper, lower in pairwise(cards))
    assert max(block[3] for block in blocks) <= min(card[2] for card in cards)
    page.locator("[data-margin-toggle]").click()
    expect(page.locator("#margin")).to_be_hidden()
    narrow = page.locator("#text").bounding_box()
    page.locator("[data-margin-toggle]").click()
    again = boxes(page, "#text .block")
    assert again == blocks and narrow
    page.locator("#margin").evaluate("margin => { margin.style.display = 'none'; }")
    assert [box[:2] for box in boxes(page, "#text .block")] == [box[:2] for box in blocks]


def test_filter_and_steps(seats: Seats, ada: Member, marked: Member) -> None:
    reader = seats.sit(ada)
    page = reader.read()
    expect(reader.cards).to_have_count(6)
    page.locator("[data-filter=claim]").click()
    expect(reader.card("Waiting can be a policy")).to_be_hidden()
    expect(reader.card("What he gains by this is plain enough")).to_be_visible()
    page.get_by_role("button", name="Next annotation").click()
    expect(reader.card("Ali Khamenei, Iran’s Supreme Leader")).to_be_focused()
    page.get_by_role("button", name="Next annotation").click()
    expect(reader.card("if certain conditions are met")).to_be_focused()
    page.get_by_role("button", name="Previous annotation").click()
    page.get_by_role("button", name="Previous annotation").click()
    expect(reader.card("The delay could mean")).to_be_focused()
    expect(page.locator(".block", has_text="The delay could mean")).to_be_in_viewport()
    page.locator("[data-filter=claim]").click()
    expect(reader.card("Waiting can be a policy")).to_be_visible()


def test_from_card_to_words_and_back(seats: Seats, ada: Member, marked: Member) -> None:
    reader = seats.sit(ada)
    page = reader.read()
    card = reader.card("The delay could mean")
    card.locator(".annotation__quote").click()
    words = page.locator("#text mark", has_text="The delay could mean")
    expect(words).to_be_in_viewport()
    expect(page.locator(".edge--start")).to_be_visible()
    words.click()
    page.locator("#pile:popover-open .pile__item").click()
    expect(card).to_be_focused()
    page.keyboard.press("Tab")
    expect(card.get_by_role("link", name="Edit")).to_be_focused()


def test_the_drawer_of_a_phone(seats: Seats, ada: Member, marked: Member) -> None:
    reader = seats.sit(ada, "phone")
    page = reader.read()
    expect(reader.cards).to_have_count(6)
    expect(page.locator("#margin")).to_be_hidden()
    page.locator("[data-margin-toggle]").tap()
    expect(reader.card("Waiting can be a policy")).to_be_in_viewport()
    page.locator("#margin").get_by_role("button", name="Close").tap()
    expect(page.locator("#margin")).to_be_hidden()
    page.locator("#t1 mark").first.tap()
    page.locator("#pile:popover-open .pile__item").first.tap()
    expect(reader.card("Waiting can be a policy")).to_be_in_viewport()
    expect(page.locator("#t1 mark").first).to_be_in_viewport()


def test_a_thumb_marks_a_sentence(seats: Seats, ada: Member) -> None:
    """The system selects a word under a long press; the bar at the foot widens it and tags it."""
    reader = seats.sit(ada, "phone")
    page = reader.read()
    page.locator("#t2").evaluate(
        """block => {
            const range = document.createRange();
            range.setStart(block.firstChild, 4);
            range.setEnd(block.firstChild, 13);
            getSelection().addRange(range);
        }"""
    )
    reader.tag_bar.wait_for()
    bar = page.locator("#tag-bar").bounding_box()
    assert bar and bar["y"] + bar["height"] == pytest.approx(844, abs=1)
    page.get_by_role("button", name="Sentence").tap()
    page.locator("#tag-bar [name=tag][value=claim]").tap()
    expect(page.locator("#t2 mark[class^=b]")).to_have_text(
        "The ambiguity is deliberate, and it is typical of his rule."
    )
    undo = page.get_by_role("button", name="Undo", exact=True)
    expect(undo).to_be_in_viewport()
    undo.tap()
    expect(page.locator("#t2 mark")).to_have_count(0)


def test_words_low_on_a_phone_do_not_hide_behind_the_bar(seats: Seats, ada: Member) -> None:
    page = seats.sit(ada, "phone").read()
    page.locator("#t7").evaluate(
        """block => {
            scrollBy({top: block.getBoundingClientRect().bottom - innerHeight + 4, behavior: "instant"});
            const words = block.lastChild;
            getSelection().setBaseAndExtent(words, words.length - 9, words, words.length);
        }"""
    )
    page.locator("#tag-bar").wait_for()
    foot = "getSelection().getRangeAt(0).getBoundingClientRect().bottom"
    until(lambda: page.evaluate(f"{foot} <= document.getElementById('tag-bar').getBoundingClientRect().top"))
    assert page.evaluate(foot) > 400
