"""The page as its reader likes it: theme, size, spacing and width, kept for every browser of theirs."""

import pytest
from playwright.sync_api import expect

from tests.journeys.person import Person, Seats
from tests.support.cast import Member

pytestmark = pytest.mark.browser


def paper(person: Person) -> str:
    return str(person.page.evaluate("getComputedStyle(document.body).backgroundColor"))


def lines(person: Person) -> tuple[float, float, float]:
    """Font size, line height and column width of the text, in pixels."""
    size, height, width = person.page.locator("#t1").evaluate(
        """block => {
            const style = getComputedStyle(block);
            return [parseFloat(style.fontSize), parseFloat(style.lineHeight), block.offsetWidth];
        }"""
    )
    return size, height, width


def test_it_is_kept_over_a_reload_and_in_another_browser(seats: Seats, ada: Member) -> None:
    first = seats.sit(ada)
    page = first.read()
    before, light = lines(first), paper(first)
    page.get_by_role("button", name="Appearance").click()
    for group, value in (("theme", "dark"), ("leading", "4"), ("measure", "1")):
        with page.expect_response("**/account/appearance"):
            page.locator(f"#appearance [name={group}][value='{value}']").check(force=True)
    page.get_by_label("Text size").focus()
    with page.expect_response("**/account/appearance"):
        page.keyboard.press("ArrowRight")
    after = lines(first)
    assert after[0] > before[0] and after[1] / after[0] > before[1] / before[0]
    assert after[2] / after[0] < before[2] / before[0]
    assert paper(first) != light
    page.reload()
    assert lines(first) == after
    second = seats.sit(ada)
    second.read()
    assert (lines(second), paper(second)) == (after, paper(first))
    second.open("/")
    expect(second.page.locator("html")).to_have_attribute("data-theme", "dark")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_left_alone_it_follows_the_system(seats: Seats, ada: Member, scheme: str) -> None:
    reader = seats.sit(ada, color_scheme=scheme)
    reader.read()
    brightness = sum(map(int, paper(reader).removeprefix("rgb(").rstrip(")").split(",")))
    assert (brightness > 600) == (scheme == "light")


def test_high_contrast_and_forced_colours(seats: Seats, ada: Member) -> None:
    ada.mark("Waiting can be a policy", "claim")
    ada.post("/account/appearance", {"theme": "contrast"})
    reader = seats.sit(ada, color_scheme="light")
    reader.read()
    assert paper(reader) == "rgb(255, 255, 255)"
    assert reader.page.locator("#t1").evaluate("one => getComputedStyle(one).color") == "rgb(0, 0, 0)"
    forced = seats.sit(ada, forced_colors="active")
    forced.read()
    line = forced.page.locator("#t1 mark").evaluate("one => getComputedStyle(one).textDecorationLine")
    assert line == "underline"


def test_on_paper_the_text_comes_with_its_notes(seats: Seats, ada: Member) -> None:
    ada.mark("Waiting can be a policy", "claim", note="On paper too")
    reader = seats.sit(ada)
    page = reader.read()
    expect(reader.cards).to_have_count(1)
    page.emulate_media(media="print")
    expect(page.locator(".bar")).to_be_hidden()
    expect(page.get_by_text("On paper too")).to_be_visible()
    text, card = page.locator("#text").bounding_box(), reader.cards.first.bounding_box()
    assert text and card and card["y"] >= text["y"] + text["height"]
