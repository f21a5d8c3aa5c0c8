"""What people fill in when they talk about a post."""

from typing import Annotated, Literal

from pydantic import BaseModel, StringConstraints, model_validator

from app.forms import Note, OptionalInt, Text
from app.language import _


class NewReply(BaseModel):
    """An answer to a post."""

    uid: str
    note: Annotated[Note, StringConstraints(min_length=1, strip_whitespace=False)]
    # From staff to the author alone.
    private: bool = False
    signs_as: Literal["name", "pseudonym", ""] = ""


Nod = Literal["agree", "disagree", "question", "thanks"]


class React(BaseModel):
    """A nod that is put on, or one that is taken off: sent twice, it stays so."""

    kind: Nod | None = None
    off: Nod | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> "React":
        if (self.kind is None) == (self.off is None):
            raise ValueError(_("say either what to put on or what to take off"))
        return self


class Flag(BaseModel):
    """Whether something is so from now on."""

    on: bool = True


class Hide(BaseModel):
    """Whether a post is hidden, with a word to its author."""

    on: bool = True
    word: Annotated[Text, StringConstraints(max_length=1000)] = ""


class Reported(BaseModel):
    """Why a post should not stand."""

    words: Annotated[Text, StringConstraints(max_length=1000)] = ""


class Remark(BaseModel):
    """A note on a paragraph or on the whole article, a question, or an answer to the instructor's."""

    uid: str
    note: Note = ""
    asks: bool = False
    prompt: str = ""
    audience: Literal["me", "staff", "group", "class", ""] = ""
    signs_as: Literal["name", "pseudonym", ""] = ""


class Wanted(BaseModel):
    """Whether somebody is to be told of what is new somewhere."""

    stance: Literal["follow", "mute", "none"]


class WantedHere(Wanted):
    """The same of a reading, or of the paragraph of it that has this number."""

    paragraph: OptionalInt = None
