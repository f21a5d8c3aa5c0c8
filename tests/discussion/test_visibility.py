"""Who sees what somebody wrote in a class: everybody for whom it was written, and nobody else, in any of its pages."""

import re

import pytest

from tests.courses.room import Room, open_room
from tests.support.cast import Member, World

pytestmark = pytest.mark.database


def test_what_is_for_the_class_is_seen_by_the_class_with_its_author(
    room: Room, ada: Member, ben: Member
) -> None:
    text = room.sets()
    text.mark(ada, "Ali Khamenei", "actor", note="canary-class")
    for member in (ada, ben, room.grace):
        assert "canary-class" in text.seen_by(member) and ">Ada<" in text.seen_by(member)


def test_what_is_for_me_alone_is_seen_by_nobody_else(room: Room, ada: Member, ben: Member) -> None:
    text = room.sets()
    text.mark(ada, "Ali Khamenei", "actor", note="canary-me", audience="me")
    assert "canary-me" in text.seen_by(ada)
    for member in (ben, room.grace):
        assert "canary-me" not in text.seen_by(member)


def test_what_is_for_the_instructors_is_seen_by_them_and_its_author(
    room: Room, ada: Member, ben: Member
) -> None:
    text = room.sets()
    text.mark(ada, "Ali Khamenei", "actor", note="canary-staff", audience="staff")
    assert "canary-staff" in text.seen_by(ada) and "canary-staff" in text.seen_by(room.grace)
    assert "canary-staff" not in text.seen_by(ben)


def test_staff_write_to_each_other(room: Room, ada: Member) -> None:
    text = room.sets()
    text.mark(room.grace, "Ali Khamenei", "actor", note="canary-among-staff", audience="staff")
    assert "canary-among-staff" in text.seen_by(room.grace)
    assert "canary-among-staff" not in text.seen_by(ada)


def test_a_group_sees_its_own(world: World, room: Room, ada: Member, ben: Member) -> None:
    roster = f"name,group\n{ada.known.name},Left\n{ben.known.name},Right\n"
    assert room.grace.post(f"{room.address}/roster", {"roster": roster}).status_code == 201
    sets = room.grace.get(f"{room.address}/readings/new").text
    group_set = re.search(r'<option value="([0-9a-f-]{36})">Roster', sets)
    assert group_set
    text = room.sets(group_set=group_set[1])
    text.mark(ada, "Ali Khamenei", "actor", note="canary-group", audience="group")
    assert "canary-group" in text.seen_by(ada) and "canary-group" in text.seen_by(room.grace)
    assert "canary-group" not in text.seen_by(ben)
    moved = ada.fragment(f"{text.address}/audience", {"audience": "group"})
    assert "Left" in moved.text
    assert "canary-group-2" not in text.seen_by(ben)


def test_nobody_writes_for_a_group_without_being_in_one(room: Room, ada: Member) -> None:
    text = room.sets()
    answer = ada.mark("Ali Khamenei", "actor", reading=text.address, audience="group")
    assert answer.status_code == 422 and "no group" in answer.text
    assert "Ali Khamenei</blockquote>" not in text.seen_by(ada)


def test_the_switch_is_remembered_and_used(room: Room, ada: Member, ben: Member) -> None:
    text = room.sets()
    assert ada.fragment(f"{text.address}/audience", {"audience": "me"}).status_code == 200
    assert 'value="me" checked' in ada.get(text.address).text
    text.mark(ada, "Ali Khamenei", "actor", note="canary-switched")
    assert "canary-switched" not in text.seen_by(ben)


def test_widening_shows_the_post_and_not_the_replies_written_for_fewer(
    room: Room, ada: Member, ben: Member
) -> None:
    text = room.sets()
    uid = text.mark(ada, "Ali Khamenei", "actor", note="canary-post", audience="staff")
    text.reply(room.grace, uid, "canary-early-reply")
    assert "canary-early-reply" in text.seen_by(ada)
    shared = ada.fragment(f"{text.address}/annotations/share", {"annotations": uid, "audience": "class"})
    assert shared.status_code == 200
    assert "canary-post" in text.seen_by(ben) and "canary-early-reply" not in text.seen_by(ben)
    text.reply(room.grace, uid, "canary-late-reply")
    assert "canary-late-reply" in text.seen_by(ben)


def test_narrowing_takes_the_thread_out_of_sight(room: Room, ada: Member, ben: Member) -> None:
    text = room.sets()
    uid = text.mark(ada, "Ali Khamenei", "actor", note="canary-post")
    reply = text.reply(ben, uid, "canary-reply")
    ada.fragment(f"{text.address}/annotations/share", {"annotations": uid, "audience": "me"})
    assert "canary" not in text.seen_by(room.grace)
    assert room.grace.get(f"/annotations/{reply}").status_code == 404
    assert "canary-reply" in ben.get("/notebook").text


def test_people_of_another_class_and_strangers_find_nothing(world: World, room: Room, ada: Member) -> None:
    text = room.sets()
    uid = text.mark(ada, "Ali Khamenei", "actor", note="canary")
    eve = open_room(world, "Olga").student(world, "Eve")
    for address in (
        text.address,
        f"{text.address}/margin",
        f"{text.address}/annotations",
        f"/annotations/{uid}",
    ):
        assert eve.get(address).status_code == 404
    assert world.stranger().get(text.address).status_code == 303


def test_what_one_wrote_stays_ones_own_after_leaving(room: Room, ada: Member, ben: Member) -> None:
    text = room.sets()
    uid = text.mark(ada, "Ali Khamenei", "actor", note="canary-mine")
    text.mark(ben, "Waiting can be a policy", "claim", note="canary-bens")
    assert ada.post(f"{room.address}/leave").status_code == 303
    assert ada.get(text.address).status_code == 404
    page = ada.get(f"/annotations/{uid}")
    assert page.status_code == 200 and "canary-mine" in page.text
    assert "canary-mine" in ada.get("/notebook").text and "canary-bens" not in ada.get("/notebook").text
    assert "canary-mine" in ada.get("/notebook/export.csv").text
    for page in ("/notebook", "/exports"):
        assert "POLS 210" in ada.get(page).text and f'"{text.address}' not in ada.get(page).text
    assert ada.post(f"/annotations/{uid}", {"version": "1", "note": "x"}).status_code == 403
    assert ada.post(f"/annotations/{uid}/delete", {"version": "1"}).status_code == 303


def test_the_same_article_in_two_classes_mixes_nothing(world: World, room: Room, ada: Member) -> None:
    one, other = room.sets(), room.sets()
    one.mark(ada, "Ali Khamenei", "actor", note="canary-one")
    assert "canary-one" in one.seen_by(room.grace) and "canary-one" not in other.seen_by(room.grace)


def test_a_new_name_is_seen_at_once(room: Room, ada: Member, ben: Member) -> None:
    text = room.sets()
    text.mark(ada, "Ali Khamenei", "actor", note="x")
    assert ">Ada<" in text.seen_by(ben)
    ada.post("/account", {"name": "Augusta"})
    assert ">Augusta<" in text.seen_by(ben) and ">Ada<" not in text.seen_by(ben)


def test_a_private_mark_changes_nobody_elses_etag(room: Room, ada: Member, ben: Member) -> None:
    text = room.sets()
    before = ben.get(text.address).headers["etag"]
    text.mark(ada, "Ali Khamenei", "actor", audience="me")
    assert ben.get(text.address).headers["etag"] == before
    text.mark(ada, "Ali Khamenei", "claim", audience="class")
    assert ben.get(text.address).headers["etag"] != before


def test_a_pile_is_listed_a_page_at_a_time_in_the_order_asked_for(
    world: World, room: Room, ada: Member
) -> None:
    text = room.sets()
    words, title = "Waiting can be a policy", ada.text.text.index("Waiting can be a policy")
    first = text.mark(room.grace, words, "claim", note="canary-oldest")
    for n in range(21):
        text.mark(ada, words, note=f"canary-{n}")
    text.reply(ada, first, "talked about")
    pile = f"{text.address}/pile?start={title}&end={title + 1}"
    newest = ada.fragment(f"{pile}&order=new").text
    assert newest.count("pile__item") == 20 and "22 annotations here" in newest and "canary-oldest" in newest
    assert ada.fragment(f"{pile}&page=2").text.count("pile__item") == 2
    discussed = ada.fragment(f"{pile}&order=discussed").text
    assert discussed.index("canary-oldest") < discussed.index("canary-20")
    assert ada.fragment(f"{pile}&order=loud").status_code == 422


def test_the_trail_leads_to_what_is_new_since_the_last_visit(
    world: World, room: Room, ada: Member, ben: Member
) -> None:
    text = room.sets()
    text.mark(ada, "Ali Khamenei", "actor", note="before")
    first = ben.get(text.address).text
    assert "Since you were here" not in first
    cursor = re.search(r'data-cursor="([0-9a-f-]+)"', first)
    assert cursor
    ben.post(f"{text.address}/place", {"place": "2", "cursor": cursor[1]})
    world.app.state.places.flush()
    text.mark(ada, "certain conditions", "hedge", note="after")
    text.mark(ada, "Tehran", "actor", audience="me")
    text.mark(ben, "Washington", "actor")
    page = ben.get(text.address).text
    assert "Since you were here: 1 new in" in page and 'data-trail="2"' in page
    assert "Since you were here" not in ada.get(text.address).text


def test_what_is_marked_under_a_pseudonym_does_not_join_what_stands_under_ones_name(
    room: Room, ada: Member, ben: Member
) -> None:
    rules = {"title": "POLS 210", "timezone": "UTC", "anonymity": "allowed"}
    assert room.grace.post(f"{room.address}/settings", rules).status_code == 303
    text = room.sets()
    text.mark(ada, "Ali Khamenei", "actor", signs_as="name")
    text.mark(ada, "Ali Khamenei", note="canary-veiled", signs_as="pseudonym")
    card = text.seen_by(ben).partition("canary-veiled")[0].rpartition("<article")[2]
    assert ">Ada<" not in card and "byline__name" in card


def test_a_question_without_a_word_stays_when_its_tag_is_taken_off(room: Room, ada: Member) -> None:
    text = room.sets()
    uid = text.mark(ada, "Ali Khamenei", asks="true")
    for _time in ("on", "off"):
        assert ada.mark("Ali Khamenei", "actor", reading=text.address).status_code == 200
    assert ada.get(f"/annotations/{uid}/thread").status_code == 200


def test_an_answer_to_what_was_said_to_one_student_alone_is_not_anothers(
    room: Room, ada: Member, ben: Member
) -> None:
    text = room.sets()
    uid = text.mark(ada, "Ali Khamenei", "actor", note="x")
    reply = text.reply(ben, uid, "y")
    private = text.reply(room.grace, reply, "canary-private", private="true")
    ada.fragment(f"{text.address}/annotations/share", {"annotations": uid, "audience": "staff"})
    text.reply(room.grace, private, "canary-answer")
    assert "canary-answer" in text.seen_by(room.grace)
    assert "canary-private" not in text.seen_by(ada) and "canary-answer" not in text.seen_by(ada)


def test_a_reading_where_nothing_was_written_counts_nothing_of_another(room: Room, ada: Member) -> None:
    written, empty = room.sets(), room.sets()
    written.mark(ada, "Ali Khamenei", "actor")
    assert 'id="count">1<' in ada.get(written.address).text
    assert 'id="count">0<' in ada.get(empty.address).text
