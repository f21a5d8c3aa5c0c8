"""What of a class can be taken along: its readings, what staff wrote for it, and what consenting students did."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, bindparam, func, select
from sqlalchemy.orm import Session

from app.annotations.models import Annotation, Target
from app.courses.models import STAFF, STUDENT, GroupSet, Membership
from app.database import AnyRow, AnySelect, Db, table_of
from app.discussion.models import Reaction
from app.library.models import Revision
from app.readings.models import CLASS, Audience, Reading

MOST_OF_STAFF = 300
MOST_OF_STUDENTS = 100
"""Those that were pinned, answered and reacted to most: a list to choose from must have an end."""
_TERM = 26 * 7

_post, _audience, _target = table_of(Annotation), table_of(Audience), table_of(Target)
_reading, _revision, _membership = table_of(Reading), table_of(Revision), table_of(Membership)
_reply = _post.alias("reply")
_LIVE = (_reading.c.course_id == bindparam("course"), _reading.c.deleted_at.is_(None))
_READINGS = (
    select(_reading, _revision.c.title, _revision.c.language, _revision.c.direction)
    .join(_revision, _revision.c.id == _reading.c.revision_id)
    .where(*_LIVE)
    .order_by(_reading.c.due_at.is_(None), _reading.c.due_at, _reading.c.id)
)
_ANSWERS = (
    select(func.count())
    .where(_reply.c.root_id == _post.c.id, _reply.c.deleted_at.is_(None), _reply.c.hidden_at.is_(None))
    .correlate(_post)
    .scalar_subquery()
)
_REACTIONS = (
    select(func.count()).where(Reaction.annotation_id == _post.c.id).correlate(_post).scalar_subquery()
)
# What was written for the whole class, by members of it, and still stands.
_POSTS = (
    select(
        _post,
        _target.c.id.label("target_id"),
        _target.c.exact,
        _reading.c.uid.label("reading_uid"),
        _ANSWERS.label("answers"),
    )
    .join(_reading, _reading.c.id == _post.c.reading_id)
    .join(_audience, _audience.c.id == _post.c.audience_id)
    .join(
        _membership,
        and_(_membership.c.course_id == _reading.c.course_id, _membership.c.user_id == _post.c.author_id),
    )
    .join(
        _target,
        and_(_target.c.annotation_id == _post.c.id, _target.c.revision_id == _reading.c.revision_id),
    )
    .where(
        *_LIVE,
        _audience.c.kind == CLASS,
        _post.c.root_id.is_(None),
        _post.c.deleted_at.is_(None),
        _post.c.hidden_at.is_(None),
    )
)
_BY_STAFF: tuple[ColumnElement[bool], ...] = (_audience.c.by_staff, _membership.c.role.in_(STAFF))
_BY_CONSENTING: tuple[ColumnElement[bool], ...] = (
    ~_audience.c.by_staff,
    _membership.c.role == STUDENT,
    _membership.c.research_consent.is_(True),
)
_PINNED_FIRST = _post.c.pinned_at.is_(None)
_OF_STAFF = _POSTS.where(*_BY_STAFF).order_by(_PINNED_FIRST, _reading.c.id, _target.c.start, _post.c.id)
_OF_STUDENTS = _POSTS.where(*_BY_CONSENTING).order_by(
    _PINNED_FIRST, (_ANSWERS + _REACTIONS).desc(), _reading.c.id, _target.c.start, _post.c.id
)
_WANTED = _post.c.uid.in_(bindparam("wanted", expanding=True))


@dataclass(frozen=True)
class Offer:
    """What the form shows. Rows of the tables, with what is needed to recognise them."""

    readings: list[AnyRow]
    posts: list[AnyRow]
    examples: list[AnyRow]
    has_groups: bool
    # The first date of the class on its own clock.
    first: datetime | None
    # By how many days everything moves unless somebody says otherwise.
    days: int

    @property
    def titles(self) -> dict[str, AnyRow]:
        """The readings by their uids."""
        return {row.uid: row for row in self.readings}

    @property
    def first_moved(self) -> datetime | None:
        """The first date, so moved."""
        return self.first + timedelta(days=self.days) if self.first else None

    @property
    def values(self) -> dict[str, Any]:
        """What the form begins with: everything but what students wrote, and of staff's what was pinned."""
        return {
            "readings": [row.uid for row in self.readings],
            "dates": "move",
            "days": self.days,
            "codebook": True,
            "groups": True,
            "posts": [row.uid for row in self.posts if row.pinned_at],
            "examples": [],
        }


def offered(db: Db, course_id: int, zone: ZoneInfo, at: datetime) -> Offer:
    """What there is to take along from a class, at a moment."""
    of_class = {"course": course_id}
    readings = list(db.ask(_READINGS, of_class))
    first = first_date(readings)
    local = first.astimezone(zone) if first else None
    return Offer(
        readings,
        list(db.ask(_OF_STAFF.limit(MOST_OF_STAFF), of_class)),
        list(db.ask(_OF_STUDENTS.limit(MOST_OF_STUDENTS), of_class)),
        db.ask(select(GroupSet.id).where(GroupSet.course_id == course_id).limit(1)).first() is not None,
        local,
        days_until(local, at.astimezone(zone)) if local else 0,
    )


def first_date(readings: list[AnyRow]) -> datetime | None:
    """When the first of these readings is due; when nothing is, when the first is revealed."""
    due = [row.due_at for row in readings if row.due_at]
    return min(due or [row.reveal_at for row in readings if row.reveal_at], default=None)


def days_until(first: datetime, at: datetime) -> int:
    """As many half-years of whole weeks, at least one, as bring a date past this moment; its weekday stays."""
    behind = (at.date() - first.date()).days
    return max(1, behind // _TERM + 1) * _TERM


def readings_wanted(db: Session, course_id: int, uids: list[str]) -> list[AnyRow]:
    """Those of a class that are asked for."""
    wanted = set(uids)
    return [row for row in db.execute(_READINGS, {"course": course_id}) if row.uid in wanted]


def posts_wanted(db: Session, course_id: int, posts: list[str], examples: list[str]) -> list[AnyRow]:
    """Those that are asked for and may be taken along now: staff's, and consenting students'."""
    found: list[AnyRow] = []
    for query, wanted, most in (
        (_POSTS.where(*_BY_STAFF), posts, MOST_OF_STAFF),
        (_POSTS.where(*_BY_CONSENTING), examples, MOST_OF_STUDENTS),
    ):
        found += _asked_for(db, query, course_id, wanted[:most])
    return found


def _asked_for(db: Session, query: AnySelect, course_id: int, wanted: list[str]) -> list[AnyRow]:
    chosen = query.where(_WANTED).order_by(_post.c.id)
    return list(db.execute(chosen, {"course": course_id, "wanted": wanted})) if wanted else []
