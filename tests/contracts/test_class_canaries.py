"""Everything that can be got of a class's reading, as each role: they meet what the matrix predicts, and no more."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import bindparam, or_, select

from app import access
from app.access import joined
from app.annotations import authors
from app.annotations.models import Annotation, AnnotationVersion
from app.database import Db, table_of
from app.readings import audiences
from app.readings.audiences import Sight
from app.readings.models import Audience, Reading
from tests.contracts.class_canaries import BLIND, LOOKS, OPEN, Told, addresses, furnish, met, words_of
from tests.contracts.classroom import Classroom, open_classroom
from tests.contracts.matrix import COLUMNS
from tests.support.cast import HTMX, World

pytestmark = pytest.mark.database
Looks = tuple[dict[str, str], ...]
PAGES: Looks = ({}, HTMX)


@pytest.fixture
def classroom(world: World) -> Classroom:
    return open_classroom(world)


def leaks(told: Told, rules: dict[str, str], columns: str, looks: Looks = PAGES) -> dict[str, set[str]]:
    """Return what somebody meets and should not, or should and does not: kinds, by column."""
    kinds = {word: kind for kind, word in told.words.items()}
    found = {}
    for column in columns:
        seen = set(met(told.classroom.members[column], told, looks))
        found[column] = {kinds[word] for word in seen ^ told.predicted(rules, column)}
    return found


@pytest.fixture
def columns(pytestconfig: pytest.Config, prove: bool) -> str:
    """Everybody; on PostgreSQL a peer of another group, one who was removed, an assistant and an outsider."""
    return COLUMNS if prove or pytestconfig.getoption("--database") == "sqlite" else "CRTX"


def test_everybody_meets_what_the_matrix_predicts(classroom: Classroom, columns: str) -> None:
    assert leaks(furnish(classroom), OPEN, columns, LOOKS) == {column: set() for column in columns}


@pytest.mark.grid
def test_pseudonyms_change_nothing_of_it(classroom: Classroom) -> None:
    classroom.changes_course(anonymity="allowed")
    assert leaks(furnish(classroom, "pseudonym"), OPEN, "OGCT") == {column: set() for column in "OGCT"}


@pytest.mark.grid
@pytest.mark.parametrize(
    "rules", [{"reveal_kind": "staff"}, {"reveal_kind": "count", "reveal_n": 50}], ids=str
)
def test_the_blind_meet_their_own_and_the_staffs(classroom: Classroom, rules: dict[str, Any]) -> None:
    told = furnish(classroom)
    told.becomes(**rules)
    assert leaks(told, BLIND, "OGCTR") == {column: set() for column in "OGCTR"}


@pytest.mark.grid
def test_once_revealed_they_meet_everything(classroom: Classroom) -> None:
    told = furnish(classroom)
    told.becomes(reveal_kind="staff")
    assert classroom.members["I"].post(f"{told.lesson.address}/reveal").status_code == 303
    assert leaks(told, OPEN, "OGC") == {column: set() for column in "OGC"}


@pytest.mark.grid
def test_in_another_group_one_meets_its_posts_and_no_longer_the_old_ones(classroom: Classroom) -> None:
    told, person = furnish(classroom), classroom.uid("G")
    moved = f"{classroom.room.address}/groups/{classroom.set_uid}/people/{person}"
    form = {"group": classroom.group_uid("Group 2")}
    assert classroom.members["T"].post(moved, form).status_code == 303
    other = OPEN | {"Ogroup": "OTI", "Cgroup": "GCTI", "Gingroup": "OGTI", "Rgroup": "ROTI"}
    assert leaks(told, other, "GC") == {"G": set(), "C": set()}


@pytest.mark.grid
def test_who_was_staff_for_a_while_meets_what_a_student_meets(classroom: Classroom) -> None:
    told = furnish(classroom)
    address = f"{classroom.room.person(classroom.members['G'])}/role"
    for role, rules in (
        ("assistant", OPEN | {kind: who.replace("T", "TG") for kind, who in OPEN.items()}),
        ("student", OPEN),
    ):
        assert classroom.members["I"].post(address, {"role": role}).status_code == 303
        seen = set(met(classroom.members["G"], told, PAGES))
        assert seen == told.predicted(rules, "G")


# Pseudonyms


def names_told(told: Told, column: str) -> set[str]:
    """Return the addresses of readings and posts that tell O's name or uid to somebody who did not ask by it."""
    member, user = told.classroom.members[column], told.classroom.members["O"].user
    assert user is not None
    found = set()
    for address in addresses(told):
        if not address.startswith(("/readings/", "/annotations/")) or user.uid in address:
            continue
        for headers in PAGES:
            said = words_of(member.get(address, headers=headers))
            named = user.name in said and "/mentionable" not in address
            found |= {address} if named or user.uid in said else set()
    return found


@pytest.mark.grid
def test_no_peer_learns_who_a_pseudonym_is(classroom: Classroom) -> None:
    classroom.changes_course(anonymity="required")
    told = furnish(classroom, "pseudonym")
    assert names_told(told, "G") == names_told(told, "C") == set()
    assert names_told(told, "T")
    asked = f"{told.lesson.address}/annotations?person={classroom.uid('O')}"
    assert told.words["Oclass"] not in classroom.members["G"].get(asked).text
    assert told.words["Oclass"] in classroom.members["T"].get(asked).text


# With a guard taken away


def opens_all(rows: Any, *, blind: bool) -> tuple[int, ...]:
    return tuple(row.id for row in rows)


def staffs_audiences(db: Any, reading: int, viewer: int, group: int | None, *, staff: bool) -> Any:
    return audiences.audiences_of(db, reading, viewer, group, staff=True)


def hidden_too(viewer: int, keys: tuple[int, ...], sees_hidden: bool = False, **more: Any) -> Sight:
    return Sight(viewer, keys, sees_hidden=True, **more)


def only_itself(db: Any, within: Any, annotation: Annotation) -> bool:
    return annotation.audience_id in within.sight.audiences


def entering_with_open_eyes(db: Db, viewer: Any, reading: joined.Joined) -> Any:
    every = db.ask(select(Audience.id).where(Audience.reading_id == reading.id)).scalars()
    return replace(joined.enter(db, viewer, reading), sight=Sight(viewer.id, tuple(every), sees_hidden=True))


def any_group() -> Any:
    row = table_of(Audience)
    mine = or_(row.c.kind.in_(["class", "group"]), row.c.user_id == bindparam("viewer"))
    return select(row).where(row.c.reading_id == bindparam("reading"), mine)


def any_version() -> Any:
    row, post = table_of(AnnotationVersion).c, table_of(Annotation).c
    columns = select(row.note, row.tags, row.targets, row.at).join(
        table_of(Annotation), post.id == row.annotation_id
    )
    return columns.where(row.annotation_id == bindparam("annotation")).order_by(row.version.desc())


def everybodys_annotations(_user_id: int) -> Any:
    return Annotation.deleted_at.is_(None)


def drafts_too() -> Any:
    readings = access.opening
    return readings.OPENING.where(
        readings._membership.c.role.is_not(None), table_of(Reading).c.uid == bindparam("key")
    )


GUARDS: dict[str, tuple[str, Callable[[], Any], str, str]] = {
    # What is taken away: where, what stands there instead, whether the reading is blind, whose eyes show it.
    "blindness": ("app.access.opening.open_to", lambda: opens_all, "blind", "C"),
    "the role": ("app.access.opening.audiences_of", lambda: staffs_audiences, "open", "C"),
    "hiding": ("app.access.opening.Sight", lambda: hidden_too, "open", "G"),
    "who sees a post": ("app.access.annotations._is_seen", lambda: lambda *_: True, "open", "C"),
    "the root of a reply": ("app.access.annotations._is_seen", lambda: only_itself, "open", "G"),
    "the thread of an own reply": (
        "app.access.annotations._in_course",
        lambda: lambda found: found,
        "open",
        "C",
    ),
    "the group": ("app.readings.audiences._OF_STUDENT", any_group, "open", "C"),
    "earlier versions": ("app.annotations.history._EARLIER", any_version, "open", "G"),
    "whose an export is": ("app.exports.gathering._undeleted", lambda: everybodys_annotations, "open", "G"),
    "drafts": ("app.access.opening._CALLED", drafts_too, "open", "G"),
    "whose reports": ("app.readings.seats.Seat.is_staff", lambda: property(lambda _: True), "open", "G"),
    "what is told of": ("app.notices.gathering.enter", lambda: entering_with_open_eyes, "open", "G"),
    "what is told of while blind": (
        "app.notices.gathering.enter",
        lambda: entering_with_open_eyes,
        "blind",
        "G",
    ),
    "e-mail addresses": (
        "app.access.courses.OpenCourse.is_staff",
        lambda: property(lambda _: True),
        "open",
        "G",
    ),
}


@pytest.mark.grid
@pytest.mark.parametrize("guard", GUARDS)
def test_without_a_guard_the_leak_is_found(
    classroom: Classroom, guard: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    where, instead, kind, column = GUARDS[guard]
    told = furnish(classroom)
    told.becomes(reveal_kind="staff" if kind == "blind" else "at_once")
    rules = BLIND if kind == "blind" else OPEN
    monkeypatch.setattr(where, instead())
    assert leaks(told, rules, column)[column]


def test_without_the_veil_the_name_is_found(classroom: Classroom, monkeypatch: pytest.MonkeyPatch) -> None:
    classroom.changes_course(anonymity="required")
    told, real = furnish(classroom, "pseudonym"), authors._author
    monkeypatch.setattr(authors, "_author", lambda standing, row, _signed: real(standing, row, "name"))
    assert names_told(told, "G")
