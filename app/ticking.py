"""Something done again and again, in a thread of its own, while the server runs."""

import threading
from collections.abc import Callable
from types import TracebackType


class Ticker:
    """Calls `act` every so many seconds, the first time after the first of them. `act` handles its own errors."""

    def __init__(self, name: str, seconds: float, act: Callable[[], object]) -> None:
        self._name = name
        self._seconds = seconds
        self._act = act
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def __enter__(self) -> "Ticker":
        self._stop.clear()
        self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        if self._thread:
            self._thread.join()

    @property
    def stopping(self) -> bool:
        """Whether it was told to stop: what takes long looks at it now and then."""
        return self._stop.is_set()

    def _run(self) -> None:
        while not self._stop.wait(self._seconds):
            self._act()
