"""Pages for copying a class: the form, and the new class that comes of it."""

from typing import Annotated, Any

from fastapi import APIRouter, Request, Response

from app.access import CopyableCourse, OpenCourse
from app.copying.course import copy_course
from app.copying.forms import CopyForm
from app.copying.offering import offered
from app.database import Db, now
from app.errors import Refused
from app.forms import Filled, form_of
from app.one_thread import OneThread, RequestDb
from app.web import go, render

router = APIRouter(route_class=OneThread)


@router.get("/courses/{course_uid}/copy")
def copy_page(request: Request, db: RequestDb, within: CopyableCourse) -> Response:
    """The form in which a class is taken up again."""
    return _form(request, db, within, {}, {})


@router.post("/courses/{course_uid}/copy")
def make_copy(
    request: Request,
    db: RequestDb,
    within: CopyableCourse,
    form: Annotated[Filled[CopyForm], form_of(CopyForm)],
) -> Response:
    """Makes the class of the next term; whoever copies is its instructor."""
    try:
        sent = form.valid
        with db.writing() as writing:
            uid = copy_course(writing, within.id, within.zone, within.viewer.id, sent)
    except Refused as error:
        if form.data:
            form.refuse(error)
        nothing = {"readings": [], "posts": [], "examples": [], "codebook": False, "groups": False}
        return _form(request, db, within, form.errors, nothing | form.values, error.status)
    return go(request, f"/courses/{uid}")


def _form(
    request: Request,
    db: Db,
    within: OpenCourse,
    errors: dict[str, str],
    typed: dict[str, Any],
    status: int = 200,
) -> Response:
    offer = offered(db, within.id, within.zone, now())
    values = {"title": within.title, "timezone": within.timezone} | offer.values | typed
    context = {"course": within, "offer": offer, "values": values, "errors": errors}
    return render(request, "copying/page.html", context, status)
