"""Courses, memberships, the code with which people join, and sets of groups."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint, true
from sqlalchemy.orm import Mapped, mapped_column

from app.database import Base, BigId, now
from app.identity import random_uid

STUDENT, ASSISTANT, INSTRUCTOR = ROLES = ("student", "assistant", "instructor")
STAFF = (ASSISTANT, INSTRUCTOR)
ANONYMITIES = ("off", "allowed", "required")


class Course(Base):
    """A class in one term."""

    __tablename__ = "course"
    __table_args__ = (
        CheckConstraint("anonymity IN ('off', 'allowed', 'required')", name="anonymity"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    uid: Mapped[str] = mapped_column(unique=True, default=random_uid)
    title: Mapped[str]
    # An IANA name: dates are said and meant in it.
    timezone: Mapped[str]
    # Whether students may, must or cannot hide their names from each other.
    anonymity: Mapped[str] = mapped_column(default="off")
    # Whether its members see how many of them have a reading open.
    shows_presence: Mapped[bool] = mapped_column(default=True, server_default=true())
    created_at: Mapped[datetime] = mapped_column(default=now)
    # Since when it can be read and no longer changed.
    archived_at: Mapped[datetime | None]


class Membership(Base):
    """A person in a course. It stays when they leave: what they wrote stays theirs."""

    __tablename__ = "membership"
    __table_args__ = (CheckConstraint("role IN ('student', 'assistant', 'instructor')", name="role"),)

    course_id: Mapped[int] = mapped_column(ForeignKey("course.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(
        ForeignKey("user.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    role: Mapped[str]
    joined_at: Mapped[datetime] = mapped_column(default=now)
    # Left by themselves: the code lets them come back.
    left_at: Mapped[datetime | None]
    # Removed by an instructor: no code lets them come back.
    removed_at: Mapped[datetime | None]
    # Whether their work may be used for research; unknown until they have said.
    research_consent: Mapped[bool | None]


class JoinCode(Base):
    """The code of a course: whoever knows it becomes a student. Staff read it, so it is not hashed."""

    __tablename__ = "join_code"

    course_id: Mapped[int] = mapped_column(ForeignKey("course.id", ondelete="CASCADE"), primary_key=True)
    # 50 random bits in letters and digits that are not mistaken for each other.
    code: Mapped[str] = mapped_column(unique=True)
    is_closed: Mapped[bool] = mapped_column(default=False)
    made_at: Mapped[datetime] = mapped_column(default=now)


class GroupSet(Base):
    """One way to divide a course into groups; a reading uses one of them."""

    __tablename__ = "group_set"
    __table_args__ = (UniqueConstraint("course_id", "name"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    uid: Mapped[str] = mapped_column(unique=True, default=random_uid)
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id", ondelete="CASCADE"))
    name: Mapped[str]


class Group(Base):
    """Some members of a course who work together."""

    __tablename__ = "group"
    __table_args__ = (UniqueConstraint("set_id", "name"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    uid: Mapped[str] = mapped_column(unique=True, default=random_uid)
    set_id: Mapped[int] = mapped_column(ForeignKey("group_set.id", ondelete="CASCADE"))
    name: Mapped[str]


class GroupMember(Base):
    """A person's group in one set."""

    __tablename__ = "group_member"

    set_id: Mapped[int] = mapped_column(ForeignKey("group_set.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(
        ForeignKey("user.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    group_id: Mapped[int] = mapped_column(ForeignKey("group.id", ondelete="CASCADE"), index=True)
