"""What staff fill in to set a reading; dates are meant in the course's time zone."""

from datetime import UTC, datetime
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, Field, StringConstraints

from app.errors import Refused
from app.forms import Note, OptionalInt, Text
from app.language import _
from app.readings.models import AFTER_COUNT, ON_DATE


def _empty_is_none(value: object) -> object:
    return None if value == "" else value


LocalTime = Annotated[datetime | None, BeforeValidator(_empty_is_none)]
"""A moment as a browser's field gives it, without a zone; or an empty field."""
Choice = Literal["me", "staff", "group", "class"]
Reveal = Literal["at_once", "date", "staff", "count"]
MOST_TO_EARN = 100


class ReadingForm(BaseModel):
    """How an article is read in a course."""

    article: str = ""
    instructions: Note = ""
    opens: Literal["now", "date", "draft"] = "now"
    opens_at: LocalTime = None
    due_at: LocalTime = None
    audience: Choice = "class"
    group_set: str = ""
    reveal_kind: Reveal = "at_once"
    reveal_at: LocalTime = None
    reveal_n: OptionalInt = Field(None, ge=1, le=MOST_TO_EARN)


class NewPrompt(BaseModel):
    """A question, and the number of the paragraph that it is pinned to."""

    paragraph: int
    words: Annotated[Text, StringConstraints(min_length=1, max_length=1000, strip_whitespace=True)]


class Extension(BaseModel):
    """Another due date for one student; empty for the reading's own."""

    due_at: LocalTime = None


class Revealing(BaseModel):
    """Which page it was asked for from."""

    back: Literal["progress", "projector"] = "progress"


class Rules:
    """A form's dates as instants, held against each other. Refused when they do not fit."""

    def __init__(self, form: ReadingForm, zone: ZoneInfo, opened_at: datetime | None, now: datetime) -> None:
        self.opens_at = {"draft": None, "date": instant(form.opens_at, zone)}.get(
            form.opens, opened_at or now
        )
        self.due_at = instant(form.due_at, zone)
        self.reveal_at = instant(form.reveal_at, zone) if form.reveal_kind == ON_DATE else None
        self.reveal_n = form.reveal_n if form.reveal_kind == AFTER_COUNT else None
        if form.opens == "date" and self.opens_at is None:
            raise Refused(_("Say when it opens."), field="opens_at")
        if form.reveal_kind == ON_DATE and self.reveal_at is None:
            raise Refused(_("Say when students see each other's work."), field="reveal_at")
        if form.reveal_kind == AFTER_COUNT and self.reveal_n is None:
            raise Refused(_("Say after how many annotations."), field="reveal_n")
        if self.due_at and self.opens_at and self.due_at <= self.opens_at:
            raise Refused(_("It is due before it opens."), field="due_at")


def instant(local: datetime | None, zone: ZoneInfo) -> datetime | None:
    """A moment of the course's clock as an instant in UTC."""
    if local is None:
        return None
    try:
        return (local if local.tzinfo else local.replace(tzinfo=zone)).astimezone(UTC)
    except (OverflowError, ValueError):
        raise Refused(_("That date cannot be used.")) from None
