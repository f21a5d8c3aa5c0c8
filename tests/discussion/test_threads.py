"""Threads: answering, calling somebody by name, reacting, settling, pinning, hiding, reporting, deleting."""

import re

import pytest
from sqlalchemy import func, select

from app.annotations.models import Annotation
from app.discussion.models import Mention, Report
from app.identity import new_uid
from tests.courses.room import Room
from tests.support.cast import Member, World

pytestmark = pytest.mark.database


def count_of(world: World, table: type) -> int:
    with world.database.reading() as db:
        return db.scalar(select(func.count()).select_from(table)) or 0


def test_a_reply_stands_under_what_it_answers(room: Room, ada: Member, ben: Member) -> None:
    text = room.sets()
    uid = text.mark(ada, "Ali Khamenei", "actor", note="who is this?")
    reply = text.reply(ben, uid, "the *Supreme* Leader")
    text.reply(ada, reply, "thanks, got it")
    seen = text.seen_by(room.grace)
    assert "<em>Supreme</em>" in seen and "to Ben" in seen
    thread = ada.get(f"/annotations/{uid}/thread").text
    assert thread.index("who is this") < thread.index("Supreme") < thread.index("thanks, got it")


def test_a_reply_that_comes_twice_is_one_reply(world: World, room: Room, ada: Member, ben: Member) -> None:
    text = room.sets()
    uid = text.mark(ada, "Ali Khamenei", "actor")
    data = {"uid": new_uid(), "note": "once"}
    before = count_of(world, Annotation)
    for _ in range(2):
        assert ben.fragment(f"/annotations/{uid}/replies", data).status_code == 201
    assert count_of(world, Annotation) == before + 1


def test_an_empty_reply_is_refused_and_keeps_the_page(room: Room, ada: Member, ben: Member) -> None:
    text = room.sets()
    uid = text.mark(ada, "Ali Khamenei", "actor")
    answer = ben.post(f"/annotations/{uid}/replies", {"uid": new_uid(), "note": "   "})
    assert answer.status_code == 422 and "Write something first" in answer.text


def test_what_a_refused_reply_said_is_still_there(room: Room, ada: Member, ben: Member) -> None:
    text = room.sets()
    uid = text.mark(ada, "Ali Khamenei", "actor")
    answer = ben.post(f"/annotations/{uid}/replies", {"uid": "no id", "note": "typed with care"})
    assert answer.status_code == 422 and "typed with care" in answer.text


def test_staff_answer_an_author_alone(room: Room, ada: Member, ben: Member) -> None:
    text = room.sets()
    uid = text.mark(ada, "Ali Khamenei", "actor", note="hm")
    text.reply(room.grace, uid, "canary-private", private="true")
    assert "canary-private" in text.seen_by(ada) and "canary-private" not in text.seen_by(ben)
    refused = ben.fragment(f"/annotations/{uid}/replies", {"uid": new_uid(), "note": "x", "private": "true"})
    assert refused.status_code == 404


def test_a_deleted_reply_keeps_its_place_while_something_answers_it(
    room: Room, ada: Member, ben: Member
) -> None:
    text = room.sets()
    uid = text.mark(ada, "Ali Khamenei", "actor")
    reply = text.reply(ben, uid, "canary-regretted")
    last = text.reply(ada, reply, "canary-answer")
    ben.fragment(f"/annotations/{reply}/delete", {"version": "1"})
    seen = text.seen_by(room.grace)
    assert "canary-regretted" not in seen and "canary-answer" in seen and "Deleted by its author" in seen
    ada.fragment(f"/annotations/{last}/delete", {"version": "1"})
    assert "Deleted by its author" not in text.seen_by(room.grace)


def test_a_deleted_annotation_keeps_its_thread(room: Room, ada: Member, ben: Member) -> None:
    text = room.sets()
    uid = text.mark(ada, "Ali Khamenei", "actor", note="canary-root")
    reply = text.reply(ben, uid, "canary-reply")
    ada.fragment(f"/annotations/{uid}/delete", {"version": "1"})
    seen = text.seen_by(room.grace)
    assert "canary-root" not in seen and "canary-reply" in seen and "Deleted by its author" in seen
    assert room.grace.get(f"/annotations/{reply}").status_code == 303
    ben.fragment(f"/annotations/{reply}/delete", {"version": "1"})
    assert "Deleted by its author" not in text.seen_by(room.grace)


def test_undo_takes_a_reply_back(room: Room, ada: Member, ben: Member) -> None:
    text = room.sets()
    uid = text.mark(ada, "Ali Khamenei", "actor")
    text.reply(ben, uid, "canary-hasty")
    assert ben.fragment(f"{text.address}/undo", {}).status_code == 200
    assert "canary-hasty" not in text.seen_by(ada)


def test_somebody_called_by_name_finds_it_among_what_is_to_them(room: Room, ada: Member, ben: Member) -> None:
    text = room.sets()
    uid = text.mark(room.grace, "Ali Khamenei", "actor", note="look at this")
    text.reply(ben, uid, "what do you think, @ada?")
    mine = ada.get(f"{text.address}/annotations?show=to_me").text
    assert "what do you think" in mine
    assert "what do you think" not in ben.get(f"{text.address}/annotations?show=to_me").text


def test_names_that_begin_so_are_offered(room: Room, ada: Member, ben: Member) -> None:
    text = room.sets()
    offered = ben.fragment(f"{text.address}/mentionable?q=a").text
    assert 'data-name="Ada"' in offered and "Ben" not in offered and "Grace" not in offered


def test_a_call_is_kept_once_for_each_person(world: World, room: Room, ada: Member, ben: Member) -> None:
    text = room.sets()
    text.mark(ada, "Ali Khamenei", "actor", note="@Ben and @ben, and mail@ada.example")
    assert count_of(world, Mention) == 1


def test_reactions_are_put_on_and_taken_off(room: Room, ada: Member, ben: Member) -> None:
    text = room.sets()
    uid = text.mark(ada, "Ali Khamenei", "actor", note="x")
    assert ben.fragment(f"/annotations/{uid}/reactions", {"kind": "agree"}).status_code == 200
    assert re.search(r'value="agree" aria-pressed="true">Agree <b>1</b>', text.seen_by(ben))
    assert re.search(r'value="agree" aria-pressed="false">Agree <b>1</b>', text.seen_by(ada))
    ben.fragment(f"/annotations/{uid}/reactions", {"off": "agree"})
    assert "<b>1</b>" not in text.seen_by(ada)
    assert ben.fragment(f"/annotations/{uid}/reactions", {"kind": "envy"}).status_code == 422


def test_the_author_settles_a_question_and_others_do_not(room: Room, ada: Member, ben: Member) -> None:
    text = room.sets()
    uid = text.mark(ada, "Ali Khamenei", note="who?", asks="true")
    unanswered = f"{text.address}/annotations?show=unanswered"
    assert "who?" in room.grace.get(unanswered).text
    assert ben.fragment(f"/annotations/{uid}/resolve", {"on": "true"}).status_code == 403
    assert ada.fragment(f"/annotations/{uid}/resolve", {"on": "true"}).status_code == 200
    assert "Settled" in text.seen_by(ben) and "who?" not in room.grace.get(unanswered).text
    assert room.grace.fragment(f"/annotations/{uid}/resolve", {"on": "false"}).status_code == 200
    assert "who?" in room.grace.get(unanswered).text


def test_an_answered_question_is_no_longer_unanswered(room: Room, ada: Member) -> None:
    text = room.sets()
    uid = text.mark(ada, "Ali Khamenei", asks="true")
    assert "lost here" in text.seen_by(room.grace)
    text.reply(room.grace, uid, "the Supreme Leader")
    assert "lost here" not in room.grace.get(f"{text.address}/annotations?show=unanswered").text
    assert "lost here" in room.grace.get(f"{text.address}/annotations?show=questions").text


def test_who_is_lost_without_a_word_is_seen_in_the_margin(room: Room, ada: Member, ben: Member) -> None:
    text = room.sets()
    lost = text.mark(ada, "Ali Khamenei", asks="true")
    bare = text.mark(ada, "certain conditions", "hedge")
    for member in (room.grace, ben):
        margin = member.get(f"{text.address}/margin?first=0&last=400").text
        assert lost in margin and bare not in margin


def test_staff_pin_what_everybody_should_read_first(room: Room, ada: Member) -> None:
    text = room.sets()
    text.mark(ada, "Waiting can be", "claim", note="canary-first")
    uid = text.mark(ada, "Ali Khamenei", "actor", note="canary-pinned")
    assert ada.fragment(f"/annotations/{uid}/pin", {}).status_code == 403
    assert room.grace.fragment(f"/annotations/{uid}/pin", {}).status_code == 200
    margin = ada.get(f"{text.address}/margin?first=0&last=9").text
    assert margin.index("canary-pinned") < margin.index("canary-first") and "Pinned" in margin


def test_what_staff_hide_is_seen_by_its_author_and_staff_with_the_word(
    room: Room, ada: Member, ben: Member
) -> None:
    text = room.sets()
    uid = text.mark(ada, "Ali Khamenei", "actor", note="canary-rude")
    reply = text.reply(ben, uid, "canary-under-it")
    hidden = room.grace.fragment(f"/annotations/{uid}/hide", {"word": "Please say it kindly."})
    assert hidden.status_code == 200
    assert "canary-rude" in text.seen_by(ada) and "Please say it kindly." in text.seen_by(ada)
    assert "canary-rude" in text.seen_by(room.grace)
    assert "canary" not in text.seen_by(ben).replace("canary-under-it", "") and "kindly" not in text.seen_by(
        ben
    )
    assert ben.get(f"/annotations/{uid}").status_code == 404 and reply
    room.grace.fragment(f"/annotations/{uid}/hide", {"on": "false"})
    assert "canary-rude" in text.seen_by(ben)


def test_all_of_one_persons_posts_are_hidden_together_and_shown_again(
    room: Room, ada: Member, ben: Member
) -> None:
    text = room.sets()
    text.mark(ada, "Ali Khamenei", "actor", note="canary-1")
    uid = text.mark(ben, "Waiting can be", "claim", note="fine")
    text.reply(ada, uid, "canary-2")
    address = f"{text.address}/students/{ada.known.uid}/hide"
    assert room.grace.post(address, {"on": "true", "word": "Come and see me."}).status_code == 303
    assert "canary" not in text.seen_by(ben) and "fine" in text.seen_by(ben)
    room.grace.post(address, {"on": "false"})
    assert "canary-1" in text.seen_by(ben) and "canary-2" in text.seen_by(ben)


def test_a_report_reaches_the_staff_and_is_settled_by_hiding(
    world: World, room: Room, ada: Member, ben: Member
) -> None:
    text = room.sets()
    uid = text.mark(ada, "Ali Khamenei", "actor", note="canary-reported")
    assert ben.fragment(f"/annotations/{uid}/reports", {"words": "canary-why"}).status_code == 200
    assert "canary-why" not in text.seen_by(ada)
    reported = f"{text.address}/annotations?show=reported"
    assert (
        "canary-reported" in room.grace.get(reported).text and "canary-why" in room.grace.get(reported).text
    )
    room.grace.fragment(f"/annotations/{uid}/hide", {})
    assert "canary-reported" not in room.grace.get(reported).text
    assert count_of(world, Report) == 1


def test_remarks_stand_on_a_paragraph_and_on_the_whole_text(room: Room, ada: Member, ben: Member) -> None:
    text = room.sets()
    for address, words in (("?paragraph=3", "canary-paragraph"), ("", "canary-article")):
        form = {"uid": new_uid(), "note": words}
        assert ada.post(f"{text.address}/remarks{address}", form).status_code == 303
    margin = ben.get(f"{text.address}/margin?first=0&last=9").text
    assert "On the whole paragraph" in margin and "On the whole text" in margin
    assert "<mark" not in ben.get(f"{text.address}/paragraphs/3", headers={"HX-Request": "true"}).text


def test_a_prompt_is_answered_at_its_paragraph(room: Room, ada: Member, ben: Member) -> None:
    text = room.sets()
    asked = room.grace.post(f"{text.address}/prompts", {"paragraph": "3", "words": "Who gains by it?"})
    assert asked.status_code == 303
    found = re.search(
        r"remarks/new\?prompt=([0-9a-f-]{36})", ada.get(f"{text.address}/margin?first=3&last=3").text
    )
    assert found
    assert "Who gains by it?" in ada.get(f"{text.address}/remarks/new?prompt={found[1]}").text
    form = {"uid": new_uid(), "note": "canary-answer", "prompt": found[1]}
    assert ada.post(f"{text.address}/remarks", form).status_code == 303
    assert "canary-answer" in ben.get(f"{text.address}/margin?first=3&last=3").text


def test_an_answer_to_a_question_that_is_gone_is_refused_with_its_words_kept(room: Room, ada: Member) -> None:
    text = room.sets()
    room.grace.post(f"{text.address}/prompts", {"paragraph": "3", "words": "Who gains by it?"})
    found = re.search(r"prompt=([0-9a-f-]{36})", ada.get(f"{text.address}/margin?first=3&last=3").text)
    assert found
    room.grace.post(f"{text.address}/prompts/{found[1]}/delete")
    form = {"uid": new_uid(), "note": "a long answer", "prompt": found[1]}
    answer = ada.post(f"{text.address}/remarks", form)
    assert answer.status_code == 409 and "a long answer" in answer.text
