"""The codebook at hand: what each tag of a reading means."""

import re

from fastapi import APIRouter, Request, Response
from markupsafe import Markup, escape

from app.access import ReadableReading
from app.codebook.looks import look
from app.codebook.models import offered_tags
from app.database import AnyRow
from app.one_thread import OneThread, RequestDb
from app.web import render, wants_fragment

router = APIRouter(route_class=OneThread)
_MARKED = re.compile(r"\*\*(.+?)\*\*")


@router.get("/readings/{reading_uid}/codebook")
def codebook(request: Request, db: RequestDb, within: ReadableReading) -> Response:
    """Definition, example, counter-example and confusions of each tag."""
    template = "codebook/_codebook.html" if wants_fragment(request) else "codebook/page.html"
    tags = [_entry(tag) for tag in offered_tags(db, within.tagset_id)]
    context = {"reading": within.view, "tags": tags}
    return render(request, template, context)


def _entry(tag: AnyRow) -> dict[str, object]:
    return {
        "key": tag.key,
        "name": tag.name,
        "colour": tag.colour,
        "line": tag.line,
        "definition": tag.definition,
        "example": _with_marks(tag.example, tag),
        "counter_example": _with_marks(tag.counter_example, tag),
        "not_to_be_confused": tag.not_to_be_confused,
    }


def _with_marks(example: str, tag: AnyRow) -> Markup:
    """The words between double asterisks, marked as they would be in the text."""
    mark = rf"<mark class={look(tag.colour, tag.line)}>\1</mark>"
    return Markup(_MARKED.sub(mark, str(escape(example))))
