"""Pages of a reading: the text whole or by windows, a paragraph at its own address, the margin, the place kept."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel

from app.access import OpenReading, ReadableReading
from app.annotations.cards import count_in, groups
from app.annotations.drawing import changes, clocks, draw_paragraphs
from app.codebook.models import offered_tags
from app.database import Db
from app.errors import NotFound
from app.forms import Filled, form_of
from app.language import spoken
from app.library.texts import RevisionText, text_of
from app.one_thread import OneThread, RequestDb
from app.readings.view import WindowView, etag, packed, send, window_around, window_from
from app.web import render_text, wants_fragment

router = APIRouter(prefix="/readings/{reading_uid}", route_class=OneThread)
_MOST_GROUPS = 400


@router.get("")
def reading_page(
    request: Request,
    db: RequestDb,
    within: ReadableReading,
    from_: Annotated[int | None, Query(alias="from")] = None,
) -> Response:
    """The text with the viewer's marks, at the place where they stopped; with `from` a later window of a book."""
    text = text_of(db, within.revision_id)
    place = request.app.state.places.place(db, within.id, within.viewer.id)
    window = window_around(within.uid, text, place) if from_ is None else window_from(within.uid, text, from_)
    template = (
        "readings/_window.html" if wants_fragment(request) and from_ is not None else "readings/page.html"
    )
    return _answer(request, db, within, text, window, template, place)


@router.get("/paragraphs/{n}")
def paragraph_page(request: Request, db: RequestDb, within: ReadableReading, n: int) -> Response:
    """One paragraph: for htmx the fragment, otherwise the page around it."""
    text = text_of(db, within.revision_id)
    if not 0 <= n < len(text.paragraphs):
        raise NotFound
    if not wants_fragment(request):
        window = window_around(within.uid, text, n)
        return _answer(request, db, within, text, window, "readings/page.html", n)
    return _answer(request, db, within, text, WindowView(n, n, None, None), "readings/_paragraph.html", n)


@router.get("/margin")
def margin(
    request: Request, db: RequestDb, within: ReadableReading, first: int = 0, last: int = 0
) -> Response:
    """The cards of the paragraphs from `first` to `last`, a group for each."""
    text = text_of(db, within.revision_id)
    last = min(last, first + _MOST_GROUPS, len(text.paragraphs) - 1)
    first = max(0, first)
    ticks = clocks(db, text.id, within.audiences, first, last)
    tag = etag("margin", first, last, sorted(ticks.items()), *_who(request, within))

    def drawn() -> str:
        paragraphs = draw_paragraphs(db, text, within.audiences, ticks, first, last)
        found = groups(db, text, paragraphs, within.viewer.id)
        context = {"groups": found, "reading": within.view}
        return render_text(request, "readings/_margin.html", context)

    return _kept(request, db, tag, drawn)


class PlaceForm(BaseModel):
    """Ordinal of the paragraph at the top of the window."""

    place: int


@router.post("/place", status_code=204)
def keep_place(
    request: Request,
    db: RequestDb,
    within: ReadableReading,
    form: Annotated[Filled[PlaceForm], form_of(PlaceForm)],
) -> Response:
    """Remembers where the reader is; written with others' in a batch."""
    text = text_of(db, within.revision_id)
    place = max(0, min(form.valid.place, len(text.paragraphs) - 1))
    request.app.state.places.note(within.id, within.viewer.id, place, within.viewer.session_id)
    return Response(status_code=204)


def _answer(
    request: Request,
    db: Db,
    within: OpenReading,
    text: RevisionText,
    window: WindowView,
    template: str,
    place: int,
) -> Response:
    ticks = clocks(db, text.id, within.audiences, window.first, window.last)
    whole = template == "readings/page.html"
    # The page also counts what stands in a book's other windows.
    elsewhere = changes(db, within.audiences) if whole and (window.previous_url or window.next_url) else 0
    state = (sorted(ticks.items()), elsewhere, place if whole else 0)
    tag = etag(template, window, state, *_who(request, within))

    def drawn() -> str:
        paragraphs = draw_paragraphs(db, text, within.audiences, ticks, window.first, window.last)
        context = {
            "reading": within.view,
            "paragraphs": paragraphs,
            "paragraph": paragraphs[0],
            "window": window,
            "place": place,
            "tags": offered_tags(db, within.tagset_id) if whole else [],
            "count": count_in(db, within.id, within.audiences) if whole else 0,
        }
        return render_text(request, template, context)

    return _kept(request, db, tag, drawn)


def _who(request: Request, within: OpenReading) -> tuple[object, ...]:
    """What every drawn answer depends on besides the annotations: the text, the viewer, the language, this build."""
    viewer = within.viewer
    looks = (viewer.name, viewer.theme, viewer.size, viewer.leading, viewer.measure, viewer.is_admin)
    return within.uid, within.revision_id, within.title, viewer.uid, looks, spoken(), request.app.state.build


def _kept(request: Request, db: Db, tag: str, draw: Callable[[], str]) -> Response:
    """What stands under an ETag: that it has not changed, or the answer, drawn once and kept compressed."""
    if request.headers.get("if-none-match") == tag:
        response = Response(status_code=304)
    else:
        response = send(request, db.database.drawn.made(tag, lambda: packed(draw()), len))
    response.headers["etag"] = tag
    response.headers["cache-control"] = "private, no-cache"
    response.headers["vary"] = "Cookie, HX-Request, Accept-Encoding"
    return response
