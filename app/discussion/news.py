"""News: what others wrote since a page was drawn, as far as its reader may see it."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, FromClause, and_, bindparam, func, or_, select, union

from app.activity.models import Event, Stream
from app.annotations.models import Annotation, AnnotationVersion, Target, TargetParagraph
from app.annotations.seeing import seen, seen_or_gone
from app.annotations.writing import WITHDRAWN
from app.database import Db, table_of
from app.library.models import Paragraph
from app.readings.seats import Standing

# What takes a post out of sight of those who saw it.
HIDDEN = "post.hidden"
VANISHING = (WITHDRAWN, HIDDEN)
# What staff do to a post, and what peers do that shows on it without a word.
ORDERED = (HIDDEN, "post.shown", "post.pinned", "post.unpinned", "post.resolved", "post.reopened")
REACTED = ("post.reacted", "post.unreacted")
_event, _stream = table_of(Event), table_of(Stream)
_post, _root = table_of(Annotation), table_of(Annotation).alias("root")
_target, _part, _paragraph = table_of(Target), table_of(TargetParagraph), table_of(Paragraph)
_version = table_of(AnnotationVersion)


def stood_in(version: FromClause, paragraph: FromClause) -> ColumnElement[bool]:
    """That a version of a post touches a paragraph of its revision."""
    start, end = (version.c.targets[0, edge].as_integer() for edge in ("start", "end"))
    return and_(paragraph.c.start < end, paragraph.c.end > start)


def stood_until(version: FromClause, event: FromClause) -> ColumnElement[bool]:
    """That a version, which was for those who learn of an event, is what that event put an end to, or hid."""
    ended = and_(
        event.c.kind.startswith("annotation.") | (event.c.kind == WITHDRAWN),
        version.c.version == event.c.version - 1,
    )
    hid = and_(event.c.kind == HIDDEN, version.c.version == event.c.version)
    whose = and_(event.c.subject_id == version.c.annotation_id, event.c.audience_id == version.c.audience_id)
    return and_(whose, or_(ended, hid))


_HERE = and_(_event.c.stream_id == _stream.c.id, _stream.c.reading_id == bindparam("reading"))
# What is done to one's own is told also where it is for others: in a group that one has left, or while one is blind.
_DONE_TO_MINE = and_(
    _post.c.author_id == bindparam("viewer"), _event.c.kind.in_(bindparam("done_to_mine", expanding=True))
)
_MINE_TO_KNOW = or_(_event.c.audience_id.in_(bindparam("audiences", expanding=True)), _DONE_TO_MINE)
_THERE = or_(_post.c.root_id.is_(None), seen_or_gone(_root))
_TELLS = or_(seen_or_gone(_post), _event.c.kind.in_(VANISHING))
# A page carries the random name of the newest event that its reader may know of: a number would tell of the others.
_NEWEST = (
    select(_event.c.uid)
    .join(_stream, _HERE)
    .join(_post, _post.c.id == _event.c.subject_id)
    .outerjoin(_root, _root.c.id == _post.c.root_id)
    .where(_MINE_TO_KNOW, _TELLS, _THERE)
    .order_by(_event.c.seq.desc())
    .limit(1)
)
_SINCE = select(_event.c.seq).join(_stream, _HERE).where(_event.c.uid == bindparam("cursor"))
_OF_OTHERS = _event.c.actor_id.is_distinct_from(bindparam("viewer"))
_SINCE_THEN = and_(_event.c.seq > bindparam("since"), _MINE_TO_KNOW, _OF_OTHERS, _THERE)
_LATER = (
    select(_post.c.id)
    .distinct()
    .join(_event, _event.c.subject_id == _post.c.id)
    .join(_stream, _HERE)
    .outerjoin(_root, _root.c.id == _post.c.root_id)
    .where(_SINCE_THEN)
)
_NEW = _LATER.where(_event.c.kind.in_(["annotation.created", "annotation.shared"]), seen(_post))
_NUMBER = select(func.count()).select_from(_NEW.subquery())
_HID_HERE = and_(
    _event.c.kind == HIDDEN, _post.c.root_id.is_not(None) | (_post.c.version == _event.c.version)
)
# Where posts stand now. A reply stands where its thread does, also after that has moved.
_STAND = (
    select(_part.c.paragraph_id)
    .join(_target, _target.c.id == _part.c.target_id)
    .join(_post, func.coalesce(_post.c.root_id, _post.c.id) == _target.c.annotation_id)
    .join(_event, _event.c.subject_id == _post.c.id)
    .join(_stream, _HERE)
    .outerjoin(_root, _root.c.id == _post.c.root_id)
    .where(_SINCE_THEN, or_(seen_or_gone(_post), _HID_HERE))
)
# What staff had hidden by then was in nobody's sight.
_WAS_SEEN = or_(_TELLS, _post.c.hidden_at.is_(None), _post.c.hidden_at >= _event.c.at)
# Where they stood before they were moved or went out of sight, told to those whom they were for then.
_STOOD = (
    select(_paragraph.c.id)
    .join(_target, _target.c.revision_id == _paragraph.c.revision_id)
    .join(_version, and_(_version.c.annotation_id == _target.c.annotation_id, stood_in(_version, _paragraph)))
    .join(_post, _post.c.id == _version.c.annotation_id)
    .join(_event, stood_until(_version, _event))
    .join(_stream, _HERE)
    .outerjoin(_root, _root.c.id == _post.c.root_id)
    .where(_SINCE_THEN, _WAS_SEEN, _post.c.root_id.is_(None))
)
_TOUCHED = union(_STAND, _STOOD)
_UNREAD = (
    select(_paragraph.c.ordinal, func.count(_target.c.annotation_id.distinct()))
    .join(_part, _part.c.target_id == _target.c.id)
    .join(_paragraph, _paragraph.c.id == _part.c.paragraph_id)
    .where(_target.c.annotation_id.in_(_NEW), _part.c.start == _target.c.start)
    .group_by(_paragraph.c.ordinal)
    .order_by(_paragraph.c.ordinal)
)


@dataclass(frozen=True)
class News:
    """How many posts are new, and the cursor of a page that shows them."""

    number: int
    cursor: str


def cursor_of(db: Db, standing: Standing) -> str:
    """What a page drawn now remembers of where it stands; empty when its reader may know of nothing yet."""
    return db.ask(_NEWEST, _values(standing)).scalar() or ""


def news(db: Db, standing: Standing, cursor: str) -> News:
    """What is new to the reader of a page drawn at that cursor."""
    values = _values(standing) | {"since": seq_of(db, standing, cursor)}
    return News(db.ask(_NUMBER, values).scalar() or 0, cursor_of(db, standing))


def touched_since(db: Db, standing: Standing, cursor: str) -> set[int]:
    """Keys of the paragraphs in which anything changed for the reader of a page drawn at that cursor."""
    values = _values(standing) | {"since": seq_of(db, standing, cursor)}
    return set(db.ask(_TOUCHED, values).scalars())


def unread_since(db: Db, standing: Standing, seen: int) -> list[tuple[int, int]]:
    """Where others' posts stand that came after event `seen`: ordinals and how many; nothing on a first visit."""
    if not seen:
        return []
    return [(n, number) for n, number in db.ask(_UNREAD, _values(standing) | {"since": seen})]


def seq_of(db: Db, standing: Standing, cursor: str) -> int:
    """The number of the event that a cursor names; 0 for one that is none."""
    return db.ask(_SINCE, {"reading": standing.reading_id, "cursor": cursor}).scalar() or 0


def _values(standing: Standing) -> dict[str, Any]:
    blind = standing.seat is not None and standing.seat.is_blind
    told = {"reading": standing.reading_id, "done_to_mine": ORDERED if blind else ORDERED + REACTED}
    return standing.sight.values | told
