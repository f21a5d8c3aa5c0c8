"""Pages of a reading: the text whole or by windows, a paragraph at its own address, the margin, the place kept."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel

from app.access import OpenReading, ReadableReading, SwitchedReading
from app.annotations.authors import everybody
from app.annotations.cards import count_in
from app.annotations.crowd.heat import heat
from app.annotations.drawing import changes, clocks, draw_paragraphs
from app.annotations.notes import render_note
from app.codebook.models import offered_tags
from app.database import Db
from app.discussion.changes import redrawn
from app.discussion.following import Place, Wishes, wishes_in
from app.discussion.margins import Margin
from app.discussion.news import MOST_NEWS, cursor_of, news, seq_of, touched_since, unread_since
from app.errors import NotFound, Refused
from app.forms import Filled, Text, form_of
from app.language import _, spoken
from app.library.texts import RevisionText, text_of
from app.one_thread import OneThread, RequestDb, unhurried
from app.readings.members import keep_member
from app.readings.prompts import prompts_of
from app.readings.view import WHOLE, WindowView, etag, packed, send, window_around, window_from
from app.web import go, render, render_text, wants_fragment

router = APIRouter(prefix="/readings/{reading_uid}", route_class=OneThread)
_MOST_GROUPS = 400
# Ordinals of paragraphs that a stream told of, as many as stand near a screen at most.
Told = Annotated[str | None, Query(pattern=r"^[0-9,]*$", max_length=3000)]


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
    window = (
        window_around(within.view, text, place) if from_ is None else window_from(within.view, text, from_)
    )
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
        window = window_around(within.view, text, n)
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
    standing = within.standing
    ticks = clocks(db, text.id, standing.sight.audiences, first, last)

    @cache
    def beside() -> Margin:
        return Margin(db, text, standing, draw_paragraphs(db, text, standing, ticks, first, last))

    asked = prompts_of(db, standing, text) if within.seat else {}
    wishes = list(wishes_in(db, standing.viewer_id, within.id).items()) if within.seat else []
    state = (first, last, *sorted(ticks.items()))
    about = (sorted(asked.items()), wishes, everybody(db, standing, state, lambda: beside().wrote()))
    tag = etag("margin", state, about, *_who(request, within))

    def drawn() -> str:
        context = {"groups": beside().groups(asked), "reading": within.view}
        return render_text(request, "readings/_margin.html", context)

    return _kept(request, db, tag, drawn)


class PlaceForm(BaseModel):
    """Ordinal of the paragraph at the top of the window, and the cursor of what the page shows."""

    place: int
    cursor: Text = ""


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
    seen = seq_of(db, within.standing, form.valid.cursor) if within.seat and form.valid.cursor else 0
    request.app.state.places.note(within.id, within.viewer.id, place, within.viewer.session_id, seen)
    return Response(status_code=204)


class SwitchForm(BaseModel):
    """Who sees what the viewer writes from now on, and under which name."""

    audience: Literal["me", "staff", "group", "class"]
    signs_as: Literal["name", "pseudonym"] = "name"


@router.post("/audience")
def switch_audience(
    request: Request,
    db: RequestDb,
    within: SwitchedReading,
    form: Annotated[Filled[SwitchForm], form_of(SwitchForm)],
) -> Response:
    """Moves the viewer's switch, and remembers it for this reading."""
    sent = form.valid
    if within.seat is None or sent.audience not in within.seat.choices:
        raise Refused(_("You are in no group here, so choose somebody else to see it."), field="audience")
    signs_as = within.seat.signature(sent.signs_as)
    with db.changing() as writing:
        keep_member(writing, within.id, within.viewer.id, audience=sent.audience, signs_as=signs_as)
    if not wants_fragment(request):
        return go(request, f"/readings/{within.uid}")
    seat = replace(within.seat, choice=sent.audience, signs_as=signs_as)
    return render(request, "readings/_switched.html", {"reading": replace(within.view, seat=seat)})


@router.get("/news")
@unhurried
def news_of(request: Request, db: RequestDb, within: ReadableReading, since: str = "") -> Response:
    """How many posts of others are new since a page was drawn; nothing (204) when none are."""
    found = news(db, within.standing, since)
    if not found.number:
        return Response(status_code=204, headers={"cache-control": "no-store"})
    context = {"number": found.number, "most": MOST_NEWS, "since": since, "reading": within.view}
    return render(request, "readings/_news.html", context)


@router.get("/news/shown")
@unhurried
def show_news(
    request: Request,
    db: RequestDb,
    within: ReadableReading,
    since: str = "",
    told: Told = None,
) -> Response:
    """Draws what has changed since, where it stands; without a script the reading anew.

    Of what a stream has `told` a page, it asks for the paragraphs near the screen alone, and keeps its own cursor.
    """
    text, standing = text_of(db, within.revision_id), within.standing
    if not wants_fragment(request):
        return go(request, f"/readings/{within.uid}")
    if told is not None:
        wanted = {int(n) for n in told.split(",") if n}
        context = redrawn(db, text, standing, {p.id for p in text.paragraphs if p.ordinal in wanted})
        return render(request, "readings/news.html", context | {"reading": within.view, "cursor": None})
    touched = touched_since(db, standing, since)
    if len(touched) > WHOLE:
        return go(request, f"/readings/{within.uid}")
    context = redrawn(db, text, standing, touched)
    cursor = cursor_of(db, standing)
    return render(request, "readings/news.html", context | {"reading": within.view, "cursor": cursor})


def _answer(
    request: Request,
    db: Db,
    within: OpenReading,
    text: RevisionText,
    window: WindowView,
    template: str,
    place: int,
) -> Response:
    sight, seat = within.sight, within.seat
    ticks = clocks(db, text.id, sight.audiences, window.first, window.last)
    whole = template == "readings/page.html"
    # The page also counts what stands in a book's other windows.
    elsewhere = changes(db, sight.audiences) if whole and (window.previous_url or window.next_url) else 0
    # What somebody mutes is not on the trail.
    wishes = wishes_in(db, within.standing.viewer_id, within.id) if whole and seat else Wishes()
    state = (sorted(ticks.items()), elsewhere, place if whole else 0, list(wishes.items()))
    tag = etag(template, window, state, *_who(request, within))

    def drawn() -> str:
        paragraphs = draw_paragraphs(db, text, within.standing, ticks, window.first, window.last)
        context = {
            "reading": within.view,
            "paragraphs": paragraphs,
            "paragraph": paragraphs[0],
            "window": window,
            "place": place,
            "tags": offered_tags(db, within.tagset_id) if whole else [],
            "count": count_in(db, within.standing) if whole else 0,
            "heat": heat(db, text, within.standing) if whole else None,
            "most": MOST_NEWS,
            "unread": unread_since(db, within.standing, seat.seen_seq) if whole and seat else [],
            "cursor": cursor_of(db, within.standing) if whole and seat else "",
            "wish": wishes.stance(Place(within.id)),
            "instructions": render_note(seat.instructions) if seat and seat.instructions else "",
        }
        return render_text(request, template, context)

    return _kept(request, db, tag, drawn)


def _who(request: Request, within: OpenReading) -> tuple[object, ...]:
    """What every drawn answer depends on besides the annotations: the text, the viewer, the language, this build."""
    viewer = within.viewer
    looks = (viewer.name, viewer.theme, viewer.size, viewer.leading, viewer.measure, viewer.is_admin)
    stands = (within.sight, within.seat, within.as_student, within.seat and within.seat.is_draft)
    about = (within.uid, within.revision_id, within.title)
    return about, viewer.uid, looks, stands, spoken(), request.app.state.build


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
