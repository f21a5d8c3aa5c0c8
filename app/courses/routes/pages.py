"""What several rooms answer with: a course with its people, and a word for the operator."""

from typing import Any

from fastapi import Request, Response
from sqlalchemy.orm import Session

from app.access import OpenCourse
from app.activity.models import audit
from app.courses.catalogue import code_of, people_of
from app.courses.codes import spaced
from app.database import Db
from app.readings.course_readings import readings_of_course
from app.web import render, site_address

Errors = dict[str, str]


def noted(writing: Session, within: OpenCourse, did: str) -> None:
    """Notes what somebody did to a course."""
    audit(writing, did, who_id=within.viewer.id, to_what=within.uid)


def course_answer(
    request: Request,
    db: Db,
    within: OpenCourse,
    errors: Errors | None = None,
    values: dict[str, Any] | None = None,
    links: list[tuple[str, str]] | None = None,
    status: int = 200,
) -> Response:
    """The page of a course, with what was typed into its roster or the personal links that came of it."""
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
