"""Audiences: whom a post is for, which of them somebody is in, and the row that stands for each."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, or_, select
from sqlalchemy.engine import Connection

from app.database import AnyRow, Db, insert_on, table_of
from app.readings.models import CLASS, GROUP, ME, STAFF_ONLY, TO_STAFF, Audience

_audience = table_of(Audience)
_FIND = select(_audience.c.id).where(
    _audience.c.reading_id == bindparam("reading"),
    _audience.c.kind == bindparam("kind"),
    _audience.c.user_id.is_not_distinct_from(bindparam("user")),
    _audience.c.group_id.is_not_distinct_from(bindparam("group")),
    _audience.c.by_staff == bindparam("by_staff"),
)
_OF_STUDENT = select(_audience).where(
    _audience.c.reading_id == bindparam("reading"),
    or_(
        _audience.c.kind == CLASS,
        _audience.c.user_id == bindparam("viewer"),
        _audience.c.group_id == bindparam("group"),
    ),
)
_OF_STAFF = select(_audience).where(
    _audience.c.reading_id == bindparam("reading"),
    or_(_audience.c.kind != ME, _audience.c.user_id == bindparam("viewer")),
)


@dataclass(frozen=True)
class Whom:
    """Those whom a post is for, wherever it stands: see `Audience`."""

    kind: str
    user_id: int | None = None
    group_id: int | None = None
    by_staff: bool = False

    def by(self, *, staff: bool) -> "Whom":
        """The same people, written to by staff or by a student."""
        return Whom(self.kind, self.user_id, self.group_id, staff and self.kind in (GROUP, CLASS))

    @property
    def choice(self) -> str:
        """What the switch calls it."""
        return "staff" if self.kind in (TO_STAFF, STAFF_ONLY) else self.kind


@dataclass(frozen=True)
class Sight:
    """What somebody sees in a reading: all of some audiences, their own, and for staff what is hidden."""

    viewer_id: int
    audiences: tuple[int, ...]
    sees_hidden: bool = False
    # The audiences whose counts add up to what the viewer sees of others: see docs/decisions/0020-the-crowd.md.
    counted: tuple[int, ...] = ()

    @property
    def values(self) -> dict[str, Any]:
        """What `app.annotations.seeing` asks with."""
        return {"viewer": self.viewer_id, "audiences": self.audiences, "sees_hidden": self.sees_hidden}


def chosen_whom(choice: str, user_id: int, group_id: int | None, *, staff: bool) -> Whom | None:
    """Whom somebody writes for whose switch stands at `choice`; None for a group that they are not in."""
    if choice == "staff":
        return Whom(STAFF_ONLY) if staff else Whom(TO_STAFF, user_id)
    if choice == GROUP:
        return Whom(GROUP, None, group_id).by(staff=staff) if group_id else None
    return Whom(CLASS).by(staff=staff) if choice == CLASS else Whom(ME, user_id)


def audiences_of(
    db: Db, reading_id: int, viewer_id: int, group_id: int | None, *, staff: bool
) -> list[AnyRow]:
    """The audiences of a reading that a member belongs to, as rows of the table; before a blind reading hides any."""
    wanted = {"reading": reading_id, "viewer": viewer_id, "group": group_id}
    if staff:
        del wanted["group"]
    return list(db.ask(_OF_STAFF if staff else _OF_STUDENT, wanted).all())


def open_to(rows: Iterable[AnyRow], *, blind: bool) -> tuple[int, ...]:
    """The keys of those audiences that a member sees whole: while blind only what staff wrote, and what is theirs."""
    return tuple(row.id for row in rows if not blind or row.by_staff or row.kind in (ME, TO_STAFF))


def counted_for(rows: Iterable[AnyRow], seen: Collection[int], *, staff: bool) -> tuple[int, ...]:
    """Of the audiences that a member sees whole (`seen`), those whose counts add up to all that others did there."""
    kinds = (STAFF_ONLY,) if staff else (GROUP, CLASS)
    return tuple(row.id for row in rows if row.kind in kinds and row.id in seen)


def whom_of(row: AnyRow) -> Whom:
    """Whom a row of the table stands for."""
    return Whom(row.kind, row.user_id, row.group_id, row.by_staff)


def audience_in(writing: Connection, reading_id: int, whom: Whom) -> int:
    """The key of an audience; its row is made when it is first written for."""
    values = {
        "reading": reading_id,
        "kind": whom.kind,
        "user": whom.user_id,
        "group": whom.group_id,
        "by_staff": whom.by_staff,
    }
    found = writing.execute(_FIND, values).scalar()
    if found is None:
        _make(writing, reading_id, whom)
        found = writing.execute(_FIND, values).scalar_one()
    return int(found)


def _make(writing: Connection, reading_id: int, whom: Whom) -> None:
    """Adds an audience. Staff see whatever is for others than its author, so theirs comes with it, and first."""
    both = dict.fromkeys((whom,) if whom.kind == ME else (Whom(STAFF_ONLY), whom))
    rows = [
        {
            "reading_id": reading_id,
            "kind": one.kind,
            "user_id": one.user_id,
            "group_id": one.group_id,
            "by_staff": one.by_staff,
        }
        for one in both
    ]
    writing.execute(insert_on(writing.dialect.name, Audience).on_conflict_do_nothing(), rows)
