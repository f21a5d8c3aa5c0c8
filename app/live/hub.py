"""The hub: everybody who has a reading of a class open in this process, told of what happens there.

One thread looks for new events of the readings that are open here: at once when this process has written, and a few
times a second for what other processes write. An event names paragraphs, never words: the page fetches what it may see.
"""

import logging
import threading
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from types import TracebackType

from sqlalchemy.exc import DBAPIError

from app.database import Database, Db
from app.live.events import Happened, events_since, newest
from app.live.listening import Listener, wake
from app.live.presence import Attendance, counted
from app.live.spreading import Turns, spread_over
from app.readings.seats import Seat
from app.writer import CommitFailed

POLL_SECONDS = 0.25
"""How long what another process wrote can wait."""
CHECK_SECONDS = 2.0
"""How often it is asked whether those who listen still may, what they see, and how many they are."""
_COMING_BACK_MS = 10
"""What one page that is sent away takes of the time of the server that it comes back to."""
log = logging.getLogger("postil")

Seats = Callable[[Db, int, Collection[int]], Mapping[int, Seat]]
"""The seats in a reading by sign-in, of those of these sign-ins that may follow it."""


class Hub:
    """Those who listen, by reading."""

    def __init__(self, database: Database, seats: Seats) -> None:
        self._database = database
        self._seats = seats
        self._attendance = Attendance()
        self._listeners: dict[int, set[Listener]] = defaultdict(set)
        self._seen: dict[int, int] = {}
        self._turns: dict[int, Turns] = defaultdict(Turns)
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
        """Sends every page away and ends the threads. Who comes afterwards is sent away at once."""
        self._stop.set()
        self._database.written.set()
        everybody = self._everybody()
        for listener in everybody:
            listener.send_away(_COMING_BACK_MS * len(everybody))
        for thread in self._threads:
            thread.join()
        self._threads.clear()
        self._guarded(self._attendance.leave)

    def add(self, db: Db, listener: Listener) -> None:
        """Tells somebody from now on of what happens in a reading."""
        with self._lock:
            self._listeners[listener.reading_id].add(listener)
            if listener.reading_id not in self._seen:
                self._seen[listener.reading_id] = newest(db, listener.reading_id)
        if self._stop.is_set():
            listener.send_away(_COMING_BACK_MS)

    def drop(self, listener: Listener) -> None:
        """Tells somebody no more."""
        with self._lock:
            there = self._listeners.get(listener.reading_id, set())
            there.discard(listener)
            if not there:
                self._listeners.pop(listener.reading_id, None)
                self._seen.pop(listener.reading_id, None)
                self._turns.pop(listener.reading_id, None)

    @property
    def number(self) -> int:
        """How many listen."""
        return len(self._everybody())

    def _everybody(self) -> list[Listener]:
        return [listener for there in self._by_reading() for listener in there]

    def _by_reading(self) -> list[list[Listener]]:
        with self._lock:
            return [list(there) for there in self._listeners.values()]

    def _run(self) -> None:
        while not self._stop.is_set():
            self._database.written.wait(POLL_SECONDS)
            self._database.written.clear()
            self._guarded(self._deliver)

    def _run_checks(self) -> None:
        while not self._stop.wait(CHECK_SECONDS):
            wake([listener for listener in self._everybody() if listener.is_quiet()])
            self._guarded(self._check_all)

    def _guarded(self, act: Callable[[Db], None]) -> None:
        """A database that does not answer for a moment costs a moment, not the streams."""
        db = Db(self._database)
        try:
            act(db)
        except (DBAPIError, CommitFailed) as error:
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
            spread = self._turns[reading_id].over(len(there))
        wake([listener for listener in there if listener.tell(happened, spread)])

    def _check_all(self, db: Db) -> None:
        for there in self._by_reading():
            seats = self._seats(db, there[0].reading_id, {listener.session_id for listener in there})
            spread = spread_over(len(there))
            for listener in there:
                if (seat := seats.get(listener.session_id)) is None:
                    listener.end()
                elif listener.sit(seat, spread):
                    wake([listener])
        self._count(db)

    def _count(self, db: Db) -> None:
        """Says who is here to the other processes, and how many to those who are."""
        shown = [one for one in self._everybody() if one.seat.shows_presence and not one.has_ended]
        self._attendance.say(db, {(one.reading_id, one.viewer_id) for one in shown})
        people = counted(db, {one.reading_id for one in shown})
        wake(
            [
                listener
                for listener in self._everybody()
                if listener.count(people.get(listener.reading_id, 0) if listener.seat.shows_presence else 0)
            ]
        )
