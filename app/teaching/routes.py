"""Pages for staff: setting a reading, its rules and questions, and how far each student is."""

from typing import Annotated, Any

from fastapi import APIRouter, Request, Response

from app.access import (
    DeletableReading,
    ExtendedStudent,
    ModeratedStudent,
    OpenReading,
    ReadingSetter,
    RetirablePrompt,
    RevealableReading,
    SettableReading,
    WatchedReading,
    WatchedStudent,
)
from app.activity.models import audit
from app.courses.grouping import group_sets
from app.database import Db, now
from app.discussion import keeping_order
from app.discussion.conversation import Asked, conversation
from app.discussion.forms import Hide
from app.errors import Refused
from app.forms import Filled, form_of
from app.language import _
from app.library.texts import text_of
from app.one_thread import OneThread, RequestDb
from app.readings.prompts import prompts_of
from app.readings.seats import Seat
from app.teaching import setting
from app.teaching.forms import Extension, NewPrompt, ReadingForm, Revealing, Rules, instant
from app.teaching.progress import class_progress
from app.teaching.values import as_typed, choosable_articles
from app.web import go, render

router = APIRouter(route_class=OneThread)


@router.get("/courses/{course_uid}/readings/new")
def new_reading_page(request: Request, db: RequestDb, within: ReadingSetter, article: str = "") -> Response:
    """The form in which an article is set for a course."""
    values = ReadingForm(article=article).model_dump()
    return _new(request, db, within, values, {})


@router.post("/courses/{course_uid}/readings")
def create_reading(
    request: Request,
    db: RequestDb,
    within: ReadingSetter,
    form: Annotated[Filled[ReadingForm], form_of(ReadingForm)],
) -> Response:
    """Sets an article for the course."""
    try:
        sent = form.valid
        rules = Rules(sent, within.zone, None, now())
        with db.writing() as writing:
            made = setting.set_reading(writing, within.id, within.viewer.id, sent, rules)
            audit(writing, "reading.set", who_id=within.viewer.id, to_what=made.uid)
    except Refused as error:
        form.refuse(error)
        values = ReadingForm().model_dump() | form.values
        return _new(request, db, within, values, form.errors, error.status)
    return go(request, f"/courses/{within.uid}")


@router.get("/readings/{reading_uid}/settings")
def reading_settings_page(request: Request, db: RequestDb, within: SettableReading) -> Response:
    """The rules of a reading, and its questions."""
    return _settings(request, db, within, as_typed(db, within.id, _seat(within)), {})


@router.post("/readings/{reading_uid}/settings")
def change_reading(
    request: Request,
    db: RequestDb,
    within: SettableReading,
    form: Annotated[Filled[ReadingForm], form_of(ReadingForm)],
) -> Response:
    """Gives a reading other rules."""
    seat = _seat(within)
    try:
        sent = form.valid
        opened_at = None if seat.is_draft else seat.opens_at
        rules = Rules(sent, seat.zone, opened_at, now())
        with db.writing() as writing:
            setting.change_reading(writing, seat.course_id, within.id, sent, rules)
            audit(writing, "reading.changed", who_id=within.viewer.id, to_what=within.uid)
    except Refused as error:
        form.refuse(error)
        values = ReadingForm().model_dump() | form.values
        return _settings(request, db, within, values, form.errors, error.status)
    return go(request, f"/readings/{within.uid}/progress")


@router.post("/readings/{reading_uid}/prompts")
def add_prompt(
    request: Request,
    db: RequestDb,
    within: SettableReading,
    form: Annotated[Filled[NewPrompt], form_of(NewPrompt)],
) -> Response:
    """Pins a question to a paragraph."""
    text = text_of(db, within.revision_id)
    try:
        sent = form.valid
        if not 0 <= sent.paragraph < len(text.paragraphs):
            raise Refused(_("There is no paragraph with that number."), field="paragraph")
        with db.writing() as writing:
            setting.ask(writing, within.id, text.paragraphs[sent.paragraph].id, sent.words)
    except Refused as error:
        form.refuse(error)
        values = as_typed(db, within.id, _seat(within)) | form.values
        return _settings(request, db, within, values, form.errors, error.status)
    return go(request, f"/readings/{within.uid}/settings#questions")


@router.post("/readings/{reading_uid}/prompts/{prompt_uid}/delete")
def retire_prompt(request: Request, db: RequestDb, found: RetirablePrompt) -> Response:
    """Asks a question no longer."""
    with db.writing() as writing:
        setting.retire(writing, found.id)
    return go(request, f"/readings/{found.within.uid}/settings#questions")


@router.post("/readings/{reading_uid}/reveal")
def reveal_reading(
    request: Request,
    db: RequestDb,
    within: RevealableReading,
    form: Annotated[Filled[Revealing], form_of(Revealing)],
) -> Response:
    """Shows everybody's work to everybody."""
    back = form.valid.back
    with db.writing() as writing:
        setting.reveal(writing, within.id, within.uid, within.viewer.id)
    return go(request, f"/readings/{within.uid}/{back}")


@router.post("/readings/{reading_uid}/delete")
def delete_reading(request: Request, db: RequestDb, within: DeletableReading) -> Response:
    """Takes a reading away from the course; what people wrote in it stays theirs."""
    course_uid = _seat(within).course_uid
    with db.writing() as writing:
        setting.remove_reading(writing, within.id, within.uid, within.viewer.id)
    return go(request, f"/courses/{course_uid}")


@router.get("/readings/{reading_uid}/progress")
def progress_page(request: Request, db: RequestDb, within: WatchedReading) -> Response:
    """How far each student is."""
    students = class_progress(db, within.id, _seat(within))
    last = len(text_of(db, within.revision_id).paragraphs) - 1
    context = {"reading": within.view, "students": students, "last": last}
    return render(request, "teaching/progress.html", context)


@router.get("/readings/{reading_uid}/students/{user_uid}")
def student_page(request: Request, db: RequestDb, found: WatchedStudent, page: int = 1) -> Response:
    """One student's work in a reading, on one page."""
    return _student(request, db, found, {}, {}, page)


@router.post("/readings/{reading_uid}/students/{user_uid}/extension")
def extend_student(
    request: Request,
    db: RequestDb,
    found: ExtendedStudent,
    form: Annotated[Filled[Extension], form_of(Extension)],
) -> Response:
    """Gives one student another due date."""
    within = found.within
    try:
        due_at = instant(form.valid.due_at, _seat(within).zone)
        with db.writing() as writing:
            setting.extend(writing, within.id, found.member.id, due_at)
            audit(writing, "reading.extended", who_id=within.viewer.id, to_what=found.member.uid)
    except Refused as error:
        form.refuse(error)
        return _student(request, db, found, form.values, form.errors, 1, error.status)
    return go(request, f"/readings/{within.uid}/students/{found.member.uid}")


@router.post("/readings/{reading_uid}/students/{user_uid}/hide")
def hide_students_posts(
    request: Request,
    db: RequestDb,
    found: ModeratedStudent,
    form: Annotated[Filled[Hide], form_of(Hide)],
) -> Response:
    """Hides all that one person wrote for peers in a reading, or shows it again."""
    sent, within = form.valid, found.within
    keeping_order.hide_all(db, within.id, found.member.id, within.viewer.id, sent.word, on=sent.on)
    return go(request, f"/readings/{within.uid}/students/{found.member.uid}")


def _seat(within: OpenReading) -> Seat:
    assert within.seat is not None
    return within.seat


def _new(
    request: Request,
    db: Db,
    within: ReadingSetter,
    values: dict[str, Any],
    errors: dict[str, str],
    status: int = 200,
) -> Response:
    context = {
        "course": within,
        "articles": choosable_articles(db, within.viewer.id),
        "group_sets": [(one.uid, one.name) for one in group_sets(db, within.id)],
        "values": values,
        "errors": errors,
    }
    return render(request, "teaching/new.html", context, status)


def _settings(
    request: Request,
    db: Db,
    within: OpenReading,
    values: dict[str, Any],
    errors: dict[str, str],
    status: int = 200,
) -> Response:
    asked = prompts_of(db, within.standing, text_of(db, within.revision_id))
    context = {
        "reading": within.view,
        "prompts": [prompt for n in sorted(asked) for prompt in asked[n]],
        "group_sets": [(one.uid, one.name) for one in group_sets(db, _seat(within).course_id)],
        "values": {"paragraph": "", "words": ""} | values,
        "errors": errors,
    }
    return render(request, "teaching/settings.html", context, status)


def _student(
    request: Request,
    db: Db,
    found: WatchedStudent,
    values: dict[str, Any],
    errors: dict[str, str],
    page: int,
    status: int = 200,
) -> Response:
    within = found.within
    progress = class_progress(db, within.id, _seat(within))
    asked = Asked(person=found.member.uid, page=max(1, min(page, 10_000)))
    context = {
        "reading": within.view,
        "member": found.member,
        "progress": next((one for one in progress if one.id == found.member.id), None),
        "found": conversation(db, text_of(db, within.revision_id), within.standing, asked),
        "asked": asked,
        "values": values,
        "errors": errors,
    }
    return render(request, "teaching/student.html", context, status)
