"""The script of the demo class, read from class.toml: who is in it and what each says."""

import tomllib
from pathlib import Path
from typing import Literal

from pydantic import BaseModel

_FILE = Path(__file__).parent / "class.toml"


class Person(BaseModel):
    """Somebody in the class."""

    key: str
    name: str
    role: Literal["student", "assistant", "instructor"]
    group: int | None = None


class Question(BaseModel):
    """A question of the instructor's, at a paragraph."""

    key: str
    paragraph: int
    words: str


class Root(BaseModel):
    """A mark, a note on a whole paragraph or the article, or an answer to a question. `day` counts back from today."""

    key: str
    by: str
    paragraph: int
    quote: str = ""
    tags: list[str] = []
    note: str = ""
    audience: Literal["me", "staff", "group", "class"] = "class"
    question: bool = False
    day: int = 0
    prompt: str = ""
    whole: Literal["", "paragraph", "article"] = ""
    pinned: bool = False
    resolved: bool = False
    pseudonym: bool = False


class Answer(BaseModel):
    """A reply to a post."""

    to: str
    key: str
    by: str
    note: str
    day: int = 0
    private: bool = False


class Nod(BaseModel):
    """A reaction."""

    to: str
    by: str
    kind: Literal["agree", "disagree", "question", "thanks"]


class Script(BaseModel):
    """The whole of it."""

    title: str
    timezone: str
    person: list[Person]
    prompt: list[Question]
    annotation: list[Root]
    reply: list[Answer]
    reaction: list[Nod]
    blind: list[Root]


def script() -> Script:
    """The script as it stands in the file."""
    return Script.model_validate(tomllib.loads(_FILE.read_text("utf-8")))
