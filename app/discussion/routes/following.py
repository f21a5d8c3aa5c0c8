"""Following and muting: a reading, a paragraph of it, or a thread."""

from typing import Annotated

from fastapi import APIRouter, Request, Response

from app.access import FollowableAnnotation, FollowableReading
from app.discussion import forms
from app.discussion.finding import root_of
from app.discussion.following import Place, want
from app.errors import NotFound
from app.forms import Filled, form_of
from app.library.texts import text_of
from app.one_thread import OneThread, RequestDb
from app.web import go, render, wants_fragment

router = APIRouter(route_class=OneThread)


@router.post("/readings/{reading_uid}/follow")
def follow_reading(
    request: Request,
    db: RequestDb,
    within: FollowableReading,
    form: Annotated[Filled[forms.WantedHere], form_of(forms.WantedHere)],
) -> Response:
    """Has the viewer follow or mute a reading, or one paragraph of it, or neither."""
    sent, place, back = form.valid, Place(within.id), f"/readings/{within.uid}"
    n = sent.paragraph
    if n is not None:
        paragraphs = text_of(db, within.revision_id).paragraphs
        if not 0 <= n < len(paragraphs):
            raise NotFound
        place, back = Place(within.id, paragraphs[n].id), f"{back}/paragraphs/{n}#p{n}"
    want(db, within.viewer.id, place, sent.stance)
    what = "reading" if n is None else "paragraph"
    return _done(request, back, what, f"/readings/{within.uid}/follow", sent.stance, n)


@router.post("/annotations/{annotation_uid}/follow")
def follow_thread(
    request: Request,
    db: RequestDb,
    found: FollowableAnnotation,
    form: Annotated[Filled[forms.Wanted], form_of(forms.Wanted)],
) -> Response:
    """Has the viewer follow or mute the thread that a post stands in, or neither."""
    root, stance = root_of(db, found.annotation), form.valid.stance
    place = Place(found.within.id, root_id=root.id)
    address = f"/annotations/{found.annotation.uid}"
    want(db, found.within.viewer.id, place, stance)
    return _done(request, f"{address}/thread", "thread", f"{address}/follow", stance)


def _done(
    request: Request, back: str, what: str, address: str, stance: str, n: int | None = None
) -> Response:
    if not wants_fragment(request):
        return go(request, back)
    context = {"what": what, "address": address, "stance": stance, "n": n}
    return render(request, "discussion/wanted.html", context)
