"""The stream of a reading: who is told of what, what was missed, and its end."""

import re
import threading

import pytest

from app.database import Database, Db
from app.identity import new_uid
from app.live.hub import Hub
from app.live.listening import Listener
from app.main import create_app
from tests.courses.room import Room
from tests.journeys.serving import serving
from tests.live.hearing import PATIENCE, listening
from tests.support.cast import Member, World

pytestmark = pytest.mark.database


def test_who_may_see_a_post_is_told_where_it_stands(
    address: str, room: Room, ada: Member, ben: Member
) -> None:
    text = room.sets()
    with listening(address, text, ben) as told:
        text.mark(ada, "Ali Khamenei", "actor", note="x")
        assert told.waits_for("margin") == [{"paragraphs": [1]}]


def test_nobody_is_told_of_what_is_not_for_them(address: str, room: Room, ada: Member, ben: Member) -> None:
    text = room.sets()
    with listening(address, text, ben) as told, listening(address, text, room.grace) as staff:
        text.mark(ada, "Ali Khamenei", "actor", audience="me")
        text.mark(ada, "Ali Khamenei", "actor", audience="staff")
        staff.waits_for("margin")
        text.mark(ada, "certain conditions", "hedge")
        assert told.waits_for("margin") == [{"paragraphs": [2]}]


def test_a_blind_student_is_told_of_staff_alone_until_it_is_revealed(
    address: str, room: Room, ada: Member, ben: Member
) -> None:
    text = room.sets(reveal_kind="staff")
    with listening(address, text, ben) as told:
        text.mark(ada, "Ali Khamenei", "actor")
        text.mark(room.grace, "certain conditions", "hedge")
        assert told.waits_for("margin") == [{"paragraphs": [2]}]
        room.grace.post(f"{text.address}/reveal")
        told.waits_for("again")


def test_ones_other_pages_are_told_of_ones_own_and_the_answer_names_it(
    address: str, room: Room, ada: Member, ben: Member
) -> None:
    text = room.sets()
    with listening(address, text, ada) as told:
        answer = ada.mark("Ali Khamenei", "actor", uid=new_uid(), reading=text.address, audience="me")
        assert told.waits_for("margin") == [{"paragraphs": [1], "own": True}]
        assert f'hx-target="#done" hx-swap="innerHTML">{told.ids[-1]}<' in answer.text
        text.mark(ben, "certain conditions", "hedge")
        assert told.waits_for("margin", 2)[1] == {"paragraphs": [2]}


def test_what_one_did_oneself_is_drawn_and_not_counted(room: Room, ada: Member, ben: Member) -> None:
    text = room.sets(reveal_kind="staff")
    text.mark(ada, "Ali Khamenei", "actor")
    assert ada.fragment(f"{text.address}/news?since=").status_code == 204
    shown = ada.fragment(f"{text.address}/news/shown?since=").text
    assert 'hx-target="#p1"' in shown, "blind or not, one's own"
    cursor = re.findall(r'data-cursor="([^"]+)"', shown)[0]
    assert 'hx-target="#p' not in ada.fragment(f"{text.address}/news/shown?since={cursor}").text
    assert 'hx-target="#p' not in ben.fragment(f"{text.address}/news/shown?since=").text


def test_what_was_missed_comes_first(address: str, room: Room, ada: Member, ben: Member) -> None:
    text = room.sets()
    with listening(address, text, ben) as told:
        text.mark(ada, "Ali Khamenei", "actor")
        told.waits_for("margin")
        last = told.ids[-1]
    text.mark(ada, "certain conditions", "hedge")
    with listening(address, text, ben, since=last) as told:
        assert told.waits_for("margin") == [{"paragraphs": [2]}]


@pytest.mark.parametrize("how", ["leave", "remove", "sign-out"])
def test_a_stream_ends_with_the_access(address: str, room: Room, ada: Member, ben: Member, how: str) -> None:
    text = room.sets()
    with listening(address, text, ben) as told:
        if how == "remove":
            room.grace.post(f"{room.person(ben)}/remove")
        else:
            ben.post(f"{room.address}/leave" if how == "leave" else "/sign-out")
        told.waits_for("end")
        assert told.ended.wait(PATIENCE)


def test_with_once_it_says_what_is_new_and_ends(room: Room, ada: Member, ben: Member) -> None:
    text = room.sets()
    text.mark(ada, "Ali Khamenei", "actor")
    answer = ben.get(f"{text.address}/stream?once=true")
    assert '"paragraphs": [1]' in answer.text and answer.text.endswith("event: end\ndata: {}\n\n")


def test_an_own_reading_has_no_stream(ada: Member) -> None:
    assert ada.get(f"{ada.reading}/stream?once=true").status_code == 404


def test_nobody_is_held_who_has_gone(
    world: World, address: str, room: Room, ben: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    text, hub, gone = room.sets(), world.app.state.hub, threading.Event()
    drop = hub.drop

    def dropped(listener: Listener) -> None:
        drop(listener)
        gone.set()

    monkeypatch.setattr(hub, "drop", dropped)
    with listening(address, text, ben):
        assert hub.number == 1
    assert gone.wait(PATIENCE)
    assert hub.number == 0


def test_what_goes_out_of_sight_is_told_and_drawn_away(
    address: str, room: Room, ada: Member, ben: Member
) -> None:
    text = room.sets()
    hidden = text.mark(ada, "Ali Khamenei", "actor", note="canary-hidden")
    narrowed = text.mark(ada, "certain conditions", "hedge", note="canary-narrowed")
    text.reply(ben, narrowed, "answered")
    assert "canary" in text.seen_by(ben)
    with listening(address, text, ben) as told:
        assert told.waits_for("margin") == [{"paragraphs": [1, 2]}], "what was there before"
        room.grace.fragment(f"/annotations/{hidden}/hide", {})
        assert told.waits_for("margin", 2)[-1] == {"paragraphs": [1]}
        shown = ben.fragment(f"{text.address}/news/shown?since=").text
        assert 'id="margin-1"' in shown and "canary-hidden" not in shown
        ada.fragment(f"{text.address}/annotations/share", {"annotations": narrowed, "audience": "me"})
        assert told.waits_for("margin", 3)[-1] == {"paragraphs": [2]}
        assert 'id="margin-2"' in ben.fragment(f"{text.address}/news/shown?since=").text


def test_nobody_is_told_of_what_happens_out_of_their_sight(
    address: str, room: Room, ada: Member, ben: Member
) -> None:
    text = room.sets()
    hidden = text.mark(ada, "Ali Khamenei", "actor", note="x")
    narrowed = text.mark(ada, "fixed course", "claim", note="x")
    text.reply(room.grace, narrowed, "answered")
    room.grace.fragment(f"/annotations/{hidden}/hide", {})
    ada.fragment(f"{text.address}/annotations/share", {"annotations": narrowed, "audience": "me"})
    with listening(address, text, ben) as told:
        ada.fragment(f"/annotations/{hidden}", {"version": "1", "note": "edited", "tags": "actor"})
        ada.fragment(f"/annotations/{narrowed}", {"version": "2", "note": "edited", "tags": "claim"})
        text.mark(ada, "certain conditions", "hedge")
        # What was there before tells of the places that those posts left; then only the new one is heard of.
        assert told.waits_for("margin", 2)[1:] == [{"paragraphs": [2]}]


def test_what_another_process_writes_is_told_too(world: World, room: Room, ada: Member, ben: Member) -> None:
    text = room.sets()
    database = Database(world.settings)
    with serving(create_app(world.settings, database)) as elsewhere, listening(elsewhere, text, ben) as told:
        text.mark(ada, "Ali Khamenei", "actor")
        assert told.waits_for("margin") == [{"paragraphs": [1]}]


def test_a_server_that_stops_sends_its_pages_elsewhere(world: World, room: Room, ben: Member) -> None:
    text, app = room.sets(), create_app(world.settings, Database(world.settings))
    with serving(app) as elsewhere, listening(elsewhere, text, ben) as told:
        app.state.hub.close()
        assert told.ended.wait(PATIENCE)
        assert told.said("end") == [], "which would mean that access has ended"


def test_an_audience_that_comes_while_a_stream_begins_is_not_passed_by(
    room: Room, ada: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = room.sets()
    add = Hub.add

    def add_late(hub: Hub, db: Db, listener: Listener) -> None:
        text.mark(ada, "Ali Khamenei", "actor", audience="staff")
        add(hub, db, listener)

    monkeypatch.setattr(Hub, "add", add_late)
    told = room.grace.get(f"{text.address}/stream?since=&once=true").text
    assert '"paragraphs": [1]' in told
