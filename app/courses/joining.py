"""Making a course, coming into it, leaving it, and being put into it by its instructor."""

from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy.orm import Session

from app.accounts.joining import add_user, invite
from app.accounts.models import User, end_sessions, name_key, one_time_secret
from app.activity.models import audit
from app.courses.codes import new_code
from app.courses.models import INSTRUCTOR, STUDENT, Course, GroupMember, GroupSet, JoinCode, Membership
from app.courses.roster import RosterLine
from app.database import now
from app.errors import Refused
from app.language import _
from app.once import made_by, named_by


def course_made(db: Session, user_id: int, form_id: str) -> Course | None:
    """The course that a form of somebody's has made already. Refused (409) when it is not theirs."""
    found = made_by(db, Course, form_id)
    if found and db.scalar(select(Membership.role).where(*_mine(found.id, user_id))) != INSTRUCTOR:
        raise Refused(
            _("That id is taken. Load the page again and send it once more."), field="uid", status=409
        )
    return found


def open_course(db: Session, user_id: int, title: str, timezone: str, form_id: str = "") -> Course:
    """Makes a course, whose maker is its instructor, with an open code."""
    course = Course(uid=named_by(form_id), title=title, timezone=timezone)
    db.add(course)
    db.flush()
    db.add(Membership(course_id=course.id, user_id=user_id, role=INSTRUCTOR))
    db.add(JoinCode(course_id=course.id, code=new_code()))
    audit(db, "course.created", who_id=user_id, to_what=course.uid)
    return course


def join(db: Session, course_id: int, user_id: int) -> None:
    """Makes somebody a student, or brings them back as what they were. Refused (403) for one who was removed."""
    membership = db.get(Membership, (course_id, user_id))
    if membership is None:
        db.add(Membership(course_id=course_id, user_id=user_id, role=STUDENT))
    elif membership.removed_at:
        raise Refused(
            _("You were removed from this class. Ask its instructor to put you in again."), status=403
        )
    else:
        membership.left_at = None
    db.flush()


def leave(db: Session, course_id: int, user_id: int) -> None:
    """Ends a membership; what they wrote stays. Refused (409) for the only instructor."""
    _refuse_last_instructor(db, course_id, user_id)
    _end(db, course_id, user_id, "left_at")


def remove(db: Session, course_id: int, user_id: int, by_id: int, user_uid: str) -> None:
    """Ends a membership for good: the code does not let them in again. Refused (409) for the only instructor."""
    _refuse_last_instructor(db, course_id, user_id)
    _end(db, course_id, user_id, "removed_at")
    audit(db, "membership.removed", who_id=by_id, to_what=user_uid)


def grant(db: Session, course_id: int, user_id: int, role: str, by_id: int, user_uid: str) -> None:
    """Gives a member another role. Refused (409) when no instructor would be left."""
    if role != INSTRUCTOR:
        _refuse_last_instructor(db, course_id, user_id)
    db.execute(update(Membership).where(*_mine(course_id, user_id)).values(role=role))
    audit(db, f"role.{role}", who_id=by_id, to_what=user_uid)


def rotate_code(db: Session, course_id: int, *, closed: bool = False) -> None:
    """Gives the course a new code; with `closed`, one that lets nobody in until it is rotated again."""
    code = new_code()
    db.execute(
        update(JoinCode)
        .where(JoinCode.course_id == course_id)
        .values(code=code, is_closed=closed, made_at=now())
    )


def enrol(db: Session, course_id: int, line: RosterLine) -> tuple[int, str | None]:
    """Puts a person of a roster into the course, and back if they had left or were removed.

    Returns their key, and the secret of the link with which a new person chooses a password; None for one who has
    an account. Refused (409) when a stranger here signs in with that name.
    """
    user_id, secret = _known(db, course_id, line), None
    if user_id is None:
        user = add_user(db, line.name)
        user.email = line.email
        db.flush()
        user_id, secret = user.id, invite(db, user)
    membership = db.get(Membership, (course_id, user_id))
    if membership is None:
        db.add(Membership(course_id=course_id, user_id=user_id, role=STUDENT))
    else:
        membership.left_at = membership.removed_at = None
    db.flush()
    return user_id, secret


def reset_password(db: Session, course_id: int, user_id: int, by_id: int, user_uid: str) -> str:
    """Takes a student's password away and signs all their browsers out; returns the secret of the link to a new one.

    Refused (403) for an account that is in another class too, or that teaches or administers anywhere: those are for
    the command line.
    """
    elsewhere = select(Membership.user_id).where(
        Membership.user_id == user_id, (Membership.course_id != course_id) | (Membership.role != STUDENT)
    )
    administers = select(User.id).where(User.id == user_id, User.is_admin | User.may_create_courses)
    if db.scalar(elsewhere.limit(1)) or db.scalar(administers):
        raise Refused(
            _("This account is not in your class alone. Whoever runs the server can reset its password."),
            status=403,
        )
    had_one = db.scalar(select(User.password_hash).where(User.id == user_id)) is not None
    db.execute(update(User).where(User.id == user_id).values(password_hash=None))
    end_sessions(db, user_id)
    audit(db, "password.reset-link", who_id=by_id, to_what=user_uid)
    return one_time_secret(db, "password", user_id, made_by_id=by_id if had_one else None)


def _known(db: Session, course_id: int, line: RosterLine) -> int | None:
    """Who of those with an account is meant: whoever has the e-mail address, or a member of that very name."""
    if line.email and (found := db.scalar(select(User.id).where(User.email == line.email))):
        return found
    key = name_key(line.name)
    member = (Membership.user_id == User.id) & (Membership.course_id == course_id)
    return db.scalar(select(User.id).join(Membership, member).where(User.name_key == key))


def _refuse_last_instructor(db: Session, course_id: int, user_id: int) -> None:
    others = select(func.count()).where(
        Membership.course_id == course_id,
        Membership.role == INSTRUCTOR,
        Membership.user_id != user_id,
        Membership.left_at.is_(None),
        Membership.removed_at.is_(None),
    )
    role = db.scalar(select(Membership.role).where(*_mine(course_id, user_id)))
    if role == INSTRUCTOR and not db.scalar(others):
        raise Refused(_("A class needs an instructor. Make somebody else one first."), status=409)


def _end(db: Session, course_id: int, user_id: int, column: str) -> None:
    db.execute(update(Membership).where(*_mine(course_id, user_id)).values({column: now()}))
    sets = select(GroupSet.id).where(GroupSet.course_id == course_id)
    db.execute(delete(GroupMember).where(GroupMember.user_id == user_id, GroupMember.set_id.in_(sets)))


def _mine(course_id: int, user_id: int) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return Membership.course_id == course_id, Membership.user_id == user_id
