"""The seats of all who follow a reading, as they are at this moment."""

from collections.abc import Collection

from sqlalchemy import bindparam, true

from app.access.opening import may_read, opening, seated
from app.accounts.models import SIGNED_IN
from app.database import Db, now, table_of
from app.readings.models import Reading
from app.readings.seats import Seat

_reading = table_of(Reading)
_AT_ONCE = 1000
# Found from the sign-ins: one query for a class, however many follow.
_SEATS = (
    opening(SIGNED_IN.c.user_id, SIGNED_IN.join(_reading, true()))
    .add_columns(SIGNED_IN.c.id.label("session_id"))
    .where(may_read(SIGNED_IN.c.user_id), _reading.c.id == bindparam("key"))
)


def seats_now(db: Db, reading_id: int, sessions: Collection[int]) -> dict[int, Seat]:
    """The seats in a class's reading by sign-in: none for who is signed out, or may not read it any more."""
    found: dict[int, Seat] = {}
    asked = sorted(sessions)
    for first in range(0, len(asked), _AT_ONCE):
        some = {"sessions": asked[first : first + _AT_ONCE], "now": now(), "key": reading_id}
        found |= {row.session_id: seated(row) for row in db.ask(_SEATS, some)}
    return found
