"""The forms in which annotations come."""

from typing import Literal

from pydantic import BaseModel, Field

from app.forms import FormId, Note, OptionalInt, Text


class NewAnnotation(BaseModel):
    """Words and what is said of them. Without a script there is no `end`: the words are looked for."""

    uid: str
    exact: Text
    start: OptionalInt = None
    end: OptionalInt = None
    paragraph: OptionalInt = None
    tag: list[str] = Field(default_factory=list)
    tags: list[str] = Field(default_factory=list)
    note: Note = ""
    # Who is to see it and how it is signed, where that was said; else as the switch stands.
    audience: Literal["me", "staff", "group", "class", ""] = ""
    signs_as: Literal["name", "pseudonym", ""] = ""
    # Whether it is a question.
    asks: bool = False


class ChangedAnnotation(BaseModel):
    """An edit. Without `save`, tags and note are as they were unless they are sent."""

    version: int
    operation: FormId = ""
    tags: list[str] = Field(default_factory=list)
    note: Note = ""
    start: OptionalInt = None
    end: OptionalInt = None
    exact: Text = ""
    move: str = ""
    only: str = ""
    audience: Literal["me", "staff", "group", "class", ""] = ""


class Undo(BaseModel):
    """Which change to take back; the latest when nothing is said."""

    annotation: str | None = None
    version: OptionalInt = None
    operation: FormId = ""


class Sent(BaseModel):
    """What says nothing but that it was sent."""

    operation: FormId = ""


class Shared(BaseModel):
    """Annotations that others are to see, or no longer."""

    annotations: list[str] = Field(default_factory=list)
    operation: FormId = ""
    audience: Literal["me", "staff", "group", "class"]
    signs_as: Literal["name", "pseudonym", ""] = ""
