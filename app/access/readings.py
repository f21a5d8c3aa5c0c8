"""Readings: who may read, mark, follow and export them."""

from typing import Annotated

from fastapi import Depends, Request
from starlette.concurrency import run_in_threadpool

from app.access.opening import OpenReading, open_reading, written_reading
from app.access.viewers import enforces
from app.errors import NotFound
from app.one_thread import RequestDb, later


@enforces("reading.read")
def readable_reading(request: Request, db: RequestDb, reading_uid: str) -> OpenReading:
    """A reading whose text the viewer may read: an own one, or one of a course of the viewer's."""
    return open_reading(request, db, reading_uid)


@enforces("reading.read", "ann.me.create")
def annotatable_reading(request: Request, db: RequestDb, reading_uid: str) -> OpenReading:
    """A reading in which the viewer may annotate."""
    return written_reading(open_reading(request, db, reading_uid))


@enforces("reading.read", "audience.own")
def switched_reading(request: Request, db: RequestDb, reading_uid: str) -> OpenReading:
    """A reading of a course, in which the viewer chooses for whom to write."""
    return _in_course(open_reading(request, db, reading_uid))


@enforces("reading.read", "follow.own")
def followable_reading(request: Request, db: RequestDb, reading_uid: str) -> OpenReading:
    """A reading of a course that the viewer may follow or mute, and what is in it."""
    return _in_course(open_reading(request, db, reading_uid))


def _in_course(within: OpenReading) -> OpenReading:
    """The same, to be changed. NotFound in one's own reading."""
    if within.seat is None:
        raise NotFound
    return written_reading(within)


@enforces("reading.read", "export.self")
def exportable_reading(request: Request, db: RequestDb, reading_uid: str) -> OpenReading:
    """A reading whose annotations, as far as they are the viewer's own, he takes home."""
    return open_reading(request, db, reading_uid)


@enforces("stream.reading")
async def streamed_reading(request: Request, db: RequestDb, reading_uid: str) -> OpenReading:
    """A reading of a course whose happenings the viewer may follow. In a thread, since a stream's route has none."""

    def look() -> OpenReading:
        try:
            within = open_reading(request, db, reading_uid)
        finally:
            db.close()
        if within.seat is None:
            raise NotFound
        return within

    return await run_in_threadpool(look)


ReadableReading = Annotated[OpenReading, later(readable_reading)]
FollowableReading = Annotated[OpenReading, later(followable_reading)]
SwitchedReading = Annotated[OpenReading, later(switched_reading)]
AnnotatableReading = Annotated[OpenReading, later(annotatable_reading)]
StreamedReading = Annotated[OpenReading, Depends(streamed_reading)]
ExportableReading = Annotated[OpenReading, later(exportable_reading)]
