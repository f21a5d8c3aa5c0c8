"""Pages of courses, a room each: the courses themselves, their people, their groups, and the way in."""

from fastapi import APIRouter

from app.courses.routes import courses, groups, joining, people

router = APIRouter()
for room in (courses, people, groups, joining):
    router.include_router(room.router)
