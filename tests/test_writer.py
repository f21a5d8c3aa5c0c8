"""SQLite's one writer: what is acknowledged is kept, what is refused is not, and one's failure is nobody else's."""

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event, text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError

from app.engines import sqlite_engine
from app.writer import CommitFailed, GroupWriter

ROOT = Path(__file__).parents[1]


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = sqlite_engine(tmp_path / "x.sqlite3", create=True)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE t (name TEXT UNIQUE, filler TEXT)"))
    yield engine
    engine.dispose()


@pytest.fixture
def writer(engine: Engine) -> Iterator[GroupWriter]:
    writer = GroupWriter(engine)
    yield writer
    writer.close()


def add(db: Connection, name: str, filler: str = "") -> None:
    db.execute(text("INSERT INTO t VALUES (:name, :filler)"), {"name": name, "filler": filler})


def there(engine: Engine) -> set[str]:
    with engine.connect() as connection:
        return set(connection.scalars(text("SELECT name FROM t")))


class Crowd:
    """Threads that write, and what became of each write."""

    def __init__(self, writer: GroupWriter) -> None:
        self.writer = writer
        self.kept: set[str] = set()
        self.failed: dict[str, BaseException] = {}
        self.threads: list[threading.Thread] = []

    def start(self, name: str, block: Callable[[Connection], Any]) -> None:
        def write() -> None:
            try:
                with self.writer.turn() as db:
                    block(db)
                self.kept.add(name)
            except Exception as error:
                self.failed[name] = error

        self.threads.append(threading.Thread(target=write))
        self.threads[-1].start()

    def hold(self, name: str) -> threading.Event:
        """Starts a write that stays inside its block until the event is set; returns when it is there."""
        inside, released = threading.Event(), threading.Event()
        self.start(name, lambda db: (add(db, name), inside.set(), released.wait()))
        inside.wait()
        return released

    def wait(self) -> None:
        for thread in self.threads:
            thread.join()

    def until_waiting(self, n: int) -> None:
        """Waits until so many stand behind the one who writes."""
        while self.writer._waiting < n:
            threading.Event().wait(0.001)


def test_many_threads_with_failures_among_them(engine: Engine, writer: GroupWriter) -> None:
    crowd = Crowd(writer)

    def one(name: str, n: int) -> Callable[[Connection], None]:
        def block(db: Connection) -> None:
            add(db, name)
            if n % 3 == 1:
                raise KeyError(name)
            if n % 5 == 2:
                add(db, name)

        return block

    for n in range(150):
        crowd.start(str(n), one(str(n), n))
    crowd.wait()
    assert crowd.kept == {str(n) for n in range(150) if n % 3 != 1 and n % 5 != 2}
    assert there(engine) == crowd.kept
    assert {type(error) for error in crowd.failed.values()} == {KeyError, IntegrityError}


def test_those_who_wait_together_share_one_commit(engine: Engine, writer: GroupWriter) -> None:
    commits: list[object] = []
    event.listen(engine, "commit", commits.append)
    crowd = Crowd(writer)
    first = crowd.hold("first")
    for n in range(5):
        crowd.start(str(n), lambda db, n=n: add(db, str(n)))
    crowd.until_waiting(5)
    first.set()
    crowd.wait()
    assert len(commits) == 1
    assert there(engine) == {"first", "0", "1", "2", "3", "4"}


def test_nobody_is_answered_before_the_commit(engine: Engine, writer: GroupWriter) -> None:
    crowd = Crowd(writer)
    first = crowd.hold("first")
    inside, second = threading.Event(), threading.Event()
    crowd.start("second", lambda db: (add(db, "second"), inside.set(), second.wait()))
    crowd.until_waiting(1)
    first.set()
    inside.wait()
    assert (crowd.kept, there_elsewhere(engine)) == (set(), set())
    second.set()
    crowd.wait()
    assert there(engine) == crowd.kept == {"first", "second"}


def there_elsewhere(engine: Engine) -> set[str]:
    """What another process would see now."""
    other = sqlite_engine(Path(str(engine.url.database).removeprefix("file:")), read_only=True)
    try:
        return there(other)
    finally:
        other.dispose()


def test_a_failure_leaves_the_group_alone(engine: Engine, writer: GroupWriter) -> None:
    crowd = Crowd(writer)
    first = crowd.hold("a")
    crowd.start("again", lambda db: (add(db, "b"), add(db, "b")))
    crowd.start("c", lambda db: add(db, "c"))
    crowd.until_waiting(2)
    first.set()
    crowd.wait()
    assert crowd.kept == there(engine) == {"a", "c"}
    assert isinstance(crowd.failed["again"], IntegrityError)


def test_a_full_disk_loses_only_what_was_not_acknowledged(engine: Engine, writer: GroupWriter) -> None:
    crowd = Crowd(writer)
    crowd.start("before", lambda db: add(db, "before"))
    crowd.wait()
    _limit(writer, pages=12)
    first = crowd.hold("shared")
    crowd.start("large", lambda db: add(db, "large", "x" * 200_000))
    crowd.until_waiting(1)
    first.set()
    crowd.wait()
    assert crowd.kept == there(engine) == {"before"}
    for name in ("shared", "large"):
        assert isinstance(crowd.failed[name], CommitFailed)
        assert str(crowd.failed[name]) == "database or disk is full"
    crowd.start("after", lambda db: add(db, "after"))
    crowd.wait()
    assert there(engine) == {"before", "after"}


def _limit(writer: GroupWriter, *, pages: int) -> None:
    connection = writer._connection
    assert connection is not None
    driver = connection.connection.dbapi_connection
    assert driver is not None
    driver.cursor().execute(f"PRAGMA max_page_count={pages}")


def test_a_write_inside_a_write_is_refused_instead_of_waiting_for_ever(writer: GroupWriter) -> None:
    with pytest.raises(RuntimeError, match="write inside a write"), writer.turn(), writer.turn():
        pass


def test_a_write_after_a_refused_one_is_kept(engine: Engine, writer: GroupWriter) -> None:
    with pytest.raises(IntegrityError), writer.turn() as db:
        add(db, "a")
        add(db, "a")
    with writer.turn() as db:
        add(db, "a")
    assert there(engine) == {"a"}


def test_closing_keeps_what_was_handed_on(engine: Engine, writer: GroupWriter) -> None:
    crowd = Crowd(writer)
    first = crowd.hold("a")
    closing = threading.Thread(target=writer.close)
    closing.start()
    crowd.until_waiting(1)
    first.set()
    closing.join()
    crowd.wait()
    assert crowd.kept == there(engine) == {"a"}


def killed(folder: Path, rounds: int, *more: str) -> tuple[int, int]:
    command = [sys.executable, "-m", "tests.support.killed_writer", str(folder), str(rounds), *more]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert answer.returncode == 0, answer.stderr
    acknowledged, lost = answer.stdout.split()
    return int(acknowledged), int(lost)


def test_what_was_acknowledged_survives_being_killed(tmp_path: Path, prove: bool) -> None:
    acknowledged, lost = killed(tmp_path, 1000 if prove else 20)
    assert acknowledged >= 20
    assert lost == 0


def test_being_killed_would_show_an_acknowledgement_too_early(tmp_path: Path) -> None:
    _acknowledged, lost = killed(tmp_path, 20, "--early")
    assert lost > 0
