"""The database: declarative base, engines, what each of the two databases needs, reading and writing."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any, ClassVar

from sqlalchemy import (
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
    Table,
)
from sqlalchemy.engine import Connection
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import TypeDecorator

from app.engines import postgresql_engine, sqlite_engine
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


def table_of(model: type[Base]) -> Table:
    """The table of a class: what is asked most is asked of tables."""
    table = model.__table__
    assert isinstance(table, Table)
    return table


def insert_on(dialect: str, table: type[Base]) -> Any:
    """The INSERT of this database that has ON CONFLICT. PostgreSQL's takes a while to load: only where it is used."""
    return import_module(f"sqlalchemy.dialects.{dialect}").insert(table_of(table))


def now() -> datetime:
    """The present instant in UTC."""
    return datetime.now(UTC)


class Database:
    """The store of one process: pooled connections to read with, and one way to write."""

    def __init__(self, settings: Settings) -> None:
        self.is_sqlite = settings.database_url is None
        self.texts = Keeper(_TEXT_KEPT)
        self.drawn = Keeper(_DRAWN_KEPT)
        self.path: Path | None = settings.sqlite_path if self.is_sqlite else None
        # Set after each write of this process, for whoever waits for one.
        self.written = threading.Event()
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
        self.written.set()

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
        return self.connection.execute(query, values)

    @property
    def connection(self) -> Connection:
        """What `ask` asks, at the same moment."""
        if self._connection is None:
            self._connection = self.database.reader.connect()
        return self._connection

    @property
    def read(self) -> Session:
        """A session for objects, at the same moment as `ask`."""
        if self._read is None:
            self._read = _read_session(self.connection)
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
