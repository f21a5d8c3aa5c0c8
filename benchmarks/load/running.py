"""A run: a class is made, servers start, it works, the knee is looked for, what was written is counted."""

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

import uvloop
from sqlalchemy import func, select

from app.annotations.models import Annotation
from app.database import Database
from app.discussion.models import Reaction
from app.settings import Settings
from benchmarks.classroom import open_classroom
from benchmarks.load.measures import Measures
from benchmarks.load.seminar import Seminar, Stretch
from benchmarks.postgresql import durable_postgresql
from benchmarks.servers import Server, allow_open_files, running

_CONNECTIONS_EACH = 6
_SPARE = 200
_ARRIVAL = 20.0
_AT_ONCE = 500
_PACES = [0.25 * 1.5**n for n in range(14)]
_SLOW = 0.5
"""Seconds of a create's 95th percentile that are too many."""


@dataclass(frozen=True)
class Plan:
    """How many people, for how long (seconds), on how many server processes, on which database.

    `pace` divides their thinking; `step` is the length of each stretch in which the knee is looked for, 0 for none.
    """

    people: int = 300
    seconds: float = 180.0
    processes: int = 1
    database: Literal["sqlite", "postgres"] = "sqlite"
    pace: float = 1.0
    step: float = 20.0


@dataclass
class Report:
    """What came of it: the work at the plan's pace, the steps to the knee, memory (bytes), and errors in words."""

    plan: Plan
    work: Stretch
    before: int
    after: int
    steps: list[Stretch] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    @property
    def knee(self) -> Stretch | None:
        """The first step that was too much; None when there was none."""
        return next((step for step in self.steps if is_too_much(step)), None)


def run(plan: Plan) -> Report:
    """Carries it out in a folder that is gone in the end."""
    allow_open_files(plan.people * _CONNECTIONS_EACH + _SPARE)
    with TemporaryDirectory(prefix="postil-load-") as folder, _settings(plan, Path(folder)) as settings:
        room = open_classroom(settings, plan.people)
        measures = Measures()
        with ExitStack() as stack, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            servers = [stack.enter_context(_server(settings)) for _ in range(plan.processes)]
            report = runner.run(_carried_out(plan, Seminar(servers, room, measures)))
        report.errors += lost(settings, measures)
        return report


def is_too_much(step: Stretch) -> bool:
    """Whether people wait too long for what they write, or something goes wrong."""
    return bool(step.section.errors) or step.section.at("create", 0.95) > _SLOW


@contextmanager
def _settings(plan: Plan, folder: Path) -> Iterator[Settings]:
    if plan.database == "sqlite":
        yield Settings(data_dir=folder / "data", database_url=None)
        return
    with durable_postgresql() as url:
        yield Settings(data_dir=folder / "data", database_url=url)


@contextmanager
def _server(settings: Settings) -> Iterator[Server]:
    environment = {"POSTIL_DATA_DIR": str(settings.data_dir)}
    if settings.database_url:
        environment["POSTIL_DATABASE_URL"] = settings.database_url
    with running("-m", "benchmarks.ours", path="/health", environment=environment) as server:
        yield server


async def _carried_out(plan: Plan, seminar: Seminar) -> Report:
    before = seminar.resident
    errors: list[str] = []
    try:
        seminar.pace = plan.pace
        errors += await seminar.gather(min(_ARRIVAL, plan.seconds / 4))
        work = await seminar.work(plan.seconds, plan.pace)
        report = Report(plan, work, before, seminar.resident, errors=errors + work.section.errors)
        for pace in _PACES if plan.step else []:
            report.steps.append(await seminar.work(plan.step, pace))
            if is_too_much(report.steps[-1]):
                break
    finally:
        ended = await seminar.end()
    report.errors += ended.errors
    return report


def lost(settings: Settings, measures: Measures) -> list[str]:
    """What was acknowledged and is not in the database."""
    database = Database(settings)
    try:
        with database.reading() as db:
            there: set[str] = set()
            wanted = sorted(measures.marks | measures.replies)
            for some in (wanted[n : n + _AT_ONCE] for n in range(0, len(wanted), _AT_ONCE)):
                alive = (Annotation.uid.in_(some), Annotation.deleted_at.is_(None))
                there |= set(db.scalars(select(Annotation.uid).where(*alive)))
            reactions = db.scalar(select(func.count()).select_from(Reaction)) or 0
    finally:
        database.close()
    gone = [f"lost: {uid} was acknowledged" for uid in wanted if uid not in there]
    missing = measures.reactions - reactions
    return gone + ([f"lost: {missing} reactions were acknowledged"] if missing > 0 else [])
