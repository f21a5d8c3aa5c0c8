"""Somebody asks, is answered, finds it, and has their calm again: by keyboard alone, and on a phone."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from app.identity import new_uid
from tests.courses.room import SetText, open_room
from tests.journeys import axe
from tests.journeys.person import Person, Seats
from tests.support.cast import Member, World

pytestmark = pytest.mark.browser


def asks(text: SetText, member: Member, words: str) -> str:
    uid = new_uid()
    form = {"uid": uid, "note": words, "asks": "true", "audience": "class"}
    assert member.fragment(f"{text.address}/remarks?paragraph=2", form).status_code == 201
    return uid


def tab_to(page: Page, place: Locator, keys: str = "Tab") -> None:
    """Presses the key until the focus is there."""
    for _ in range(80):
        if place.evaluate("one => one === document.activeElement"):
            return
        page.keyboard.press(keys)
    raise AssertionError(f"{place} is not reached by {keys}")


def count(person: Person) -> Locator:
    return person.page.locator("#notices-count")


def opened(person: Person, path: str) -> Page:
    """Opens a page and waits until its count has come."""
    with person.page.expect_response(re.compile("/notices/count")):
        person.open(path)
    return person.page


def test_an_answer_is_found_by_keyboard_and_a_muted_thread_is_silent(seats: Seats, world: World) -> None:
    room = open_room(world)
    text, ada, ben = room.sets(), room.student(world, "Ada"), room.student(world, "Ben")
    question = asks(text, ada, "What is meant here?")
    reader = seats.sit(ada)
    page = opened(reader, "/")
    expect(count(reader)).to_be_empty()
    answer = text.reply(ben, question, "That he can wait.")
    page = opened(reader, "/")
    expect(count(reader)).to_contain_text("1 new for you")
    link = page.get_by_role("link", name="News 1 new for you")
    tab_to(page, link)
    with page.expect_response(re.compile("/notices/seen")) as seen:
        page.keyboard.press("Enter")
    assert seen.value.ok
    expect(count(reader)).to_be_empty()
    notice = page.get_by_role("link", name="Ben answered your question")
    expect(page.locator(".notification--unseen")).to_have_count(1)
    tab_to(page, notice)
    with page.expect_response(re.compile("/notices/count")):
        page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/readings/"))
    expect(page.locator(f"#annotation-{answer}")).to_contain_text("That he can wait.")
    expect(page.locator(".counter")).to_be_hidden()
    mutes(reader, question)
    text.reply(ben, question, "And wait again.")
    opened(reader, text.address)
    expect(page.locator(".counter")).to_be_hidden()
    expect(page.locator(".trail")).to_have_count(0)
    expect(page.get_by_text("And wait again.")).to_be_attached()
    reader.open("/notices")
    expect(page.get_by_text("Nothing is new")).to_be_visible()


def mutes(reader: Person, question: str) -> None:
    """Has the thread muted from its card's menu, without a pointer; the focus stays where it is."""
    page, card = reader.page, reader.page.locator(f"#annotation-{question}")
    menu = card.locator(":scope > .annotation__talk summary")
    menu.focus()
    page.keyboard.press("Enter")
    mute = card.get_by_role("button", name="Mute this thread")
    tab_to(page, mute)
    with page.expect_response(re.compile("/follow")):
        page.keyboard.press("Enter")
    expect(mute).to_have_attribute("aria-pressed", "true")
    expect(mute).to_be_focused()


def test_on_a_phone_a_reading_is_followed_from_its_menu_and_the_count_stands_in_its_header(
    seats: Seats, world: World
) -> None:
    room = open_room(world)
    text, ada, ben = room.sets(), room.student(world, "Ada"), room.student(world, "Ben")
    reader = seats.sit(ada, "phone")
    page = opened(reader, text.address)
    page.get_by_role("button", name="More", exact=True).tap()
    follow = page.get_by_role("button", name="Follow this reading")
    follow.tap()
    expect(follow).to_have_attribute("aria-pressed", "true")
    for n in range(11):
        text.mark(ben, "Waiting can be a policy"[: 12 + n], "claim", note="Look here")
    opened(reader, text.address)
    counter = page.get_by_role("link", name="More than 9 new for you")
    expect(counter).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    counter.tap()
    expect(page.get_by_role("link", name="Ben wrote in a reading you follow")).to_have_count(11)


def test_the_list_without_a_script_is_marked_as_read_by_its_button(seats: Seats, world: World) -> None:
    room = open_room(world)
    text, ada, ben = room.sets(), room.student(world, "Ada"), room.student(world, "Ben")
    text.reply(ben, text.mark(ada, "Tehran", "actor"), "an answer")
    reader = seats.sit(ada, scripts=False)
    page = reader.open("/notices")
    expect(page.locator(".notification--unseen")).to_have_count(1)
    page.get_by_role("button", name="Mark all as read").click()
    expect(page.locator(".notification")).to_have_count(1)
    expect(page.locator(".notification--unseen")).to_have_count(0)
    page.goto(f"{reader.address}{text.address}/remarks/new?paragraph=2")
    page.get_by_role("button", name="Mute this paragraph").click()
    page.wait_for_url(re.compile("/paragraphs/2"))


def test_axe_finds_nothing_in_the_list_and_the_menus(seats: Seats, world: World) -> None:
    room = open_room(world)
    text, ada, ben = room.sets(), room.student(world, "Ada"), room.student(world, "Ben")
    reader = seats.sit(ada)
    reader.open("/notices")
    found = axe.findings(reader.page, "empty list")
    question = asks(text, ada, "What is meant here?")
    text.reply(ben, question, "That he can wait: " + "long" * 60)
    text.mark(ben, "Tehran", "actor", note="@Ada, see")
    reader.open("/notices")
    found += axe.findings(reader.page, "list")
    opened(reader, text.address)
    reader.page.get_by_role("button", name="More", exact=True).click()
    reader.page.get_by_role("button", name="Follow this reading").click()
    expect(reader.page.locator(".wish[aria-pressed='true']")).to_have_count(1)
    found += axe.findings(reader.page, "menu")
    opened(reader, f"/annotations/{question}/thread")
    found += axe.findings(reader.page, "thread")
    assert found == []
