"""What there is to tell somebody besides posts: others' work opened, due dates, and a post of theirs that staff hid."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from sqlalchemy import bindparam, select

from app.access.joined import Joined
from app.accounts.models import Viewer
from app.annotations.models import Annotation
from app.courses.models import STUDENT
from app.database import Db, table_of
from app.notices.candidates import Span
from app.notices.gathering import Notice, opened_at

SOON = timedelta(days=1)
"""How long before it is due a reading is called to mind."""
_post = table_of(Annotation).c
# The author's own index leads to them.
_HIDDEN = select(_post.reading_id, _post.uid, _post.hidden_at, _post.hidden_word).where(
    _post.author_id == bindparam("viewer"),
    _post.hidden_at > bindparam("since"),
    _post.hidden_at <= bindparam("until"),
    _post.deleted_at.is_(None),
)


def moments(
    db: Db, viewer: Viewer, readings: Sequence[Joined], span: Span, present: datetime
) -> list[Notice]:
    """What came about within the span, as it stands at present. No wish mutes what staff set."""
    found = [*_hidden(db, viewer, readings, span), *_opened(readings), *_due(readings, present)]
    return [notice for notice in found if span.since < notice.at <= span.until]


def _hidden(db: Db, viewer: Viewer, readings: Sequence[Joined], span: Span) -> Iterator[Notice]:
    by_key = {reading.id: reading for reading in readings}
    values = {"viewer": viewer.id, "since": span.since, "until": span.until}
    for key, uid, at, word in db.ask(_HIDDEN, values):
        if reading := by_key.get(key):
            yield Notice("hidden", at, reading, uid, word=word or "")


def _opened(readings: Sequence[Joined]) -> Iterator[Notice]:
    for reading in readings:
        at = opened_at(reading)
        if at and at > reading.joined_at:
            yield Notice("opened", at, reading, f"opened:{reading.uid}")


def _due(readings: Sequence[Joined], present: datetime) -> Iterator[Notice]:
    """A day ahead, and once it is late: to students who have not read to the end, by the date that is theirs."""
    for reading in readings:
        seat = reading.seat
        if seat.role != STUDENT or reading.finished_at or seat.archived_at or not seat.due_at:
            continue
        kind, since = ("late", seat.due_at) if seat.due_at <= present else ("due", seat.due_at - SOON)
        begins = max(since, reading.joined_at, seat.opens_at or since)
        yield Notice(kind, begins, reading, f"{kind}:{reading.uid}")
