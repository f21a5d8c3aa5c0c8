"""Every route of readings and posts, as every role, in a course: once for each audience that a post can be for.

The columns: O wrote the posts, a student in a group with G, C is in another group, R wrote theirs and was removed then.
"""

import pytest

from tests.contracts.classroom import AUDIENCES, Classroom, Lesson, open_classroom
from tests.contracts.endpoints import PUBLIC, Endpoint, every_endpoint
from tests.contracts.matrix import COLUMNS, in_a_course, read_matrix
from tests.contracts.test_access_matrix import LOOKS, check_allowed, check_refusals
from tests.support.cast import World

pytestmark = [pytest.mark.database, pytest.mark.grid]
MATRIX = read_matrix()
HERE = [one for one in every_endpoint() if one.is_in_a_reading and str(one) not in PUBLIC]
Case = tuple[Endpoint, str, str]
CASES: list[Case] = [
    (endpoint, role, audience)
    for endpoint in HERE
    for role in COLUMNS
    for audience in (AUDIENCES if "{annotation_uid}" in endpoint.path else ("class",))
]


def cell_of(case: Case) -> str:
    endpoint, role, audience = case
    return in_a_course(MATRIX, endpoint.actions, role, audience)


REFUSED = [case for case in CASES if cell_of(case) not in "Y."]
ALLOWED = [case for case in CASES if cell_of(case) == "Y"]


def named(case: Case) -> str:
    return " ".join(map(str, case)).replace("/", "|")


@pytest.fixture(scope="module")
def classroom(lasting_world: World) -> Classroom:
    return open_classroom(lasting_world)


@pytest.fixture(scope="module")
def lesson(classroom: Classroom) -> Lesson:
    """What nobody changes here: refusals, and pages."""
    lesson = classroom.lesson()
    return lesson.fill("O", *AUDIENCES, deletes=True).fill("R", *AUDIENCES, deletes=True)


def author(role: str) -> str:
    """Whose posts somebody comes to: R to what they wrote themselves."""
    return "R" if role == "R" else "O"


@pytest.mark.parametrize("case", REFUSED, ids=named)
def test_refused(classroom: Classroom, lesson: Lesson, case: Case) -> None:
    endpoint, role, audience = case
    scene = lesson.scene(author(role), audience)
    check_refusals(classroom.world, cell_of(case), endpoint, classroom.members[role], scene)


@pytest.mark.parametrize("case", ALLOWED, ids=named)
def test_allowed(classroom: Classroom, lesson: Lesson, case: Case) -> None:
    endpoint, role, audience = case
    for headers in LOOKS.values():
        here = lesson if endpoint.is_safe else fresh(classroom, case)
        check_allowed(endpoint, classroom.members[role], here.scene(author(role), audience), headers)


def fresh(classroom: Classroom, case: Case) -> Lesson:
    """A reading that may be changed, with what the request is about."""
    endpoint, role, audience = case
    lesson = classroom.lesson()
    if "{annotation_uid}" in endpoint.path:
        lesson.fill(author(role), audience, deletes="restore" in endpoint.path)
    if endpoint.path.endswith("/undo"):
        lesson.writes(role, "class")
    return lesson


def test_there_is_something_to_find_in_each_cell() -> None:
    assert {cell_of(case) for case in CASES} == set("YF-L")
    assert len(REFUSED) > 400 and len(ALLOWED) > 200


@pytest.mark.parametrize("audience", AUDIENCES)
def test_without_its_condition_a_lookup_lets_others_in(
    classroom: Classroom, lesson: Lesson, audience: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the suite would say of a lookup that asks nothing: the control."""
    monkeypatch.setattr("app.access.annotations._is_seen", lambda *_: True)
    reading = next(one for one in HERE if one.path == "/annotations/{annotation_uid}" and one.is_safe)
    refused = [role for role in "GCTI" if cell_of((reading, role, audience)) == "-"]
    for role in refused:
        with pytest.raises(AssertionError):
            scene = lesson.scene("O", audience)
            check_refusals(classroom.world, "-", reading, classroom.members[role], scene)
    assert bool(refused) == (audience != "class")
