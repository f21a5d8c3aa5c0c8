"""Open pages follow what others write, and never take anything from under the hand."""

import pytest
from playwright.sync_api import expect

from tests.courses.room import open_room
from tests.journeys.person import Seats
from tests.support.cast import World

pytestmark = pytest.mark.browser


def test_what_others_write_appears_by_itself_and_disturbs_nothing(seats: Seats, world: World) -> None:
    room = open_room(world)
    text = room.sets()
    ada, ben = room.student(world, "Ada"), room.student(world, "Ben")
    first = text.mark(ada, "Waiting can be a policy", "claim", note="It has been one.")
    reader = seats.sit(ben)
    page = reader.open(text.address)
    reader.settled()
    card = reader.card("Waiting can be a policy")
    card.hover()
    card.get_by_role("link", name="Reply").click()
    page.keyboard.type("half a thou")
    page.keyboard.press("ArrowLeft")
    where = page.evaluate("scrollY")
    text.reply(ada, first, "and it is one still")
    expect(card.get_by_text("and it is one still")).to_be_visible()
    field = card.locator(".reply-form textarea")
    expect(field).to_be_focused()
    expect(field).to_have_value("half a thou")
    page.keyboard.type("X")
    expect(field).to_have_value("half a thoXu")
    assert page.evaluate("scrollY") == where
    card.get_by_role("button", name="Cancel").click()
    ben_s = text.mark(ben, "Ali Khamenei", "actor", note="mine")
    page.reload()
    reader.settled()
    mine = reader.card("Ali Khamenei")
    mine.hover()
    mine.get_by_role("link", name="Edit").click()
    note = page.locator(f"#annotation-{ben_s} textarea")
    note.fill("mine, changed")
    text.mark(ada, "Tehran", "actor", note="here")
    expect(reader.card("Tehran")).to_be_attached()
    expect(note).to_have_value("mine, changed")
    expect(note).to_be_focused()
    text.mark(ada, "does not seem", "hedge", note="how sure?")
    expect(page.locator("#t5 mark")).to_have_text("does not seem")
    expect(reader.card("does not seem")).to_be_attached()
    room.grace.post(f"{room.person(ben)}/remove")
    assert reader.complaints() == []


def test_a_reveal_opens_the_page_by_itself(seats: Seats, world: World) -> None:
    room = open_room(world)
    text = room.sets(reveal_kind="staff")
    ada, ben = room.student(world, "Ada"), room.student(world, "Ben")
    text.mark(ada, "Waiting can be a policy", "claim")
    reader = seats.sit(ben)
    page = reader.open(text.address)
    reader.settled()
    assert reader.marks(1) == []
    room.grace.post(f"{text.address}/reveal")
    expect(page.locator("#t1 mark")).to_have_text("Waiting can be a policy")
    assert reader.complaints() == []
