"""What is done to a post besides writing, as routes: reacting, settling, pinning, hiding, reporting."""

from typing import Annotated

from fastapi import APIRouter, Request, Response

from app.access import (
    HideableAnnotation,
    OpenAnnotation,
    PinnableAnnotation,
    ReactableAnnotation,
    ReportableAnnotation,
    ResolvableAnnotation,
    seen_anew,
)
from app.database import Db
from app.discussion import forms, keeping_order
from app.discussion.changes import redrawn
from app.discussion.finding import root_of, whom_for
from app.discussion.news import done_to
from app.forms import Filled, form_of
from app.library.texts import text_of
from app.one_thread import OneThread, RequestDb
from app.web import go, render, wants_fragment

router = APIRouter(route_class=OneThread)


@router.post("/annotations/{annotation_uid}/reactions")
def react(
    request: Request,
    db: RequestDb,
    found: ReactableAnnotation,
    form: Annotated[Filled[forms.React], form_of(forms.React)],
) -> Response:
    """Puts a reaction on a post, or takes it off again."""
    seat, viewer = found.within.seat, found.within.viewer
    by_staff = seat is not None and seat.is_staff
    whom = whom_for(db, found.annotation).by(staff=by_staff)
    quietly = seat is not None and seat.hides_peers and not by_staff
    touched = keeping_order.react(db, found.annotation, viewer.id, form.valid.kind, whom, quietly=quietly)
    return _done(request, db, found, touched)


@router.post("/annotations/{annotation_uid}/resolve")
def resolve(
    request: Request,
    db: RequestDb,
    found: ResolvableAnnotation,
    form: Annotated[Filled[forms.Flag], form_of(forms.Flag)],
) -> Response:
    """Settles a thread, or opens it again."""
    touched = keeping_order.resolve(db, found.annotation, found.within.viewer.id, on=form.valid.on)
    return _done(request, db, found, touched)


@router.post("/annotations/{annotation_uid}/pin")
def pin(
    request: Request,
    db: RequestDb,
    found: PinnableAnnotation,
    form: Annotated[Filled[forms.Flag], form_of(forms.Flag)],
) -> Response:
    """Pins a thread above the others, or lets it down."""
    touched = keeping_order.pin(db, found.annotation, found.within.viewer.id, on=form.valid.on)
    return _done(request, db, found, touched)


@router.post("/annotations/{annotation_uid}/hide")
def hide(
    request: Request,
    db: RequestDb,
    found: HideableAnnotation,
    form: Annotated[Filled[forms.Hide], form_of(forms.Hide)],
) -> Response:
    """Hides a post from peers with a word to its author, or shows it again."""
    sent, viewer = form.valid, found.within.viewer
    return _done(
        request, db, found, keeping_order.hide(db, found.annotation, viewer.id, sent.word, on=sent.on)
    )


@router.post("/annotations/{annotation_uid}/reports")
def report(
    request: Request,
    db: RequestDb,
    found: ReportableAnnotation,
    form: Annotated[Filled[forms.Reported], form_of(forms.Reported)],
) -> Response:
    """Tells the staff that a post should not stand."""
    keeping_order.report(db, found.annotation, found.within.viewer.id, form.valid.words)
    if wants_fragment(request):
        return render(request, "discussion/_reported.html", {})
    return go(request, f"/annotations/{found.annotation.uid}/thread")


def _done(request: Request, db: Db, found: OpenAnnotation, touched: set[int]) -> Response:
    if not wants_fragment(request):
        return go(request, f"/annotations/{root_of(db, found.annotation).uid}/thread")
    standing = seen_anew(db, found.within).standing
    context = redrawn(db, text_of(db, found.within.revision_id), standing, touched)
    context |= {"reading": found.within.view, "editing": False, "toast": None, "revealed": False}
    context |= {"done": done_to(db, standing, found.annotation.id)}
    return render(request, "annotations/changed.html", context)
