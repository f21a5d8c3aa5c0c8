"""What people fill in on the pages of accounts."""

from typing import Literal

from pydantic import BaseModel, Field

from app.accounts.models import LEADINGS, MEASURES, SIZES
from app.forms import Name, Password, Text


class Claim(BaseModel):
    """Name and password of the first account."""

    name: Name
    password: Password


class SignInForm(BaseModel):
    """Whom to sign in."""

    name: Text
    password: Text
    next: str = "/"


class NewPassword(BaseModel):
    """A password chosen by a one-time address."""

    password: Password


class ChangedPassword(BaseModel):
    """A password changed on the account page."""

    current: Text
    password: Password


class Profile(BaseModel):
    """What the account page changes."""

    name: Name
    # The interface's language (BCP 47); as it was when nothing is said.
    language: str = ""


class Appearance(BaseModel):
    """Comfort settings; a missing one stays as it is."""

    theme: Literal["auto", "light", "dark", "sepia", "contrast"] | None = None
    size: int | None = Field(None, ge=SIZES[0], le=SIZES[-1])
    leading: int | None = Field(None, ge=LEADINGS[0], le=LEADINGS[-1])
    measure: int | None = Field(None, ge=MEASURES[0], le=MEASURES[-1])
    next: str = "/"
