"""What is measured while a class is at work: how long each thing took, and everything that was wrong."""

import time
from collections import defaultdict
from dataclasses import dataclass, field

from benchmarks.figures import percentile

SHOWN = ("page", "margin", "create", "reply", "react", "place", "news", "shown", "told", "drawn")
"""What is timed, in the order in which it is reported."""


class Wrong(Exception):
    """An answer that was not what it must be; the message says which and why."""


@dataclass
class Section:
    """A stretch of time: seconds by what was done, and errors in words."""

    began: float = field(default_factory=time.perf_counter)
    times: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    errors: list[str] = field(default_factory=list)

    @property
    def seconds(self) -> float:
        """How long it has lasted."""
        return time.perf_counter() - self.began

    def number(self, *names: str) -> int:
        """How often these things were done."""
        return sum(len(self.times.get(name, ())) for name in names)

    def at(self, name: str, share: float) -> float:
        """The percentile of what took so long, in seconds; 0 when it was never done."""
        return percentile(self.times[name], share) if self.times.get(name) else 0.0


class Measures:
    """The section that is under way, and all that was acknowledged."""

    def __init__(self) -> None:
        self.now = Section()
        self.marks: set[str] = set()
        self.replies: set[str] = set()
        self.reactions = 0

    def begin(self) -> Section:
        """Starts a new section and returns the one that ends."""
        ended, self.now = self.now, Section()
        return ended

    def took(self, name: str, seconds: float) -> None:
        """Notes that something was done."""
        self.now.times[name].append(seconds)

    def wrong(self, words: str) -> None:
        """Notes an error."""
        self.now.errors.append(words)
