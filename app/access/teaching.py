"""What staff do with the readings of their courses."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Request
from sqlalchemy import select

from app.access.courses import OpenCourse, OpenMember, member_of, open_course
from app.access.opening import OpenReading, open_reading, written_reading
from app.access.viewers import enforces, or_not_found, refuse_odd
from app.courses.models import INSTRUCTOR, STAFF
from app.database import Db
from app.errors import NotFound, Refused
from app.language import _
from app.one_thread import RequestDb, later
from app.readings.models import Prompt


def _by_staff(within: OpenReading, *roles: str) -> OpenReading:
    """The same, for those who set it. NotFound for somebody's own; refused (403) for other members."""
    if within.seat is None:
        raise NotFound
    if within.seat.role not in roles:
        raise Refused(_("Your role in this class does not let you do that."), status=403)
    return within


@enforces("reading.create")
def reading_setter(request: Request, db: RequestDb, course_uid: str) -> OpenCourse:
    """A course for which the viewer may set readings."""
    return open_course(request, db, course_uid, *STAFF)


@enforces("reading.edit")
def settable_reading(request: Request, db: RequestDb, reading_uid: str) -> OpenReading:
    """A reading whose rules the viewer may change."""
    return written_reading(_by_staff(open_reading(request, db, reading_uid), *STAFF))


@enforces("reading.reveal")
def revealable_reading(request: Request, db: RequestDb, reading_uid: str) -> OpenReading:
    """A reading that the viewer may reveal to everybody."""
    return written_reading(_by_staff(open_reading(request, db, reading_uid), *STAFF))


@enforces("reading.delete")
def deletable_reading(request: Request, db: RequestDb, reading_uid: str) -> OpenReading:
    """A reading that the viewer may take away from the course."""
    return written_reading(_by_staff(open_reading(request, db, reading_uid), INSTRUCTOR))


@enforces("progress.class")
def watched_reading(request: Request, db: RequestDb, reading_uid: str) -> OpenReading:
    """A reading whose students the viewer follows. Also in an archived course."""
    return _by_staff(open_reading(request, db, reading_uid), *STAFF)


@dataclass(frozen=True)
class OpenStudent:
    """A member of the course that a reading is set for, before its staff."""

    within: OpenReading
    member: OpenMember


def _student(db: Db, within: OpenReading, user_uid: str) -> OpenStudent:
    if within.seat is None:
        raise NotFound
    return OpenStudent(within, member_of(db, within.viewer, within.seat.course_uid, user_uid))


@enforces("progress.class")
def watched_student(request: Request, db: RequestDb, reading_uid: str, user_uid: str) -> OpenStudent:
    """A student whose work in a reading the viewer follows."""
    return _student(db, watched_reading(request, db, reading_uid), user_uid)


@enforces("reading.extension")
def extended_student(request: Request, db: RequestDb, reading_uid: str, user_uid: str) -> OpenStudent:
    """A student to whom the viewer may give another due date."""
    within = written_reading(_by_staff(open_reading(request, db, reading_uid), *STAFF))
    return _student(db, within, user_uid)


@enforces("ann.class.hide")
def moderated_student(request: Request, db: RequestDb, reading_uid: str, user_uid: str) -> OpenStudent:
    """A member whose posts in a reading the viewer may hide all at once."""
    within = written_reading(_by_staff(open_reading(request, db, reading_uid), *STAFF))
    return _student(db, within, user_uid)


@dataclass(frozen=True)
class OpenPrompt:
    """A question in a reading, before its staff."""

    within: OpenReading
    id: int


@enforces("reading.edit")
def retirable_prompt(request: Request, db: RequestDb, reading_uid: str, prompt_uid: str) -> OpenPrompt:
    """A question that the viewer may ask no longer."""
    within = settable_reading(request, db, reading_uid)
    refuse_odd(prompt_uid)
    here = (Prompt.uid == prompt_uid, Prompt.reading_id == within.id)
    return OpenPrompt(within, or_not_found(db.ask(select(Prompt.id).where(*here)).scalar()))


ReadingSetter = Annotated[OpenCourse, later(reading_setter)]
SettableReading = Annotated[OpenReading, later(settable_reading)]
RevealableReading = Annotated[OpenReading, later(revealable_reading)]
DeletableReading = Annotated[OpenReading, later(deletable_reading)]
WatchedReading = Annotated[OpenReading, later(watched_reading)]
WatchedStudent = Annotated[OpenStudent, later(watched_student)]
ExtendedStudent = Annotated[OpenStudent, later(extended_student)]
ModeratedStudent = Annotated[OpenStudent, later(moderated_student)]
RetirablePrompt = Annotated[OpenPrompt, later(retirable_prompt)]
