"""An open page that is told of news and fetches it, as static/js/live.js does, and what others wait for it to see."""

import asyncio
import contextlib
import random
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass

from benchmarks.load import answers
from benchmarks.load.browser import Browser
from benchmarks.load.measures import Measures, Wrong

GATHER = 0.06
"""Seconds in which several tellings become one request, and as much again by chance."""
NEAR = 4
"""Paragraphs before and after the one at the top that are on the screen, or a screen's height from it."""
OVERVIEW = 5.0
"""Seconds after which the numbers are brought up to date when nothing near has changed."""
_KNOWN = 20
LOST = 45.0
"""Seconds after which what was written should long have been seen by everybody."""


@dataclass(eq=False)
class Expected:
    """Somebody's mark that this page must come to show: when it was acknowledged, told of, asked for and drawn."""

    paragraph: int
    known: float = 0.0
    told: float = 0.0
    asked: bool = False
    # When its paragraph was drawn before this page was told: an answer under way can hold what comes meanwhile.
    early: float = 0.0
    drawn: float = 0.0


class Listening:
    """The stream of one open page. `shown` is given each text that is drawn."""

    def __init__(
        self, browser: Browser, address: str, measures: Measures, shown: Callable[[str], None]
    ) -> None:
        self._browser = browser
        self._address = address
        self._measures = measures
        self._shown = shown
        self._tasks: set[asyncio.Task[None]] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._overview: asyncio.TimerHandle | None = None
        self._place = 0
        # What has changed and is not drawn yet.
        self._waiting: set[int] = set()
        self._busy = self._again = False
        self._writing = 0
        # What the stream said since it was last drawn, and the events of this page's own doing, drawn with the answer.
        self._news: list[answers.News] = []
        self._done: deque[str] = deque(maxlen=_KNOWN)
        self.cursor = ""
        self.expected: list[Expected] = []
        self.is_open = asyncio.Event()

    def open(self, cursor: str) -> None:
        """Begins to listen from what a page shows."""
        self.cursor = cursor
        self._start(self._hear())

    def close(self) -> None:
        """Leaves the page: what was to be shown on it is shown by the next."""
        self.is_open.clear()
        self.expected.clear()
        self._news.clear()
        self._waiting.clear()
        self._busy = self._again = False
        for timer in (self._timer, self._overview):
            if timer:
                timer.cancel()
        self._timer = self._overview = None
        for task in self._tasks:
            task.cancel()

    def is_near(self, paragraph: int) -> bool:
        """Whether the reader of the page is there."""
        return abs(paragraph - self._place) <= NEAR

    def move(self, place: int) -> None:
        """The reader reads on. What is out of sight now is drawn when they come back, and not waited for."""
        self._place = place
        self.expected = [one for one in self.expected if one.asked or self.is_near(one.paragraph)]
        if not self._busy and not self._writing:
            self._draw_near()

    def know(self, mark: Expected, *, made: bool) -> None:
        """The mark was acknowledged; or it was not made, and is waited for no longer."""
        mark.known = time.perf_counter()
        if not made:
            self.expected = [one for one in self.expected if one is not mark]
        self._finish(mark)

    def lost(self) -> int:
        """How many marks were not seen in time; they are waited for no longer."""
        late = [one for one in self.expected if one.known and time.perf_counter() - one.known > LOST]
        self.expected = [one for one in self.expected if one not in late]
        return len(late)

    def _start(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(self._guarded(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _guarded(self, work: Awaitable[None]) -> None:
        try:
            await work
        except (Wrong, OSError, EOFError, TimeoutError) as error:
            self._measures.wrong(f"live: {error!r}")

    @contextlib.contextmanager
    def writing(self) -> Iterator[None]:
        """Nothing is drawn while this page's own change is under way."""
        self._writing += 1
        try:
            yield
        finally:
            self._writing -= 1
            self._later()

    def did(self, text: str) -> None:
        """The answer to this page's own change, which it has drawn."""
        if event := answers.done(text):
            self._done.append(event)

    async def _hear(self) -> None:
        async with self._browser.stream(f"{self._address}/stream?since={self.cursor}") as messages:
            self.is_open.set()
            async for message in messages:
                if message["event"] == "margin":
                    self._told(answers.told(message))
                elif message["event"] != "here":
                    raise Wrong(f"stream: it said {message['event']}")
        raise Wrong("stream: it ended")

    def _told(self, news: answers.News) -> None:
        for one in self.expected:
            if one.paragraph in news.paragraphs and not one.told and not news.own:
                one.told = time.perf_counter()
        self._news.append(news)
        self._soon(news.spread)

    def _later(self) -> None:
        if self._again and not self._busy and not self._writing:
            self._soon(0.0)

    def _soon(self, spread: float) -> None:
        self._again = False
        if self._timer is None:
            delay = GATHER + random.random() * max(GATHER, spread)
            self._timer = asyncio.get_running_loop().call_later(delay, self._due)

    def _due(self) -> None:
        self._timer = None
        if self._busy or self._writing:
            self._again = True
            return
        for news in self._news:
            self.cursor = news.id or self.cursor
            if not (news.own and news.id in self._done):
                self._waiting |= news.paragraphs
                self._look_soon()
        self._news.clear()
        self._draw_near()

    def _draw_near(self) -> None:
        if near := {n for n in self._waiting if self.is_near(n)}:
            self._draw(near)

    def _look_soon(self) -> None:
        if self._overview is None:
            delay = OVERVIEW * (1 + random.random())
            self._overview = asyncio.get_running_loop().call_later(delay, self._draw, set[int]())

    def _draw(self, ordinals: set[int]) -> None:
        if self._overview:
            self._overview.cancel()
            self._overview = None
        if self._busy or self._writing:
            return
        self._busy = True
        self._waiting -= ordinals
        self._start(self._fetch(ordinals))

    async def _fetch(self, ordinals: set[int]) -> None:
        for one in self.expected:
            one.asked = one.asked or (one.told > 0 and one.paragraph in ordinals)
        try:
            told = ",".join(map(str, sorted(ordinals)))
            answer = await self._browser.get(f"{self._address}/news/shown?told={told}", htmx=True)
            text = answers.good(answer, "shown", 200)
            drawn = answers.shown(text)
            self._measures.took("shown", answer.seconds)
            self._saw(drawn)
            self._shown(text)
        finally:
            self._busy = False
            self._later()

    def _saw(self, drawn: set[int]) -> None:
        """What was told of before this was asked for must have been drawn by now."""
        now = time.perf_counter()
        for one in tuple(self.expected):
            if one.asked and not one.drawn:
                one.drawn = now if one.paragraph in drawn else one.early
                if not one.drawn:
                    self.expected.remove(one)
                    raise Wrong(f"shown: paragraph {one.paragraph} was told of and not drawn")
                self._finish(one)
            elif one.paragraph in drawn:
                one.early = one.early or now

    def _finish(self, one: Expected) -> None:
        if one in self.expected and one.known and one.drawn:
            self.expected.remove(one)
            self._measures.took("told", max(0.0, one.told - one.known))
            self._measures.took("drawn", max(0.0, one.drawn - one.known))

    async def closed(self) -> None:
        """Waits until everything under way has ended."""
        self.close()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.gather(*self._tasks, return_exceptions=True)
