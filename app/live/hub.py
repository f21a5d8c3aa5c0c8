"""The hub: everybody who has a reading of a class open in this process, told of what happens there.

One thread looks for new events of the readings that are open here: at once when this process has written, and a few
times a second for what other processes write. An event names paragraphs, never words: the page fetches what it may see.
"""

import logging
import threading
from collections import defaultdict
from collections.abc import Callable
from types import TracebackType

from sqlalchemy.exc import DBAPIError

from app.database import Database, Db
from app.live.events import Happened, events_since, newest
from app.live.listening import Listener
from app.readings.seats import Seat

POLL_SECONDS = 0.25
"""How long what another process wrote can wait."""
CHECK_SECONDS = 2.0
"""How often it is asked whether those who listen still may, and what they see."""
log = logging.getLogger("postil")

Check = Callable[[Db, Listener], Seat | None]


class Hub:
    """Those who listen, by reading."""

    def __init__(self, database: Database, check: Check) -> None:
        self._database = database
        self._check = check
        self._listeners: dict[int, set[Listener]] = defaultdict(set)
        self._seen: dict[int, int] = {}
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> "Hub":
        self._stop.clear()
        for name, act in (("live", self._run), ("live-check", self._run_checks)):
            thread = threading.Thread(target=act, name=name, daemon=True)
            thread.start()
            self._threads.append(thread)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Ends every stream and the threads. What is asked for afterwards ends at once."""
        self._stop.set()
        self._database.written.set()
        for listener in self._everybody():
            listener.end()
        for thread in self._threads:
            thread.join()
        self._threads.clear()

    def add(self, db: Db, listener: Listener) -> None:
        """Tells somebody from now on of what happens in a reading."""
        with self._lock:
            self._listeners[listener.reading_id].add(listener)
            if listener.reading_id not in self._seen:
                self._seen[listener.reading_id] = newest(db, listener.reading_id)
        if self._stop.is_set():
            listener.end()

    def drop(self, listener: Listener) -> None:
        """Tells somebody no more."""
        with self._lock:
            there = self._listeners.get(listener.reading_id, set())
            there.discard(listener)
            if not there:
                self._listeners.pop(listener.reading_id, None)
                self._seen.pop(listener.reading_id, None)

    @property
    def number(self) -> int:
        """How many listen."""
        return len(self._everybody())

    def _everybody(self) -> list[Listener]:
        with self._lock:
            return [listener for there in self._listeners.values() for listener in there]

    def _run(self) -> None:
        while not self._stop.is_set():
            self._database.written.wait(POLL_SECONDS)
            self._database.written.clear()
            self._guarded(self._deliver)

    def _run_checks(self) -> None:
        while not self._stop.wait(CHECK_SECONDS):
            self._guarded(self._check_all)

    def _guarded(self, act: Callable[[Db], None]) -> None:
        """A database that does not answer for a moment costs a moment, not the streams."""
        db = Db(self._database)
        try:
            act(db)
        except DBAPIError as error:
            log.warning("Live news waits: %s", error)
        finally:
            db.close()

    def _deliver(self, db: Db) -> None:
        with self._lock:
            since = dict(self._seen)
        if not since:
            return
        for reading_id, happened in events_since(db, since).items():
            self._tell(reading_id, happened)

    def _tell(self, reading_id: int, happened: list[Happened]) -> None:
        with self._lock:
            if reading_id not in self._seen:
                return
            self._seen[reading_id] = max(event.seq for event in happened)
            there = list(self._listeners[reading_id])
        for listener in there:
            listener.tell(happened)

    def _check_all(self, db: Db) -> None:
        for listener in self._everybody():
            seat = self._check(db, listener)
            if seat is None:
                listener.end()
            else:
                listener.sit(seat)
