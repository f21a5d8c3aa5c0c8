"""News: what was written since a page was drawn, as far as its reader sees it; one's own is drawn, not counted."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, bindparam, func, or_, select

from app.activity.models import Event, Stream
from app.annotations.models import Annotation, Target, TargetParagraph
from app.annotations.seeing import seen, seen_or_gone
from app.annotations.writing import WITHDRAWN
from app.database import Db, table_of
from app.library.models import Paragraph
from app.readings.seats import Standing

# What takes a post out of sight of those who saw it.
VANISHING = (WITHDRAWN, "post.hidden")
_event, _stream = table_of(Event), table_of(Stream)
_post, _root = table_of(Annotation), table_of(Annotation).alias("root")
_target, _part, _paragraph = table_of(Target), table_of(TargetParagraph), table_of(Paragraph)
_HERE = and_(_event.c.stream_id == _stream.c.id, _stream.c.reading_id == bindparam("reading"))
_BY_ME = _event.c.actor_id == bindparam("viewer")
# One's own doings too, whomever they are for: another page of one's own has not drawn them.
_MINE_TO_KNOW = or_(_event.c.audience_id.in_(bindparam("audiences", expanding=True)), _BY_ME)
_THERE = or_(_post.c.root_id.is_(None), seen_or_gone(_root))
_SEEN_OR_WAS = or_(seen_or_gone(_post), _event.c.kind.in_(VANISHING))
# A page carries the random name of the newest event that its reader may know of: a number would tell of the others.
_NEWEST = (
    select(_event.c.uid)
    .join(_stream, _HERE)
    .join(_post, _post.c.id == _event.c.subject_id)
    .outerjoin(_root, _root.c.id == _post.c.root_id)
    .where(_MINE_TO_KNOW, _SEEN_OR_WAS, _THERE)
    .order_by(_event.c.seq.desc())
    .limit(1)
)
_DONE = (
    select(_event.c.uid)
    .join(_stream, _HERE)
    .where(_BY_ME, _event.c.subject_id == bindparam("post"))
    .order_by(_event.c.seq.desc())
    .limit(1)
)
_SINCE = select(_event.c.seq).join(_stream, _HERE).where(_event.c.uid == bindparam("cursor"))
_LATER = (
    select(_post.c.id)
    .distinct()
    .join(_event, _event.c.subject_id == _post.c.id)
    .join(_stream, _HERE)
    .outerjoin(_root, _root.c.id == _post.c.root_id)
    .where(
        _event.c.seq > bindparam("since"),
        _MINE_TO_KNOW,
        _THERE,
    )
)
_NEW = _LATER.where(
    _event.c.kind.in_(["annotation.created", "annotation.shared"]),
    _event.c.actor_id.is_distinct_from(bindparam("viewer")),
    seen(_post),
)
_NUMBER = select(func.count()).select_from(_NEW.subquery())
_TOUCHED = (
    select(_part.c.paragraph_id)
    .distinct()
    .join(_target, _target.c.id == _part.c.target_id)
    .where(_target.c.annotation_id.in_(_LATER.where(_SEEN_OR_WAS)))
)
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


def done_to(db: Db, standing: Standing, post_id: int) -> str:
    """The name of what the viewer did last to a post: the page that did it need not draw it again."""
    values = {"reading": standing.reading_id, "viewer": standing.viewer_id, "post": post_id}
    return db.ask(_DONE, values).scalar() or ""


def unread_since(db: Db, standing: Standing, seen: int) -> list[tuple[int, int]]:
    """Where others' posts stand that came after event `seen`: ordinals and how many; nothing on a first visit."""
    if not seen:
        return []
    return [(n, number) for n, number in db.ask(_UNREAD, _values(standing) | {"since": seen})]


def seq_of(db: Db, standing: Standing, cursor: str) -> int:
    """The number of the event that a cursor names; 0 for one that is none."""
    return db.ask(_SINCE, {"reading": standing.reading_id, "cursor": cursor}).scalar() or 0


def _values(standing: Standing) -> dict[str, Any]:
    return standing.sight.values | {"reading": standing.reading_id}
