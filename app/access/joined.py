"""The readings of all courses that somebody is in now, to be looked through together."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BindParameter, bindparam, select

from app.access.opening import MAY_READ, OPENING, OpenReading, opened, seated
from app.accounts.models import Viewer
from app.courses.models import Membership
from app.database import AnyRow, Db, now, table_of
from app.readings.models import Reading, ReadingMember
from app.readings.seats import Seat

_VIEWER: BindParameter[int] = bindparam("viewer")
_mine = table_of(Membership).alias("mine")
# Found from the person, however many classes there are.
_JOINED = OPENING.add_columns(table_of(Membership).c.joined_at, table_of(ReadingMember).c.finished_at).where(
    MAY_READ, table_of(Reading).c.course_id.in_(select(_mine.c.course_id).where(_mine.c.user_id == _VIEWER))
)


@dataclass(frozen=True)
class Joined:
    """A reading of a course that somebody is in, before it is opened."""

    id: int
    uid: str
    title: str
    language: str
    direction: str
    seat: Seat
    joined_at: datetime
    # When its last paragraph was reached.
    finished_at: datetime | None
    # What it is opened from.
    row: AnyRow


def joined_readings(db: Db, viewer: Viewer) -> list[Joined]:
    """The readings of all courses that somebody is in, archived ones too; for a student none that is a draft."""
    rows = db.ask(_JOINED, {"viewer": viewer.id, "now": now()}).all()
    return [_joined(row) for row in rows]


def enter(db: Db, viewer: Viewer, joined: Joined) -> OpenReading:
    """Opens one of them."""
    return opened(db, viewer, joined.row)


def _joined(row: AnyRow) -> Joined:
    about = (row.id, row.uid, row.title, row.language, row.direction)
    return Joined(*about, seated(row), row.joined_at, row.finished_at, row)
