"""SQLite's one writer: requests that wait together share a transaction, each in a savepoint, and one commit.

A commit with full durability costs a disk flush, so writers that queue behind each other hand the open transaction on
instead of ending it; the last of them commits, and only then is any of them answered.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session

_MOST_IN_ONE_COMMIT = 32


class CommitFailed(Exception):
    """The shared transaction was lost after this request's part of it; nothing of it was kept."""


class _Batch:
    """The requests that will be committed together."""

    def __init__(self) -> None:
        self.size = 0
        self.error: BaseException | None = None
        self.ended = threading.Event()


class GroupWriter:
    """Serialises writes over one connection and commits them in groups."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._turn = threading.Lock()
        self._counting = threading.Lock()
        self._waiting = 0
        self._connection: Connection | None = None
        self._batch: _Batch | None = None

    @contextmanager
    def turn(self) -> Iterator[Session]:
        """A session inside this request's savepoint; durable when the block has ended.

        Raises what the block raised (its part is undone, the others' is kept), or what the commit raised.
        """
        self._take()
        try:
            connection, batch = self._open()
        except BaseException:
            self._turn.release()
            raise
        try:
            with Session(connection, join_transaction_mode="create_savepoint", expire_on_commit=False) as session:
                yield session
                session.commit()
        except BaseException as error:
            self._give_up(connection, batch, error)
            raise
        batch.size += 1
        self._hand_on_or_commit(connection, batch)
        if batch.error:
            raise batch.error

    def close(self) -> None:
        """Waits for the write under way and ends the connection."""
        with self._turn:
            if self._connection:
                self._connection.close()
                self._connection = None

    def _take(self) -> None:
        with self._counting:
            self._waiting += 1
        self._turn.acquire()
        with self._counting:
            self._waiting -= 1

    def _open(self) -> tuple[Connection, _Batch]:
        if self._connection is None:
            self._connection = self._engine.connect()
        if self._batch is None:
            try:
                self._connection.begin()
            except BaseException:
                self._drop_connection()
                raise
            self._batch = _Batch()
        return self._connection, self._batch

    def _hand_on_or_commit(self, connection: Connection, batch: _Batch) -> None:
        with self._counting:
            hand_on = self._waiting > 0 and batch.size < _MOST_IN_ONE_COMMIT
        if hand_on:
            self._turn.release()
            batch.ended.wait()
        else:
            self._commit(connection, batch)

    def _commit(self, connection: Connection, batch: _Batch) -> None:
        self._batch = None
        try:
            connection.commit()
        except BaseException as error:
            batch.error = error
            self._drop_connection()
        batch.ended.set()
        self._turn.release()

    def _give_up(self, connection: Connection, batch: _Batch, error: BaseException) -> None:
        """Ends a turn whose block raised. If SQLite itself ended the transaction, the whole group is lost."""
        if not _still_open(connection):
            self._batch = None
            batch.error = CommitFailed(str(error))
            self._drop_connection()
            batch.ended.set()
            self._turn.release()
        elif batch.size:
            self._hand_on_or_commit_for_others(connection, batch)
        else:
            self._batch = None
            connection.rollback()
            batch.ended.set()
            self._turn.release()

    def _hand_on_or_commit_for_others(self, connection: Connection, batch: _Batch) -> None:
        with self._counting:
            hand_on = self._waiting > 0
        if hand_on:
            self._turn.release()
        else:
            self._commit(connection, batch)

    def _drop_connection(self) -> None:
        if self._connection is not None:
            self._connection.invalidate()
            self._connection.close()
            self._connection = None


def _still_open(connection: Connection) -> bool:
    driver = connection.connection.dbapi_connection
    return bool(driver is not None and driver.in_transaction)  # type: ignore[attr-defined]
