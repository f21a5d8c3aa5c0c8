"""Courses: who belongs to one as what, and what each role may do there."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import Request
from sqlalchemy import bindparam, select

from app.access.viewers import enforces, or_not_found, refuse_odd, signed_in_user
from app.accounts.models import User, Viewer
from app.courses.models import INSTRUCTOR, STAFF, STUDENT, Course, Group, GroupSet, Membership
from app.database import Db, table_of
from app.errors import NotFound, Refused
from app.language import _
from app.one_thread import RequestDb, later


@dataclass(frozen=True)
class OpenCourse:
    """A course of which the viewer is a member now."""

    viewer: Viewer
    id: int
    uid: str
    title: str
    timezone: str
    anonymity: str
    shows_presence: bool
    archived_at: datetime | None
    role: str
    research_consent: bool | None

    @property
    def zone(self) -> ZoneInfo:
        """The clock that the course goes by."""
        return ZoneInfo(self.timezone)

    @property
    def is_staff(self) -> bool:
        """Whether the viewer teaches here."""
        return self.role in STAFF

    @property
    def is_instructor(self) -> bool:
        """Whether the viewer answers for the course."""
        return self.role == INSTRUCTOR


_course, _membership = table_of(Course), table_of(Membership)
_COURSE = (
    select(
        _course.c.id,
        _course.c.uid,
        _course.c.title,
        _course.c.timezone,
        _course.c.anonymity,
        _course.c.shows_presence,
        _course.c.archived_at,
        _membership.c.role,
        _membership.c.research_consent,
    )
    .join(_membership, _membership.c.course_id == _course.c.id)
    .where(
        _course.c.uid == bindparam("course"),
        _membership.c.user_id == bindparam("viewer"),
        _membership.c.left_at.is_(None),
        _membership.c.removed_at.is_(None),
    )
)


def open_course(
    request: Request, db: Db, course_uid: str, *roles: str, even_archived: bool = False
) -> OpenCourse:
    """A course in which the viewer has one of these roles. Refused (403) for other members, and when it is archived."""
    course = _course_called(db, signed_in_user(request, db), course_uid)
    if course.role not in roles:
        raise Refused(_("Your role in this class does not let you do that."), status=403)
    if course.archived_at and not even_archived:
        raise Refused(_("This class is archived: it can be read and no longer changed."), status=403)
    return course


def _course_called(db: Db, viewer: Viewer, course_uid: str) -> OpenCourse:
    refuse_odd(course_uid)
    row = or_not_found(db.ask(_COURSE, {"course": course_uid, "viewer": viewer.id}).first())
    return OpenCourse(viewer, *row)


@enforces("course.create")
def course_creator(request: Request, db: RequestDb) -> Viewer:
    """Somebody who may open courses."""
    viewer = signed_in_user(request, db)
    if not viewer.may_create_courses:
        raise Refused(_("Ask whoever runs this server to let you open classes."), status=403)
    return viewer


@enforces("course.read")
def readable_course(request: Request, db: RequestDb, course_uid: str) -> OpenCourse:
    """A course of the viewer's."""
    return open_course(request, db, course_uid, STUDENT, *STAFF, even_archived=True)


@enforces("course.settings")
def settable_course(request: Request, db: RequestDb, course_uid: str) -> OpenCourse:
    """A course that the viewer may rename and rule."""
    return open_course(request, db, course_uid, INSTRUCTOR)


@enforces("course.archive")
def archivable_course(request: Request, db: RequestDb, course_uid: str) -> OpenCourse:
    """A course that the viewer may archive, and bring back."""
    return open_course(request, db, course_uid, INSTRUCTOR, even_archived=True)


@enforces("course.leave")
def leavable_course(request: Request, db: RequestDb, course_uid: str) -> OpenCourse:
    """A course that the viewer may leave."""
    return open_course(request, db, course_uid, STUDENT, *STAFF, even_archived=True)


@enforces("consent.own")
def consenting_course(request: Request, db: RequestDb, course_uid: str) -> OpenCourse:
    """A course in which the viewer, a student, says whether research may use his work. Also when it is archived."""
    return open_course(request, db, course_uid, STUDENT, even_archived=True)


@enforces("code.rotate")
def code_rotator(request: Request, db: RequestDb, course_uid: str) -> OpenCourse:
    """A course whose code the viewer may change."""
    return open_course(request, db, course_uid, INSTRUCTOR)


@enforces("roster.invite")
def roster_inviter(request: Request, db: RequestDb, course_uid: str) -> OpenCourse:
    """A course into which the viewer may put people."""
    return open_course(request, db, course_uid, INSTRUCTOR)


@enforces("group.write")
def grouped_course(request: Request, db: RequestDb, course_uid: str) -> OpenCourse:
    """A course whose groups the viewer may make."""
    return open_course(request, db, course_uid, *STAFF)


@dataclass(frozen=True)
class OpenMember:
    """Another member of a course."""

    within: OpenCourse
    id: int
    uid: str
    name: str
    role: str


_MEMBER = (
    select(User.id, User.uid, User.name, _membership.c.role)
    .join(_membership, _membership.c.user_id == User.id)
    .where(
        _membership.c.course_id == bindparam("course"),
        User.uid == bindparam("user"),
        _membership.c.left_at.is_(None),
        _membership.c.removed_at.is_(None),
    )
)


def _open_member(db: Db, within: OpenCourse, user_uid: str) -> OpenMember:
    refuse_odd(user_uid)
    found = or_not_found(db.ask(_MEMBER, {"course": within.id, "user": user_uid}).first())
    return OpenMember(within, *found)


def member_of(db: Db, viewer: Viewer, course_uid: str, user_uid: str) -> OpenMember:
    """A member of a course of the viewer's. NotFound when there is none."""
    return _open_member(db, _course_called(db, viewer, course_uid), user_uid)


@enforces("roster.remove")
def removable_member(request: Request, db: RequestDb, course_uid: str, user_uid: str) -> OpenMember:
    """A member whom the viewer may remove."""
    return _open_member(db, open_course(request, db, course_uid, INSTRUCTOR), user_uid)


@enforces("role.grant")
def promotable_member(request: Request, db: RequestDb, course_uid: str, user_uid: str) -> OpenMember:
    """A member to whom the viewer may give another role. Refused (403) for himself."""
    member = _open_member(db, open_course(request, db, course_uid, INSTRUCTOR), user_uid)
    if member.id == member.within.viewer.id:
        raise Refused(_("Nobody changes his own role. Another instructor can."), status=403)
    return member


@enforces("password.reset-link")
def resettable_member(request: Request, db: RequestDb, course_uid: str, user_uid: str) -> OpenMember:
    """A student for whom the viewer may make a link to a new password; others of the class are told nothing."""
    within = open_course(request, db, course_uid, STUDENT, *STAFF)
    if within.role == STUDENT and within.viewer.uid != user_uid:
        raise NotFound
    if not within.is_instructor or within.viewer.uid == user_uid:
        raise Refused(_("Your role in this class does not let you do that."), status=403)
    return _open_member(db, within, user_uid)


@dataclass(frozen=True)
class OpenGroupSet:
    """A set of groups in a course, and one member of it."""

    within: OpenCourse
    id: int
    member: OpenMember
    # The keys of the set's groups, by their uids.
    groups: dict[str, int]


@enforces("group.write")
def regrouped_member(
    request: Request, db: RequestDb, course_uid: str, set_uid: str, user_uid: str
) -> OpenGroupSet:
    """A member whom the viewer may put into a group of this set."""
    within = open_course(request, db, course_uid, *STAFF)
    refuse_odd(set_uid)
    query = select(GroupSet.id).where(GroupSet.uid == set_uid, GroupSet.course_id == within.id)
    set_id = or_not_found(db.ask(query).scalar())
    groups = {row.uid: row.id for row in db.ask(select(Group.uid, Group.id).where(Group.set_id == set_id))}
    return OpenGroupSet(within, set_id, _open_member(db, within, user_uid), groups)


CourseCreator = Annotated[Viewer, later(course_creator)]
ReadableCourse = Annotated[OpenCourse, later(readable_course)]
SettableCourse = Annotated[OpenCourse, later(settable_course)]
ArchivableCourse = Annotated[OpenCourse, later(archivable_course)]
LeavableCourse = Annotated[OpenCourse, later(leavable_course)]
ConsentingCourse = Annotated[OpenCourse, later(consenting_course)]
CodeRotator = Annotated[OpenCourse, later(code_rotator)]
RosterInviter = Annotated[OpenCourse, later(roster_inviter)]
GroupedCourse = Annotated[OpenCourse, later(grouped_course)]
RemovableMember = Annotated[OpenMember, later(removable_member)]
ResettableMember = Annotated[OpenMember, later(resettable_member)]
PromotableMember = Annotated[OpenMember, later(promotable_member)]
RegroupedMember = Annotated[OpenGroupSet, later(regrouped_member)]
