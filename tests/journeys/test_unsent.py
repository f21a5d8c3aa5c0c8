"""Unsent work: whatever the network does, what was marked or typed is kept, shown as unsent, and sent exactly once."""

from typing import NamedTuple

import pytest
from playwright.sync_api import expect
from sqlalchemy import delete, func, select

from app.accounts.models import SignIn
from app.activity.models import Event
from app.courses.models import Course
from app.discussion.models import Reaction
from app.security import cookie_name
from tests.courses.room import SetText, open_room
from tests.journeys.bad_network import BadNetwork, Mishap
from tests.journeys.person import Seats
from tests.journeys.unsent_work import (
    DOINGS,
    NOTE,
    WORDS,
    does_edit,
    does_reply,
    line,
    note,
    presses,
    sits,
    tries_now,
)
from tests.support.cast import Member, World

pytestmark = pytest.mark.browser
WITHOUT_LOCKS = "Object.defineProperty(navigator, 'locks', {value: undefined})"


@pytest.fixture
def address(network: BadNetwork) -> str:
    """Everybody comes through the bad network."""
    return network.address


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
    tries_now(reader)
    expect(reader.card(WORDS).and_(page.locator("[data-uid]"))).to_have_count(1)
    expect(page.locator(".unsent-note")).to_have_count(0)
    assert [one.version for one in ada.annotations()] == [1]


@pytest.fixture
def text(world: World, ada: Member) -> SetText:
    """A class's reading, for what is said to each other."""
    room = open_room(world)
    room.takes_in(ada)
    return room.sets()


# Each mishap, once for each thing that can be done


class Seen(NamedTuple):
    """What there is of Ada's: motivation, note and version of what stands; and reactions, and what happened."""

    annotations: list[tuple[str, str, int]]
    nods: int
    events: int


def seen_in(world: World, ada: Member) -> Seen:
    with world.database.reading() as db:
        nods = db.scalars(select(func.count()).select_from(Reaction)).one()
        events = db.scalars(select(func.count()).select_from(Event)).one()
    mine = sorted((one.motivation, one.note, one.version) for one in ada.annotations())
    return Seen(mine, nods, events)


@pytest.mark.parametrize("mishap", ["cut before", "lost answer", "broken answer", "bad gateway"])
@pytest.mark.parametrize("doing", DOINGS)
def test_after_each_mishap_each_doing_is_there_once(
    seats: Seats, world: World, ada: Member, text: SetText, network: BadNetwork, doing: str, mishap: Mishap
) -> None:
    uid = text.mark(ada, "Waiting can be a policy", "claim", note="As it was")
    reader = sits(seats, ada)
    page = reader.open(text.address)
    expect(page.locator(f"#annotation-{uid}")).to_be_visible()
    before = seen_in(world, ada)
    if doing == "edit":  # the form is fetched while there is a network
        network.next(mishap, mishap, path=rf"/annotations/{uid}$")
    else:
        network.next(mishap, mishap)
    DOINGS[doing](reader, uid)
    expect(line(reader)).to_have_text("Not sent yet: 1")
    tries_now(reader)
    expect(line(reader)).not_to_contain_text("Not sent")
    expect(page.locator(".unsent-note")).to_have_count(0)
    after = seen_in(world, ada)
    assert after.events == before.events + 1
    expected = {
        "mark": [("classifying", "", 1)],
        "note": [("commenting", NOTE, 1)],
        "reply": [("replying", NOTE, 1)],
        "reaction": [],
        "edit": None,
        "delete": None,
    }[doing]
    was = [("commenting", "As it was", 1)]
    if doing == "edit":
        assert after.annotations == [("commenting", NOTE, 2)]
    else:
        assert after.annotations == sorted(was + expected if expected is not None else [])
    assert after.nods == (1 if doing == "reaction" else 0)
    if doing in {"mark", "note"}:
        expect(reader.card(WORDS).and_(page.locator("[data-uid]"))).to_have_count(1)
    if doing == "reply":
        expect(page.locator(f"#annotation-{uid} .thread")).to_contain_text(NOTE)
    if doing == "edit":
        expect(page.locator(f"#annotation-{uid} .annotation__note")).to_have_text(NOTE)


def test_everything_in_its_order_by_itself_once_the_network_is_back(
    seats: Seats, ada: Member, network: BadNetwork
) -> None:
    reader = sits(seats, ada)
    page = reader.read()
    expect(page.locator(".margin__group")).to_have_count(34)
    network.away = True
    presses(reader, "2", WORDS, 1)
    expect(line(reader)).to_have_text("Not sent yet: 1")
    page.keyboard.press("Escape")
    note(reader, "The ambiguity is deliberate", 2, NOTE)
    expect(line(reader)).to_have_text("Not sent yet: 2")
    page.keyboard.press("Escape")
    presses(reader, "3", WORDS, 1)
    expect(line(reader)).to_have_text("Not sent yet: 3")
    network.away = False
    page.evaluate("window.dispatchEvent(new Event('online'))")
    expect(line(reader)).to_have_text("Everything is sent.")
    expect(line(reader)).to_have_text("")
    assert [(one.note, one.version) for one in ada.annotations()] == [("", 2), (NOTE, 1)]
    expect(page.locator("#t1 mark mark")).to_have_text(WORDS)


def test_a_double_click_and_a_page_left_at_once(
    seats: Seats, world: World, ada: Member, text: SetText, network: BadNetwork
) -> None:
    uid = text.mark(ada, "Waiting can be a policy", "claim", note="As it was")
    reader = sits(seats, ada)
    page = reader.open(text.address)
    card = page.locator(f"#annotation-{uid}")
    before = seen_in(world, ada)
    network.next("late", "late")
    card.hover()
    card.get_by_role("button", name="Thanks").dblclick()
    reader.settled()
    assert seen_in(world, ada).nods == 1
    card.get_by_role("link", name="Reply", exact=True).first.click()
    card.locator("textarea").fill(NOTE)
    network.next("late", "late")
    card.locator(".reply-form").get_by_role("button", name="Reply").dblclick()
    expect(card.locator(".thread")).to_contain_text(NOTE)
    network.next("late", path="/annotations$")
    presses(reader, "2", WORDS, 1)
    page.goto(network.address + text.address)
    expect(reader.card(WORDS).and_(page.locator("[data-uid]"))).to_have_count(1)
    expect(page.locator(".unsent-note")).to_have_count(0)
    assert seen_in(world, ada).events == before.events + 3


@pytest.mark.parametrize("locks", [True, False], ids=["locks", "plain HTTP"])
def test_two_tabs_one_sends_and_the_other_learns(
    seats: Seats, ada: Member, network: BadNetwork, *, locks: bool
) -> None:
    reader = sits(seats, ada)
    if not locks:
        reader.context.add_init_script(WITHOUT_LOCKS)
    page = reader.read()
    expect(page.locator(".margin__group")).to_have_count(34)
    assert page.evaluate("Boolean(navigator.locks)") == locks
    network.away = True
    presses(reader, "2", WORDS, 1)
    expect(line(reader)).to_have_text("Not sent yet: 1")
    network.away = False
    other = reader.context.new_page()
    network.next("cut before", "cut before", "late")
    other.goto(network.address + ada.reading)
    expect(other.locator("#unsent [role=status]")).to_have_text("Not sent yet: 1")
    for one in (page, other):
        one.evaluate("window.dispatchEvent(new Event('online'))")
    for one in (page, other):
        expect(one.locator("#unsent [role=status]")).not_to_contain_text("Not sent")
        expect(one.locator(".unsent-note")).to_have_count(0)
    assert [one.version for one in ada.annotations()] == [1]


def test_nobody_else_sees_or_sends_it(seats: Seats, world: World, ada: Member, network: BadNetwork) -> None:
    """Ada's page stays open while Ben signs in, in the same browser; then he opens his own reading."""
    ben = world.member("Ben", password="a sentence is good")
    reader = sits(seats, ada)
    reader.expects("401")
    page = reader.read()
    expect(page.locator(".margin__group")).to_have_count(34)
    network.away = True
    note(reader, WORDS, 1, NOTE)
    expect(line(reader)).to_have_text("Not sent yet: 1")
    network.away = False
    name = cookie_name(world.settings)
    mine = {"name": name, "url": network.address, "sameSite": "Lax"}
    reader.context.add_cookies([mine | {"value": ben.http.cookies[name]}])
    tries_now(reader)
    expect(line(reader)).to_have_text("You are signed out. Not sent yet: 1")
    his = reader.context.new_page()
    his.goto(network.address + ben.reading)
    expect(his.locator(".margin__group")).to_have_count(34)
    expect(his.locator("#unsent [role=status]")).to_have_text("")
    expect(his.locator(".unsent-note")).to_have_count(0)
    assert NOTE not in his.content()
    assert ada.annotations() == [] and ben.annotations() == []
    reader.context.add_cookies([mine | {"value": ada.http.cookies[name]}])
    page.reload()
    expect(reader.card(WORDS).and_(page.locator("[data-uid]"))).to_have_count(1)
    assert [one.note for one in ada.annotations()] == [NOTE] and ben.annotations() == []


def test_a_sign_in_that_ended_meanwhile(seats: Seats, world: World, network: BadNetwork) -> None:
    ada = world.member("Ada", password="a sentence is good")
    reader = sits(seats, ada)
    reader.expects("401")
    page = reader.read()
    expect(page.locator(".margin__group")).to_have_count(34)
    network.away = True
    note(reader, WORDS, 1, NOTE)
    expect(line(reader)).to_have_text("Not sent yet: 1")
    with world.database.writing() as writing:
        writing.execute(delete(SignIn))
    network.away = False
    page.evaluate("window.dispatchEvent(new Event('online'))")
    expect(line(reader)).to_have_text("You are signed out. Not sent yet: 1")
    page.get_by_role("button", name="Try now").click()
    dialog = page.get_by_role("dialog", name="You are signed out")
    dialog.get_by_label("Password").fill("a sentence is good")
    dialog.get_by_role("button", name="Sign in and send").click()
    expect(reader.card(WORDS).and_(page.locator("[data-uid]"))).to_have_count(1)
    assert [one.note for one in ada.annotations()] == [NOTE]


# What the server refuses when it comes at last


def test_a_stale_edit_shows_both_texts_and_waits_for_a_decision(
    seats: Seats, ada: Member, text: SetText, network: BadNetwork
) -> None:
    uid = text.mark(ada, "Waiting can be a policy", "claim", note="As it was")
    reader = sits(seats, ada)
    reader.expects("409")
    page = reader.open(text.address)
    network.next("cut before", path=rf"/annotations/{uid}$")
    does_edit(reader, uid)
    expect(line(reader)).to_have_text("Not sent yet: 1")
    elsewhere = {"version": "1", "note": "Mine from the phone", "tags": "claim"}
    assert ada.fragment(f"/annotations/{uid}", elsewhere).status_code == 200
    tries_now(reader)
    expect(line(reader)).to_have_text("Not saved: 1")
    page.reload()
    expect(line(reader)).to_have_text("Not saved: 1")
    page.locator("#unsent").get_by_role("button", name="Show").click()
    item = page.get_by_role("dialog").locator("[data-items] > li")
    expect(item).to_contain_text("Mine from the phone")
    expect(item.get_by_label("Yours")).to_have_value(NOTE)
    assert [one.note for one in ada.annotations()] == ["Mine from the phone"]
    item.get_by_label("Yours").fill(f"{NOTE} Both.")
    item.get_by_role("button", name="Send again").click()
    expect(line(reader)).not_to_contain_text("Not")
    assert [(one.note, one.version) for one in ada.annotations()] == [(f"{NOTE} Both.", 3)]


def test_a_reply_to_what_was_deleted_is_kept_until_its_author_throws_it_away(
    seats: Seats, world: World, ada: Member, text: SetText, network: BadNetwork
) -> None:
    uid = text.mark(text.room.grace, "Waiting can be a policy", note="A question")
    reader = sits(seats, ada)
    reader.expects("404")
    page = reader.open(text.address)
    network.next("cut before")
    does_reply(reader, uid)
    expect(page.locator(f"#annotation-{uid} .unsent-note")).to_contain_text(NOTE)
    text.room.grace.fragment(f"/annotations/{uid}/delete", {})
    tries_now(reader)
    expect(line(reader)).to_have_text("Not saved: 1")
    page.locator("#unsent").get_by_role("button", name="Show").click()
    item = page.get_by_role("dialog").locator("[data-items] > li")
    expect(item).to_contain_text("not there any more")
    expect(item.get_by_label("Yours")).to_have_value(NOTE)
    item.get_by_role("button", name="Throw away").click()
    expect(line(reader)).not_to_contain_text("Not")
    assert ada.annotations() == []


def test_signing_out_asks_first(seats: Seats, ada: Member, network: BadNetwork) -> None:
    reader = sits(seats, ada)
    page = reader.read()
    expect(page.locator(".margin__group")).to_have_count(34)
    network.away = True
    presses(reader, "2", WORDS, 1)
    expect(line(reader)).to_have_text("Not sent yet: 1")
    network.away = False
    network.next(*["cut before"] * 40, path="/annotations$")
    reader.open("/")
    page.get_by_role("button", name="Account: Ada").click()
    page.get_by_role("button", name="Sign out").click()
    asks = page.get_by_role("dialog", name="Something is not sent yet")
    asks.get_by_role("button", name="Stay").click()
    expect(page.get_by_role("heading", name="Library")).to_be_visible()
    page.get_by_role("button", name="Account: Ada").click()
    page.get_by_role("button", name="Sign out").click()
    asks.get_by_role("button", name="Keep it and sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    expect(page.locator("#unsent")).to_have_count(0)
    assert page.evaluate("Object.keys(localStorage).filter(key => key.includes('unsent')).length") == 1


# Pages with an ordinary form


def test_a_remark_written_without_network(
    seats: Seats, ada: Member, text: SetText, network: BadNetwork
) -> None:
    reader = sits(seats, ada)
    page = reader.open(f"{text.address}/remarks/new?paragraph=2")
    page.get_by_label("Note", exact=True).fill(NOTE)
    network.next("lost answer", "cut before")
    page.get_by_role("button", name="Save").click()
    expect(line(reader)).to_have_text("Not sent yet: 1")
    tries_now(reader)
    expect(line(reader)).not_to_contain_text("Not sent")
    assert [one.note for one in ada.annotations()] == [NOTE]


def test_opening_a_class_by_a_double_click(seats: Seats, world: World, network: BadNetwork) -> None:
    grace = world.member("Grace", is_admin=True)
    reader = sits(seats, grace)
    page = reader.open("/courses")
    page.get_by_label("Name").fill("POLS 210")
    network.next("late", "late")
    page.get_by_role("button", name="Open").dblclick()
    expect(page.get_by_role("heading", name="POLS 210")).to_be_visible()
    with world.database.reading() as db:
        assert db.scalar(select(func.count()).select_from(Course)) == 1
