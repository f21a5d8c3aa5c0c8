"""One annotation: its address, its versions, changing, sharing, deleting, bringing back and undoing."""

from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from sqlalchemy import select

from app.access import (
    AnnotatableReading,
    DeletableAnnotation,
    EditableAnnotation,
    OpenAnnotation,
    ReadableAnnotation,
    RestorableAnnotation,
)
from app.annotations.forms import ChangedAnnotation, Sent, Shared, Undo
from app.annotations.history import history
from app.annotations.models import Annotation
from app.annotations.routes.pages import card_in, drawn, form_context, spot, tag_ids
from app.annotations.sharing import remove, restore, share, veiled
from app.annotations.states import State, state_in
from app.annotations.steps import moved
from app.annotations.undoing import undo
from app.annotations.writing import (
    Stale,
    Written,
    revise,
    settled,
)
from app.database import Db
from app.discussion.finding import whom_for
from app.discussion.posting import call_people
from app.errors import Refused
from app.forms import Filled, form_of
from app.library.texts import text_of
from app.one_thread import OneThread, RequestDb
from app.web import go, render, wants_fragment

router = APIRouter(route_class=OneThread)


@router.get("/annotations/{annotation_uid}")
def annotation_page(request: Request, db: RequestDb, found: ReadableAnnotation) -> Response:
    """The address of an annotation: for htmx its card, otherwise its spot in the text."""
    if wants_fragment(request):
        context = {"card": card_in(db, found), "reading": found.within.view}
        return render(request, "annotations/_annotation.html", context)
    if found.within.is_former:
        context = {"card": card_in(db, found), "reading": found.within.view}
        return render(request, "annotations/alone.html", context)
    span = state_in(db.read.connection(), found.annotation.id).span
    return go(request, spot(found.within, text_of(db, found.within.revision_id), span, found.annotation.uid))


@router.get("/annotations/{annotation_uid}/versions")
def versions_page(request: Request, db: RequestDb, found: ReadableAnnotation) -> Response:
    """What an annotation said before, as far as that was for the viewer."""
    card, text = card_in(db, found), text_of(db, found.within.revision_id)
    versions = history(db, text, found.within.standing, card)
    context = {"card": card, "versions": versions, "reading": found.within.view}
    return render(request, "annotations/versions.html", context)


@router.get("/annotations/{annotation_uid}/edit")
def edit_page(request: Request, db: RequestDb, found: EditableAnnotation) -> Response:
    """The form in which an annotation is changed."""
    return _edit_form(request, db, found, {}, None)


@router.post("/annotations/{annotation_uid}")
def change_annotation(
    request: Request,
    db: RequestDb,
    found: EditableAnnotation,
    form: Annotated[Filled[ChangedAnnotation], form_of(ChangedAnnotation)],
) -> Response:
    """Saves an edit; a stale one is refused with both texts."""
    try:
        sent = form.valid
        after = _wanted(db, found, sent)
        written = revise(db, found.within.hand, found.annotation.id, sent.version, after, sent.operation)
        call_people(db, found.within.standing, written, after.note)
    except Stale:
        return _edit_form(request, db, found, form.errors, form.values, 409, conflict=True)
    except Refused as error:
        form.refuse(error)
        return _edit_form(request, db, found, form.errors, form.values, 422)
    if wants_fragment(request):
        return drawn(request, db, found.within, written, editing=found if sent.move else None)
    text = text_of(db, found.within.revision_id)
    if sent.move:
        return go(request, f"/annotations/{written.uid}/edit")
    return go(request, spot(found.within, text, after.span, written.uid))


@router.post("/annotations/{annotation_uid}/delete")
def delete_annotation(
    request: Request, db: RequestDb, found: DeletableAnnotation, form: Annotated[Filled[Sent], form_of(Sent)]
) -> Response:
    """Deletes an annotation; it can be brought back."""
    written = remove(db, found.within.hand, found.annotation.id, form.valid.operation)
    return _done(request, db, found, written)


@router.post("/annotations/{annotation_uid}/restore")
def restore_annotation(
    request: Request, db: RequestDb, found: RestorableAnnotation, form: Annotated[Filled[Sent], form_of(Sent)]
) -> Response:
    """Brings a deleted annotation back."""
    written = restore(db, found.within.hand, found.annotation.id, form.valid.operation)
    return _done(request, db, found, written)


@router.post("/readings/{reading_uid}/undo")
def undo_change(
    request: Request, db: RequestDb, within: AnnotatableReading, form: Annotated[Filled[Undo], form_of(Undo)]
) -> Response:
    """Takes back the viewer's latest change, or the one that a message offered to undo."""
    sent = form.valid
    written = undo(db, within.hand, uid=sent.annotation, version=sent.version, operation=sent.operation)
    if wants_fragment(request):
        return drawn(request, db, within, written)
    return go(request, f"/readings/{within.uid}")


@router.post("/readings/{reading_uid}/annotations/share")
def share_annotations(
    request: Request,
    db: RequestDb,
    within: AnnotatableReading,
    form: Annotated[Filled[Shared], form_of(Shared)],
) -> Response:
    """Shows some of the viewer's own annotations to other people than now; replies stay with those they were for."""
    sent = form.valid
    mine = select(Annotation.id).where(
        Annotation.reading_id == within.id,
        Annotation.author_id == within.viewer.id,
        Annotation.uid.in_(sent.annotations),
        Annotation.root_id.is_(None),
        Annotation.deleted_at.is_(None),
    )
    hand = within.hand_for(sent.audience, sent.signs_as or None)
    chosen = db.ask(mine).scalars().all()
    changes = share(db, hand, chosen, unveils=bool(sent.signs_as), operation=sent.operation)
    if wants_fragment(request) and changes:
        last = changes[-1]
        last.paragraphs = set().union(*(written.paragraphs for written in changes))
        last.revealed = any(written.revealed for written in changes)
        return drawn(request, db, within, last)
    return go(request, f"/readings/{within.uid}/annotations?show=mine")


def _wanted(db: Db, found: OpenAnnotation, sent: ChangedAnnotation) -> State:
    text = text_of(db, found.within.revision_id)
    present = state_in(db.read.connection(), found.annotation.id)
    span = present.span
    if sent.start is not None and sent.end is not None and sent.exact:
        span = settled(text, sent.start, sent.end, sent.exact)
    elif sent.move:
        span = moved(text, span, sent.move)
    if sent.only == "span":
        return replace(present, span=span)
    tags = tuple(tag_ids(db, found.within, sent.tags))
    after = replace(present, span=span, note=sent.note, tags=tags)
    if not sent.audience or found.annotation.root_id or found.within.seat is None:
        return after
    hand = found.within.hand_for(sent.audience, present.signed_as)
    if whom_for(db, found.annotation).choice == sent.audience:
        return after
    with db.changing() as writing:
        signed_as = veiled(present.signed_as, hand.signed_as)
        return replace(after, audience_id=hand.audience(writing), signed_as=signed_as)


def _done(request: Request, db: Db, found: OpenAnnotation, written: Written) -> Response:
    if found.within.is_former:
        return go(request, "/notebook")
    if wants_fragment(request):
        return drawn(request, db, found.within, written)
    return go(request, f"/readings/{found.within.uid}/annotations")


def _edit_form(
    request: Request,
    db: Db,
    found: OpenAnnotation,
    errors: dict[str, str],
    typed: dict[str, Any] | None,
    status: int = 200,
    *,
    conflict: bool = False,
) -> Response:
    context = form_context(db, found, errors, typed, conflict=conflict)
    template = "annotations/_form.html" if wants_fragment(request) else "annotations/edit.html"
    return render(request, template, context, status)
