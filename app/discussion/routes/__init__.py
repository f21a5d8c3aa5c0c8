"""Talking about a text, a room each: what is read and written, and what is done to a post besides."""

from fastapi import APIRouter

from app.discussion.routes import acts, talking

router = APIRouter()
for room in (talking, acts):
    router.include_router(room.router)
