"""The report of the long campaigns: what ran in each suite and how it went, as a page in docs/proof/."""

import platform
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from app import __version__

FOLDER = Path(__file__).parents[2] / "docs" / "proof"
_OUTCOMES = ("passed", "failed", "error", "skipped")


def write(stats: Mapping[str, Sequence[Any]], database: str, folder: Path = FOLDER) -> Path:
    """Writes the report of one run of `make prove`; returns where it is."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{database}.md"
    path.write_text("\n".join(_lines(stats, database)) + "\n")
    return path


def _lines(stats: Mapping[str, Sequence[Any]], database: str) -> list[str]:
    suites = {outcome: Counter(map(_suite, stats.get(outcome, ()))) for outcome in _OUTCOMES}
    names = sorted(set().union(*suites.values()))
    head = [
        f"# What `make prove` found on {database}",
        "",
        f"Postil {__version__}, Python {platform.python_version()}, {datetime.now(UTC):%Y-%m-%d}.",
        "",
        "| suite | " + " | ".join(_OUTCOMES) + " |",
        "|---|" + "---|" * len(_OUTCOMES),
    ]
    return head + [_row(name, [suites[outcome][name] for outcome in _OUTCOMES]) for name in names]


def _row(name: str, counts: Sequence[int]) -> str:
    return f"| {name} | " + " | ".join(map(str, counts)) + " |"


def _suite(report: Any) -> str:
    return str(report.nodeid).split("::")[0]
