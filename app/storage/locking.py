"""Locks between processes on one machine: files in the data folder, free again when their holder ends."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.settings import Settings


class InUse(Exception):
    """Another process holds the lock."""


@contextmanager
def data_in_use(settings: Settings) -> Iterator[None]:
    """Says that this process works with the data, as others may at once. InUse while the data is replaced."""
    with _held(settings.data_dir / "postil.lock", fcntl.LOCK_SH | fcntl.LOCK_NB):
        yield


@contextmanager
def data_alone(settings: Settings) -> Iterator[None]:
    """Keeps every other process from the data. InUse when one is at work."""
    with _held(settings.data_dir / "postil.lock", fcntl.LOCK_EX | fcntl.LOCK_NB):
        yield


@contextmanager
def migrating_alone(settings: Settings) -> Iterator[None]:
    """Lets one process at a time look after the tables; the others wait."""
    with _held(settings.data_dir / "migrating.lock", fcntl.LOCK_EX):
        yield


@contextmanager
def backing_up_alone(settings: Settings) -> Iterator[None]:
    """Lets one process at a time make the backups that are due. InUse when another does."""
    with _held(settings.data_dir / "backup.lock", fcntl.LOCK_EX | fcntl.LOCK_NB):
        yield


@contextmanager
def _held(path: Path, how: int) -> Iterator[None]:
    with path.open("ab") as file:
        try:
            fcntl.flock(file, how)
        except BlockingIOError:
            raise InUse(str(path)) from None
        yield
