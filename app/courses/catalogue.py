"""What pages show of courses: a person's own, and one with its people."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, func, select

from app.accounts.models import User
from app.courses.models import ASSISTANT, INSTRUCTOR, STUDENT, Course, JoinCode, Membership
from app.database import Db

_THERE = (Membership.left_at.is_(None), Membership.removed_at.is_(None))


@dataclass(frozen=True)
class CourseEntry:
    """A course in a person's list."""

    uid: str
    title: str
    role: str
    archived_at: datetime | None
    members: int


@dataclass(frozen=True)
class Person:
    """A member as the roster shows them; an e-mail address only to staff."""

    id: int
    uid: str
    name: str
    email: str | None
    role: str
    # Whether they have chosen a password yet.
    has_come: bool


def own_courses(db: Db, user_id: int) -> list[CourseEntry]:
    """The courses somebody belongs to now: those under way first, then by title."""
    members = (
        select(func.count())
        .select_from(Membership)
        .where(Membership.course_id == Course.id, *_THERE)
        .correlate(Course)
        .scalar_subquery()
    )
    mine = Membership.__table__.alias("mine")
    rows = db.ask(
        select(Course.uid, Course.title, mine.c.role, Course.archived_at, members)
        .join(mine, mine.c.course_id == Course.id)
        .where(mine.c.user_id == user_id, mine.c.left_at.is_(None), mine.c.removed_at.is_(None))
        .order_by(Course.archived_at.is_not(None), Course.title, Course.id)
    )
    return [CourseEntry(*row) for row in rows]


def people_of(db: Db, course_id: int, *, with_emails: bool) -> list[Person]:
    """The members of a course: instructors, assistants, then students, each by name."""
    rank = case({INSTRUCTOR: 0, ASSISTANT: 1, STUDENT: 2}, value=Membership.role)
    rows = db.ask(
        select(User.id, User.uid, User.name, User.email, Membership.role, User.password_hash.is_not(None))
        .join(Membership, Membership.user_id == User.id)
        .where(Membership.course_id == course_id, *_THERE)
        .order_by(rank, User.name_key)
    )
    return [
        Person(key, uid, name, email if with_emails else None, role, has_come)
        for key, uid, name, email, role, has_come in rows
    ]


def code_of(db: Db, course_id: int) -> JoinCode | None:
    """The code to join with."""
    return db.read.get(JoinCode, course_id)
