"""Talking about a text: the conversation, what stands on some words, remarks, and replies."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from app.access import (
    AnnotatableReading,
    AnswerableAnnotation,
    OpenAnnotation,
    OpenReading,
    ReadableReading,
    ThreadedAnnotation,
    seen_anew,
)
from app.annotations.crowd.asking import told
from app.annotations.writing import Written
from app.codebook.models import offered_tags
from app.database import Db
from app.discussion import forms
from app.discussion.changes import changed
from app.discussion.conversation import Asked, Stretch, conversation, on_stretch
from app.discussion.finding import answering, card_of, root_of
from app.discussion.posting import (
    call_people,
    mentionable,
    pinned_at,
    prompt_words,
    remark,
    reply,
)
from app.discussion.voices import groups_in, people_in
from app.errors import NotFound, Refused
from app.forms import Filled, form_of
from app.identity import new_uid
from app.language import _
from app.library.texts import text_of
from app.one_thread import OneThread, RequestDb
from app.web import go, render, wants_fragment

router = APIRouter(route_class=OneThread)


@router.get("/readings/{reading_uid}/annotations")
def conversation_page(
    request: Request,
    db: RequestDb,
    within: ReadableReading,
    asked: Annotated[Asked, Query()],
) -> Response:
    """All that the viewer may see, narrowed and ordered as asked; for htmx as a panel beside the text."""
    text, standing = text_of(db, within.revision_id), within.standing
    context = {
        "reading": within.view,
        "asked": asked,
        "found": conversation(db, text, standing, asked),
        "tags": (tags := offered_tags(db, within.tagset_id)),
        "tag_choices": [(tag.key, tag.name) for tag in tags],
        "people": [(one.key, one.name) for one in people_in(db, standing)],
        "groups": groups_in(db, standing) if within.seat else [],
    }
    beside = wants_fragment(request)
    template = "discussion/_conversation.html" if beside else "discussion/conversation.html"
    return render(request, template, context | {"beside": beside})


@router.get("/readings/{reading_uid}/pile")
def pile(
    request: Request, db: RequestDb, within: ReadableReading, stretch: Annotated[Stretch, Query()]
) -> Response:
    """What the class marked there, and the annotations: narrowest first, newest or most discussed, a page at a time."""
    text, standing = text_of(db, within.revision_id), within.standing
    found = on_stretch(db, text, standing, stretch)
    crowd = told(db, text, standing, stretch.start, by_group=stretch.groups)
    context = {"found": found, "asked": stretch, "reading": within.view, "told": crowd}
    return render(request, "annotations/_pile.html", context)


@router.get("/readings/{reading_uid}/remarks/new")
def remark_page(
    request: Request,
    db: RequestDb,
    within: AnnotatableReading,
    paragraph: int | None = None,
    prompt: str = "",
) -> Response:
    """The form for a note on a whole paragraph or the article, or for an answer to a question."""
    values = {"uid": new_uid(), "note": "", "asks": False, "prompt": prompt}
    return _remark_form(request, db, within, paragraph, values, {})


@router.post("/readings/{reading_uid}/remarks")
def add_remark(
    request: Request,
    db: RequestDb,
    within: AnnotatableReading,
    form: Annotated[Filled[forms.Remark], form_of(forms.Remark)],
    paragraph: int | None = None,
) -> Response:
    """Says something of a paragraph or of the article, or answers a question."""
    text = text_of(db, within.revision_id)
    try:
        sent, n, prompt_id = form.valid, paragraph, None
        if sent.prompt:
            prompt_id, pinned = pinned_at(db, within.id, sent.prompt, text)
            n = pinned.ordinal
        if n is not None and not 0 <= n < len(text.paragraphs):
            raise Refused(_("There is no paragraph with that number."))
        hand = within.hand_for(sent.audience or None, sent.signs_as or None)
        written = remark(db, hand, text, sent.uid, n, sent.note, asks=sent.asks, prompt_id=prompt_id)
        call_people(db, within.standing, written, sent.note)
    except Refused as error:
        form.refuse(error)
        values: dict[str, Any] = {"uid": new_uid(), "note": "", "asks": False, "prompt": ""} | form.values
        return _remark_form(request, db, within, paragraph, values, form.errors, error.status)
    if wants_fragment(request):
        return _drawn(request, db, within, written, 201)
    return go(request, f"/readings/{within.uid}/paragraphs/{n or 0}?annotation={written.uid}#p{n or 0}")


@router.post("/annotations/{annotation_uid}/replies")
def add_reply(
    request: Request,
    db: RequestDb,
    found: AnswerableAnnotation,
    form: Annotated[Filled[forms.NewReply], form_of(forms.NewReply)],
) -> Response:
    """Answers a post, for those whom its thread is for; staff may answer its author alone."""
    within = found.within
    try:
        sent = form.valid
        hand = within.hand_for(None, sent.signs_as or None)
        root = root_of(db, found.annotation)
        staff = within.seat is not None and within.seat.is_staff
        if sent.private and not staff:
            raise Refused(_("Only staff answer an author alone."), status=403) if found.is_own else NotFound
        hand = answering(db, hand, found.annotation, root, staff=staff, private=sent.private)
        written = reply(db, hand, found.annotation, sent.uid, sent.note)
        call_people(db, within.standing, written, sent.note)
    except Refused as error:
        form.refuse(error)
        return _thread_page(request, db, found, form.errors, form.values, error.status)
    if wants_fragment(request):
        return _drawn(request, db, within, written, 201)
    return go(request, f"/annotations/{found.annotation.uid}/thread")


@router.get("/annotations/{annotation_uid}/thread")
def thread_page(
    request: Request, db: RequestDb, found: ThreadedAnnotation, private: bool = False
) -> Response:
    """A thread by itself, with the form that answers it."""
    return _thread_page(request, db, found, {}, {"private": private})


@router.get("/readings/{reading_uid}/mentionable")
def names_to_call(request: Request, db: RequestDb, within: AnnotatableReading, q: str = "") -> Response:
    """Names that begin with what was typed after an `@`."""
    names = mentionable(db, within.standing)
    wanted = q.casefold()
    found = sorted(
        n for n in names if any(w.startswith(wanted) for w in [n.casefold(), *n.casefold().split()])
    )
    return render(request, "discussion/_names.html", {"names": found[:8]})


def _drawn(request: Request, db: Db, within: OpenReading, written: Written, status: int) -> Response:
    context = changed(db, within.hand, seen_anew(db, within).standing, within.uid, written)
    context |= {"reading": within.view, "editing": False}
    return render(request, "annotations/changed.html", context, status)


def _thread_page(
    request: Request,
    db: Db,
    found: OpenAnnotation,
    errors: dict[str, str],
    values: dict[str, Any],
    status: int = 200,
) -> Response:
    text, root = text_of(db, found.within.revision_id), root_of(db, found.annotation)
    context = {
        "card": card_of(db, text, found.within.standing, root.id),
        "reading": found.within.view,
        "answers": found.annotation.uid,
        "values": {"uid": new_uid(), "note": "", "private": False} | values,
        "errors": errors,
    }
    return render(request, "discussion/thread.html", context, status)


def _remark_form(
    request: Request,
    db: Db,
    within: OpenReading,
    paragraph: int | None,
    values: dict[str, Any],
    errors: dict[str, str],
    status: int = 200,
) -> Response:
    context: dict[str, Any] = {
        "reading": within.view,
        "paragraph": paragraph,
        "values": values,
        "errors": errors,
    }
    context["asked"] = prompt_words(db, within.id, values["prompt"]) if values["prompt"] else ""
    if not context["asked"]:
        values["prompt"] = ""
    template = "discussion/_remark.html" if wants_fragment(request) else "discussion/remark.html"
    return render(request, template, context, status)
