"""The database: declarative base, engines, what each of the two databases needs, reading and writing."""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any, ClassVar
from urllib.parse import quote

from sqlalchemy import (
    URL,
    BigInteger,
    CursorResult,
    DateTime,
    Dialect,
    Engine,
    Executable,
    Integer,
    MetaData,
    Row,
    Select,
    create_engine,
    event,
)
from sqlalchemy.engine import Connection
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import TypeDecorator

from app.keeping import Keeper
from app.settings import Settings
from app.writer import GroupWriter

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
# SQLite's WAL-reset race is mended in these releases; see docs/decisions/0002-sqlite-driver.md.
_MENDED = {(3, 44): 6, (3, 50): 7}
_MENDED_SINCE = (3, 51, 3)
_BUSY_SECONDS = 15
_CONNECT_SECONDS = 10

AnyRow = Row[*tuple[Any, ...]]
"""A row of whatever was selected."""
AnySelect = Select[*tuple[Any, ...]]
"""A query for rows of whatever it selects."""

KEPT_DELETED = timedelta(days=30)
"""How long what people deleted can be brought back."""
# Code points of immutable article text, and bytes of drawn paragraphs, kept in memory.
_TEXT_KEPT = 8_000_000
_DRAWN_KEPT = 16_000_000

BigId = BigInteger().with_variant(Integer(), "sqlite")
"""A key for joins: SQLite only counts up by itself in a column called INTEGER."""


class UtcDateTime(TypeDecorator[datetime]):
    """An instant, always given and returned aware and in UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuses naive times (ValueError): they would be read as UTC on one machine and not on the next."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("times are stored with a zone")
        utc = value.astimezone(UTC)
        return utc if dialect.name == "postgresql" else utc.replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Gives the stored instant its zone back."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """What every table shares."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map: ClassVar = {datetime: UtcDateTime()}


def now() -> datetime:
    """The present instant in UTC."""
    return datetime.now(UTC)


def sqlite_driver() -> ModuleType:
    """`pysqlite3`, which bundles a mended SQLite, where it is installed; else Python's own module."""
    try:
        import pysqlite3
    except ImportError:
        return sqlite3
    return pysqlite3  # type: ignore[no-any-return]  # it comes without types


def wal_is_safe(version: tuple[int, int, int]) -> bool:
    """Whether this SQLite release may use a write-ahead log with several connections."""
    return version >= _MENDED_SINCE or version[2] >= _MENDED.get(version[:2], 1000)


def journal_mode() -> str:
    """`wal`, or `delete` (a rollback journal) where SQLite's write-ahead log has its race."""
    return "wal" if wal_is_safe(sqlite_driver().sqlite_version_info) else "delete"


class Database:
    """The store of one process: pooled connections to read with, and one way to write."""

    def __init__(self, settings: Settings) -> None:
        self.is_sqlite = settings.database_url is None
        self.texts = Keeper(_TEXT_KEPT)
        self.drawn = Keeper(_DRAWN_KEPT)
        self.path: Path | None = settings.sqlite_path if self.is_sqlite else None
        self._writer: GroupWriter | None = None
        if settings.database_url is None:
            self.reader = sqlite_engine(settings.sqlite_path, read_only=True)
            self.engine = sqlite_engine(settings.sqlite_path)
            self._writer = GroupWriter(self.engine)
        else:
            self.engine = postgresql_engine(settings.database_url)
            self.reader = self.engine.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )

    def reading(self) -> Session:
        """A session that sees one moment of the database and cannot write. The caller closes it."""
        return _read_session(self.reader)

    @contextmanager
    def changing(self) -> Iterator[Connection]:
        """A short write: committed and durable when the block has ended, undone when it raises.

        Nothing slow belongs inside: no hashing, parsing or drawing.
        """
        if self._writer:
            with self._writer.turn() as connection:
                yield connection
        else:
            with self.engine.begin() as connection:
                yield connection

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Like `changing`, with a session for objects."""
        with self.changing() as connection:
            session = Session(connection, join_transaction_mode="create_savepoint", expire_on_commit=False)
            with session:
                yield session
                session.commit()

    def close(self) -> None:
        """Ends all connections."""
        if self._writer:
            self._writer.close()
        self.reader.dispose()
        self.engine.dispose()


class Db:
    """The database as one request sees it: one moment to read, opened when first needed, and ways to write."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._connection: Connection | None = None
        self._read: Session | None = None

    def ask(
        self, query: Executable, values: Mapping[str, Any] | None = None
    ) -> CursorResult[*tuple[Any, ...]]:
        """Rows of a query. After a write it sees what was written.

        What is asked often is asked so, of tables: rows of objects (`read`) cost three times as much.
        """
        if self._connection is None:
            self._connection = self.database.reader.connect()
        return self._connection.execute(query, values)

    @property
    def read(self) -> Session:
        """A session for objects, at the same moment as `ask`."""
        if self._read is None:
            if self._connection is None:
                self._connection = self.database.reader.connect()
            self._read = _read_session(self._connection)
        return self._read

    @contextmanager
    def changing(self) -> Iterator[Connection]:
        """See `Database.changing`. Reading is ended first, so that later reads see the write."""
        self.close()
        with self.database.changing() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """See `Database.writing`. Reading is ended first, so that later reads see the write."""
        self.close()
        with self.database.writing() as session:
            yield session

    def close(self) -> None:
        """Gives the connection that is read from back."""
        if self._read is not None:
            self._read.close()
            self._read = None
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _read_session(bind: Engine | Connection) -> Session:
    return Session(bind, autoflush=False, expire_on_commit=False)


def postgresql_engine(url: str) -> Engine:
    """Connections to PostgreSQL. What people wrote stays out of error messages, and so out of logs."""
    return create_engine(
        url,
        pool_size=20,
        max_overflow=20,
        pool_pre_ping=True,
        hide_parameters=True,
        connect_args={"connect_timeout": _CONNECT_SECONDS, "client_encoding": "utf8"},
    )


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
        if read_only:
            cursor.execute("PRAGMA query_only=ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


def _sqlite_url(path: Path, *, create: bool) -> URL:
    mode = "rwc" if create else "rw"
    return URL.create(
        "sqlite", database=f"file:{quote(str(path.absolute()))}", query={"mode": mode, "uri": "true"}
    )
