"""SQLite's one writer: requests that wait together share a transaction and one commit, each behind a savepoint.

A commit with full durability costs a disk flush, so writers that queue behind each other hand the open
transaction on instead of ending it; the last of them commits, and only then is any of them answered.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError

_MOST_IN_ONE_COMMIT = 32


class CommitFailed(Exception):
    """The shared transaction was lost, this request's part with it; the message is the database's own."""


class _Batch:
    """The requests that will be committed together."""

    def __init__(self) -> None:
        self.turns = 0
        self.kept = 0
        self.error: BaseException | None = None
        self.ended = threading.Event()


class GroupWriter:
    """Serialises writes over one connection and commits them in groups."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._turn = threading.Lock()
        self._counting = threading.Lock()
        self._waiting = 0
        self._writing: int | None = None
        self._connection: Connection | None = None
        self._batch: _Batch | None = None

    @contextmanager
    def turn(self) -> Iterator[Connection]:
        """The connection, for this request's part; durable when the block has ended.

        Raises what the block raised (its part is undone, the others' is kept), or CommitFailed.
        """
        connection, batch = self._begin()
        try:
            if batch.kept:
                connection.exec_driver_sql("SAVEPOINT part")
            yield connection
            if batch.kept:
                connection.exec_driver_sql("RELEASE part")
        except BaseException as error:
            if self._undo(connection, batch):
                self._end_turn(connection, batch)
                raise
            self._lose(batch, error)
            raise CommitFailed(_words(error)) from error
        batch.kept += 1
        self._end_turn(connection, batch)
        batch.ended.wait()
        if batch.error:
            raise CommitFailed(_words(batch.error)) from batch.error

    def close(self) -> None:
        """Commits what was handed on, if anything was, and ends the connection."""
        self._take()
        if self._connection and self._batch:
            self._finish(self._connection, self._batch)
            self._take()
        if self._connection:
            self._connection.close()
            self._connection = None
        self._release()

    def _begin(self) -> tuple[Connection, _Batch]:
        self._take()
        try:
            return self._open()
        except BaseException:
            self._release()
            raise

    def _take(self) -> None:
        if self._writing == threading.get_ident():
            raise RuntimeError("a write inside a write would wait for itself")
        with self._counting:
            self._waiting += 1
        self._turn.acquire()
        self._writing = threading.get_ident()
        with self._counting:
            self._waiting -= 1

    def _release(self) -> None:
        self._writing = None
        self._turn.release()

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

    def _undo(self, connection: Connection, batch: _Batch) -> bool:
        """Takes one request's part back; False when SQLite itself has ended the whole transaction.

        Before the first part that is kept there is nothing to guard, so no savepoint: all of it goes.
        """
        if not _in_transaction(connection):
            return False
        try:
            if batch.kept:
                connection.exec_driver_sql("ROLLBACK TO part")
                connection.exec_driver_sql("RELEASE part")
            else:
                connection.rollback()
                connection.begin()
        except DBAPIError:
            return False
        return _in_transaction(connection)

    def _end_turn(self, connection: Connection, batch: _Batch) -> None:
        """Hands the transaction on to whoever waits, or ends it."""
        batch.turns += 1
        with self._counting:
            hand_on = self._waiting > 0 and batch.turns < _MOST_IN_ONE_COMMIT
        if hand_on:
            self._release()
        else:
            self._finish(connection, batch)

    def _finish(self, connection: Connection, batch: _Batch) -> None:
        self._batch = None
        try:
            if batch.kept:
                connection.commit()
            else:
                connection.rollback()
        except BaseException as error:
            batch.error = error
            self._drop_connection()
        finally:
            batch.ended.set()
            self._release()

    def _lose(self, batch: _Batch, error: BaseException) -> None:
        """Tells the others of a transaction that is gone (SQLite ends it by itself when the disk is full)."""
        self._batch = None
        batch.error = error
        try:
            self._drop_connection()
        finally:
            batch.ended.set()
            self._release()

    def _drop_connection(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.invalidate()
            connection.close()


def _in_transaction(connection: Connection) -> bool:
    if connection.invalidated:
        return False
    driver = connection.connection.dbapi_connection
    return bool(driver is not None and driver.in_transaction)


def _words(error: BaseException) -> str:
    """What the database said first: later complaints are only that the savepoint is gone."""
    first, step = error, error.__context__
    while step is not None:
        first = step if isinstance(step, DBAPIError) else first
        step = step.__context__
    return str(getattr(first, "orig", first))
