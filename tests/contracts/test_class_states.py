"""Every route of readings and posts in the states that a row does not tell: archived, draft, hidden, deleted, left."""

import json
import zipfile
from io import BytesIO

import pytest
from sqlalchemy import update

from app.readings.models import Reading
from tests.contracts.classroom import AUDIENCES, Classroom, Lesson, open_classroom
from tests.contracts.endpoints import Endpoint
from tests.contracts.matrix import COLUMNS, in_a_course
from tests.contracts.test_access_matrix import LOOKS, check_allowed, check_refusals
from tests.contracts.test_class_matrix import HERE, MATRIX
from tests.support.cast import Member, World

pytestmark = [pytest.mark.database, pytest.mark.grid]
# What is read, or is the reader's own business, also when nothing can be changed any more.
READS = {
    "reading.read",
    "thread.read",
    "export.self",
    "progress.class",
    "stream.reading",
    "ann.{audience}.read",
}
MEMBERS = "OGCTI"


def named(endpoint: Endpoint) -> str:
    return str(endpoint).replace("/", "|")


@pytest.fixture(scope="module")
def classroom(lasting_world: World) -> Classroom:
    return open_classroom(lasting_world)


@pytest.fixture
def lesson(classroom: Classroom) -> Lesson:
    return classroom.lesson().fill("O", *AUDIENCES)


def cell(endpoint: Endpoint, role: str, audience: str = "class") -> str:
    return in_a_course(MATRIX, endpoint.actions, role, audience)


def sent(endpoint: Endpoint, member: Member, lesson: Lesson, query: str = "", column: str = "O") -> int:
    scene = lesson.scene(column)
    address = endpoint.address(scene)
    address += ("&" if "?" in address else "?") + query if query else ""
    return member.http.request(endpoint.method, address, data=endpoint.form(scene)).status_code


# Archived


@pytest.fixture(scope="module")
def archived(lasting_world: World) -> Lesson:
    classroom = open_classroom(lasting_world)
    lesson = classroom.lesson().fill("O", *AUDIENCES, deletes=True).fill("R", *AUDIENCES, deletes=True)
    assert classroom.members["I"].post(f"{classroom.room.address}/archive").status_code == 303
    return lesson


@pytest.mark.parametrize("endpoint", HERE, ids=named)
def test_an_archived_course_is_read_as_before_and_not_written(archived: Lesson, endpoint: Endpoint) -> None:
    classroom, reads = archived.classroom, set(endpoint.actions) <= READS
    for role in COLUMNS:
        scene, before = archived.scene("R" if role == "R" else "O"), cell(endpoint, role)
        if before == "Y" and reads:
            check_allowed(endpoint, classroom.members[role], scene, LOOKS["page"])
        elif before != ".":
            now = "F" if before == "Y" else before
            check_refusals(classroom.world, now, endpoint, classroom.members[role], scene)


def test_it_is_written_again_when_it_is_brought_back(classroom: Classroom, lesson: Lesson) -> None:
    assert classroom.members["I"].post(f"{classroom.room.address}/archive").status_code == 303
    mark = next(one for one in HERE if str(one) == "POST /readings/{reading_uid}/annotations")
    assert sent(mark, classroom.members["G"], lesson) == 403
    assert classroom.members["I"].post(f"{classroom.room.address}/unarchive").status_code == 303
    assert sent(mark, classroom.members["G"], lesson) == 303


# Drafts, and readings that were taken away


def closed(classroom: Classroom, lesson: Lesson, **values: object) -> None:
    with classroom.world.database.writing() as db:
        db.execute(update(Reading).where(Reading.uid == lesson.text.uid).values(**values))


@pytest.mark.parametrize("endpoint", HERE, ids=named)
def test_students_do_not_find_a_draft_and_staff_do(
    classroom: Classroom, lesson: Lesson, endpoint: Endpoint
) -> None:
    closed(classroom, lesson, opens_at=None)
    for role in "GC":
        check_refusals(classroom.world, "-", endpoint, classroom.members[role], lesson.scene())
    if endpoint.is_safe:
        for role in "TI":
            expected = 200 if cell(endpoint, role) == "Y" else 403
            assert sent(endpoint, classroom.members[role], lesson) in {
                expected,
                303 if expected == 200 else 403,
            }


@pytest.mark.parametrize("endpoint", HERE, ids=named)
def test_nobody_finds_a_deleted_reading_but_what_is_theirs(
    classroom: Classroom, lesson: Lesson, endpoint: Endpoint
) -> None:
    assert classroom.members["I"].post(f"{lesson.address}/delete").status_code == 303
    for role in "GCTI":
        check_refusals(classroom.world, "-", endpoint, classroom.members[role], lesson.scene())
    if "{reading_uid}" in endpoint.path:
        check_refusals(classroom.world, "-", endpoint, classroom.members["O"], lesson.scene())
    else:
        as_former = cell(endpoint, "R")
        if as_former == "Y" and "restore" not in endpoint.path:
            check_allowed(endpoint, classroom.members["O"], lesson.scene(), LOOKS["page"])
        elif as_former != "Y":
            check_refusals(classroom.world, as_former, endpoint, classroom.members["O"], lesson.scene())


# With a student's eyes, which the routes of posts do not know


OF_READINGS = [one for one in HERE if "{reading_uid}" in one.path]


@pytest.mark.parametrize("endpoint", OF_READINGS, ids=named)
def test_staff_with_a_students_eyes_write_nothing(
    classroom: Classroom, lesson: Lesson, endpoint: Endpoint
) -> None:
    for role in "TI":
        status = sent(endpoint, classroom.members[role], lesson, "as=student")
        allowed = cell(endpoint, "C") == "Y" and set(endpoint.actions) <= READS
        assert status in ({200, 204, 303} if allowed else {403}), status


def test_students_gain_nothing_by_asking_for_a_students_eyes(classroom: Classroom, lesson: Lesson) -> None:
    for role in "GC":
        for address in (lesson.address, f"{lesson.address}/margin?last=40", f"{lesson.address}/annotations"):
            pages = [
                classroom.members[role].get(address, params={"as": eyes})
                for eyes in ("student", "instructor")
            ]
            assert pages[0].text == pages[1].text.replace("as=instructor", "as=student")
    assert classroom.members["X"].get(f"{lesson.address}?as=student").status_code == 404


# Hidden and deleted posts


def hidden(lesson: Lesson, column: str = "O", audience: str = "class") -> None:
    form = {"on": "true", "word": "Not here"}
    uid = lesson.posts[column, audience]
    assert lesson.classroom.members["T"].fragment(f"/annotations/{uid}/hide", form).status_code == 200


ON_POSTS = [one for one in HERE if "{annotation_uid}" in one.path]


@pytest.mark.parametrize("endpoint", ON_POSTS, ids=named)
@pytest.mark.parametrize("audience", ["group", "class"])
def test_a_hidden_post_is_its_authors_and_the_staffs(
    classroom: Classroom, lesson: Lesson, endpoint: Endpoint, audience: str
) -> None:
    hidden(lesson, audience=audience)
    for role in "NGCXJA":
        expected = "L" if role == "N" else MATRIX["ann.hidden.read"][role]
        check_refusals(
            classroom.world, expected, endpoint, classroom.members[role], lesson.scene("O", audience)
        )
    if endpoint.is_safe:
        for role in "OTI":
            expected_statuses = {200, 303} if cell(endpoint, role, audience) == "Y" else {403}
            scene = lesson.scene("O", audience)
            assert classroom.members[role].get(endpoint.address(scene)).status_code in expected_statuses


@pytest.mark.parametrize("role", COLUMNS)
def test_who_shows_a_hidden_post_again(classroom: Classroom, role: str) -> None:
    lesson = classroom.lesson().fill("O", "class").fill("R", "class")
    column = "R" if role == "R" else "O"
    hidden(lesson, column)
    answer = classroom.members[role].post(
        f"/annotations/{lesson.posts[column, 'class']}/hide", {"on": "false"}
    )
    assert answer.status_code == {"L": 401, "F": 403, "-": 404, "Y": 303}[MATRIX["ann.hidden.restore"][role]]


@pytest.mark.parametrize("endpoint", ON_POSTS, ids=named)
def test_a_deleted_post_is_nobodys_but_its_authors_to_restore(
    classroom: Classroom, endpoint: Endpoint
) -> None:
    lesson = classroom.lesson().fill("O", "class", deletes=True)
    lesson.posts = dict(lesson.deleted)
    for role in "GCXTIJAR":
        assert MATRIX["ann.deleted.read"][role] in "-Y"
        check_refusals(classroom.world, "-", endpoint, classroom.members[role], lesson.scene())
    restores = "restore" in endpoint.path
    assert sent(endpoint, classroom.members["O"], lesson) == (303 if restores else 404)


@pytest.mark.parametrize("column", ["O", "R"])
def test_what_was_deleted_is_in_its_authors_data_and_in_nobody_elses(
    classroom: Classroom, column: str
) -> None:
    lesson = classroom.lesson().fill(column, "class", deletes=True)
    uid = lesson.deleted[column, "class"]
    for role in "OGTIR":
        assert (uid in my_data(classroom.members[role])) == (role == column)


def my_data(member: Member) -> str:
    with zipfile.ZipFile(BytesIO(member.get("/account/data").content)) as archive:
        found = {name: json.loads(archive.read(name)) for name in archive.namelist()}
    return json.dumps(found, ensure_ascii=False)


# Those who have left


@pytest.mark.parametrize("audience", AUDIENCES)
def test_a_former_members_own_things_stay_theirs(classroom: Classroom, audience: str) -> None:
    lesson = classroom.lesson().fill("R", audience, deletes=True)
    former, uid = classroom.members["R"], lesson.posts["R", audience]
    exact = "by R"
    assert exact in former.get(f"/annotations/{uid}").text and exact in former.get("/notebook").text
    for key in ("csv", "jsonld"):
        assert (
            uid in former.get(f"/notebook/export.{key}").text
            or exact in former.get(f"/notebook/export.{key}").text
        )
    page = former.get(f"/annotations/{uid}").text
    words = former.text.paragraphs[6]
    for answer in (
        former.fragment(f"/annotations/{uid}/delete", {"version": "1"}),
        former.fragment(f"/annotations/{lesson.deleted['R', audience]}/restore", {}),
    ):
        assert answer.status_code == 204 and answer.headers["hx-redirect"] == "/notebook"
    assert former.text.text[words.start : words.end] not in page
