"""Corners of a class's readings where somebody could see, say or tell more than the matrix lets them."""

import re

import pytest
from sqlalchemy import select, update

from app.annotations.models import Annotation
from app.identity import new_uid
from tests.contracts.classroom import Classroom, Lesson, open_classroom
from tests.contracts.test_class_states import my_data
from tests.support.cast import World
from tests.support.contents import dump

pytestmark = [pytest.mark.database, pytest.mark.grid]


@pytest.fixture(scope="module")
def classroom(lasting_world: World) -> Classroom:
    return open_classroom(lasting_world)


@pytest.fixture
def lesson(classroom: Classroom) -> Lesson:
    return classroom.lesson().fill("O", "class")


def pages(lesson: Lesson, column: str) -> str:
    return lesson.text.seen_by(lesson.classroom.members[column])


def share(lesson: Lesson, uid: str, audience: str, column: str = "O", **more: str) -> int:
    form = {"annotations": uid, "audience": audience, **more}
    return lesson.classroom.members[column].post(f"{lesson.address}/annotations/share", form).status_code


# Threads


def test_who_answered_sees_no_more_of_a_post_that_was_narrowed(classroom: Classroom, lesson: Lesson) -> None:
    root, member = lesson.posts["O", "class"], classroom.members["C"]
    reply = lesson.text.reply(member, root, "my answer")
    assert member.get(f"/annotations/{reply}/thread").status_code == 200
    assert share(lesson, root, "me") == 303
    assert member.get(f"/annotations/{reply}/thread").status_code == 404
    for what, form in (
        ("replies", {"uid": new_uid(), "note": "x"}),
        ("reactions", {"kind": "agree"}),
        ("reports", {"words": "x"}),
        ("resolve", {"on": "true"}),
    ):
        assert member.post(f"/annotations/{reply}/{what}", form).status_code == 404
    assert "my answer" in member.get(f"/annotations/{reply}", headers={"HX-Request": "true"}).text
    assert member.post(f"/annotations/{reply}/delete", {"version": "1"}).status_code == 303
    assert member.post(f"/annotations/{reply}/restore").status_code == 303
    assert "my answer" not in pages(lesson, "G") + pages(lesson, "T")


def test_nor_of_one_that_was_hidden(classroom: Classroom, lesson: Lesson) -> None:
    root, member = lesson.posts["O", "class"], classroom.members["C"]
    reply = lesson.text.reply(member, root, "my answer")
    assert classroom.members["T"].post(f"/annotations/{root}/hide", {"on": "true"}).status_code == 303
    assert member.get(f"/annotations/{reply}/thread").status_code == 404
    people = classroom.members["G"].get(f"{lesson.address}/annotations").text
    assert classroom.uid("C") not in people


def test_staff_answer_the_author_of_the_post_that_they_answer(classroom: Classroom, lesson: Lesson) -> None:
    reply = lesson.text.reply(classroom.members["C"], lesson.posts["O", "class"], "an answer")
    private = lesson.text.reply(classroom.members["T"], reply, "between us two", private="true")
    assert "between us two" in pages(lesson, "C") and "between us two" in pages(lesson, "I")
    assert "between us two" not in pages(lesson, "O") + pages(lesson, "G")
    lesson.text.reply(classroom.members["C"], private, "between us")
    assert "between us" in pages(lesson, "T") and "between us" not in pages(lesson, "O") + pages(lesson, "G")


def test_nobody_answers_somebody_alone_who_is_gone(classroom: Classroom, lesson: Lesson) -> None:
    with classroom.world.database.writing() as db:
        orphan = update(Annotation).where(Annotation.uid == lesson.posts["O", "class"])
        db.execute(orphan.values(author_id=None))
    form = {"uid": new_uid(), "note": "for nobody", "private": "true"}
    answer = classroom.members["T"].fragment(f"/annotations/{lesson.posts['O', 'class']}/replies", form)
    assert answer.status_code == 409 and "for nobody" in answer.text
    assert "for nobody" not in pages(lesson, "G")


def test_only_staff_answer_alone(classroom: Classroom, lesson: Lesson) -> None:
    form = {"uid": new_uid(), "note": "psst", "private": "true"}
    for column, status in {"O": 403, "G": 404, "C": 404, "T": 303, "I": 409}.items():
        answer = classroom.members[column].post(f"/annotations/{lesson.posts['O', 'class']}/replies", form)
        assert answer.status_code == status


def test_in_another_group_one_answers_no_more_in_the_old(classroom: Classroom) -> None:
    lesson = classroom.lesson().fill("G", "group")
    place = f"{classroom.room.address}/groups/{classroom.set_uid}/people/{classroom.uid('G')}"
    for name, status in {"Group 2": 403, "Group 1": 303}.items():
        form = {"group": classroom.group_uid(name)}
        assert classroom.members["T"].post(place, form).status_code == 303
        reply = {"uid": new_uid(), "note": "still here"}
        answer = classroom.members["G"].post(f"/annotations/{lesson.posts['G', 'group']}/replies", reply)
        assert answer.status_code == status


# Names


def people_at(lesson: Lesson, column: str) -> str:
    page = lesson.classroom.members[column].get(lesson.address).text
    found = re.search(r'id="p2".*?data-marks="(\d+)"', page, re.S)
    assert found
    return found[1]


def test_a_name_and_a_pseudonym_are_two_people_to_peers(classroom: Classroom) -> None:
    classroom.changes_course(anonymity="allowed")
    lesson, member = classroom.lesson(), classroom.members["O"]
    words = member.text.text[member.text.paragraphs[2].start :][:20]
    for signs_as in ("name", "pseudonym"):
        lesson.text.mark(member, words, "claim", audience="class", signs_as=signs_as, asks="true")
    assert [people_at(lesson, column) for column in "GOT"] == ["2", "1", "1"]


def test_sharing_and_new_rules_leave_a_pseudonym_on(classroom: Classroom) -> None:
    classroom.changes_course(anonymity="allowed")
    lesson = classroom.lesson()
    uid = lesson.writes("O", "group", "veiled words", signs_as="pseudonym")
    other = lesson.writes("O", "group", "other words", signs_as="pseudonym")
    assert share(lesson, uid, "class") == 303
    classroom.changes_course(anonymity="off")
    edit = {"version": "1", "note": "other words", "tags": "claim", "audience": "class"}
    assert classroom.members["O"].post(f"/annotations/{other}", edit).status_code == 303
    seen = pages(lesson, "C")
    assert "veiled words" in seen and "other words" in seen and classroom.name("O") not in seen
    assert classroom.name("O") in pages(lesson, "T")


def test_who_asks_for_it_shows_their_name(classroom: Classroom) -> None:
    classroom.changes_course(anonymity="allowed")
    lesson = classroom.lesson()
    uid = lesson.writes("O", "group", "veiled words", signs_as="pseudonym")
    assert share(lesson, uid, "class", signs_as="name") == 303
    assert classroom.name("O") in pages(lesson, "C")


def test_what_staff_say_of_somebody_among_themselves_is_not_in_their_data(
    classroom: Classroom, lesson: Lesson
) -> None:
    among = lesson.writes("T", "staff", f"@{classroom.name('G')} needs help")
    to_all = lesson.writes("T", "class", f"@{classroom.name('G')} well done")
    data = my_data(classroom.members["G"])
    assert to_all in data and among not in data


# Other readings and other people's things


def test_two_readings_of_one_text_keep_a_readers_marks_apart(classroom: Classroom) -> None:
    one, other = classroom.lesson(), classroom.lesson()
    one.writes("O", "me", "only in the first")
    one.writes("I", "class", "only in the first")
    classroom.members["I"].mark("Ali Khamenei", "actor", note="in my own copy")
    for column in "OI":
        assert "only in the first" in pages(one, column)
        assert "only in the first" not in pages(other, column)
    assert "in my own copy" not in pages(one, "I")


@pytest.mark.parametrize("column", "GT")
def test_nobody_shares_or_undoes_what_is_anothers(classroom: Classroom, lesson: Lesson, column: str) -> None:
    uid, member = lesson.posts["O", "class"], classroom.members[column]
    before = dump(classroom.world.database)
    assert share(lesson, uid, "me", column) == 303
    assert member.post(f"{lesson.address}/undo", {"annotation": uid, "version": "1"}).status_code == 409
    assert member.post(f"{lesson.address}/undo").status_code == 409
    assert dump(classroom.world.database)["annotation"] == before["annotation"]


def test_what_staff_did_to_a_post_is_not_undone_by_its_author(classroom: Classroom, lesson: Lesson) -> None:
    uid = lesson.posts["O", "class"]
    assert classroom.members["T"].post(f"/annotations/{uid}/hide", {"on": "true"}).status_code == 303
    assert classroom.members["O"].post(f"{lesson.address}/undo").status_code in (204, 303)
    with classroom.world.database.reading() as db:
        row = db.scalars(select(Annotation).where(Annotation.uid == uid)).one()
    assert row.hidden_at and row.deleted_at


def test_an_id_that_is_used_elsewhere_makes_and_tells_nothing(classroom: Classroom, lesson: Lesson) -> None:
    uid, other = lesson.posts["O", "class"], classroom.lesson()
    scene = other.scene()
    before = dump(classroom.world.database)
    for column in "OG":
        form = scene.new_annotation() | {"uid": uid}
        answer = classroom.members[column].fragment(f"{other.address}/annotations", form)
        assert answer.status_code == 409 and "by O" not in answer.text
    assert dump(classroom.world.database)["annotation"] == before["annotation"]


def test_a_form_of_one_reading_is_none_of_another(classroom: Classroom, lesson: Lesson) -> None:
    """The same operation in two readings: the second is written, too."""
    other, member, form = classroom.lesson(), classroom.members["C"], lesson.scene().new_annotation()
    assert member.fragment(f"{lesson.address}/annotations", form | {"uid": new_uid()}).status_code == 201
    again = form | {"uid": new_uid(), "tag": "hedge"}
    assert member.fragment(f"{lesson.address}/annotations", again).status_code == 200
    assert member.fragment(f"{other.address}/annotations", again).status_code == 201


# Validators and what is kept in memory


def test_a_validator_of_another_role_does_not_hold(classroom: Classroom, lesson: Lesson) -> None:
    member, address = classroom.members["G"], f"{lesson.address}/margin?first=0&last=40"
    lesson.writes("T", "staff", "among ourselves")
    role = f"{classroom.room.person(member)}/role"
    assert classroom.members["I"].post(role, {"role": "assistant"}).status_code == 303
    as_staff = member.get(address)
    assert "among ourselves" in as_staff.text
    assert classroom.members["I"].post(role, {"role": "student"}).status_code == 303
    again = member.get(address, headers={"If-None-Match": as_staff.headers["etag"]})
    assert again.status_code == 200 and "among ourselves" not in again.text


def test_what_is_kept_drawn_is_each_viewers_own(classroom: Classroom) -> None:
    classroom.changes_course(anonymity="required")
    lesson = classroom.lesson()
    uid = lesson.writes("O", "class", "veiled words", signs_as="pseudonym")
    report = {"words": "it hurts so"}
    assert classroom.members["C"].post(f"/annotations/{uid}/reports", report).status_code == 303
    for column in "TOGTCO":
        seen = pages(lesson, column)
        assert (classroom.name("O") in seen) == (column in "TO") or column == "O"
        assert ("it hurts so" in seen) == (column == "T")
        assert (f"/annotations/{uid}/delete" in seen) == (column == "O")
        assert (f"/annotations/{uid}/pin" in seen) == (column == "T")
    classroom.changes_course(anonymity="off")


def test_who_was_removed_hears_nothing_more(classroom: Classroom, lesson: Lesson) -> None:
    former = classroom.members["R"]
    for what in ("", "/news?since=", "/news/shown?since=", "/margin", "/annotations", "/mentionable"):
        assert former.get(f"{lesson.address}{what}").status_code == 404
    assert former.post(f"{lesson.address}/place", {"place": "3"}).status_code == 404
