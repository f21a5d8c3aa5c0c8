"""Blind readings: what students wrote is hidden from each other until the rule opens it, and then stays open."""

import re

import pytest

from tests.courses.room import Room, SetText
from tests.support.cast import Member

pytestmark = pytest.mark.database

WORDS = ("Ali Khamenei", "Waiting can be", "Tehran", "Washington")


def marks(text: SetText, member: Member, number: int, **more: str) -> list[str]:
    return [text.mark(member, words, "claim", **more) for words in WORDS[:number]]


def test_until_it_is_revealed_one_sees_ones_own_and_the_staffs(room: Room, ada: Member, ben: Member) -> None:
    text = room.sets(reveal_kind="staff")
    text.mark(ada, "Ali Khamenei", "actor", note="canary-ada")
    text.mark(room.grace, "Tehran", "actor", note="canary-grace")
    assert "canary-ada" in text.seen_by(ada) and "canary-grace" in text.seen_by(ben)
    assert "canary-ada" not in text.seen_by(ben) and "canary-ada" in text.seen_by(room.grace)
    assert room.grace.post(f"{text.address}/reveal").status_code == 303
    assert "canary-ada" in text.seen_by(ben)


def test_nothing_tells_a_blind_student_that_others_write(room: Room, ada: Member, ben: Member) -> None:
    text = room.sets(reveal_kind="staff")
    staffs = text.mark(room.grace, "Tehran", "actor", note="what do you say?")
    pages = (text.address, f"{text.address}/margin?first=0&last=40", f"{text.address}/annotations")
    before = [ben.get(page) for page in pages]
    cursor = re.search(r"news\?since=([0-9a-f-]*)", before[0].text)
    assert cursor
    text.mark(ada, "Ali Khamenei", "actor", note="canary")
    text.reply(ada, staffs, "canary")
    ada.fragment(f"/annotations/{staffs}/reactions", {"kind": "agree"})
    after = [ben.get(page) for page in pages]
    assert [page.text for page in after] == [page.text for page in before]
    assert [page.headers.get("etag") for page in after] == [page.headers.get("etag") for page in before]
    assert ben.fragment(f"{text.address}/news?since={cursor[1]}").status_code == 204


def test_a_peers_reply_and_reaction_to_ones_own_wait_for_the_reveal(
    room: Room, ada: Member, ben: Member
) -> None:
    text = room.sets(reveal_kind="count", reveal_n="2")
    mine = text.mark(ben, "Ali Khamenei", "actor", note="ben's")
    marks(text, ada, 3)
    text.reply(ada, mine, "canary-reply")
    assert ada.fragment(f"/annotations/{mine}/reactions", {"kind": "agree"}).status_code == 200
    assert "Agree <b>1</b>" in text.seen_by(ada)
    assert "canary-reply" not in text.seen_by(ben) and "<b>1</b>" not in text.seen_by(ben)
    text.mark(ben, "certain conditions", "hedge")
    assert "canary-reply" in text.seen_by(ben) and "Agree <b>1</b>" in text.seen_by(ben)


def test_who_has_written_nothing_sees_their_own_reaction_when_they_come_back(room: Room, ben: Member) -> None:
    text = room.sets(reveal_kind="staff")
    staffs = text.mark(room.grace, "Tehran", "actor", note="what do you say?")
    margin = f"{text.address}/margin?first=0&last=40"
    kept = ben.get(margin).headers["etag"]
    ben.fragment(f"/annotations/{staffs}/reactions", {"kind": "agree"})
    again = ben.get(margin, headers={"if-none-match": kept})
    assert again.status_code == 200 and "Agree <b>1</b>" in again.text


def test_n_annotations_of_ones_own_open_it_for_good(room: Room, ada: Member, ben: Member) -> None:
    text = room.sets(reveal_kind="count", reveal_n="3")
    text.mark(ada, "Ali Khamenei", "actor", note="canary-ada")
    mine = marks(text, ben, 2)
    assert "canary-ada" not in text.seen_by(ben)
    mine += [text.mark(ben, "Tehran", "actor")]
    assert "canary-ada" in text.seen_by(ben)
    ben.fragment(f"/annotations/{mine[0]}/delete", {"version": "1"})
    assert "canary-ada" in text.seen_by(ben)
    assert "canary-ada" in text.seen_by(ada)


@pytest.mark.parametrize("audience", ["me", "staff"])
def test_what_others_will_not_see_does_not_count(room: Room, ada: Member, ben: Member, audience: str) -> None:
    text = room.sets(reveal_kind="count", reveal_n="2")
    text.mark(ada, "Ali Khamenei", "actor", note="canary-ada")
    mine = marks(text, ben, 4, audience=audience)
    assert "canary-ada" not in text.seen_by(ben)
    shared = {"annotations": mine[:2], "audience": "class"}
    assert ben.fragment(f"{text.address}/annotations/share", shared).status_code == 200
    assert "canary-ada" in text.seen_by(ben)


def test_the_same_words_twice_count_once(room: Room, ada: Member, ben: Member) -> None:
    text = room.sets(reveal_kind="count", reveal_n="2")
    text.mark(ada, "Ali Khamenei", "actor", note="canary-ada")
    for note in ("one", "two", "three"):
        text.mark(ben, "Tehran", note=note)
    assert "canary-ada" not in text.seen_by(ben)


def test_made_and_deleted_again_does_not_count(room: Room, ada: Member, ben: Member) -> None:
    text = room.sets(reveal_kind="count", reveal_n="2")
    text.mark(ada, "Ali Khamenei", "actor", note="canary-ada")
    for words in WORDS[:3]:
        uid = text.mark(ben, words, "claim")
        ben.fragment(f"/annotations/{uid}/delete", {"version": "1"})
    assert "canary-ada" not in text.seen_by(ben)


def test_a_date_opens_it(room: Room, ada: Member, ben: Member) -> None:
    past = room.sets(reveal_kind="date", reveal_at="2020-01-01T00:00")
    future = room.sets(reveal_kind="date", reveal_at="2999-01-01T00:00")
    for text in (past, future):
        text.mark(ada, "Ali Khamenei", "actor", note="canary-ada")
    assert "canary-ada" in past.seen_by(ben) and "canary-ada" not in future.seen_by(ben)


def test_what_stood_before_the_reveal_can_be_compared(room: Room, ada: Member, ben: Member) -> None:
    text = room.sets(reveal_kind="staff")
    uid = text.mark(ada, "Ali Khamenei", "actor", note="canary-first-thought")
    room.grace.post(f"{text.address}/reveal")
    ada.fragment(f"/annotations/{uid}", {"version": "1", "note": "second thought", "tags": "claim"})
    assert "Revised after the reveal" in text.seen_by(ben)
    history = ben.get(f"/annotations/{uid}/versions").text
    assert "canary-first-thought" in history and "second thought" in history and "actor" in history


def test_a_version_that_was_for_fewer_is_not_shown_to_more(room: Room, ada: Member, ben: Member) -> None:
    text = room.sets()
    uid = text.mark(ada, "Ali Khamenei", "actor", note="canary-private", audience="me")
    ada.fragment(
        f"/annotations/{uid}", {"version": "1", "note": "public", "tags": "actor", "audience": "class"}
    )
    assert "public" in text.seen_by(ben)
    assert "canary-private" in ada.get(f"/annotations/{uid}/versions").text
    assert "canary-private" not in ben.get(f"/annotations/{uid}/versions").text
    assert "canary-private" not in room.grace.get(f"/annotations/{uid}/versions").text


def test_what_is_brought_back_counts_again(room: Room, ada: Member, ben: Member) -> None:
    text = room.sets(reveal_kind="count", reveal_n="2")
    text.mark(ada, "Ali Khamenei", "actor", note="canary-ada")
    first = text.mark(ben, WORDS[1], "claim")
    ben.fragment(f"/annotations/{first}/delete", {"version": "1"})
    text.mark(ben, WORDS[2], "claim")
    assert "canary-ada" not in text.seen_by(ben)
    ben.fragment(f"/annotations/{first}/restore", {})
    assert "canary-ada" in text.seen_by(ben)


def test_what_an_undo_brings_back_counts_again(room: Room, ada: Member, ben: Member) -> None:
    text = room.sets(reveal_kind="count", reveal_n="2")
    text.mark(ada, "Ali Khamenei", "actor", note="canary-ada")
    first = text.mark(ben, WORDS[1], "claim")
    ben.fragment(f"/annotations/{first}/delete", {"version": "1"})
    second = text.mark(ben, WORDS[2], "claim")
    ben.fragment(f"{text.address}/undo", {"annotation": second, "version": "1"})
    ben.fragment(f"/annotations/{second}/restore", {})
    assert "canary-ada" not in text.seen_by(ben)
    ben.fragment(f"{text.address}/undo", {"annotation": first, "version": "2"})
    assert "canary-ada" in text.seen_by(ben)
