"""What is kept of a member of a reading: a row that is made when it is first needed."""

from typing import Any

from sqlalchemy.engine import Connection

from app.database import insert_on
from app.readings.models import ReadingMember


def keep_member(writing: Connection, reading_id: int, user_id: int, **values: Any) -> None:
    """Sets columns of somebody's row in a reading, which is made when there is none."""
    row = {"reading_id": reading_id, "user_id": user_id, **values}
    insert = insert_on(writing.dialect.name, ReadingMember)
    writing.execute(insert.on_conflict_do_update(index_elements=["reading_id", "user_id"], set_=values), row)
