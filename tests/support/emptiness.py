"""Settings over nothing: a data folder without a database, or an empty PostgreSQL database."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.settings import Settings
from tests.support import postgres

CHEAP = {"password_memory_kib": 1024, "password_passes": 1}


@contextmanager
def nothing_yet(kind: str, folder: Path) -> Iterator[Settings]:
    """`kind` is "sqlite" or "postgres"; `folder` becomes the data folder."""
    folder.mkdir(exist_ok=True)
    if kind == "sqlite":
        yield Settings(data_dir=folder, **CHEAP)
        return
    with postgres.new_database() as url:
        yield Settings(data_dir=folder, database_url=url, **CHEAP)
