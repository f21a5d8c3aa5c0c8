"""Connections to the two databases: how each is opened, and what keeps what was committed."""

import sqlite3
import time
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import quote

from sqlalchemy import URL, Engine, create_engine, event
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.pool import ConnectionPoolEntry

# SQLite's WAL-reset race is mended in these releases; see docs/decisions/0002-sqlite-driver.md.
_MENDED = {(3, 44): 6, (3, 50): 7}
_MENDED_SINCE = (3, 51, 3)
# SQLite counts a text's bytes by itself, without reading it, since this release.
_OCTETS_SINCE = (3, 43, 0)
_BUSY_SECONDS = 15
_CONNECT_SECONDS = 10
RESTED_SECONDS = 5.0
"""A connection to PostgreSQL that was not used for so long is asked whether it lives."""


def sqlite_driver() -> ModuleType:
    """`pysqlite3`, which bundles a mended SQLite, where it is installed; else Python's own module."""
    try:
        import pysqlite3
    except ImportError:
        return sqlite3
    driver: ModuleType = pysqlite3
    return driver


def wal_is_safe(version: tuple[int, int, int]) -> bool:
    """Whether this SQLite release may use a write-ahead log with several connections."""
    return version >= _MENDED_SINCE or version[2] >= _MENDED.get(version[:2], 1000)


def journal_mode() -> str:
    """`wal`, or `delete` (a rollback journal) where SQLite's write-ahead log has its race."""
    return "wal" if wal_is_safe(sqlite_driver().sqlite_version_info) else "delete"


def postgresql_engine(url: str) -> Engine:
    """Connections to PostgreSQL. What people wrote stays out of error messages, and so out of logs."""
    engine = create_engine(
        url,
        pool_size=20,
        max_overflow=20,
        hide_parameters=True,
        connect_args={"connect_timeout": _CONNECT_SECONDS, "client_encoding": "utf8"},
    )
    event.listen(engine, "connect", _plan_once)
    event.listen(engine, "checkin", _note_time)
    event.listen(engine, "checkout", _ping_if_rested)
    return engine


def _plan_once(connection: Any, _record: object) -> None:
    """To plan a join of six tables anew takes longer than to carry it out; each of ours has one good plan."""
    connection.execute("SET plan_cache_mode = force_generic_plan")
    connection.commit()


def _note_time(_connection: object, record: ConnectionPoolEntry) -> None:
    record.info["used"] = time.monotonic()


def _ping_if_rested(connection: Any, record: ConnectionPoolEntry, _proxy: object) -> None:
    """Asks a connection that has rested whether it still lives; one that worked a moment ago is believed.

    (To ask each time, as the pool can, is a third of the round trips of a small request.) Raises DisconnectionError,
    for which the pool brings another.
    """
    if time.monotonic() - record.info.get("used", time.monotonic()) < RESTED_SECONDS:
        return
    from psycopg import Error

    try:
        connection.execute("SELECT 1")
        connection.rollback()
    except Error as error:
        raise DisconnectionError from error


def sqlite_engine(
    path: Path, *, read_only: bool = False, create: bool = False, foreign_keys: bool = True
) -> Engine:
    """Connections to a SQLite file with full durability.

    Only with `create` is a missing file made: a database that has gone must not come back empty.
    """
    engine = create_engine(
        _sqlite_url(path, create=create),
        module=sqlite_driver(),
        hide_parameters=True,
        connect_args={
            "check_same_thread": False,
            "timeout": _BUSY_SECONDS,
            "isolation_level": None,
            "cached_statements": 400,
        },
        pool_size=16 if read_only else 1,
        max_overflow=32 if read_only else 4,
        skip_autocommit_rollback=False,
    )
    begin = "BEGIN" if read_only else "BEGIN IMMEDIATE"

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: object) -> None:
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA journal_mode={journal_mode()}")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute(f"PRAGMA foreign_keys={'ON' if foreign_keys else 'OFF'}")
        cursor.execute("PRAGMA cache_size=-16000")
        if sqlite_driver().sqlite_version_info < _OCTETS_SINCE:
            connection.create_function("octet_length", 1, _octets, deterministic=True)
        if read_only:
            cursor.execute("PRAGMA query_only=ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


def _octets(text: str | None) -> int | None:
    return None if text is None else len(text.encode())


def _sqlite_url(path: Path, *, create: bool) -> URL:
    mode = "rwc" if create else "rw"
    return URL.create(
        "sqlite", database=f"file:{quote(str(path.absolute()))}", query={"mode": mode, "uri": "true"}
    )
