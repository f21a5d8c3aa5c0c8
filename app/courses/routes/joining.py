"""Coming into a course by its code, with an account or without."""

from typing import Annotated

from fastapi import APIRouter, Request, Response

from app.access import Anyone
from app.accounts.joining import add_user
from app.accounts.signing_in import signed_in
from app.courses import forms
from app.courses.entering import course_by_code
from app.courses.joining import join
from app.errors import Refused
from app.forms import Filled, form_of
from app.one_thread import OneThread, RequestDb
from app.readings.welcome import starter, welcome
from app.web import go, render

router = APIRouter(route_class=OneThread)


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
            join(writing, course.id, viewer.id)
        return go(request, f"/courses/{course.uid}")
    try:
        sent = form.valid
        password_hash, _ready = request.app.state.passwords.hash(sent.password), starter()
        with db.writing() as writing:
            user_id = add_user(writing, sent.name, password_hash=password_hash).id
            welcome(writing, user_id)
            join(writing, course.id, user_id)
    except Refused as error:
        if form.data:
            form.refuse(error)
        context = {"course": course, "errors": form.errors, "values": form.values}
        return render(request, "courses/join.html", context, error.status)
    return signed_in(request, db, user_id, f"/courses/{course.uid}")
