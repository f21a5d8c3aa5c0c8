"""Kills a writing process again and again, and counts what it had acknowledged and what is there afterwards.

`python -m tests.support.killed_writer FOLDER ROUNDS [--early]` prints two numbers: acknowledged, and lost of these.
With --early the writer says so before the commit, which is the negative control: then some must be lost.
"""

import os
import random
import signal
import sys
import threading
import time
from pathlib import Path

from sqlalchemy import text

from app.database import Database
from app.engines import sqlite_engine
from app.settings import Settings

_THREADS = 4


def main(folder: Path, rounds: int, *, early: bool) -> tuple[int, int]:
    """Returns how many writes were acknowledged, and how many of them are missing."""
    settings = Settings(data_dir=folder)
    engine = sqlite_engine(settings.sqlite_path, create=True)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE written (name TEXT PRIMARY KEY, filler TEXT)"))
    engine.dispose()
    acknowledged = {name for n in range(rounds) for name in _killed(settings, n, early=early)}
    database = Database(settings)
    with database.reading() as db:
        there = set(db.scalars(text("SELECT name FROM written")))
        assert db.scalar(text("PRAGMA integrity_check")) == "ok"
    database.close()
    return len(acknowledged), len(acknowledged - there)


def _killed(settings: Settings, round_: int, *, early: bool) -> list[str]:
    """Lets a process write, kills it at a random moment after its first word, and returns what it acknowledged."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _write_for_ever(settings, round_, writing, early=early)
    os.close(writing)
    said = os.read(reading, 1)
    time.sleep(random.uniform(0.0, 0.12))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    with os.fdopen(reading, "rb") as rest:
        said += rest.read()
    return said.decode().split("\n")[:-1]


def _write_for_ever(settings: Settings, round_: int, out: int, *, early: bool) -> None:
    database = Database(settings)

    def write(thread: int) -> None:
        for n in range(1_000_000):
            name = f"{round_}-{thread}-{n}"
            with database.writing() as db:
                db.execute(
                    text("INSERT INTO written VALUES (:name, :filler)"), {"name": name, "filler": "x" * 500}
                )
                if early:
                    os.write(out, f"{name}\n".encode())
            if not early:
                os.write(out, f"{name}\n".encode())

    threads = [threading.Thread(target=write, args=(n,)) for n in range(_THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    print(*main(Path(sys.argv[1]), int(sys.argv[2]), early="--early" in sys.argv))
