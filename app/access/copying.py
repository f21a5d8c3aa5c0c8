"""Copying: the courses that somebody may take up again as new ones."""

from typing import Annotated

from fastapi import Request

from app.access.courses import OpenCourse, course_creator, open_course
from app.access.viewers import enforces
from app.courses.models import INSTRUCTOR
from app.one_thread import RequestDb, later


@enforces("course.copy")
def copyable_course(request: Request, db: RequestDb, course_uid: str) -> OpenCourse:
    """A course that the viewer, who may open courses, may take up again as a new one. Also when it is archived."""
    course = open_course(request, db, course_uid, INSTRUCTOR, even_archived=True)
    course_creator(request, db)
    return course


CopyableCourse = Annotated[OpenCourse, later(copyable_course)]
