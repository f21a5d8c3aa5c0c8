"""What the rooms of annotations share: tags by their names, the answer that one change draws, the edit form."""

from typing import Any

from fastapi import Request, Response

from app.access import (
    OpenAnnotation,
    OpenReading,
    seen_anew,
)
from app.annotations.card_views import CardView
from app.annotations.spans import TextSpan
from app.annotations.writing import (
    Written,
)
from app.codebook.models import offered_keys, offered_tags
from app.database import Db
from app.discussion.changes import changed
from app.discussion.finding import card_of
from app.errors import Refused
from app.language import _
from app.library.texts import RevisionText, text_of
from app.web import render


def tag_ids(db: Db, within: OpenReading, keys: list[str]) -> list[int]:
    by_key = offered_keys(db, within.tagset_id)
    if unknown := [key for key in keys if key not in by_key]:
        raise Refused(_("There is no tag “%(key)s” here.") % {"key": unknown[0]}, field="tag")
    return list(dict.fromkeys(by_key[key] for key in keys))


def drawn(
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
        context |= {"groups": []} | form_context(db, editing, {}, None)
    return render(request, "annotations/changed.html", context, status)


def spot(within: OpenReading, text: RevisionText, span: TextSpan, uid: str) -> str:
    """The paragraph, found without a script too, and the annotation that the script shows there."""
    n = text.at(span.start).ordinal
    return f"/readings/{within.uid}/paragraphs/{n}?annotation={uid}#p{n}"


def card_in(db: Db, found: OpenAnnotation) -> CardView:
    text = text_of(db, found.within.revision_id)
    return card_of(db, text, found.within.standing, found.annotation.id)


def form_context(
    db: Db,
    found: OpenAnnotation,
    errors: dict[str, str],
    typed: dict[str, Any] | None,
    *,
    conflict: bool = False,
) -> dict[str, Any]:
    card = card_in(db, found)
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
