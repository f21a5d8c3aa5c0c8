"""What is new to somebody in the readings of their classes, counted now and by what they may see now."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, func, or_, select

from app.access.opening import reading_numbered
from app.accounts.models import Viewer
from app.annotations.models import Annotation
from app.annotations.seeing import seen
from app.courses.models import Course, Membership
from app.database import Db, table_of
from app.discussion.models import Mention
from app.mail.letters import ReadingNews
from app.readings.models import CLASS, GROUP, Audience, Reading
from app.readings.seats import Seat

_post = table_of(Annotation)
_parent, _root = _post.alias("parent"), _post.alias("root")
_mention, _audience = table_of(Mention), table_of(Audience)
_VIEWER: ColumnElement[int] = bindparam("viewer")
_SINCE: ColumnElement[datetime] = bindparam("since")
# What peers wrote before a blind reading was opened to somebody became new when it was.
_OPENED = and_(
    bindparam("opened"),
    select(_audience.c.id)
    .where(_audience.c.id == _post.c.audience_id, _audience.c.kind.in_([GROUP, CLASS]), ~_audience.c.by_staff)
    .exists(),
)
_NEW = (
    _post.c.reading_id == bindparam("reading"),
    _post.c.author_id.is_distinct_from(_VIEWER),
    _post.c.created <= bindparam("until"),
    or_(_post.c.created > _SINCE, _OPENED),
    seen(_post),
    or_(
        _post.c.root_id.is_(None),
        select(_root.c.id).where(_root.c.id == _post.c.root_id, seen(_root)).exists(),
    ),
)
_TO_ME = (
    select(_parent.c.id).where(_parent.c.id == _post.c.parent_id, _parent.c.author_id == _VIEWER).exists()
)
_CALLS_ME = (
    select(_mention.c.user_id)
    .where(_mention.c.annotation_id == _post.c.id, _mention.c.user_id == _VIEWER)
    .exists()
)
_REPLIES = select(func.count()).select_from(_post).where(*_NEW, _TO_ME)
# An answer that also calls by name is told once.
_MENTIONS = select(func.count()).select_from(_post).where(*_NEW, _CALLS_ME, ~_TO_ME)
_THEIRS = (
    select(Reading.id)
    .join(Course, Course.id == Reading.course_id)
    .join(Membership, Membership.course_id == Course.id)
    .where(
        Membership.user_id == _VIEWER,
        Membership.left_at.is_(None),
        Membership.removed_at.is_(None),
        Course.archived_at.is_(None),
        Reading.deleted_at.is_(None),
    )
    .order_by(Course.title, Reading.id)
)


def news_for(db: Db, viewer: Viewer, since: datetime, until: datetime) -> list[ReadingNews]:
    """The readings in which something is new that was written after `since` and not after `until`."""
    found = []
    for reading_id in db.ask(_THEIRS, {"viewer": viewer.id}).scalars().all():
        within = reading_numbered(db, viewer, reading_id)
        if within is None or within.seat is None:
            continue
        values = within.standing.sight.values | _values(within.seat, reading_id, since, until)
        replies, mentions = (db.ask(query, values).scalar() or 0 for query in (_REPLIES, _MENTIONS))
        if replies or mentions:
            found.append(ReadingNews(within.uid, within.title, within.seat.course_title, replies, mentions))
    return found


def _values(seat: Seat, reading_id: int, since: datetime, until: datetime) -> dict[str, Any]:
    opened = seat.revealed_at is not None and since < seat.revealed_at
    return {"reading": reading_id, "since": since, "until": until, "opened": opened}
