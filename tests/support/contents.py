"""All that is in a database: to see whether anything has changed, and to empty it."""

from typing import Any

from sqlalchemy import select, text

from app.database import Base, Database


def dump(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    """Return every row of every table."""
    with database.reading() as db:
        return {
            table.name: sorted((tuple(row) for row in db.execute(select(table))), key=repr)
            for table in Base.metadata.sorted_tables
        }


def clear(database: Database) -> None:
    """Empty every table of a PostgreSQL database."""
    names = ", ".join(f'"{table.name}"' for table in Base.metadata.sorted_tables)
    with database.writing() as writing:
        writing.execute(text(f"TRUNCATE {names} RESTART IDENTITY CASCADE"))
