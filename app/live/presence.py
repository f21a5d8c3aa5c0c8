"""Who has a reading open in which process: each says so every few seconds, and all count the same people."""

from collections.abc import Set
from datetime import timedelta
from time import monotonic

from sqlalchemy import bindparam, delete, func, select, tuple_, update
from sqlalchemy.engine import Connection

from app.database import Db, insert_on, now, table_of
from app.identity import random_uid
from app.live.models import Presence

RENEWED_SECONDS = 10.0
KEPT = timedelta(seconds=25)
"""How long somebody is counted whose process was killed."""
Here = tuple[int, int]
"""A reading and a user, by their keys."""

_row = table_of(Presence)
_COUNT = (
    select(_row.c.reading_id, func.count(_row.c.user_id.distinct()))
    .where(_row.c.reading_id.in_(bindparam("readings", expanding=True)), _row.c.until > bindparam("now"))
    .group_by(_row.c.reading_id)
)
_MINE = _row.c.process == bindparam("mine")
_RENEW = update(_row).where(_MINE).values(until=bindparam("late"))
_GONE = delete(_row).where(
    _MINE, tuple_(_row.c.reading_id, _row.c.user_id).in_(bindparam("gone", expanding=True))
)
_ALL_GONE = delete(_row).where(_MINE)
_EXPIRED = delete(_row).where(_row.c.until <= bindparam("now"))


class Attendance:
    """What this process has said of who is here. Used by one thread."""

    def __init__(self) -> None:
        self._process = random_uid()
        self._said: Set[Here] = set()
        self._said_at = 0.0

    def say(self, db: Db, here: Set[Here]) -> None:
        """Writes who is here now, where that is not known already."""
        renews = bool(here) and monotonic() - self._said_at > RENEWED_SECONDS
        if here == self._said and not renews:
            return
        with db.changing() as writing:
            self._write(writing, here, renews=renews)
        self._said = here
        self._said_at = monotonic() if renews else self._said_at

    def _write(self, writing: Connection, here: Set[Here], *, renews: bool) -> None:
        mine, late = {"mine": self._process}, now() + KEPT
        if gone := self._said - here:
            writing.execute(_GONE, mine | {"gone": sorted(gone)})
        if renews:
            writing.execute(_EXPIRED, {"now": now()})
            writing.execute(_RENEW, mine | {"late": late})
        # What was said and is gone (a clock that went wrong, a database put back) is said again with the renewal.
        if come := sorted(here if renews else here - self._said):
            rows = [
                {"reading_id": reading, "user_id": user, "process": self._process, "until": late}
                for reading, user in come
            ]
            writing.execute(insert_on(writing.dialect.name, Presence).on_conflict_do_nothing(), rows)

    def leave(self, db: Db) -> None:
        """Takes back what this process has said."""
        if self._said:
            with db.changing() as writing:
                writing.execute(_ALL_GONE, {"mine": self._process})
        self._said = set()


def counted(db: Db, readings: Set[int]) -> dict[int, int]:
    """How many people have each of these readings open, in any process: in two tabs they are one."""
    if not readings:
        return {}
    found = db.ask(_COUNT, {"readings": sorted(readings), "now": now()})
    return {reading: int(people) for reading, people in found}
