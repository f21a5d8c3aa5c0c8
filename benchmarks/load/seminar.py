"""The seminar: everybody comes, works at a pace that can be changed, and goes; and what that costs."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass

from app.annotations.spans import TextSpan
from app.library.texts import RevisionText
from benchmarks import dataset
from benchmarks.classroom import Classroom
from benchmarks.load.measures import Measures, Section, Wrong
from benchmarks.load.person import ACT_SECONDS, NEWS_SECONDS, SCROLL_SECONDS, Person
from benchmarks.servers import Server, worked

_STEP = 1.0
_LAST_SEEN = 60.0


@dataclass(frozen=True)
class Stretch:
    """What one stretch of the seminar was like: what was timed, and the processor time of each side a second."""

    section: Section
    pace: float
    seconds: float
    server: float
    client: float


class Seminar:
    """People at work on servers. At pace 1 they think as long as people do; at 2 half as long."""

    def __init__(self, servers: Sequence[Server], room: Classroom, measures: Measures) -> None:
        self._servers = servers
        self._measures = measures
        self.pace = 1.0
        self.people = [
            Person(servers[n % len(servers)].port, reader, room.text, measures, _marks(room.text, n))
            for n, reader in enumerate(room.students)
        ]
        for person in self.people:
            person.others = self.people
        self._tasks: list[asyncio.Task[None]] = []

    async def gather(self, seconds: float) -> list[str]:
        """Everybody opens the reading within so many seconds, and begins to work. Returns what went wrong."""
        each = seconds / len(self.people)
        self._tasks = [
            asyncio.create_task(self._take_part(person, n * each)) for n, person in enumerate(self.people)
        ]
        await asyncio.sleep(seconds)
        return self._measures.begin().errors

    async def work(self, seconds: float, pace: float) -> Stretch:
        """Lets them work for a while, and says what it was like."""
        self.pace = pace
        self._measures.begin()
        before = [server.worked for server in self._servers], worked()
        await asyncio.sleep(seconds)
        section = self._measures.begin()
        server = sum(s.worked for s in self._servers) - sum(before[0])
        client = worked() - before[1]
        return Stretch(section, pace, seconds, server / seconds, client / seconds)

    @property
    def resident(self) -> int:
        """Bytes that all servers hold now."""
        return sum(server.resident for server in self._servers)

    async def end(self) -> Section:
        """Nobody writes any more; what was written must still be seen; then everybody goes."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for _ in range(int(_LAST_SEEN / _STEP)):
            if not any(person.live.expected for person in self.people):
                break
            await asyncio.sleep(_STEP)
        if unseen := sum(len(person.live.expected) for person in self.people):
            self._measures.wrong(f"live: {unseen} marks were not seen in the end")
        await asyncio.gather(*(person.leave() for person in self.people))
        return self._measures.now

    async def _take_part(self, person: Person, after: float) -> None:
        await asyncio.sleep(after)
        await self._guarded(person.open)
        async with asyncio.TaskGroup() as group:
            group.create_task(self._again_and_again(person.act, ACT_SECONDS))
            group.create_task(self._again_and_again(person.scroll, SCROLL_SECONDS))
            group.create_task(self._again_and_again(person.ask_news, NEWS_SECONDS, at_own_pace=False))

    async def _again_and_again(
        self, act: Callable[[], Awaitable[None]], mean: float, *, at_own_pace: bool = True
    ) -> None:
        while True:
            await self._think(random.expovariate(1 / mean) if at_own_pace else mean, at_own_pace)
            await self._guarded(act)

    async def _think(self, seconds: float, at_own_pace: bool) -> None:
        """Waits so long at pace 1; a new pace is heard of within a second."""
        while seconds > 0:
            pace = self.pace if at_own_pace else 1.0
            step = min(_STEP, seconds / pace)
            await asyncio.sleep(step)
            seconds -= step * pace

    async def _guarded(self, act: Callable[[], Awaitable[None]]) -> None:
        try:
            await act()
        except (Wrong, OSError, EOFError, TimeoutError, ValueError) as error:
            self._measures.wrong(f"{act.__name__}: {error!r}")


def _marks(text: RevisionText, n: int) -> Iterator[tuple[str, TextSpan]]:
    """What one person marks: no stretch twice, and not what all others mark."""
    return dataset.marks(text, seed=n)
