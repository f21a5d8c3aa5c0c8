"""axe on a page with unsent work: cards, the line, the list of it, and the question on signing out."""

import pytest
from playwright.sync_api import expect

from tests.courses.room import open_room
from tests.journeys.axe import findings
from tests.journeys.bad_network import BadNetwork
from tests.journeys.person import Seats
from tests.journeys.unsent_work import (
    NOTE,
    WORDS,
    does_edit,
    does_react,
    does_reply,
    line,
    note,
    sits,
    tries_now,
)
from tests.support.cast import Member, World

pytestmark = pytest.mark.browser
EVERY_THEME = ("dark", "sepia", "contrast")


@pytest.fixture
def address(network: BadNetwork) -> str:
    """Everybody comes through the bad network."""
    return network.address


def test_unsent_work(seats: Seats, world: World, ada: Member, network: BadNetwork) -> None:
    room = open_room(world)
    room.takes_in(ada)
    text = room.sets()
    theirs = text.mark(room.grace, "Waiting can be a policy", "claim", note="Is that so?")
    mine = text.mark(ada, "The ambiguity is deliberate", "hedge", note="As it was")
    reader = sits(seats, ada)
    reader.expects("409|404")
    page = reader.open(text.address)
    network.next(*["cut before"] * 90, path="/annotations")
    does_react(reader, theirs)
    does_reply(reader, theirs)
    does_edit(reader, mine)
    note(reader, WORDS, 1, NOTE)
    page.keyboard.press("Escape")
    expect(line(reader)).to_have_text("Not sent yet: 4")
    expect(page.locator(".unsent-note")).to_have_count(3)
    assert page.locator("#unsent [role=status]").get_attribute("role") == "status"
    found = findings(page, "unsent", EVERY_THEME)
    page.locator("#unsent").get_by_role("button", name="Show").click()
    found += findings(page, "list of unsent work", EVERY_THEME)
    page.keyboard.press("Escape")

    ada.fragment(f"/annotations/{mine}", {"version": "1", "note": "From the phone", "tags": "hedge"})
    room.grace.fragment(f"/annotations/{theirs}/delete", {})
    network.clear()
    tries_now(reader)
    expect(line(reader)).to_have_text("Not saved: 3")
    found += findings(page, "refused", EVERY_THEME)
    page.locator("#unsent").get_by_role("button", name="Show").click()
    expect(page.locator("#unsent-list")).to_contain_text("From the phone")
    found += findings(page, "list of refused work", EVERY_THEME)

    reader.open("/")
    page.get_by_role("button", name="Account: Ada").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("dialog", name="Something is not sent yet")).to_be_visible()
    found += findings(page, "signing out", EVERY_THEME)
    assert found == []
