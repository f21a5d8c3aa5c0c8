"""Two students talk in the margin of a blind reading while others, who should not, see nothing; staff keep order."""

import re

import pytest
from playwright.sync_api import expect
from sqlalchemy import delete

from app.accounts.models import SignIn
from tests.courses.room import open_room
from tests.journeys.axe import findings
from tests.journeys.person import Person, Seats
from tests.support.cast import World

pytestmark = pytest.mark.browser


def reads(person: Person, address: str) -> None:
    person.open(address)
    person.settled()


def test_a_blind_reading_opens_after_three_and_stays_open(seats: Seats, world: World) -> None:
    room = open_room(world)
    text = room.sets(reveal_kind="count", reveal_n="3", instructions="Mark **three** passages first.")
    ada, ben = (seats.sit(room.student(world, name)) for name in ("Ada", "Ben"))
    for person in (ada, ben):
        reads(person, text.address)
    ada.mark("2", "Waiting can be a policy", 1)
    expect(ada.card("Waiting can be a policy")).to_be_visible()
    ben.page.reload()
    ben.settled()
    assert ben.marks(1) == []
    expect(ben.page.get_by_text("You see what others wrote after 3 annotations")).to_be_visible()
    found = findings(ben.page, "a blind reading", ("dark",))
    ben.mark("1", "Ali Khamenei", 1)
    ben.mark("2", "fixed course", 3)
    assert not any(words.startswith("Waiting") for _classes, words in ben.marks(1))
    ben.mark("3", "does not seem", 5)
    expect(ben.page.get_by_text("You see now what others wrote")).to_be_visible()
    ben.page.get_by_role("link", name="Show it").click()
    ben.settled()
    assert any(words.startswith("Waiting") for _classes, words in ben.marks(1))
    ben.card("fixed course").get_by_role("button", name="Delete").click()
    ben.settled()
    ben.page.reload()
    ben.settled()
    assert any(words.startswith("Waiting") for _classes, words in ben.marks(1))
    found += findings(ben.page, "revealed", ("dark",))
    assert ada.complaints() == ben.complaints() == [] == found


def test_two_talk_and_a_third_sees_nothing(seats: Seats, world: World) -> None:
    room = open_room(world)
    text = room.sets()
    ada, ben = (seats.sit(room.student(world, name)) for name in ("Ada", "Ben"))
    eve = seats.sit(open_room(world, "Olga").student(world, "Eve"), screen="phone")
    for person in (ada, ben):
        # Behind a proxy that lets no stream through, a page asks for news and waits for a click.
        person.page.route("**/stream?*", lambda route: route.abort())
        person.expects("ERR_FAILED")
        reads(person, text.address)
    assert ada.member
    text.mark(ada.member, "Waiting can be a policy", "claim", note="It has been one for years.")
    expect(ben.page.get_by_role("button", name="1 new")).to_have_count(0)
    ben.page.evaluate("document.body.dispatchEvent(new CustomEvent('news'))")
    ben.page.get_by_role("button", name="1 new").click()
    card = ben.card("Waiting can be a policy")
    expect(card.locator(".byline__name").first).to_have_text("Ada")
    card.hover()
    card.get_by_role("link", name="Reply").click()
    ben.page.keyboard.type("Whose policy, @Ad")
    ben.page.locator(".names").get_by_role("button", name="Ada").click()
    ben.page.keyboard.type("and since when?")
    with ben.page.expect_response(re.compile("/replies$")) as answered:
        ben.page.keyboard.press("Control+Enter")
    assert answered.value.ok
    expect(card.get_by_text("Whose policy, @Ada and since when?")).to_be_visible()
    found = findings(ben.page, "a thread", ("dark",))
    ada.page.evaluate("document.body.dispatchEvent(new CustomEvent('news'))")
    ada.page.get_by_role("button", name="1 new").click()
    expect(ada.card("Waiting can be a policy").get_by_text("and since when?")).to_be_visible()
    ada.open(f"{text.address}/annotations?show=to_me&order=new")
    expect(ada.page.get_by_text("and since when?")).to_be_visible()
    found += findings(ada.page, "the conversation", ("dark",))
    eve.expects("404")
    eve.open(text.address)
    expect(eve.page.get_by_text("There is nothing at this address")).to_be_visible()
    assert ada.complaints() == ben.complaints() == eve.complaints() == [] == found


def test_the_switch_says_and_decides_who_sees(seats: Seats, world: World) -> None:
    room = open_room(world)
    text = room.sets()
    ada, ben = (seats.sit(room.student(world, name)) for name in ("Ada", "Ben"))
    reads(ada, text.address)
    ada.page.get_by_role("button", name="What you write is seen by: Class").click()
    found = findings(ada.page, "the switch is open", ("dark",))
    ada.page.get_by_text("Nobody else, not even the instructors").click()
    expect(ada.page.get_by_role("button", name="What you write is seen by: Only me")).to_be_visible()
    ada.page.keyboard.press("Escape")
    ada.mark("2", "Waiting can be a policy", 1)
    expect(ada.card("Waiting can be a policy").get_by_text("Only me")).to_be_visible()
    reads(ben, text.address)
    assert ben.marks(1) == []
    ada.page.reload()
    expect(ada.page.get_by_role("button", name="What you write is seen by: Only me")).to_be_visible()
    assert ada.complaints() == ben.complaints() == [] == found


def test_a_sign_in_that_ends_in_mid_sentence_loses_nothing(seats: Seats, world: World) -> None:
    room = open_room(world)
    text = room.sets()
    member = world.member("Ada", password="a sentence is good")
    room.takes_in(member)
    room.grace.mark("Ali Khamenei", "actor", note="who is this?", reading=text.address)
    ada = seats.sit(member)
    reads(ada, text.address)
    card = ada.card("Ali Khamenei")
    card.hover()
    card.get_by_role("link", name="Reply").click()
    typed = "Line one\n\n  > “quoted” — é 🧭\nand a half sent"
    ada.page.keyboard.insert_text(typed)
    with world.database.writing() as writing:
        assert member.user
        writing.execute(delete(SignIn).where(SignIn.user_id == member.user.id))
    ada.expects("401")
    ada.expects("422")
    card.get_by_role("button", name="Reply", exact=True).click()
    dialog = ada.page.get_by_role("dialog", name="You are signed out")
    expect(dialog).to_be_visible()
    found = findings(ada.page, "signed out in place", ("dark",))
    dialog.get_by_label("Password").fill("wrong")
    dialog.get_by_role("button", name="Sign in and send").click()
    expect(dialog.get_by_text("That password does not fit")).to_be_visible()
    dialog.get_by_label("Password").fill("a sentence is good")
    dialog.get_by_role("button", name="Sign in and send").click()
    expect(dialog).to_be_hidden()
    expect(card.get_by_text("and a half sent")).to_be_visible()
    expect(card.locator(".reply-form")).to_have_count(0)
    expect(card.locator(".unsent-note")).to_have_count(0)
    assert [one.note for one in member.annotations()] == [typed]
    assert ada.complaints() == [] == found


def test_a_mark_that_finds_its_author_signed_out_is_made_once_they_are_back(
    seats: Seats, world: World
) -> None:
    text = open_room(world).sets()
    member = world.member("Ada", password="a sentence is good")
    text.room.takes_in(member)
    ada = seats.sit(member)
    reads(ada, text.address)
    ada.drag("Ali Khamenei", 1)
    ada.tag_bar.wait_for()
    with world.database.writing() as writing:
        assert member.user
        writing.execute(delete(SignIn).where(SignIn.user_id == member.user.id))
    ada.expects("401")
    ada.page.keyboard.press("n")
    ada.page.keyboard.type("who is this?")
    ada.page.keyboard.press("Control+Enter")
    dialog = ada.page.get_by_role("dialog", name="You are signed out")
    dialog.get_by_label("Password").fill("a sentence is good")
    ada.page.keyboard.press("Enter")
    expect(ada.card("Ali Khamenei").get_by_text("who is this?")).to_be_visible()
    ada.page.reload()
    ada.settled()
    expect(ada.card("Ali Khamenei")).to_have_count(1)
    assert ada.complaints() == []


def test_a_reply_that_was_begun_survives_a_reload(seats: Seats, world: World) -> None:
    room = open_room(world)
    text = room.sets()
    room.grace.mark("Ali Khamenei", "actor", note="who is this?", reading=text.address)
    ada = seats.sit(room.student(world, "Ada"))
    reads(ada, text.address)
    ada.card("Ali Khamenei").hover()
    ada.card("Ali Khamenei").get_by_role("link", name="Reply").click()
    ada.page.keyboard.type("half a thou")
    ada.page.reload()
    ada.settled()
    field = ada.card("Ali Khamenei").locator(".reply-form textarea")
    expect(field).to_have_value("half a thou")
    ada.card("Ali Khamenei").get_by_role("button", name="Cancel").click()
    ada.page.reload()
    ada.settled()
    expect(field).to_have_count(0)
    assert ada.complaints() == []


def test_the_whole_conversation_stands_beside_the_text(seats: Seats, world: World) -> None:
    room = open_room(world)
    text = room.sets()
    member = room.student(world, "Ada")
    uid = text.mark(member, "Ali Khamenei", "actor", note="who is this?")
    text.reply(room.grace, uid, "the Supreme Leader")
    text.mark(room.grace, "does not seem", "hedge", note="how sure?")
    ada = seats.sit(member)
    reads(ada, text.address)
    ada.page.get_by_role("button", name="The whole conversation").click()
    panel = ada.page.get_by_role("region", name="The whole conversation")
    expect(panel.locator(".annotation")).to_have_count(2)
    found = findings(ada.page, "the conversation beside the text", ("dark",))
    panel.get_by_role("link", name="To me").click()
    expect(panel.locator(".annotation")).to_have_count(1)
    expect(panel.get_by_text("the Supreme Leader")).to_be_visible()
    panel.locator(".annotation").hover()
    panel.get_by_role("button", name="Thanks").first.click()
    expect(panel.get_by_role("button", name="Thanks 1")).to_be_visible()
    panel.get_by_role("link", name="All", exact=True).click()
    panel.get_by_label("Tag").select_option("hedge")
    panel.get_by_role("button", name="Show").click()
    expect(panel.get_by_text("how sure?")).to_be_visible()
    panel.get_by_role("link", name="Paragraph 5").click()
    expect(ada.page.locator("#t5")).to_be_in_viewport()
    ada.page.get_by_role("button", name="The whole conversation").click()
    expect(panel).to_be_hidden()
    assert ada.complaints() == [] == found


def test_staff_keep_order(seats: Seats, world: World) -> None:
    room = open_room(world)
    text = room.sets(reveal_kind="staff", due_at="2999-05-01T18:00")
    ada, ben = room.student(world, "Ada"), room.student(world, "Ben")
    text.mark(ada, "Ali Khamenei", "actor", note="what a rude word")
    grace, peer = seats.sit(room.grace), seats.sit(ben)
    reads(grace, text.address)
    card = grace.card("Ali Khamenei")
    card.hover()
    card.get_by_label("More about this post").click()
    found = findings(grace.page, "more about a post", ("dark",))
    card.get_by_role("button", name="Pin").click()
    expect(card.get_by_text("Pinned")).to_be_visible()
    card.hover()
    if not card.get_by_label("A word to the author").is_visible():
        card.get_by_label("More about this post").click()
    card.get_by_label("A word to the author").fill("Say it kindly.")
    card.get_by_role("button", name="Hide from classmates").click()
    expect(card.get_by_text("Hidden from classmates")).to_be_visible()
    grace.open(f"{text.address}/progress")
    found += findings(grace.page, "how the class is doing", ("dark",))
    grace.page.get_by_role("button", name="Reveal to all now").click()
    expect(grace.page.get_by_text("Revealed: everybody sees")).to_be_visible()
    reads(peer, text.address)
    assert peer.marks(1) == []
    grace.page.get_by_role("link", name="Ada").click()
    grace.page.get_by_label("Due for this student").fill("2999-06-01T12:00")
    found += findings(grace.page, "one student's work", ("dark",))
    grace.page.get_by_role("button", name="Save").click()
    grace.page.get_by_role("link", name="The whole class").click()
    expect(grace.page.get_by_text("until 2999-06-01, 12:00")).to_be_visible()
    grace.page.get_by_role("link", name="Dates, rules and questions").click()
    found += findings(grace.page, "rules of a reading", ("dark",))
    grace.page.get_by_role("link", name="How the class is doing").click()
    grace.page.get_by_role("link", name="View as a student").click()
    expect(grace.page.get_by_text("This is what a student sees")).to_be_visible()
    found += findings(grace.page, "as a student", ("dark",))
    assert grace.complaints() == peer.complaints() == [] == found
