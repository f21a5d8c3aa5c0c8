"""Streams are cut and servers killed while a class writes: nothing is missed, repeated or told to the wrong.

Real processes of `postil serve` on one database, behind a balancer, and pages that come back with Last-Event-ID as
browsers do. Afterwards each page is held against the table of events, by rules that are written down anew:

- *Missed*: an event that its reader may know of, that no message covers. A message with the id of event n covers all
  events after the message before, and must name the paragraphs of each of them that its reader may know of. Left out
  are events of posts that were meanwhile withdrawn: those are covered by the withdrawal.
- *Repeated*: a message whose event is not newer than that of the message before, over all connections of a page. What a
  cut connection swallowed was never heard, so it is told again; paragraphs may come again with newer events.
- *Unauthorised*: a message named by an event that its reader may not know of, or with a paragraph in which nothing
  happened since that they may know of.
"""

import random
import signal
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import pytest

from app.database import now
from tests.contracts.classroom import Classroom, Lesson, open_classroom
from tests.live.campaign import Page, Writer
from tests.live.judging import GRACE, Happened, Told, Verdict, history, judged
from tests.support.cast import World
from tests.support.servers import PATIENCE, Balancer, Server

pytestmark = pytest.mark.database
DEAF = "import app.live.routes; app.live.routes.touched_since = lambda *_: set()"
"""A server that does not ask what was missed."""
KINDS = {"O": "open", "G": "open", "C": "open", "R": "open", "T": "staff", "I": "staff", "blind": "blind"}


@dataclass
class Campaign:
    """A class at work on two servers."""

    classroom: Classroom
    lesson: Lesson
    servers: list[Server]
    balancer: Balancer
    pages: dict[str, Page]
    writers: list[Writer]
    written: threading.Semaphore

    def goes_on(self, writes: int) -> None:
        """Lets the class write on, until so many more writes are acknowledged."""
        for _ in range(writes):
            assert self.written.acquire(timeout=PATIENCE), "nobody can write"

    def ends(self, patience: float = PATIENCE) -> list[Happened]:
        """Lets everybody finish, and waits until a last word for the whole class is heard; whether it is, is judged."""
        for writer in self.writers:
            writer.close()
        self.lesson.text.mark(
            self.classroom.members["I"], "Waiting can be a policy", "claim", audience="class"
        )
        events = history(self.lesson.text)
        for column, page in self.pages.items():
            if column != "R":
                page.hears(events[-1].uid, patience)
            page.close()
        return events

    def verdict(self, column: str, events: list[Happened]) -> Verdict:
        page = self.pages[column]
        told = Told(column, page.member.known.id, page.messages)
        return judged(told, events, self.group(column), KINDS[column], to_the_end=column != "R")

    def group(self, column: str) -> int | None:
        """The key of a student's group in this reading."""
        name = {"O": "Group 1", "G": "Group 1", "R": "Group 1", "C": "Group 2"}.get(column)
        return self.classroom.group_key(name) if name else None


@contextmanager
def campaign(world: World, before: str = "", **environment: str) -> Iterator[Campaign]:
    """Two servers, a page for each kind of reader, and three who write for everybody they may write for."""
    classroom = open_classroom(world)
    classroom.enrol("R")
    lesson = classroom.lesson(reveal_kind="count", reveal_n="1")
    for column in "OGCR":
        lesson.writes(column, "class")
    members = classroom.members | {"blind": classroom.room.student(world, "Blind")}
    with ExitStack() as open_now:
        servers = [Server(world.settings, before, **environment) for _ in range(2)]
        for server in servers:
            open_now.callback(server.close)
            server.ready()
        balancer = open_now.enter_context(Balancer(servers))
        pages = {column: Page(column, members[column], balancer.address, lesson.text) for column in KINDS}
        written, where = threading.Semaphore(0), (balancer.address, lesson.text)
        student, teacher = ("class", "class", "group", "staff", "me"), ("class", "staff", "me")
        writers = [Writer(members[column], *where, student, written) for column in "OC"]
        writers.append(Writer(members["I"], *where, teacher, written))
        yield Campaign(classroom, lesson, servers, balancer, pages, writers, written)
    assert all(page.is_gone() for page in pages.values())


def disturb(running: Campaign, n: int) -> None:
    """Cuts some of the connections, or kills a server, gently or not, and starts it anew."""
    if n % 2 == 0:
        running.balancer.cut(1.0 if n % 4 == 0 else random.uniform(0.2, 0.8))
        return
    server = random.choice(running.servers)
    server.stop(signal.SIGKILL if n % 4 == 1 else signal.SIGTERM)
    server.start()
    server.ready()


def test_nothing_is_missed_repeated_or_told_to_the_wrong(world: World, prove: bool) -> None:
    with campaign(world) as running:
        number = 100 if prove else 4
        for n in range(number):
            running.goes_on(random.randrange(1, 8))
            disturb(running, n)
            if n == number // 2:
                running.classroom.remove("R")
                removed_at = now()
        assert running.pages["R"].ended.wait(PATIENCE)
        events = running.ends()
        for column in KINDS:
            assert running.verdict(column, events) == Verdict(), column
            assert running.pages[column].connections > 1, "its stream was never cut"
        heard = {event.uid: event.at for event in events}
        assert all(heard[one.uid] <= removed_at + GRACE for one in running.pages["R"].messages)


def test_without_catching_up_the_campaign_finds_what_was_missed(world: World) -> None:
    with campaign(world, DEAF) as running:
        for _ in range(6):
            running.goes_on(5)
            running.balancer.cut(1.0)
        events = running.ends(patience=3)
        assert any(running.verdict(column, events).missed for column in "GCT")


def test_servers_are_changed_one_by_one_and_nobody_notices(world: World, prove: bool) -> None:
    with campaign(world, POSTIL_DRAIN_SECONDS="2") as running:
        for _ in range(5 if prove else 1):
            for server in running.servers:
                running.goes_on(5)
                assert server.stop() in (0, -signal.SIGTERM)
                server.start()
                server.ready()
                assert running.balancer.knows(server)
        events = running.ends()
        assert [failure for writer in running.writers for failure in writer.failures] == []
        for column in KINDS:
            assert running.verdict(column, events) == Verdict(), column
            assert running.pages[column].refused == []
