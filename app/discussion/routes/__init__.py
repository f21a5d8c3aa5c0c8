"""Talking about a text, a room each: what is read and written, what is done to a post besides, what is followed."""

from fastapi import APIRouter

from app.discussion.routes import acts, following, talking

router = APIRouter()
for room in (talking, acts, following):
    router.include_router(room.router)
