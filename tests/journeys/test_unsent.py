"""Unsent work: through a network that loses, cuts and forges, what was marked or typed is kept, shown, and sent exactly once."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.journeys.bad_network import BadNetwork
from tests.journeys.person import Person, Seats
from tests.journeys.serving import serving
from tests.support.cast import Member, World

pytestmark = pytest.mark.browser
WORDS = "What he did not do was rule them out"


@pytest.fixture
def network(world: World) -> Iterator[BadNetwork]:
    with serving(world.app) as behind, BadNetwork(behind) as network:
        yield network


@pytest.fixture
def address(network: BadNetwork) -> str:
    """Everybody comes through the bad network."""
    return network.address


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


def line(reader: Person):  # type: ignore[no-untyped-def]
    return reader.page.locator("#unsent [role=status]")


def test_a_mark_without_network_waits_over_a_reload_and_is_sent_once(
    seats: Seats, ada: Member, network: BadNetwork
) -> None:
    reader = sits(seats, ada)
    page = reader.read()
    expect(page.locator(".margin__group")).to_have_count(34)
    network.next("cut before", "cut before", "cut before")
    presses(reader, "2", WORDS, 1)
    expect(line(reader)).to_have_text("Not sent yet: 1")
    assert page.evaluate("CSS.highlights.has('unsent')")
    expect(page.locator("#margin-1 .unsent-note")).to_contain_text(WORDS)
    page.reload()
    expect(line(reader)).to_have_text("Not sent yet: 1")
    expect(page.locator("#margin-1 .unsent-note")).to_contain_text(WORDS)
    assert ada.annotations() == []
    page.get_by_role("button", name="Try now").click()
    expect(reader.card(WORDS).and_(page.locator("[data-uid]"))).to_have_count(1)
    expect(page.locator(".unsent-note")).to_have_count(0)
    assert [one.version for one in ada.annotations()] == [1]
