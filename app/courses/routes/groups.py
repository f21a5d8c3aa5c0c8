"""The groups of a course: sets of them, and who is in which."""

from typing import Annotated, Any

from fastapi import APIRouter, Request, Response

from app.access import GroupedCourse, OpenCourse, RegroupedMember
from app.courses import forms
from app.courses.catalogue import people_of
from app.courses.grouping import add_set, group_sets, put
from app.courses.routes.pages import Errors
from app.database import Db
from app.errors import Refused
from app.forms import Filled, form_of
from app.language import _
from app.one_thread import OneThread, RequestDb
from app.web import go, render

router = APIRouter(route_class=OneThread)


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
            asked = (sent.name, sent.number)
            add_set(writing, within.id, *asked, at_random=sent.random, form_id=sent.uid)
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
