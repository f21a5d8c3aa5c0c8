"""Events of several readings at once, with whom each is for and the paragraphs that it touches."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import and_, bindparam, false, func, or_, select

from app.activity.models import Event, Stream
from app.annotations.models import Annotation
from app.database import AnyRow, Db, table_of
from app.discussion.moving import places
from app.discussion.news import VANISHING
from app.readings.audiences import Whom
from app.readings.models import CLASS, GROUP, ME, TO_STAFF, Audience
from app.readings.seats import Seat

AT_ONCE = 2000
"""Events that are read at a time."""

_event, _stream, _audience = table_of(Event).c, table_of(Stream).c, table_of(Audience).c
_post, _root = table_of(Annotation), table_of(Annotation).alias("root")
_over = table_of(Audience).alias("over")
_SEQ = select(_stream.seq).where(_stream.reading_id == bindparam("reading"))
_SEQS = select(_stream.id, _stream.reading_id, _stream.seq).where(
    _stream.reading_id.in_(bindparam("readings", expanding=True))
)
_EVENTS = (
    select(
        _event.stream_id,
        _event.seq,
        _event.uid,
        _event.subject_id,
        _event.actor_id,
        _event.audience_id,
        _event.version,
        _event.kind.label("did"),
        _audience.kind,
        _audience.user_id,
        _audience.group_id,
        _audience.by_staff,
        _post.c.author_id,
        _post.c.hidden_at.is_not(None).label("hidden"),
        _root.c.author_id.label("root_author_id"),
        func.coalesce(_root.c.hidden_at.is_not(None), false()).label("root_hidden"),
        _over.c.kind.label("root_kind"),
        _over.c.user_id.label("root_user_id"),
        _over.c.group_id.label("root_group_id"),
        _over.c.by_staff.label("root_by_staff"),
    )
    .join(table_of(Audience), _audience.id == _event.audience_id)
    .join(_post, _post.c.id == _event.subject_id)
    .outerjoin(_root, _root.c.id == _post.c.root_id)
    .outerjoin(_over, _over.c.id == _root.c.audience_id)
    .order_by(_event.stream_id, _event.seq)
    .limit(AT_ONCE)
)


@dataclass(frozen=True)
class Part:
    """What something happened to, or the thread that this stands in: whom it is for, who wrote it, if it is hidden."""

    whom: Whom
    author_id: int | None
    hidden: bool

    def is_in_sight(self, seat: Seat, viewer_id: int) -> bool:
        """Whether peers' eyes reach it: what is hidden is there for staff and its author."""
        return not self.hidden or seat.is_staff or self.author_id == viewer_id


@dataclass(frozen=True)
class Happened:
    """Something that happened in a reading: whom it is for, who did it, and in which paragraphs (ordinals)."""

    seq: int
    uid: str
    actor_id: int | None
    what: Part
    # For a reply its thread's first post.
    above: Part | None
    paragraphs: frozenset[int]

    def is_for(self, seat: Seat, viewer_id: int) -> bool:
        """Whether a member in this seat may know of it now. One's own doings are told to one's other pages."""
        if self.actor_id == viewer_id:
            return True
        what, above = self.what, self.above
        if not (_is_among(what.whom, seat, viewer_id) and what.is_in_sight(seat, viewer_id)):
            return False
        if above is None or above.author_id == viewer_id:
            return True
        return _is_among(above.whom, seat, viewer_id) and above.is_in_sight(seat, viewer_id)


def _is_among(whom: Whom, seat: Seat, viewer_id: int) -> bool:
    if whom.kind in (GROUP, CLASS) and seat.is_blind and not whom.by_staff:
        return False
    if whom.kind == GROUP:
        return seat.is_staff or whom.group_id == seat.group_id
    if whom.kind in (ME, TO_STAFF):
        return whom.user_id == viewer_id or (whom.kind == TO_STAFF and seat.is_staff)
    return whom.kind == CLASS or seat.is_staff


def newest(db: Db, reading_id: int) -> int:
    """The number of a reading's newest event."""
    return db.ask(_SEQ, {"reading": reading_id}).scalar() or 0


def events_since(db: Db, since: Mapping[int, int]) -> dict[int, list[Happened]]:
    """The events of these readings after those numbers, in their order; nothing of readings where nothing happened."""
    streams = {
        row.id: row.reading_id
        for row in db.ask(_SEQS, {"readings": list(since)})
        if row.seq > since[row.reading_id]
    }
    if not streams:
        return {}
    newer = or_(
        *(and_(_event.stream_id == key, _event.seq > since[reading]) for key, reading in streams.items())
    )
    rows = db.ask(_EVENTS.where(newer)).all()
    found: dict[int, list[Happened]] = defaultdict(list)
    for row, where in zip(rows, places(db, rows), strict=True):
        happened = Happened(row.seq, row.uid, row.actor_id, _what(row), _above(row), where)
        found[streams[row.stream_id]].append(happened)
    return dict(found)


def _what(row: AnyRow) -> Part:
    whom = Whom(row.kind, row.user_id, row.group_id, row.by_staff)
    # What is for its author alone is told whether it is hidden or not.
    return Part(whom, row.author_id, row.hidden and row.did not in VANISHING and row.kind != ME)


def _above(row: AnyRow) -> Part | None:
    if row.root_kind is None:
        return None
    whom = Whom(row.root_kind, row.root_user_id, row.root_group_id, row.root_by_staff)
    return Part(whom, row.root_author_id, row.root_hidden)
