"""A listener: one open page, and what it is still to be told."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Iterable

from app.live.events import Happened
from app.readings.seats import Seat

HEARTBEAT_SECONDS = 15.0
"""A line that says nothing, so that proxies keep the connection and a browser that is gone is noticed."""
RETRY_MS = 2000


class Listener:
    """Somebody with a reading open. Told from the hub's thread, read from the event loop."""

    def __init__(self, reading_id: int, viewer_id: int, session_id: int, seat: Seat) -> None:
        self.reading_id = reading_id
        self.viewer_id = viewer_id
        self.session_id = session_id
        self.seat = seat
        self._paragraphs: set[int] = set()
        self._cursor = ""
        self._again = False
        self._ended = False
        self._lock = threading.Lock()
        self._loop = asyncio.get_running_loop()
        self._woken = asyncio.Event()

    def tell(self, happened: Iterable[Happened]) -> None:
        """What happened, as far as this one may know; several tellings become one message."""
        with self._lock:
            mine = [event for event in happened if event.is_for(self.seat, self.viewer_id)]
            for event in mine:
                self._paragraphs |= event.paragraphs
                self._cursor = event.uid
        if mine:
            self._wake()

    def sit(self, seat: Seat) -> None:
        """The seat as it is now. A page whose reader sees more or less than before begins anew."""
        with self._lock:
            moved = _sees(seat) != _sees(self.seat)
            self.seat = seat
            self._again = self._again or moved
        if moved:
            self._wake()

    def catch_up(self, paragraphs: set[int]) -> None:
        """What changed between the drawing of the page and the beginning of its stream."""
        with self._lock:
            self._paragraphs |= paragraphs
        if paragraphs:
            self._wake()

    def end(self) -> None:
        """Nothing more is told: access has ended, or the server stops."""
        with self._lock:
            self._paragraphs.clear()
            self._ended = True
        self._wake()

    def finish(self) -> None:
        """What is known by now is the last that is told."""
        self._ended = True

    def _wake(self) -> None:
        try:
            self._loop.call_soon_threadsafe(self._woken.set)
        except RuntimeError:
            # The loop has ended, and the page's connection with it.
            return

    async def messages(self) -> AsyncIterator[bytes]:
        """The stream's bytes, until access ends or nobody reads them any more."""
        yield f"retry: {RETRY_MS}\n\n".encode()
        while not self._ended:
            try:
                await asyncio.wait_for(self._woken.wait(), HEARTBEAT_SECONDS)
            except TimeoutError:
                yield b":\n\n"
                continue
            self._woken.clear()
            if message := self._taken():
                yield message
        if message := self._taken():
            yield message
        yield b"event: end\ndata: {}\n\n"

    def _taken(self) -> bytes:
        """What is to be told by now, as one message; nothing when it was told already."""
        with self._lock:
            paragraphs, self._paragraphs = sorted(self._paragraphs), set()
            again, self._again = self._again, False
            cursor = self._cursor
        if again:
            return b"event: again\ndata: {}\n\n"
        if not paragraphs:
            return b""
        name = f"id: {cursor}\n" if cursor else ""
        return f"{name}event: margin\ndata: {json.dumps({'paragraphs': paragraphs})}\n\n".encode()


def _sees(seat: Seat) -> tuple[object, ...]:
    """What of a seat decides over what is seen."""
    return seat.role, seat.group_id, seat.is_blind, seat.archived_at
