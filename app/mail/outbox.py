"""The outbox: what is to be sent soon, outside of the request that asked for it, so that its time tells nothing."""

import logging
from collections.abc import Callable
from queue import Empty, Full, Queue
from types import TracebackType

from sqlalchemy.exc import DBAPIError

from app.mail.smtp import Unsent
from app.ticking import Ticker
from app.writer import CommitFailed

_EVERY = 1.0  # seconds
_MOST_WAITING = 1000
log = logging.getLogger("postil")


class Outbox:
    """Keeps errands in memory and does them in a thread of its own. What waits when the server stops is forgotten."""

    def __init__(self) -> None:
        self._waiting: Queue[Callable[[], object]] = Queue(_MOST_WAITING)
        self._ticker = Ticker("outbox", _EVERY, self.flush)

    def __enter__(self) -> "Outbox":
        self._ticker.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ticker.__exit__(kind, error, trace)

    def put(self, errand: Callable[[], object]) -> None:
        """Leaves an errand to be done; when too many wait it is dropped."""
        try:
            self._waiting.put_nowait(errand)
        except Full:
            log.warning("Too much mail waits to be sent, so a letter was dropped.")

    def flush(self) -> None:
        """Does what waits, one after the other, until told to stop. One that fails does not keep the others."""
        while not self._ticker.stopping:
            try:
                errand = self._waiting.get_nowait()
            except Empty:
                return
            try:
                errand()
            except (Unsent, DBAPIError, CommitFailed) as error:
                log.warning("An errand of the outbox failed: %s", type(error).__name__)
