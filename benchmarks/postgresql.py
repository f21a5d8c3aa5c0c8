"""PostgreSQL to be measured on, as it would be run: each commit flushed to the disk."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from sqlalchemy import make_url

from tests.support import postgres


@contextmanager
def durable_postgresql() -> Iterator[str]:
    """A new database on a server that flushes each commit to the disk (the suite's own does not)."""
    given = bool(os.environ.get(postgres.SETTING))
    with postgres.new_database() as url:
        if not given:
            _execute(url, "ALTER SYSTEM RESET ALL", "SELECT pg_reload_conf()")
        yield url


def _execute(url: str, *statements: str) -> None:
    address = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement)
