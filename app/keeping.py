"""A small cache in memory for what is dear to make and safe to share, bounded by weight."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any


class Keeper:
    """Keeps the most recently used values; `weight` counts bytes or code points, whichever the caller means."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._weight = 0
        self._kept: OrderedDict[Hashable, tuple[Any, int]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable) -> Any:
        """The value kept under `key`, or None."""
        with self._lock:
            found = self._kept.get(key)
            if found is None:
                return None
            self._kept.move_to_end(key)
            return found[0]

    def put(self, key: Hashable, value: Any, weight: int) -> None:
        """Keeps a value, and lets go of those unused for longest."""
        with self._lock:
            if old := self._kept.pop(key, None):
                self._weight -= old[1]
            self._kept[key] = (value, weight)
            self._weight += weight
            while self._weight > self._most and len(self._kept) > 1:
                self._weight -= self._kept.popitem(last=False)[1][1]

    def clear(self) -> None:
        """Lets go of everything."""
        with self._lock:
            self._kept.clear()
            self._weight = 0

    def made(self, key: Hashable, make: Callable[[], Any], weigh: Callable[[Any], int]) -> Any:
        """The value under `key`, made now if it is not kept. Two callers may make it at once; both are right."""
        value = self.get(key)
        if value is None:
            value = make()
            self.put(key, value, weigh(value))
        return value
