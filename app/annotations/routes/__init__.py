"""Annotations in the browser, a room each: marking words, and what is done with an annotation afterwards."""

from fastapi import APIRouter

from app.annotations.routes import changing, marking

router = APIRouter()
for room in (marking, changing):
    router.include_router(room.router)
