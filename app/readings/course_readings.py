"""The readings of courses as lists show them to a member: what is due, and how far the member is."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import and_, bindparam, func, or_, select

from app.courses.models import STAFF, STUDENT, Course, Membership
from app.database import Db, now, table_of
from app.library.models import Paragraph, Revision
from app.readings.models import AT_ONCE, ON_DATE, Reading, ReadingMember

_reading, _revision, _course = table_of(Reading), table_of(Revision), table_of(Course)
_member, _membership, _paragraph = table_of(ReadingMember), table_of(Membership), table_of(Paragraph)
_LAST = (
    select(func.max(_paragraph.c.ordinal))
    .where(_paragraph.c.revision_id == _reading.c.revision_id)
    .correlate(_reading)
    .scalar_subquery()
)
_SET = (
    select(
        _reading.c.uid,
        _revision.c.title,
        _revision.c.language,
        _revision.c.direction,
        _course.c.uid.label("course_uid"),
        _course.c.title.label("course_title"),
        _course.c.timezone,
        _reading.c.opens_at,
        func.coalesce(_member.c.due_at, _reading.c.due_at).label("due_at"),
        _member.c.place,
        _member.c.finished_at,
        _LAST.label("last"),
        _reading.c.reveal_kind,
        _reading.c.reveal_at,
        func.coalesce(_reading.c.revealed_at, _member.c.revealed_at).label("revealed_at"),
    )
    .join(_revision, _revision.c.id == _reading.c.revision_id)
    .join(_course, _course.c.id == _reading.c.course_id)
    .join(_membership, _membership.c.course_id == _course.c.id)
    .outerjoin(
        _member,
        and_(_member.c.reading_id == _reading.c.id, _member.c.user_id == _membership.c.user_id),
    )
    .where(
        _membership.c.user_id == bindparam("viewer"),
        _membership.c.left_at.is_(None),
        _membership.c.removed_at.is_(None),
        _reading.c.deleted_at.is_(None),
        or_(
            _membership.c.role.in_(STAFF),
            and_(_membership.c.role == STUDENT, _reading.c.opens_at <= bindparam("now")),
        ),
    )
    .order_by(func.coalesce(_member.c.due_at, _reading.c.due_at).is_(None), "due_at", _reading.c.id)
)
_IN_COURSE = _SET.where(_course.c.id == bindparam("course"))
_UNDER_WAY = _SET.where(_course.c.archived_at.is_(None))


@dataclass(frozen=True)
class SetReading:
    """A reading set for a course, before one of its members."""

    uid: str
    title: str
    language: str
    direction: str
    course_uid: str
    course_title: str
    timezone: str
    opens_at: datetime | None
    due_at: datetime | None
    place: int | None
    finished_at: datetime | None
    # Ordinal of the text's last paragraph.
    last: int
    reveal_kind: str
    reveal_at: datetime | None
    # Since when the member, or everybody, sees what others wrote.
    revealed_at: datetime | None

    @property
    def is_blind(self) -> bool:
        """Whether students do not see each other's work in it yet."""
        dated = self.reveal_kind == ON_DATE and self.reveal_at is not None and self.reveal_at <= now()
        return self.reveal_kind != AT_ONCE and self.revealed_at is None and not dated

    @property
    def zone(self) -> ZoneInfo:
        """The clock that its course goes by."""
        return ZoneInfo(self.timezone)

    @property
    def is_draft(self) -> bool:
        """Whether students do not find it yet."""
        return self.opens_at is None or self.opens_at > now()

    @property
    def is_over(self) -> bool:
        """Whether the due date has passed."""
        return self.due_at is not None and self.due_at < now()


def readings_of_course(db: Db, course_id: int, viewer_id: int) -> list[SetReading]:
    """The readings of a course that a member finds, those that are due first in front."""
    rows = db.ask(_IN_COURSE, {"course": course_id, "viewer": viewer_id, "now": now()})
    return [SetReading(*row) for row in rows]


def readings_set_for(db: Db, viewer_id: int) -> list[SetReading]:
    """The readings of all courses under way that somebody is a member of, those that are due first in front."""
    return [SetReading(*row) for row in db.ask(_UNDER_WAY, {"viewer": viewer_id, "now": now()})]
