"""Where posts stood before they were moved or went out of sight, so that their marks go from there on open pages."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import BindParameter, Boolean, and_, bindparam, func, literal_column, or_, select, union

from app.activity.models import HIDING, Event, Stream
from app.annotations.models import Annotation, AnnotationVersion, Target, TargetParagraph
from app.annotations.writing import WITHDRAWN
from app.database import AnyRow, Db, table_of
from app.library.models import Paragraph
from app.readings.models import Audience

HIDDEN = "post.hidden"
_event, _stream = table_of(Event), table_of(Stream)
_version, _audience = table_of(AnnotationVersion), table_of(Audience)
_post, _target, _paragraph = table_of(Annotation), table_of(Target), table_of(Paragraph)
_part = table_of(TargetParagraph)
_AUDIENCES: BindParameter[Any] = bindparam("audiences", expanding=True)
_STREAM = select(_stream.c.id).where(_stream.c.reading_id == bindparam("reading")).scalar_subquery()
_start, _end = (_version.c.targets[0, edge].as_integer() for edge in ("start", "end"))
_ENDED = and_(
    or_(_event.c.kind.startswith("annotation."), _event.c.kind == WITHDRAWN),
    _version.c.version == _event.c.version - 1,
)
# What was hidden may have been moved since, and where to is its author's and the staff's to know.
_HID = and_(_event.c.kind == HIDDEN, _version.c.version == _event.c.version)
_hiding = _event.alias("hiding")
_HIDDEN_THEN = (
    select(_hiding.c.kind)
    .where(
        _hiding.c.subject_id == _event.c.subject_id,
        _hiding.c.seq < _event.c.seq,
        literal_column(f"hiding.{HIDING}", Boolean()),
    )
    .order_by(_hiding.c.seq.desc())
    .limit(1)
    .correlate(_event)
    .scalar_subquery()
    .is_not_distinct_from(HIDDEN)
)
# What staff had hidden before it was moved was in the sight of its author and of staff alone.
_WAS_SEEN = or_(
    _post.c.author_id == bindparam("viewer"),
    bindparam("sees_hidden", type_=Boolean()),
    _event.c.kind.in_([WITHDRAWN, HIDDEN]),
    ~_HIDDEN_THEN,
)
_LEFT = (
    select(_paragraph.c.id)
    .distinct()
    .join(_target, _target.c.revision_id == _paragraph.c.revision_id)
    .join(_post, _post.c.id == _target.c.annotation_id)
    .join(_version, _version.c.annotation_id == _post.c.id)
    .join(_event, _event.c.subject_id == _post.c.id)
    .where(
        _event.c.seq > bindparam("since"),
        or_(_ENDED, _HID),
        _post.c.root_id.is_(None),
        _paragraph.c.start < _end,
        _paragraph.c.end > _start,
    )
)
_LEFT_IN_SIGHT = union(
    # Told to those whom the post was for as it stood there: it may be for others now, who need not know.
    _LEFT.join(_audience, _audience.c.id == _event.c.audience_id).where(
        _event.c.audience_id == _version.c.audience_id,
        _audience.c.id.in_(_AUDIENCES),
        _audience.c.reading_id == bindparam("reading"),
        _WAS_SEEN,
    ),
    # And to whoever moved it, who may have it open twice.
    _LEFT.where(_event.c.stream_id == _STREAM, _event.c.actor_id == bindparam("viewer"), _WAS_SEEN),
)


_STOOD = (
    select(_version.c.annotation_id, _version.c.version, _version.c.audience_id, _paragraph.c.ordinal)
    .join(_target, _target.c.annotation_id == _version.c.annotation_id)
    .join(_paragraph, _paragraph.c.revision_id == _target.c.revision_id)
    .join(_post, _post.c.id == _version.c.annotation_id)
    .where(
        _version.c.annotation_id.in_(bindparam("posts", expanding=True)),
        _post.c.root_id.is_(None),
        _paragraph.c.start < _end,
        _paragraph.c.end > _start,
    )
)
_NOW = (
    select(_post.c.id, _paragraph.c.ordinal)
    .join(_target, _target.c.annotation_id == func.coalesce(_post.c.root_id, _post.c.id))
    .join(_part, _part.c.target_id == _target.c.id)
    .join(_paragraph, _paragraph.c.id == _part.c.paragraph_id)
    .where(_post.c.id.in_(bindparam("posts", expanding=True)))
)


def places(db: Db, happened: Sequence[AnyRow]) -> list[frozenset[int]]:
    """The ordinals of the paragraphs that each of these events touched, for those who may learn of it.

    `happened` are events with `subject_id`, `version`, `audience_id` and their kind as `did`.
    """
    stood, now = defaultdict[tuple[int, int, int], set[int]](set), defaultdict[int, set[int]](set)
    posts = {"posts": list({row.subject_id for row in happened if row.subject_id})}
    for post, version, audience_id, ordinal in db.ask(_STOOD, posts):
        stood[post, version, audience_id].add(ordinal)
    for post, ordinal in db.ask(_NOW, posts):
        now[post].add(ordinal)
    found = []
    for row in happened:
        ended = row.version if row.did == HIDDEN else row.version - 1 if _ends(row.did) else None
        before = stood[row.subject_id, ended, row.audience_id] if ended else set[int]()
        moved_since = row.did == WITHDRAWN or (row.did == HIDDEN and before)
        found.append(frozenset(before if moved_since else before | now[row.subject_id]))
    return found


def _ends(did: str) -> bool:
    """Whether an event put an end to the version before."""
    return did.startswith("annotation.") or did == WITHDRAWN


def left_since(db: Db, values: Mapping[str, Any]) -> set[int]:
    """Keys of the paragraphs where posts stood that were moved, hidden or withdrawn since an event.

    `values` are those of a `Sight`, with `reading` and the number of the event as `since`.
    """
    return set(db.ask(_LEFT_IN_SIGHT, values).scalars())
