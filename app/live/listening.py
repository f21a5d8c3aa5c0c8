"""A listener: one open page, and what it is still to be told."""

import asyncio
import json
import threading
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable
from functools import lru_cache
from secrets import SystemRandom
from time import monotonic

from app.live.events import Happened
from app.readings.seats import Seat

HEARTBEAT_SECONDS = 15.0
"""A line that says nothing, so that proxies keep the connection and a browser that is gone is noticed."""
RETRY_MS = (1000, 3000)
"""After how long a page whose stream broke comes back: not all pages at once."""
_random = SystemRandom()


class Listener:
    """Somebody with a reading open. Told from the hub's threads, read from the event loop.

    What is told returns whether there is something to say by it: whoever tells many wakes them together (`wake`).
    """

    def __init__(self, reading_id: int, viewer_id: int, session_id: int, seat: Seat) -> None:
        self.reading_id = reading_id
        self.viewer_id = viewer_id
        self.session_id = session_id
        self.seat = seat
        self._paragraphs: set[int] = set()
        # The newest event that was told, by its name and number: nothing is told twice.
        self._cursor, self._seq = "", 0
        # Whether anything of that is more than one's own doing, which the page that did it has drawn.
        self._of_others = False
        self._here: int | None = None
        self._spread = 0
        self._events: dict[str, dict[str, int]] = {}
        self._ended = False
        self._last = b"event: end\ndata: {}\n\n"
        self._lock = threading.Lock()
        self._said_at = monotonic()
        self._loop = asyncio.get_running_loop()
        self._woken = asyncio.Event()

    def tell(self, happened: Iterable[Happened], spread: int = 0) -> bool:
        """What happened, as far as this one may know; several tellings become one message.

        `spread` are the milliseconds over which the pages of this reading ask for what they draw.
        """
        with self._lock:
            mine = [
                event
                for event in happened
                if event.seq > self._seq and event.is_for(self.seat, self.viewer_id)
            ]
            for event in mine:
                self._paragraphs |= event.paragraphs
                self._of_others |= event.actor_id != self.viewer_id
                self._cursor, self._seq = event.uid, event.seq
            self._spread = spread
        return bool(mine)

    def sit(self, seat: Seat, spread: int = 0) -> bool:
        """The seat as it is now. A page whose reader sees more or less than before begins anew."""
        with self._lock:
            if _sees(seat) != _sees(self.seat):
                self._events["again"] = {"spread": spread} if spread else {}
            elif seat.hides_peers != self.seat.hides_peers:
                self._events["revealed"] = {}
            self.seat = seat
            return bool(self._events)

    def count(self, here: int) -> bool:
        """How many people have the reading open; 0 where the class does not show it."""
        with self._lock:
            if here == (self._here or 0):
                return False
            self._here = here
            self._events["here"] = {"here": here}
        return True

    def catch_up(self, paragraphs: set[int], cursor: str, seq: int) -> None:
        """What changed between the drawing of the page and its stream: `cursor` names it, event `seq` is the last."""
        with self._lock:
            self._paragraphs |= paragraphs
            self._of_others |= bool(paragraphs)
            if seq > self._seq:
                self._cursor, self._seq = cursor, seq
        if paragraphs:
            wake([self])

    def end(self) -> None:
        """Nothing more is told: access has ended."""
        with self._lock:
            self._paragraphs.clear()
            self._events.clear()
            self._ended = True
        wake([self])

    def send_away(self, within_ms: int) -> None:
        """The server stops: the page comes back at some moment within that time, and hears then what it missed."""
        with self._lock:
            self._last = f"retry: {_random.randint(100, max(100, within_ms))}\n\n".encode()
            self._ended = True
        wake([self])

    @property
    def has_ended(self) -> bool:
        """Whether nothing more will be told."""
        return self._ended

    def finish(self) -> None:
        """What is known by now is the last that is told."""
        self._ended = True

    def is_quiet(self) -> bool:
        """Whether nothing was said for so long that a line that says nothing is due."""
        return monotonic() - self._said_at > HEARTBEAT_SECONDS

    async def messages(self) -> AsyncIterator[bytes]:
        """The stream's bytes, until access ends or nobody reads them any more."""
        if not self._ended:
            yield f"retry: {_random.randint(*RETRY_MS)}\n\n".encode()
        while not self._ended:
            await self._woken.wait()
            self._woken.clear()
            self._said_at = monotonic()
            yield self._taken() or b":\n\n"
        if message := self._taken():
            yield message
        yield self._last

    def _taken(self) -> bytes:
        """What is to be told by now; nothing when it was told already."""
        with self._lock:
            paragraphs, self._paragraphs = sorted(self._paragraphs), set()
            events, self._events = self._events, {}
            of_others, self._of_others = self._of_others, False
            cursor, spread = self._cursor, self._spread
        told = [_message(name, data) for name, data in events.items()]
        if paragraphs and "again" not in events:
            told.append(_margin(tuple(paragraphs), cursor, spread, of_others=of_others))
        return b"".join(told)


def wake(listeners: Iterable[Listener]) -> None:
    """Lets them say what they have to say: one call of an event loop, however many wait there."""
    waiting = defaultdict[asyncio.AbstractEventLoop, list[asyncio.Event]](list)
    for listener in listeners:
        waiting[listener._loop].append(listener._woken)
    for loop, woken in waiting.items():
        try:
            loop.call_soon_threadsafe(_set, woken)
        except RuntimeError:
            # The loop has ended, and the connections of those pages with it.
            continue


def _set(events: list[asyncio.Event]) -> None:
    for event in events:
        event.set()


@lru_cache(maxsize=256)
def _margin(paragraphs: tuple[int, ...], cursor: str, spread: int, *, of_others: bool) -> bytes:
    """Written once for all who are told the same."""
    more: dict[str, int] = {} if of_others else {"own": True}
    more |= {"spread": spread} if spread else {}
    return _message("margin", {"paragraphs": paragraphs} | more, cursor)


def _message(name: str, data: object, cursor: str = "") -> bytes:
    number = f"id: {cursor}\n" if cursor else ""
    return f"{number}event: {name}\ndata: {json.dumps(data)}\n\n".encode()


def _sees(seat: Seat) -> tuple[object, ...]:
    """What of a seat decides over what is seen."""
    return seat.role, seat.group_id, seat.is_blind, seat.archived_at
