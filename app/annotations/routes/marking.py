"""Marking words: from the tag bar, or without a script by quoting them."""

from typing import Annotated, Any

from fastapi import APIRouter, Request, Response

from app.access import (
    AnnotatableReading,
    OpenReading,
)
from app.annotations.forms import NewAnnotation
from app.annotations.quoting import context_of, places_of
from app.annotations.routes.pages import drawn, spot, tag_ids
from app.annotations.spans import TextSpan
from app.annotations.states import MARK, Nature
from app.annotations.writing import (
    Written,
    annotate,
    settled,
)
from app.codebook.models import offered_tags
from app.database import Db
from app.discussion.posting import call_people
from app.errors import Refused
from app.forms import Filled, form_of
from app.identity import new_uid
from app.library.texts import text_of
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
        return drawn(request, db, within, written, 201 if written.did == "created" else 200)
    return _create_by_quote(request, db, within, form)


def _create_by_quote(request: Request, db: Db, within: OpenReading, form: Filled[NewAnnotation]) -> Response:
    text = text_of(db, within.revision_id)
    matches: list[TextSpan] = []
    try:
        sent = form.valid
        matches = places_of(text, sent.exact, sent.paragraph, sent.start)
        if len(matches) == 1:
            written = _written(db, within, sent, matches[0])
            return go(request, spot(within, text, matches[0], written.uid))
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
    tags = tag_ids(db, within, sent.tag + sent.tags)
    written = annotate(db, hand, sent.uid, span, tags, sent.note, nature)
    if sent.note:
        call_people(db, within.standing, written, sent.note)
    return written


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
