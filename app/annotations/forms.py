"""The forms in which annotations come."""

from pydantic import BaseModel, Field

from app.forms import Note, OptionalInt, Text


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


class ChangedAnnotation(BaseModel):
    """An edit. Without `save`, tags and note are as they were unless they are sent."""

    version: int
    tags: list[str] = Field(default_factory=list)
    note: Note = ""
    start: OptionalInt = None
    end: OptionalInt = None
    exact: Text = ""
    move: str = ""
    only: str = ""


class Undo(BaseModel):
    """Which change to take back; the latest when nothing is said."""

    annotation: str | None = None
    version: OptionalInt = None
