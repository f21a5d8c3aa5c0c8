"""Progress: how far each student of a course is in a reading."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, bindparam, case, func, select

from app.accounts.models import User
from app.annotations.models import Annotation
from app.courses.models import STUDENT, Membership
from app.database import Db, table_of
from app.readings.models import ME, Audience, ReadingMember
from app.readings.seats import Seat

_user, _membership, _member = table_of(User), table_of(Membership), table_of(ReadingMember)
_annotation, _audience = table_of(Annotation), table_of(Audience)
_STUDENTS = (
    select(
        _user.c.id,
        _user.c.uid,
        _user.c.name,
        _member.c.opened_at,
        _member.c.finished_at,
        _member.c.place,
        _member.c.due_at,
        _member.c.revealed_at,
    )
    .join(_membership, _membership.c.user_id == _user.c.id)
    .outerjoin(_member, and_(_member.c.user_id == _user.c.id, _member.c.reading_id == bindparam("reading")))
    .where(
        _membership.c.course_id == bindparam("course"),
        _membership.c.role == STUDENT,
        _membership.c.left_at.is_(None),
        _membership.c.removed_at.is_(None),
    )
    .order_by(_user.c.name_key)
)
# Private notes are nobody's business, not even as a number.
_WRITTEN = (
    select(
        _annotation.c.author_id,
        func.sum(case((_annotation.c.root_id.is_(None), 1), else_=0)),
        func.sum(case((_annotation.c.root_id.is_not(None), 1), else_=0)),
        func.max(_annotation.c.created),
    )
    .join(_audience, _audience.c.id == _annotation.c.audience_id)
    .where(
        _annotation.c.reading_id == bindparam("reading"),
        _annotation.c.deleted_at.is_(None),
        _audience.c.kind != ME,
    )
    .group_by(_annotation.c.author_id)
)


@dataclass(frozen=True)
class StudentProgress:
    """How far one student is."""

    id: int
    uid: str
    name: str
    opened_at: datetime | None
    finished_at: datetime | None
    # Ordinal of the paragraph where they are.
    place: int | None
    # Their own due date, if it was extended.
    extended_to: datetime | None
    revealed_at: datetime | None
    annotations: int
    replies: int
    last_at: datetime | None
    is_late: bool


def class_progress(db: Db, reading_id: int, seat: Seat) -> list[StudentProgress]:
    """How far each student is, by name."""
    written = {
        author: (int(marks), int(replies), last)
        for author, marks, replies, last in db.ask(_WRITTEN, {"reading": reading_id})
    }
    found = []
    for row in db.ask(_STUDENTS, {"reading": reading_id, "course": seat.course_id}):
        marks, replies, last = written.get(row.id, (0, 0, None))
        due = row.due_at or seat.due_at
        late = bool(due and last and last > due)
        found.append(
            StudentProgress(
                id=row.id,
                uid=row.uid,
                name=row.name,
                opened_at=row.opened_at,
                finished_at=row.finished_at,
                place=row.place,
                extended_to=row.due_at,
                revealed_at=row.revealed_at,
                annotations=marks,
                replies=replies,
                last_at=last,
                is_late=late,
            )
        )
    return found
