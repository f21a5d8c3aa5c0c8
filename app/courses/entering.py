"""Finding the course that a code opens; wrong codes are counted by address, so that nobody can go on guessing."""

from fastapi import Request
from sqlalchemy import select

from app.accounts.models import count_failure, failures
from app.courses.codes import meant
from app.courses.models import Course, JoinCode
from app.database import AnyRow, Db
from app.errors import Refused
from app.language import _
from app.security import attempt_key, attempt_windows, network_of

WRONG_CODES_AN_ADDRESS = 300
"""In five minutes. A class of three hundred behind one address may each mistype once."""

_OPENED = select(
    Course.id, Course.uid, Course.title, Course.archived_at, JoinCode.is_closed, JoinCode.code
).join(JoinCode, JoinCode.course_id == Course.id)


def course_by_code(request: Request, db: Db, typed: str) -> AnyRow:
    """The course: id, uid, title, code. Refused: 404 for a code of none, 403 when it is closed, 429 after too many."""
    key = attempt_key("code", network_of(request))
    if failures(db.read, key, attempt_windows()) >= WRONG_CODES_AN_ADDRESS:
        raise Refused(
            _("Too many wrong codes came from here. Wait five minutes, then try again."), status=429
        )
    code = meant(typed)
    found = db.ask(_OPENED.where(JoinCode.code == code)).first() if code else None
    if found is None:
        with db.writing() as writing:
            count_failure(writing, key, attempt_windows()[0])
        raise Refused(
            _("No class has that code. Look at it again: ten letters and digits."), field="code", status=404
        )
    if found.is_closed or found.archived_at:
        raise Refused(_("This class takes nobody in at the moment. Ask its instructor."), status=403)
    return found
