"""News: what was written since a page was drawn, as far as its reader sees it; one's own is drawn, not counted."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import BindParameter, and_, bindparam, func, or_, select, union, union_all

from app.activity.models import Event, Stream
from app.annotations.models import Annotation, Target, TargetParagraph
from app.annotations.seeing import seen, seen_or_gone
from app.annotations.writing import WITHDRAWN
from app.database import Db, table_of
from app.discussion.following import not_muted
from app.discussion.moving import HIDDEN, left_since
from app.library.models import Paragraph
from app.readings.models import Audience, Reading
from app.readings.seats import Standing

# What takes a post out of sight of those who saw it.
VANISHING = (WITHDRAWN, HIDDEN)
MOST_NEWS = 500
"""News are counted up to here; who missed more has everything drawn anew."""
_event, _stream = table_of(Event), table_of(Stream)
_audience, _reading = table_of(Audience), table_of(Reading)
_post, _root = table_of(Annotation), table_of(Annotation).alias("root")
_target, _part, _paragraph = table_of(Target), table_of(TargetParagraph), table_of(Paragraph)
_AUDIENCES: BindParameter[Any] = bindparam("audiences", expanding=True)
_STREAM = select(_stream.c.id).where(_stream.c.reading_id == bindparam("reading")).scalar_subquery()
_THERE = or_(_post.c.root_id.is_(None), seen_or_gone(_root))
# Also what went out of sight, or a page would be told of it again and again.
_SEEN_OR_WAS = or_(seen_or_gone(_post), _event.c.kind.in_(VANISHING))
# A reply that is hidden is where its thread is; an annotation may have been moved since, which is not for all to know.
_STAYED = or_(_post.c.root_id.is_not(None), _post.c.version == _event.c.version)
_SEEN_OR_HID = or_(seen_or_gone(_post), and_(_event.c.kind == HIDDEN, _STAYED))
# One's own doings too, whomever they are for: another page of one's own has not drawn them.
_BY_ME = and_(_event.c.stream_id == _STREAM, _event.c.actor_id == bindparam("viewer"))
# Of each audience the newest: whoever may know of little must not pass by all the rest.
_NEWEST_IN_EACH = (
    select(
        select(_event.c.seq)
        .join(_post, _post.c.id == _event.c.subject_id)
        .outerjoin(_root, _root.c.id == _post.c.root_id)
        .where(_event.c.audience_id == _audience.c.id, _SEEN_OR_WAS, _THERE)
        .order_by(_event.c.seq.desc())
        .limit(1)
        .correlate(_audience)
        .scalar_subquery()
        .label("seq")
    )
    .where(_audience.c.id.in_(_AUDIENCES), _audience.c.reading_id == bindparam("reading"))
    .subquery()
)
_NEWEST_BY_ME = (
    select(_event.c.seq)
    .join(_post, _post.c.id == _event.c.subject_id)
    .outerjoin(_root, _root.c.id == _post.c.root_id)
    .where(_BY_ME, _SEEN_OR_WAS, _THERE)
    .order_by(_event.c.seq.desc())
    .limit(1)
    .subquery()
)
_NEWEST_OF_ALL = union_all(select(_NEWEST_IN_EACH.c.seq), select(_NEWEST_BY_ME.c.seq)).subquery()
# A page carries the random name of the newest event that its reader may know of: a number would tell of the others.
_NEWEST = select(_event.c.uid).where(
    _event.c.stream_id == _STREAM,
    _event.c.seq == select(func.max(_NEWEST_OF_ALL.c.seq)).scalar_subquery(),
)
_DONE = (
    select(_event.c.uid)
    .where(_BY_ME, _event.c.subject_id == bindparam("post"))
    .order_by(_event.c.seq.desc())
    .limit(1)
)
_SINCE = select(_event.c.seq).where(_event.c.uid == bindparam("cursor"), _event.c.stream_id == _STREAM)
_LATER = (
    select(_post.c.id)
    .distinct()
    .join(_event, _event.c.subject_id == _post.c.id)
    .outerjoin(_root, _root.c.id == _post.c.root_id)
    .where(_event.c.seq > bindparam("since"), _THERE)
    .limit(MOST_NEWS + 1)
)
_FOR_ME = and_(
    _audience.c.id == _event.c.audience_id,
    _audience.c.id.in_(_AUDIENCES),
    _audience.c.reading_id == bindparam("reading"),
)
# What is muted is no news; it stands where it stands, and is drawn there.
_NEW = _LATER.join(_audience, _FOR_ME).where(
    _event.c.kind.in_(["annotation.created", "annotation.shared"]),
    _event.c.actor_id.is_distinct_from(bindparam("viewer")),
    seen(_post),
    not_muted(_post),
)
_NUMBER = select(func.count()).select_from(_NEW.subquery())
# A reply stands where its thread does, also after that has moved.
_PLACED = _LATER.with_only_columns(func.coalesce(_post.c.root_id, _post.c.id).label("post"))
_CHANGED = union(
    *(
        select(later.where(_SEEN_OR_HID).subquery().c.post)
        for later in (_PLACED.join(_audience, _FOR_ME), _PLACED.where(_BY_ME))
    )
).limit(MOST_NEWS + 1)
_TOUCHED = (
    select(_part.c.paragraph_id)
    .distinct()
    .join(_target, _target.c.id == _part.c.target_id)
    .where(_target.c.annotation_id.in_(bindparam("posts", expanding=True)))
)
_ALL = (
    select(_paragraph.c.id)
    .join(_reading, _reading.c.revision_id == _paragraph.c.revision_id)
    .where(_reading.c.id == bindparam("reading"))
)
_UNREAD = (
    select(_paragraph.c.ordinal, func.count(_target.c.annotation_id.distinct()))
    .join(_part, _part.c.target_id == _target.c.id)
    .join(_paragraph, _paragraph.c.id == _part.c.paragraph_id)
    .where(_target.c.annotation_id.in_(select(_NEW.subquery().c.id)), _part.c.start == _target.c.start)
    .group_by(_paragraph.c.ordinal)
    .order_by(_paragraph.c.ordinal)
)


@dataclass(frozen=True)
class News:
    """How many posts are new, at most MOST_NEWS + 1, and the cursor of a page that shows them."""

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
    """Keys of the paragraphs in which anything changed for the reader of a page drawn at that cursor.

    All of them when more than MOST_NEWS posts changed.
    """
    values = _values(standing) | {"since": seq_of(db, standing, cursor)}
    posts = db.ask(_CHANGED, values).scalars().all()
    if len(posts) > MOST_NEWS:
        return set(db.ask(_ALL, values).scalars())
    return set(db.ask(_TOUCHED, {"posts": posts}).scalars()) | left_since(db, values)


def done_to(db: Db, standing: Standing, post_id: int) -> str:
    """The name of what the viewer did last to a post: the page that did it need not draw it again."""
    values = {"reading": standing.reading_id, "viewer": standing.viewer_id, "post": post_id}
    return db.ask(_DONE, values).scalar() or ""


def unread_since(db: Db, standing: Standing, seen: int) -> list[tuple[int, int]]:
    """Where others' posts stand that came after event `seen`: ordinals and how many, MOST_NEWS + 1 in all at most.

    Nothing on a first visit.
    """
    if not seen:
        return []
    return [(n, number) for n, number in db.ask(_UNREAD, _values(standing) | {"since": seen})]


def seq_of(db: Db, standing: Standing, cursor: str) -> int:
    """The number of the event that a cursor names; 0 for one that is none."""
    return db.ask(_SINCE, {"reading": standing.reading_id, "cursor": cursor}).scalar() or 0


def _values(standing: Standing) -> dict[str, Any]:
    return standing.sight.values | {"reading": standing.reading_id}
