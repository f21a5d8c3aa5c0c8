"""The three tables of counts as one tally: what shares add up to, and by how much rows are to be moved."""

from functools import cache
from typing import Any

from sqlalchemy import Executable, and_, bindparam, delete
from sqlalchemy.engine import Connection

from app.annotations.crowd.adding import Share
from app.annotations.models import Density, ParagraphCount, SpanCount
from app.database import Base, insert_on, table_of

Key = tuple[int, ...]
COUNTS: tuple[type[Base], ...] = (ParagraphCount, Density, SpanCount)


class Tally:
    """Numbers by table and primary key."""

    def __init__(self) -> None:
        self.rows: dict[type[Base], dict[Key, list[int]]] = {model: {} for model in COUNTS}

    def add(self, paragraph_id: int, share: Share, times: int = 1) -> None:
        """Adds what an author adds in a paragraph; takes it away with -1."""
        for audience, n in share.annotations.items():
            self.put(ParagraphCount, (audience, paragraph_id), [n * times, 0])
        for audience, n in share.people.items():
            self.put(ParagraphCount, (audience, paragraph_id), [0, n * times])
        for model, counter in ((SpanCount, share.spans), (Density, share.density)):
            for (audience, *rest), n in counter.items():
                self.put(model, (audience, paragraph_id, *rest), [n * times])

    def put(self, model: type[Base], key: Key, numbers: list[int]) -> None:
        """Adds numbers to those of a key."""
        here = self.rows[model].get(key)
        self.rows[model][key] = (
            numbers if here is None else [a + b for a, b in zip(here, numbers, strict=True)]
        )

    def places(self) -> set[tuple[int, int]]:
        """The audiences and paragraphs whose numbers move."""
        return {
            (key[0], key[1]) for rows in self.rows.values() for key, numbers in rows.items() if any(numbers)
        }


def move(writing: Connection, by: Tally) -> None:
    """Moves the rows of the counts, in key order. One that comes to nothing is taken away."""
    for model in COUNTS:
        names = columns(model)
        moved = [
            dict(zip(names, (*key, *numbers), strict=True))
            for key, numbers in sorted(by.rows[model].items())
            if any(numbers)
        ]
        if moved:
            writing.execute(_move(model, writing.dialect.name), moved)
        width = len(table_of(model).primary_key.columns)
        if fallen := [row for row in moved if min(list(row.values())[width:]) < 0]:
            writing.execute(_drop_empty(model), fallen)


@cache
def columns(model: type[Base]) -> tuple[str, ...]:
    """The columns of a table of counts: first those of its key, then those that count."""
    table = table_of(model)
    keys = [column.name for column in table.primary_key.columns]
    return (*keys, *(column.name for column in table.c if column.name not in keys))


@cache
def _move(model: type[Base], dialect: str) -> Executable:
    insertion, table = insert_on(dialect, model), table_of(model)
    keys = [column.name for column in table.primary_key.columns]
    counted: dict[str, Any] = {
        name: table.c[name] + insertion.excluded[name] for name in columns(model) if name not in keys
    }
    added: Executable = insertion.on_conflict_do_update(index_elements=keys, set_=counted)
    return added


@cache
def _drop_empty(model: type[Base]) -> Executable:
    table = table_of(model)
    keys = [column.name for column in table.primary_key.columns]
    is_it = [table.c[name] == bindparam(name) for name in keys]
    is_empty = [table.c[name] <= 0 for name in columns(model) if name not in keys]
    return delete(table).where(and_(*is_it, *is_empty))
