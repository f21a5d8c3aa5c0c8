"""Events of several readings at once, with whom each is for and the paragraphs that it touches."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import and_, bindparam, false, func, or_, select

from app.activity.models import Event, Stream
from app.annotations.models import Annotation
from app.database import Db, table_of
from app.discussion.moving import places
from app.discussion.news import VANISHING
from app.readings.audiences import Whom
from app.readings.models import CLASS, GROUP, ME, TO_STAFF, Audience
from app.readings.seats import Seat

AT_ONCE = 2000
"""Events that are read at a time."""

_event, _stream, _audience = table_of(Event).c, table_of(Stream).c, table_of(Audience).c
_post, _root = table_of(Annotation), table_of(Annotation).alias("root")
_above = table_of(Audience).alias("above")
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
        (_post.c.hidden_at.is_not(None) | func.coalesce(_root.c.hidden_at.is_not(None), false())).label(
            "hidden"
        ),
        _above.c.kind.label("root_kind"),
        _above.c.user_id.label("root_user_id"),
        _above.c.group_id.label("root_group_id"),
        _above.c.by_staff.label("root_by_staff"),
    )
    .join(table_of(Audience), _audience.id == _event.audience_id)
    .join(_post, _post.c.id == _event.subject_id)
    .outerjoin(_root, _root.c.id == _post.c.root_id)
    .outerjoin(_above, _above.c.id == _root.c.audience_id)
    .order_by(_event.stream_id, _event.seq)
    .limit(AT_ONCE)
)


@dataclass(frozen=True)
class Happened:
    """Something that happened in a reading: whom it is for, who did it, and in which paragraphs (ordinals)."""

    seq: int
    uid: str
    actor_id: int | None
    # For a reply also those whom its thread is for.
    whom: tuple[Whom, ...]
    paragraphs: frozenset[int]
    # Whether only staff may know of it, since what it happened to is hidden.
    hidden: bool = False

    def is_for(self, seat: Seat, viewer_id: int) -> bool:
        """Whether a member in this seat may know of it now. One's own doings are not news."""
        if self.actor_id == viewer_id or (self.hidden and not seat.is_staff):
            return False
        return all(_is_among(whom, seat, viewer_id) for whom in self.whom)


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
        whom = [Whom(row.kind, row.user_id, row.group_id, row.by_staff)]
        if row.root_kind:
            whom.append(Whom(row.root_kind, row.root_user_id, row.root_group_id, row.root_by_staff))
        # What is for its author alone is told whether it is hidden or not.
        hidden = row.hidden and row.did not in VANISHING and row.kind != ME
        happened = Happened(row.seq, row.uid, row.actor_id, tuple(whom), where, hidden)
        found[streams[row.stream_id]].append(happened)
    return dict(found)
