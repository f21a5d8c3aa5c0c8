"""Starting, idling, and what is installed."""

import re
import tomllib
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from statistics import median

from packaging.requirements import Requirement

from benchmarks.figures import Figure
from benchmarks.servers import ROOT, running
from benchmarks.stage import Stage

_OURS = ("-c", "from app.cli import main; main(['serve'])")
_FLOOR = ("-m", "benchmarks.bare")
_FLOOR_PACKAGES = ("fastapi", "sqlalchemy", "jinja2", "uvicorn", "uvloop", "httptools", "psycopg[binary]")


def measure(stage: Stage) -> Iterator[Figure]:
    """Both sides started in turn, some times."""
    times: dict[tuple[str, ...], list[float]] = {_OURS: [], _FLOOR: []}
    memory: dict[tuple[str, ...], list[float]] = {_OURS: [], _FLOOR: []}
    environment = {"POSTIL_DATA_DIR": str(stage.data), "POSTIL_LOG_LEVEL": "error"}
    for _ in range(3 if stage.quick else 7):
        for command in times:
            with running(*command, path="/sign-in", environment=environment) as server:
                times[command].append(server.seconds)
                memory[command].append(server.resident)
    ours, floor = map(median, times.values())
    yield Figure("cold start to first page", "s", ours, floor, limit=1.5)
    ours, floor = map(median, memory.values())
    yield Figure("idle memory, one process", "MiB", ours, floor, limit=1.6)
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["dependencies"]
    yield Figure("installed", "MiB", _size(wanted), _size(_FLOOR_PACKAGES), limit=1.5)


def _size(requirements: tuple[str, ...] | list[str]) -> int:
    """Bytes of the files that these packages and all they need have installed, compiled caches left out."""
    seen: set[str] = set()
    for requirement in requirements:
        _add(Requirement(requirement), seen)
    return sum(
        path.stat().st_size
        for name in seen
        for file in distribution(name).files or ()
        if (path := Path(str(distribution(name).locate_file(file)))).suffix != ".pyc" and path.is_file()
    )


def _add(requirement: Requirement, seen: set[str]) -> None:
    name = re.sub(r"[-_.]+", "-", requirement.name).lower()
    if name in seen and not requirement.extras:
        return
    try:
        needs = distribution(name).requires or []
    except PackageNotFoundError:
        return
    seen.add(name)
    for text in needs:
        needed = Requirement(text)
        if _applies(needed, requirement.extras):
            _add(needed, seen)


def _applies(needed: Requirement, extras: set[str]) -> bool:
    return needed.marker is None or any(needed.marker.evaluate({"extra": extra}) for extra in extras or {""})
