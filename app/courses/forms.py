"""What people fill in on the pages of courses."""

from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, Field

from app.courses.grouping import MOST_GROUPS
from app.forms import FormId, Name, Password, Text, Title
from app.language import _


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError):
        raise ValueError(_("is no time zone, such as Europe/Berlin")) from None
    return value


class CourseForm(BaseModel):
    """A course's name and clock."""

    title: Title
    timezone: Annotated[Text, AfterValidator(_zone)] = "UTC"


class NewCourse(CourseForm):
    """A course that is opened."""

    uid: FormId = ""


class Settings(CourseForm):
    """What its instructor decides."""

    anonymity: Literal["off", "allowed", "required"]
    shows_presence: bool = False
    # Of the settings that the form was drawn from.
    seal: str = ""


class NewCode(BaseModel):
    """Whether the code lets people in."""

    closed: bool = False


class Joining(BaseModel):
    """Somebody without an account who joins."""

    name: Name
    password: Password


class Roster(BaseModel):
    """People pasted in."""

    roster: Text


class Role(BaseModel):
    """What a member becomes."""

    role: Literal["student", "assistant", "instructor"]


class Consent(BaseModel):
    """Whether research may use one's work."""

    consent: bool


class NewGroups(BaseModel):
    """A set of groups."""

    uid: FormId = ""
    name: Name
    number: int = Field(4, ge=2, le=MOST_GROUPS)
    random: bool = False


class Place(BaseModel):
    """The group somebody moves to; empty for none."""

    group: str = ""
