"""Places: how far people have read, sent by their browsers every few seconds and written in batches."""

import logging
import threading
from collections.abc import Iterable
from datetime import timedelta
from types import TracebackType

from sqlalchemy import bindparam, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.accounts.models import User, Viewer, see_sessions
from app.database import Database, Db, now
from app.library.models import Paragraph
from app.readings.members import keep_member
from app.readings.models import Reading, ReadingMember
from app.ticking import Ticker
from app.writer import CommitFailed

_EVERY = 3.0
_DAY = timedelta(days=1)
_MEMBER = ReadingMember.__table__.c
_PLACE = select(_MEMBER.place).where(
    _MEMBER.reading_id == bindparam("reading"), _MEMBER.user_id == bindparam("user")
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
            self._write(places.items(), seen)
        except BaseException:
            with self._lock:
                self._places = places | self._places
                self._seen |= seen
            raise

    def _write(self, places: Iterable[tuple[tuple[int, int], tuple[int, int]]], seen: set[int]) -> None:
        at = now()
        with self._database.writing() as writing:
            for (reading_id, user_id), (place, newest) in sorted(places):
                mine = (ReadingMember.reading_id == reading_id) & (ReadingMember.user_id == user_id)
                here = writing.connection().execute(update(ReadingMember).where(mine).values(place=place))
                if not here.rowcount and _both_there(writing, reading_id, user_id):
                    keep_member(writing.connection(), reading_id, user_id, place=place)
                behind = mine & (ReadingMember.seen_seq < newest)
                writing.execute(update(ReadingMember).where(behind).values(seen_seq=newest))
                opened = mine & ReadingMember.opened_at.is_(None)
                writing.execute(update(ReadingMember).where(opened).values(opened_at=at))
                last = (
                    select(Paragraph.id)
                    .join(Reading, Reading.revision_id == Paragraph.revision_id)
                    .where(Reading.id == reading_id, Paragraph.ordinal > place)
                )
                finished = mine & ReadingMember.finished_at.is_(None) & ~last.exists()
                writing.execute(update(ReadingMember).where(finished).values(finished_at=at))
            see_sessions(writing, seen, at, self._session_days)

    def _flush_or_warn(self) -> None:
        try:
            self.flush()
        except (DBAPIError, CommitFailed) as error:
            log.warning("Reading places were not saved this time: %s", error)


def _both_there(writing: Session, reading_id: int, user_id: int) -> bool:
    """Whether neither has been erased since the place was noted."""
    there = select(Reading.id).where(
        Reading.id == reading_id, select(User.id).where(User.id == user_id).exists()
    )
    return writing.scalar(there) is not None
