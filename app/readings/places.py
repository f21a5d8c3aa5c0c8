"""Places: how far people have read, sent by their browsers every few seconds and written in batches."""

import logging
import threading
from collections.abc import Collection, Mapping
from datetime import timedelta
from types import TracebackType

from sqlalchemy import bindparam, case, func, select, update
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.accounts.models import User, Viewer, see_sessions
from app.database import Database, Db, now, table_of
from app.library.models import Paragraph
from app.readings.members import keep_member
from app.readings.models import Reading, ReadingMember
from app.ticking import Ticker
from app.writer import CommitFailed

_EVERY = 3.0
_DAY = timedelta(days=1)
_MEMBER, _reading, _paragraph = table_of(ReadingMember).c, table_of(Reading).c, table_of(Paragraph).c
_PLACE = select(_MEMBER.place).where(
    _MEMBER.reading_id == bindparam("reading"), _MEMBER.user_id == bindparam("user")
)
_KNOWN = select(_MEMBER.reading_id, _MEMBER.user_id).where(
    _MEMBER.reading_id.in_(bindparam("readings", expanding=True)),
    _MEMBER.user_id.in_(bindparam("users", expanding=True)),
)
_LATER = (
    select(_paragraph.id)
    .join(table_of(Reading), _reading.revision_id == _paragraph.revision_id)
    .where(_reading.id == bindparam("reading"), _paragraph.ordinal > bindparam("reached"))
)
# Carried out for each reader: it must stay cheap, since all who write wait for the batch.
_REACHED = (
    update(table_of(ReadingMember))
    .where(_MEMBER.reading_id == bindparam("reading"), _MEMBER.user_id == bindparam("user"))
    .values(
        place=bindparam("reached"),
        seen_seq=case((_MEMBER.seen_seq < bindparam("newest"), bindparam("newest")), else_=_MEMBER.seen_seq),
        opened_at=func.coalesce(_MEMBER.opened_at, bindparam("now", type_=_MEMBER.opened_at.type)),
        finished_at=case(
            (
                _MEMBER.finished_at.is_(None) & ~_LATER.exists(),
                bindparam("now", type_=_MEMBER.finished_at.type),
            ),
            else_=_MEMBER.finished_at,
        ),
    )
)
log = logging.getLogger("postil")


class PlaceKeeper:
    """Holds the newest place of each reader in memory until the next batch is written."""

    def __init__(self, database: Database, session_days: int) -> None:
        self._database = database
        self._session_days = session_days
        self._places: dict[tuple[int, int], tuple[int, int]] = {}
        # The last batch: on its way, or written after a request began that does not see it yet.
        self._leaving: dict[tuple[int, int], tuple[int, int]] = {}
        self._seen: set[int] = set()
        self._lock = threading.Lock()
        self._ticker = Ticker("places", _EVERY, self._flush_or_warn)

    def __enter__(self) -> "PlaceKeeper":
        self._ticker.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ticker.__exit__(kind, error, trace)
        self.flush()

    def note(self, reading_id: int, user_id: int, place: int, session_id: int, seen: int = 0) -> None:
        """Remembers that a reader has paragraph `place` (an ordinal) at the top, and was shown event `seen`."""
        with self._lock:
            _place, before = self._places.get((reading_id, user_id), (0, 0))
            self._places[reading_id, user_id] = place, max(seen, before)
            self._seen.add(session_id)

    def saw(self, viewer: Viewer) -> None:
        """Remembers, once a day, that a sign-in is used: one that is never used ends."""
        if now() - viewer.last_seen_at > _DAY:
            with self._lock:
                self._seen.add(viewer.session_id)

    def place(self, db: Db, reading_id: int, user_id: int) -> int:
        """Ordinal of the paragraph where a reader is."""
        with self._lock:
            here = reading_id, user_id
            noted = self._places.get(here, self._leaving.get(here))
        if noted is not None:
            return noted[0]
        return db.ask(_PLACE, {"reading": reading_id, "user": user_id}).scalar() or 0

    def flush(self) -> None:
        """Writes what has come since the last batch. What could not be written waits for the next."""
        with self._lock:
            places, self._places = self._places, {}
            self._leaving = places
            seen, self._seen = self._seen, set()
        if not places and not seen:
            return
        try:
            self._write(places, seen)
        except BaseException:
            with self._lock:
                self._places = places | self._places
                self._seen |= seen
            raise

    def _write(self, places: Mapping[tuple[int, int], tuple[int, int]], seen: set[int]) -> None:
        at = now()
        rows = [
            {"reading": reading_id, "user": user_id, "reached": place, "newest": newest, "now": at}
            for (reading_id, user_id), (place, newest) in sorted(places.items())
        ]
        with self._database.writing() as writing:
            connection = writing.connection()
            for reading_id, user_id in sorted(set(places) - _known(connection, places)):
                if _both_there(writing, reading_id, user_id):
                    keep_member(connection, reading_id, user_id, place=places[reading_id, user_id][0])
            if rows:
                connection.execute(_REACHED, rows)
            see_sessions(writing, seen, at, self._session_days)

    def _flush_or_warn(self) -> None:
        try:
            self.flush()
        except (DBAPIError, CommitFailed) as error:
            log.warning("Reading places were not saved this time: %s", error)


def _known(connection: Connection, places: Collection[tuple[int, int]]) -> set[tuple[int, int]]:
    """Those of these readers that have a row, and others with whom they share a reading."""
    readings, users = zip(*places, strict=True) if places else ((), ())
    wanted = {"readings": sorted(set(readings)), "users": sorted(set(users))}
    return {(row.reading_id, row.user_id) for row in connection.execute(_KNOWN, wanted)}


def _both_there(writing: Session, reading_id: int, user_id: int) -> bool:
    """Whether neither has been erased since the place was noted."""
    there = select(Reading.id).where(
        Reading.id == reading_id, select(User.id).where(User.id == user_id).exists()
    )
    return writing.scalar(there) is not None
