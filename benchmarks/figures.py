"""Figures: one piece of work on both sides, their ratio, the bar, and how they are printed."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

Bar = Literal["at most", "at least"]
_UNITS = {"ms": ("{:.1f} ms", 1000), "s": ("{:.2f} s", 1), "MiB": ("{:.1f} MiB", 2**-20), "KB": ("{:.1f} KB", 1e-3),
          "KiB": ("{:.1f} KiB", 2**-10), "/s": ("{:,.0f} /s", 1), "%": ("{:.1f} %", 100), "": ("{:g}", 1)}  # fmt: skip


@dataclass(frozen=True)
class Figure:
    """A measured pair in base units (seconds, bytes, a second). `limit` is of the ratio, or of ours without a floor."""

    work: str
    unit: str
    ours: float
    floor: float | None = None
    bar: Bar = "at most"
    limit: float | None = None

    @property
    def compared(self) -> float:
        """What is held against the limit."""
        return self.ours if self.floor is None else self.ours / self.floor

    @property
    def met(self) -> bool | None:
        """Whether the bar is met; None when there is none."""
        if self.limit is None:
            return None
        return self.compared <= self.limit if self.bar == "at most" else self.compared >= self.limit

    def as_json(self) -> dict[str, Any]:
        """The figure with its ratio and whether the bar is met."""
        return asdict(self) | {"ratio": self.floor and self.compared, "met": self.met}

    def cells(self) -> list[str]:
        """The figure as a row of the table."""
        ratio = "" if self.floor is None else f"{self.compared:.2f} ×"
        verdict = {None: "", True: "yes", False: "**no**"}[self.met]
        return [
            self.work,
            _shown(self.ours, self.unit),
            _shown(self.floor, self.unit),
            ratio,
            self._limit(),
            verdict,
        ]

    def _limit(self) -> str:
        if self.limit is None:
            return ""
        sign = "≤" if self.bar == "at most" else "≥"
        return f"{sign} {_shown(self.limit, self.unit) if self.floor is None else f'{self.limit:g} ×'}"


def _shown(value: float | None, unit: str) -> str:
    if value is None:
        return "–"
    pattern, factor = _UNITS[unit]
    return pattern.format(value * factor)


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least `share` (0 to 1) of the values do not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(0, -(-int(share * 1000 * len(ordered)) // 1000) - 1)]


def p50(values: Sequence[float]) -> float:
    """The median by nearest rank."""
    return percentile(values, 0.5)


def p99(values: Sequence[float]) -> float:
    """The 99th of 100 by nearest rank."""
    return percentile(values, 0.99)


def table(figures: Sequence[Figure]) -> str:
    """All figures as a Markdown table."""
    head = ["work", "ours", "floor", "ratio", "bar", "met"]
    rows = [head, ["---"] * len(head), *(figure.cells() for figure in figures)]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)
