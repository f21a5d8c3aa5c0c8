"""Annotations in the browser: making, changing, deleting and undoing them, and the lists that show them.

It is long because the answers with a script and without one stand side by side in each route.
"""

from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from sqlalchemy import select

from app.access import (
    AnnotatableReading,
    DeletableAnnotation,
    EditableAnnotation,
    OpenAnnotation,
    OpenReading,
    ReadableAnnotation,
    RestorableAnnotation,
    seen_anew,
)
from app.annotations.card_views import CardView
from app.annotations.forms import ChangedAnnotation, NewAnnotation, Shared, Undo
from app.annotations.history import history
from app.annotations.models import Annotation
from app.annotations.quoting import context_of, places_of
from app.annotations.sharing import remove, restore, share, veiled
from app.annotations.spans import TextSpan
from app.annotations.states import MARK, Nature, State, state_in
from app.annotations.steps import moved
from app.annotations.undoing import undo
from app.annotations.writing import (
    Stale,
    Written,
    annotate,
    revise,
    settled,
)
from app.codebook.models import offered_keys, offered_tags
from app.database import Db
from app.discussion.changes import changed
from app.discussion.finding import card_of, whom_for
from app.discussion.posting import call_people
from app.errors import Refused
from app.forms import Filled, form_of
from app.identity import new_uid
from app.language import _
from app.library.texts import RevisionText, text_of
from app.one_thread import OneThread, RequestDb
from app.web import go, render, wants_fragment

router = APIRouter(route_class=OneThread)


@router.get("/readings/{reading_uid}/annotations/new")
def quote_page(
    request: Request, db: RequestDb, within: AnnotatableReading, paragraph: int | None = None
) -> Response:
    """The form in which words are marked by quoting them."""
    values: dict[str, Any] = {
        "uid": new_uid(),
        "exact": "",
        "tags": [],
        "note": "",
        "paragraph": paragraph or "",
    }
    return _quote_form(request, db, within, values, {}, [])


@router.post("/readings/{reading_uid}/annotations")
def create_annotation(
    request: Request,
    db: RequestDb,
    within: AnnotatableReading,
    form: Annotated[Filled[NewAnnotation], form_of(NewAnnotation)],
) -> Response:
    """Marks words: from the tag bar, or from the quoting form."""
    if wants_fragment(request):
        sent = form.valid
        span = settled(text_of(db, within.revision_id), sent.start or 0, sent.end or 0, sent.exact)
        written = _written(db, within, sent, span)
        return _changed(request, db, within, written, 201 if written.did == "created" else 200)
    return _create_by_quote(request, db, within, form)


def _create_by_quote(request: Request, db: Db, within: OpenReading, form: Filled[NewAnnotation]) -> Response:
    text = text_of(db, within.revision_id)
    matches: list[TextSpan] = []
    try:
        sent = form.valid
        matches = places_of(text, sent.exact, sent.paragraph, sent.start)
        if len(matches) == 1:
            written = _written(db, within, sent, matches[0])
            return go(request, _spot(within, text, matches[0], written.uid))
    except Refused as error:
        form.refuse(error)
    values: dict[str, Any] = {"exact": "", "note": "", "uid": new_uid(), "paragraph": ""} | form.values
    if form.errors.get("uid"):
        values["uid"] = new_uid()
    values["tags"] = form.values.get("tags", []) + form.values.get("tag", [])
    return _quote_form(request, db, within, values, form.errors, matches, 422 if form.errors else 300)


def _written(db: Db, within: OpenReading, sent: NewAnnotation, span: TextSpan) -> Written:
    """The mark that a form asks for; a question stands by itself, so that it can be answered."""
    hand = within.hand_for(sent.audience or None, sent.signs_as or None)
    nature = Nature(asks=True) if sent.asks else MARK
    tag_ids = _tag_ids(db, within, sent.tag + sent.tags)
    written = annotate(db, hand, sent.uid, span, tag_ids, sent.note, nature)
    if sent.note:
        call_people(db, within.standing, written, sent.note)
    return written


@router.get("/annotations/{annotation_uid}")
def annotation_page(request: Request, db: RequestDb, found: ReadableAnnotation) -> Response:
    """The address of an annotation: for htmx its card, otherwise its spot in the text."""
    if wants_fragment(request):
        context = {"card": _card(db, found), "reading": found.within.view}
        return render(request, "annotations/_annotation.html", context)
    if found.within.is_former:
        context = {"card": _card(db, found), "reading": found.within.view}
        return render(request, "annotations/alone.html", context)
    span = state_in(db.read.connection(), found.annotation.id).span
    return go(request, _spot(found.within, text_of(db, found.within.revision_id), span, found.annotation.uid))


@router.get("/annotations/{annotation_uid}/versions")
def versions_page(request: Request, db: RequestDb, found: ReadableAnnotation) -> Response:
    """What an annotation said before, as far as that was for the viewer."""
    card, text = _card(db, found), text_of(db, found.within.revision_id)
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
        written = revise(db, found.within.hand, found.annotation.id, sent.version, after)
        call_people(db, found.within.standing, written, after.note)
    except Stale:
        return _edit_form(request, db, found, form.errors, form.values, 409, conflict=True)
    except Refused as error:
        form.refuse(error)
        return _edit_form(request, db, found, form.errors, form.values, 422)
    if wants_fragment(request):
        return _changed(request, db, found.within, written, editing=found if sent.move else None)
    text = text_of(db, found.within.revision_id)
    if sent.move:
        return go(request, f"/annotations/{written.uid}/edit")
    return go(request, _spot(found.within, text, after.span, written.uid))


@router.post("/annotations/{annotation_uid}/delete")
def delete_annotation(request: Request, db: RequestDb, found: DeletableAnnotation) -> Response:
    """Deletes an annotation; it can be brought back."""
    return _done(request, db, found, remove(db, found.within.hand, found.annotation.id))


@router.post("/annotations/{annotation_uid}/restore")
def restore_annotation(request: Request, db: RequestDb, found: RestorableAnnotation) -> Response:
    """Brings a deleted annotation back."""
    return _done(request, db, found, restore(db, found.within.hand, found.annotation.id))


@router.post("/readings/{reading_uid}/undo")
def undo_change(
    request: Request, db: RequestDb, within: AnnotatableReading, form: Annotated[Filled[Undo], form_of(Undo)]
) -> Response:
    """Takes back the viewer's latest change, or the one that a message offered to undo."""
    sent = form.valid
    written = undo(db, within.hand, uid=sent.annotation, version=sent.version)
    if wants_fragment(request):
        return _changed(request, db, within, written)
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
    changes = share(db, hand, db.ask(mine).scalars().all(), unveils=bool(sent.signs_as))
    if wants_fragment(request) and changes:
        last = changes[-1]
        last.paragraphs = set().union(*(written.paragraphs for written in changes))
        last.revealed = any(written.revealed for written in changes)
        return _changed(request, db, within, last)
    return go(request, f"/readings/{within.uid}/annotations?show=mine")


def _tag_ids(db: Db, within: OpenReading, keys: list[str]) -> list[int]:
    by_key = offered_keys(db, within.tagset_id)
    if unknown := [key for key in keys if key not in by_key]:
        raise Refused(_("There is no tag “%(key)s” here.") % {"key": unknown[0]}, field="tag")
    return list(dict.fromkeys(by_key[key] for key in keys))


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
    tags = tuple(_tag_ids(db, found.within, sent.tags))
    after = replace(present, span=span, note=sent.note, tags=tags)
    if not sent.audience or found.annotation.root_id or found.within.seat is None:
        return after
    hand = found.within.hand_for(sent.audience, present.signed_as)
    if whom_for(db, found.annotation).choice == sent.audience:
        return after
    with db.changing() as writing:
        signed_as = veiled(present.signed_as, hand.signed_as)
        return replace(after, audience_id=hand.audience(writing), signed_as=signed_as)


def _changed(
    request: Request,
    db: Db,
    within: OpenReading,
    written: Written,
    status: int = 200,
    *,
    editing: OpenAnnotation | None = None,
) -> Response:
    """Draws what one change touched. With `editing` the form stays open, and its card is not drawn over it."""
    standing = seen_anew(db, within).standing
    context = changed(db, within.hand, standing, within.uid, written)
    context |= {"reading": within.view, "editing": editing is not None}
    if editing:
        context |= {"groups": []} | _form_context(db, editing, {}, None)
    return render(request, "annotations/changed.html", context, status)


def _done(request: Request, db: Db, found: OpenAnnotation, written: Written) -> Response:
    if found.within.is_former:
        return go(request, "/notebook")
    if wants_fragment(request):
        return _changed(request, db, found.within, written)
    return go(request, f"/readings/{found.within.uid}/annotations")


def _spot(within: OpenReading, text: RevisionText, span: TextSpan, uid: str) -> str:
    """The paragraph, found without a script too, and the annotation that the script shows there."""
    n = text.at(span.start).ordinal
    return f"/readings/{within.uid}/paragraphs/{n}?annotation={uid}#p{n}"


def _card(db: Db, found: OpenAnnotation) -> CardView:
    text = text_of(db, found.within.revision_id)
    return card_of(db, text, found.within.standing, found.annotation.id)


def _quote_form(
    request: Request,
    db: Db,
    within: OpenReading,
    values: dict[str, Any],
    errors: dict[str, str],
    matches: list[TextSpan],
    status: int = 200,
) -> Response:
    """The quoting form; with several matches it asks which."""
    text = text_of(db, within.revision_id)
    context = {
        "reading": within.view,
        "paragraph": values.get("paragraph") or None,
        "tags": offered_tags(db, within.tagset_id),
        "values": values,
        "errors": errors,
        "matches": [context_of(text, match) for match in matches] if len(matches) > 1 else [],
    }
    return render(request, "annotations/new.html", context, status)


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
    context = _form_context(db, found, errors, typed, conflict=conflict)
    template = "annotations/_form.html" if wants_fragment(request) else "annotations/edit.html"
    return render(request, template, context, status)


def _form_context(
    db: Db,
    found: OpenAnnotation,
    errors: dict[str, str],
    typed: dict[str, Any] | None,
    *,
    conflict: bool = False,
) -> dict[str, Any]:
    card = _card(db, found)
    present = {
        "note": card.note,
        "tags": [tag.key for tag in card.tags],
        "version": card.version,
        "audience": card.choice,
    }
    return {
        "card": card,
        "reading": found.within.view,
        "tags": offered_tags(db, found.within.tagset_id),
        "values": present if typed is None else present | {"note": "", "tags": []} | typed,
        "errors": errors,
        "conflict": {"note": card.note, "tags": card.tags, "version": card.version} if conflict else None,
    }
