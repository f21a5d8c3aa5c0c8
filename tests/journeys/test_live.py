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


def test_what_was_begun_before_others_wrote_is_sent_from_the_page_as_it_stands(
    seats: Seats, world: World
) -> None:
    room = open_room(world)
    text = room.sets()
    ada, ben = room.student(world, "Ada"), room.student(world, "Ben")
    first = text.mark(ada, "Waiting can be a policy", "claim", note="It has been one.")
    own = text.mark(ben, "Ali Khamenei", "actor", note="mine")
    reader = seats.sit(ben)
    page = reader.open(text.address)
    reader.settled()
    loads: list[str] = []
    page.on("load", lambda here: loads.append(here.url))
    card, mine = page.locator(f"#annotation-{first}"), page.locator(f"#annotation-{own}")
    card.hover()
    card.get_by_role("link", name="Reply").click()
    card.locator(".reply-form textarea").fill("and")
    mine.hover()
    mine.get_by_role("link", name="Edit").click()
    mine.locator("textarea").fill("mine, changed")
    for n in ("one", "two"):
        text.reply(ada, first, f"number {n}")
        expect(card.get_by_text(f"number {n}")).to_be_visible()
    mine.get_by_role("button", name="Save", exact=True).click()
    expect(mine.locator(".annotation__note")).to_have_text("mine, changed")
    card.locator(".reply-form textarea").fill("and mine")
    card.locator(".reply-form").get_by_role("button", name="Reply").click()
    expect(card.locator(".reply-form")).to_have_count(0)
    expect(card.get_by_text("and mine")).to_be_visible()
    assert loads == [] and reader.complaints() == []


def test_what_changes_far_away_is_drawn_when_the_reader_comes_near(seats: Seats, world: World) -> None:
    room = open_room(world)
    text = room.sets()
    ada, ben = room.student(world, "Ada"), room.student(world, "Ben")
    reader = seats.sit(ben)
    page = reader.open(text.address)
    reader.settled()
    asked: list[str] = []
    page.on(
        "request", lambda one: asked.append(one.url.partition("told=")[2]) if "told=" in one.url else None
    )
    last = ada.text.paragraphs[-1]
    far = text.mark(ada, ada.text.text[last.start : last.start + 20], "claim", note="far away")
    # The numbers alone are brought up to date.
    expect(page.locator("#count")).to_have_text("1", timeout=20_000)
    expect(page.locator(f"#annotation-{far}")).to_have_count(0)
    assert asked == [""]
    page.locator(f"#p{last.ordinal}").scroll_into_view_if_needed()
    expect(page.locator(f"#annotation-{far}")).to_be_attached()
    expect(page.locator(f"#t{last.ordinal} mark")).to_have_count(1)
    assert asked == ["", str(last.ordinal)] and reader.complaints() == []


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


def test_what_one_does_in_one_tab_appears_in_the_other_and_is_not_drawn_twice(
    seats: Seats, world: World
) -> None:
    room = open_room(world)
    text = room.sets()
    ben = room.student(world, "Ben")
    one, other = seats.sit(ben), seats.sit(ben)
    page, second = one.open(text.address), other.open(text.address)
    for reader in (one, other):
        reader.settled()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    card = other.card("Waiting can be a policy")
    one.mark("2", "Waiting can be a policy", 1)
    expect(second.locator("#t1 mark")).to_have_text("Waiting can be a policy")
    card.hover()
    card.get_by_role("link", name="Edit").click()
    note = second.get_by_role("textbox", name="Note")
    note.fill("half a thou")
    note.press("ArrowLeft")
    one.mark("1", "Ali Khamenei", 1)
    expect(second.locator("#t1 mark")).to_have_count(2)
    expect(note).to_be_focused()
    second.keyboard.type("X")
    expect(note).to_have_value("half a thoXu")
    # What is told after one's own is drawn, and only that was asked for.
    assert [url for url in asked if "news/shown" in url] == []
    text.mark(room.grace, "does not seem", "hedge")
    expect(page.locator("#t5 mark")).to_have_text("does not seem")
    assert len([url for url in asked if "news/shown" in url]) == 1
    assert one.complaints() == other.complaints() == []


def test_how_many_are_here_stands_quietly_in_the_bar(seats: Seats, world: World) -> None:
    room = open_room(world)
    text = room.sets()
    ben, ada = seats.sit(room.student(world, "Ben")), seats.sit(room.student(world, "Ada"))
    here = ben.open(text.address).locator("#here")
    expect(here).to_be_hidden()
    ada.open(text.address)
    expect(here).to_have_text("2 here")
    ada.page.close()
    expect(here).to_be_hidden()
    assert ben.complaints() == []
