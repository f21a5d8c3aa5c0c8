"""What an instructor fills in to take a class up again."""

from typing import Literal

from pydantic import Field

from app.courses.forms import NewCourse
from app.forms import OptionalInt

MOST_DAYS = 3660


class CopyForm(NewCourse):
    """The new class, and what it takes along. Readings and annotations are named by their uids."""

    readings: list[str] = Field([])
    dates: Literal["move", "leave"] = "move"
    days: OptionalInt = Field(None, ge=-MOST_DAYS, le=MOST_DAYS)
    codebook: bool = False
    groups: bool = False
    # What staff wrote for the class, and what students did.
    posts: list[str] = Field([])
    examples: list[str] = Field([])
