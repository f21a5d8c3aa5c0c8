"""The stream of a reading: what an open page is told, for as long as it is open; and the class on the wall."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Header, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.types import Receive, Scope, Send

from app.access import OpenReading, StreamedReading, WatchedReading, seen_anew
from app.database import Db
from app.discussion.news import cursor_of, touched_since
from app.library.texts import text_of
from app.live.events import newest
from app.live.hub import Hub
from app.live.listening import Listener
from app.live.projecting import wall
from app.one_thread import OneThread, RequestDb
from app.readings.audiences import Whom
from app.readings.models import CLASS
from app.web import render, wants_fragment

router = APIRouter()
pages = APIRouter(route_class=OneThread)
_HEADERS = {"cache-control": "no-store", "x-accel-buffering": "no"}


class EventStream(Response):
    """What a listener is told, as an answer. It holds half of what a StreamingResponse does, and says it sooner."""

    media_type = "text/event-stream"

    def __init__(self, hub: Hub, listener: Listener) -> None:
        super().__init__(headers=_HEADERS)
        del self.headers["content-length"]
        self._hub = hub
        self._listener = listener

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Sends the messages until there are no more, or the browser has gone."""
        # In a task of its own, which is woken without waking all that stands around a request.
        speaking = asyncio.ensure_future(self._speak(send))
        try:
            while (await receive())["type"] != "http.disconnect":
                pass
            self._listener.end()
            await speaking
        finally:
            self._hub.drop(self._listener)
            speaking.cancel()

    async def _speak(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        async for message in self._listener.messages():
            await send({"type": "http.response.body", "body": message, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


@router.get("/readings/{reading_uid}/stream")
async def stream(
    request: Request,
    within: StreamedReading,
    since: str = "",
    last_event_id: Annotated[str, Header()] = "",
    once: bool = False,
) -> Response:
    """What changes in a reading since the cursor, or since the last event that came; with `once`, until now."""
    assert within.seat is not None
    hub: Hub = request.app.state.hub
    listener = Listener(within.id, within.viewer.id, within.viewer.session_id, within.seat)
    await run_in_threadpool(_begin, request, hub, within, listener, last_event_id or since)
    if once:
        hub.drop(listener)
        listener.finish()
        said = b"".join([message async for message in listener.messages()])
        return Response(said, headers=_HEADERS, media_type=EventStream.media_type)
    return EventStream(hub, listener)


def _begin(request: Request, hub: Hub, within: OpenReading, listener: Listener, cursor: str) -> None:
    """First it is listened, then asked what was missed, so that nothing falls between.

    Whom the reader is among is asked in the same moment: an audience that came since would be passed by.
    """
    db = Db(request.app.state.database)
    try:
        hub.add(db, listener)
        db.close()
        standing = seen_anew(db, within).standing
        touched = touched_since(db, standing, cursor)
        ordinals = {p.ordinal for p in text_of(db, within.revision_id).paragraphs if p.id in touched}
        listener.catch_up(ordinals, cursor_of(db, standing), newest(db, within.id))
    finally:
        db.close()


@pages.get("/readings/{reading_uid}/projector")
def projector_page(request: Request, db: RequestDb, within: WatchedReading) -> Response:
    """The article for the wall of a classroom, with what the whole class may see of itself."""
    assert within.seat is not None
    text = text_of(db, within.revision_id)
    on_wall = wall(db, text, within.id, within.seat, within.known.get(Whom(CLASS)))
    context = {"reading": within.view, "wall": on_wall, "cursor": cursor_of(db, within.standing)}
    template = "live/_wall.html" if wants_fragment(request) else "live/projector.html"
    response = render(request, template, context)
    response.headers["cache-control"] = "no-store"
    return response


router.include_router(pages)
