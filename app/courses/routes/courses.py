"""One's own courses, and one of them: its page, its settings, its code, and the viewer's own part in it."""

from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from sqlalchemy import select, update

from app.access import (
    ArchivableCourse,
    CodeRotator,
    ConsentingCourse,
    CourseCreator,
    LeavableCourse,
    OpenCourse,
    ReadableCourse,
    SettableCourse,
    SignedIn,
)
from app.copying.taking_back import take_back
from app.courses import forms, joining
from app.courses.catalogue import own_courses
from app.courses.models import ANONYMITIES, Course, Membership
from app.courses.routes.pages import Errors, course_answer, noted
from app.database import Db, now
from app.errors import Refused
from app.forms import Filled, form_of
from app.one_thread import OneThread, RequestDb
from app.stale import ChangedMeanwhile, hold_against, seal
from app.web import go, render

router = APIRouter(route_class=OneThread)


@router.get("/courses")
def courses_page(request: Request, db: RequestDb, viewer: SignedIn) -> Response:
    """The viewer's courses."""
    return _courses(request, db, viewer.id, {}, {})


@router.post("/courses")
def create_course(
    request: Request,
    db: RequestDb,
    viewer: CourseCreator,
    form: Annotated[Filled[forms.NewCourse], form_of(forms.NewCourse)],
) -> Response:
    """Opens a course; its maker is its instructor."""
    try:
        sent = form.valid
        with db.writing() as writing:
            made = joining.course_made(writing, viewer.id, sent.uid)
            made = made or joining.open_course(writing, viewer.id, sent.title, sent.timezone, sent.uid)
            uid = made.uid
    except Refused as error:
        if form.data:
            form.refuse(error)
        return _courses(request, db, viewer.id, form.errors, form.values, error.status)
    return go(request, f"/courses/{uid}")


@router.get("/courses/{course_uid}")
def course_page(request: Request, db: RequestDb, within: ReadableCourse) -> Response:
    """A course: its people, and for staff how others join."""
    return course_answer(request, db, within)


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
    wanted, mine = form.data.model_dump(exclude={"seal"}), Course.id == within.id
    try:
        with db.writing() as writing:
            columns = (Course.title, Course.timezone, Course.anonymity, Course.shows_presence)
            standing = writing.execute(select(*columns).where(mine).with_for_update()).one()._asdict()
            hold_against(form.data.seal, standing, wanted)
            writing.execute(update(Course).where(mine).values(**wanted))
            noted(writing, within, "course.changed")
    except ChangedMeanwhile:
        values = form.values | {"seal": seal(standing)}
        return _settings(request, within, {}, values, 409, conflict=standing)
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
    """Says whether research may use one's work here; a no also takes it out of later classes."""
    answer = form.valid.consent
    mine = (Membership.course_id == within.id) & (Membership.user_id == within.viewer.id)
    with db.writing() as writing:
        writing.execute(update(Membership).where(mine).values(research_consent=answer))
        if not answer:
            take_back(writing, within.viewer.id, within.id)
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
        noted(writing, within, "code.closed" if closed else "code.rotated")
    return go(request, f"/courses/{within.uid}")


def _archived(request: Request, db: Db, within: OpenCourse, *, archived: bool) -> Response:
    at = now() if archived else None
    with db.writing() as writing:
        other = (Course.id == within.id, Course.archived_at.is_(None) == archived)
        if writing.scalar(update(Course).where(*other).values(archived_at=at).returning(Course.id)):
            noted(writing, within, "course.archived" if archived else "course.unarchived")
    return go(request, f"/courses/{within.uid}")


def _courses(
    request: Request, db: Db, user_id: int, errors: Errors, values: dict[str, Any], status: int = 200
) -> Response:
    context = {"courses": own_courses(db, user_id), "errors": errors, "values": values}
    return render(request, "courses/page.html", context, status)


def _settings(
    request: Request,
    within: OpenCourse,
    errors: Errors,
    values: dict[str, Any],
    status: int = 200,
    *,
    conflict: dict[str, Any] | None = None,
) -> Response:
    present = {
        "title": within.title,
        "timezone": within.timezone,
        "anonymity": within.anonymity,
        "shows_presence": within.shows_presence,
    }
    # A box that is not ticked is not sent.
    unticked = {"shows_presence": False} if values else {}
    context = {
        "course": within,
        "anonymities": ANONYMITIES,
        "errors": errors,
        "values": present | {"seal": seal(present)} | unticked | values,
        "conflict": conflict,
    }
    return render(request, "courses/settings.html", context, status)
