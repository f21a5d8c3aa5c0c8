"""Pages of courses: one's own, one with its people, joining, roles, the code, groups.

It is long because an instructor meets all of it on two pages, and each route is a few lines.
"""

from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from sqlalchemy import update
from sqlalchemy.orm import Session

from app.access import (
    Anyone,
    ArchivableCourse,
    CodeRotator,
    ConsentingCourse,
    CourseCreator,
    GroupedCourse,
    LeavableCourse,
    OpenCourse,
    PromotableMember,
    ReadableCourse,
    RegroupedMember,
    RemovableMember,
    ResettableMember,
    RosterInviter,
    SettableCourse,
    SignedIn,
)
from app.accounts.joining import add_user
from app.accounts.signing_in import signed_in
from app.activity.models import audit
from app.courses import forms, joining
from app.courses.catalogue import code_of, own_courses, people_of
from app.courses.codes import spaced
from app.courses.entering import course_by_code
from app.courses.grouping import add_set, group_sets, put, put_by_name
from app.courses.models import ANONYMITIES, Course, Membership
from app.courses.roster import parse_roster
from app.database import Db, now
from app.errors import Refused
from app.forms import Filled, form_of
from app.language import _
from app.one_thread import OneThread, RequestDb
from app.readings.course_readings import readings_of_course
from app.readings.welcome import starter, welcome
from app.web import go, render, site_address

router = APIRouter(route_class=OneThread)
Errors = dict[str, str]


@router.get("/courses")
def courses_page(request: Request, db: RequestDb, viewer: SignedIn) -> Response:
    """The viewer's courses."""
    return _courses(request, db, viewer.id, {}, {})


@router.post("/courses")
def create_course(
    request: Request,
    db: RequestDb,
    viewer: CourseCreator,
    form: Annotated[Filled[forms.CourseForm], form_of(forms.CourseForm)],
) -> Response:
    """Opens a course; its maker is its instructor."""
    if form.data is None:
        return _courses(request, db, viewer.id, form.errors, form.values, 422)
    with db.writing() as writing:
        uid = joining.open_course(writing, viewer.id, form.data.title, form.data.timezone).uid
    return go(request, f"/courses/{uid}")


@router.get("/courses/{course_uid}")
def course_page(request: Request, db: RequestDb, within: ReadableCourse) -> Response:
    """A course: its people, and for staff how others join."""
    return _course(request, db, within)


@router.get("/courses/{course_uid}/settings")
def settings_page(request: Request, db: RequestDb, within: ArchivableCourse) -> Response:
    """What the instructor decides."""
    return _settings(request, within, {}, {})


@router.post("/courses/{course_uid}/settings")
def change_settings(
    request: Request,
    db: RequestDb,
    within: SettableCourse,
    form: Annotated[Filled[forms.Settings], form_of(forms.Settings)],
) -> Response:
    """Renames the course and sets its rules."""
    if form.data is None:
        return _settings(request, within, form.errors, form.values, 422)
    with db.writing() as writing:
        writing.execute(update(Course).where(Course.id == within.id).values(**form.data.model_dump()))
        _noted(writing, within, "course.changed")
    return go(request, f"/courses/{within.uid}")


@router.post("/courses/{course_uid}/archive")
def archive_course(request: Request, db: RequestDb, within: ArchivableCourse) -> Response:
    """Closes the course for changes."""
    return _archived(request, db, within, archived=True)


@router.post("/courses/{course_uid}/unarchive")
def unarchive_course(request: Request, db: RequestDb, within: ArchivableCourse) -> Response:
    """Opens it again."""
    return _archived(request, db, within, archived=False)


@router.post("/courses/{course_uid}/leave")
def leave_course(request: Request, db: RequestDb, within: LeavableCourse) -> Response:
    """Leaves; the code lets one come back."""
    with db.writing() as writing:
        joining.leave(writing, within.id, within.viewer.id)
    return go(request, "/courses")


@router.post("/courses/{course_uid}/consent")
def give_consent(
    request: Request,
    db: RequestDb,
    within: ConsentingCourse,
    form: Annotated[Filled[forms.Consent], form_of(forms.Consent)],
) -> Response:
    """Says whether research may use one's work here."""
    answer = form.valid.consent
    mine = (Membership.course_id == within.id) & (Membership.user_id == within.viewer.id)
    with db.writing() as writing:
        writing.execute(update(Membership).where(mine).values(research_consent=answer))
    return go(request, f"/courses/{within.uid}")


@router.post("/courses/{course_uid}/code")
def change_code(
    request: Request,
    db: RequestDb,
    within: CodeRotator,
    form: Annotated[Filled[forms.NewCode], form_of(forms.NewCode)],
) -> Response:
    """A new code; the old one stops working."""
    closed = form.valid.closed
    with db.writing() as writing:
        joining.rotate_code(writing, within.id, closed=closed)
        _noted(writing, within, "code.closed" if closed else "code.rotated")
    return go(request, f"/courses/{within.uid}")


@router.post("/courses/{course_uid}/roster")
def invite_roster(
    request: Request,
    db: RequestDb,
    within: RosterInviter,
    form: Annotated[Filled[forms.Roster], form_of(forms.Roster)],
) -> Response:
    """Puts the people of a pasted list in; shows a personal link for each who is new here."""
    starter()
    try:
        lines = parse_roster(form.valid.roster)
        links = []
        with db.writing() as writing:
            for line in lines:
                user_id, secret = joining.enrol(writing, within.id, line)
                if secret:
                    welcome(writing, user_id)
                    links.append((line.name, f"{site_address(request)}/invitation/{secret}"))
                if line.group:
                    put_by_name(writing, within.id, user_id, _("Roster"), line.group)
            _noted(writing, within, "roster.invited")
    except Refused as error:
        form.refuse(error)
        return _course(request, db, within, form.errors, form.values, status=error.status)
    return _course(request, db, within, links=links, status=201)


@router.post("/courses/{course_uid}/people/{user_uid}/role")
def change_role(
    request: Request,
    db: RequestDb,
    member: PromotableMember,
    form: Annotated[Filled[forms.Role], form_of(forms.Role)],
) -> Response:
    """Gives a member another role."""
    role, within = form.valid.role, member.within
    with db.writing() as writing:
        joining.grant(writing, within.id, member.id, role, within.viewer.id, member.uid)
    return go(request, f"/courses/{within.uid}")


@router.post("/courses/{course_uid}/people/{user_uid}/remove")
def remove_member(request: Request, db: RequestDb, member: RemovableMember) -> Response:
    """Removes a member, who does not come back by the code."""
    within = member.within
    with db.writing() as writing:
        joining.remove(writing, within.id, member.id, within.viewer.id, member.uid)
    return go(request, f"/courses/{within.uid}")


@router.post("/courses/{course_uid}/people/{user_uid}/reset-link")
def make_reset_link(request: Request, db: RequestDb, member: ResettableMember) -> Response:
    """A link to a new password for a student of this class alone; the old one stops working at once."""
    within = member.within
    with db.writing() as writing:
        secret = joining.reset_password(writing, within.id, member.id, within.viewer.id, member.uid)
    link = (member.name, f"{site_address(request)}/invitation/{secret}")
    return _course(request, db, within, links=[link], status=201)


@router.get("/courses/{course_uid}/groups")
def groups_page(request: Request, db: RequestDb, within: GroupedCourse) -> Response:
    """The sets of groups, and who is where."""
    return _groups(request, db, within, {}, {})


@router.post("/courses/{course_uid}/groups")
def create_groups(
    request: Request,
    db: RequestDb,
    within: GroupedCourse,
    form: Annotated[Filled[forms.NewGroups], form_of(forms.NewGroups)],
) -> Response:
    """Makes a set of groups, empty or dealt out at random."""
    try:
        sent = form.valid
        with db.writing() as writing:
            add_set(writing, within.id, sent.name, sent.number, at_random=sent.random)
    except Refused as error:
        if form.data:
            form.refuse(error)
        return _groups(request, db, within, form.errors, form.values, error.status)
    return go(request, f"/courses/{within.uid}/groups")


@router.post("/courses/{course_uid}/groups/{set_uid}/people/{user_uid}")
def regroup(
    request: Request,
    db: RequestDb,
    found: RegroupedMember,
    form: Annotated[Filled[forms.Place], form_of(forms.Place)],
) -> Response:
    """Moves a student to another group of the set, or out of all."""
    group = form.valid.group
    if group and group not in found.groups:
        raise Refused(_("That group is not there any more. Load the page again."), field="group", status=409)
    with db.writing() as writing:
        put(writing, found.id, found.member.id, found.groups.get(group))
    return go(request, f"/courses/{found.within.uid}/groups")


@router.get("/join")
def join_page(request: Request, db: RequestDb, viewer: Anyone, code: str = "") -> Response:
    """Where a code is typed."""
    if not code:
        return render(request, "courses/code.html", {"errors": {}, "values": {}})
    try:
        return go(request, f"/join/{course_by_code(request, db, code).code}")
    except Refused as error:
        context = {"errors": {"code": error.message}, "values": {"code": code}}
        return render(request, "courses/code.html", context, error.status)


@router.get("/join/{code}")
def join_by_code_page(request: Request, db: RequestDb, viewer: Anyone, code: str) -> Response:
    """The link of a class."""
    course = course_by_code(request, db, code)
    return render(request, "courses/join.html", {"course": course, "errors": {}, "values": {}})


@router.post("/join/{code}")
def join_by_code(
    request: Request,
    db: RequestDb,
    viewer: Anyone,
    code: str,
    form: Annotated[Filled[forms.Joining], form_of(forms.Joining)],
) -> Response:
    """Makes whoever is signed in a student, or a new person with an account of their own."""
    course = course_by_code(request, db, code)
    if viewer:
        with db.writing() as writing:
            joining.join(writing, course.id, viewer.id)
        return go(request, f"/courses/{course.uid}")
    try:
        sent = form.valid
        password_hash, _ready = request.app.state.passwords.hash(sent.password), starter()
        with db.writing() as writing:
            user_id = add_user(writing, sent.name, password_hash=password_hash).id
            welcome(writing, user_id)
            joining.join(writing, course.id, user_id)
    except Refused as error:
        if form.data:
            form.refuse(error)
        context = {"course": course, "errors": form.errors, "values": form.values}
        return render(request, "courses/join.html", context, error.status)
    return signed_in(request, db, user_id, f"/courses/{course.uid}")


def _noted(writing: Session, within: OpenCourse, did: str) -> None:
    audit(writing, did, who_id=within.viewer.id, to_what=within.uid)


def _archived(request: Request, db: Db, within: OpenCourse, *, archived: bool) -> Response:
    at = now() if archived else None
    with db.writing() as writing:
        writing.execute(update(Course).where(Course.id == within.id).values(archived_at=at))
        _noted(writing, within, "course.archived" if archived else "course.unarchived")
    return go(request, f"/courses/{within.uid}")


def _courses(
    request: Request, db: Db, user_id: int, errors: Errors, values: dict[str, Any], status: int = 200
) -> Response:
    context = {"courses": own_courses(db, user_id), "errors": errors, "values": values}
    return render(request, "courses/page.html", context, status)


def _course(
    request: Request,
    db: Db,
    within: OpenCourse,
    errors: Errors | None = None,
    values: dict[str, Any] | None = None,
    links: list[tuple[str, str]] | None = None,
    status: int = 200,
) -> Response:
    code = code_of(db, within.id) if within.is_staff else None
    context = {
        "course": within,
        "readings": readings_of_course(db, within.id, within.viewer.id),
        "people": people_of(db, within.id, with_emails=within.is_staff),
        "code": code and not code.is_closed and spaced(code.code),
        "join_address": code and f"{site_address(request)}/join/{code.code}",
        "links": links or [],
        "errors": errors or {},
        "values": values or {},
    }
    return render(request, "courses/course.html", context, status)


def _settings(
    request: Request, within: OpenCourse, errors: Errors, values: dict[str, Any], status: int = 200
) -> Response:
    present = {"title": within.title, "timezone": within.timezone, "anonymity": within.anonymity}
    context = {
        "course": within,
        "anonymities": ANONYMITIES,
        "errors": errors,
        "values": present | values,
    }
    return render(request, "courses/settings.html", context, status)


def _groups(
    request: Request,
    db: Db,
    within: OpenCourse,
    errors: Errors,
    values: dict[str, Any],
    status: int = 200,
) -> Response:
    students = [person for person in people_of(db, within.id, with_emails=False) if person.role == "student"]
    context = {
        "course": within,
        "sets": group_sets(db, within.id),
        "students": students,
        "errors": errors,
        "values": values,
    }
    return render(request, "courses/groups.html", context, status)
