"""Rows as lines of JSON: the same bytes from either database, so that their hashes can be compared.

A row is an array in the order of the table's columns by name; rows come in the order of the primary key.
Times are UTC in ISO 8601 with microseconds and a Z.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from sqlalchemy import JSON, Column, DateTime, LargeBinary, String, Table, func, insert, select, text
from sqlalchemy.engine import Connection

_AT_ONCE = 1000


@dataclass(frozen=True)
class TableSum:
    """What is known of a table's rows: their number, and the SHA-256 of all their lines."""

    name: str
    columns: list[str]
    rows: int
    sha256: str


def lines_of(connection: Connection, table: Table) -> Iterator[bytes]:
    """The rows of a table as lines, few of them in memory at a time."""
    columns = [_for_reading(column) for column in _by_name(table)]
    keys = [_ordered(connection, column) for column in table.primary_key]
    found = connection.execute(select(*columns).order_by(*keys), execution_options={"yield_per": _AT_ONCE})
    for row in found:
        yield _encoded(tuple(row))


def summed(table: Table, lines: Iterable[bytes], write: Callable[[bytes], object] | None = None) -> TableSum:
    """Counts and hashes lines while `write` puts them somewhere."""
    digest, n = hashlib.sha256(), 0
    for line in lines:
        digest.update(line)
        n += 1
        if write:
            write(line)
    return TableSum(table.name, [column.name for column in _by_name(table)], n, digest.hexdigest())


def load(connection: Connection, table: Table, columns: list[str], lines: Iterable[bytes]) -> None:
    """Adds the rows that `lines` say."""
    zoned = connection.dialect.name == "postgresql"
    decoders = [(name, _decoder(table.c[name], zoned=zoned)) for name in columns]
    rows = iter(lines)
    while chunk := [_decoded(line, decoders) for line in islice(rows, _AT_ONCE)]:
        connection.execute(insert(table), chunk)


def counters(connection: Connection, tables: Iterable[Table]) -> dict[str, int]:
    """The highest key each table has given out, where the database remembers: none is given twice."""
    if connection.dialect.name == "sqlite":
        if not connection.exec_driver_sql(
            "SELECT 1 FROM sqlite_master WHERE name = 'sqlite_sequence'"
        ).first():
            return {}
        found = connection.exec_driver_sql("SELECT name, seq FROM sqlite_sequence")
        return {str(name): int(n) for name, n in found}
    last = text("SELECT last_value FROM pg_sequences WHERE format('%I.%I', schemaname, sequencename) = :name")
    named = {table.name: _sequence(connection, table) for table in tables}
    given = {table: connection.scalar(last, {"name": name}) for table, name in named.items() if name}
    return {table: n for table, n in given.items() if n is not None}


def set_counters(connection: Connection, tables: Iterable[Table], given: dict[str, int]) -> None:
    """Lets each table go on counting after the keys that were ever given out."""
    for table in tables:
        if connection.dialect.name == "sqlite":
            _set_sqlite_counter(connection, table.name, given.get(table.name, 0))
        elif name := _sequence(connection, table):
            highest = max(given.get(table.name, 0), connection.scalar(select(func.max(table.c.id))) or 0)
            if highest:
                connection.execute(text("SELECT setval(:name, :n)"), {"name": name, "n": highest})


def _set_sqlite_counter(connection: Connection, table: str, n: int) -> None:
    sql = "SELECT sql FROM sqlite_master WHERE name = :name"
    if n and "AUTOINCREMENT" in (connection.scalar(text(sql), {"name": table}) or ""):
        connection.execute(text("DELETE FROM sqlite_sequence WHERE name = :name"), {"name": table})
        connection.execute(
            text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :n)"), {"name": table, "n": n}
        )


def _sequence(connection: Connection, table: Table) -> str | None:
    if "id" not in table.c:
        return None
    quoted = connection.dialect.identifier_preparer.quote(table.name)
    found = connection.scalar(text("SELECT pg_get_serial_sequence(:table, 'id')"), {"table": quoted})
    return str(found) if found else None


def _by_name(table: Table) -> list[Column[Any]]:
    return sorted(table.columns, key=lambda column: column.name)


def _for_reading(column: Column[Any]) -> Column[Any]:
    if isinstance(column.type, JSON):
        column.type.none_as_null = True
    return column


def _ordered(connection: Connection, column: Column[Any]) -> Any:
    """Text is ordered by its bytes, whatever the database's language is."""
    if connection.dialect.name == "postgresql" and isinstance(column.type, String):
        return column.collate("C")
    return column


def _encoded(row: tuple[Any, ...]) -> bytes:
    return (
        json.dumps(row, default=_in_words, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()
        + b"\n"
    )


def _in_words(value: Any) -> str:
    if isinstance(value, datetime):
        utc = value.astimezone(UTC) if value.tzinfo else value
        return f"{utc.replace(tzinfo=None).isoformat(timespec='microseconds')}Z"
    return bytes(value).hex()


def _decoder(column: Column[Any], *, zoned: bool) -> Callable[[Any], Any] | None:
    if isinstance(_for_reading(column).type, DateTime):
        return (
            datetime.fromisoformat
            if zoned
            else lambda value: datetime.fromisoformat(value).replace(tzinfo=None)
        )
    return bytes.fromhex if isinstance(column.type, LargeBinary) else None


def _decoded(line: bytes, decoders: list[tuple[str, Callable[[Any], Any] | None]]) -> dict[str, Any]:
    return {
        name: value if decode is None or value is None else decode(value)
        for (name, decode), value in zip(decoders, json.loads(line), strict=True)
    }
