"""What people fill in about their mail."""

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, StringConstraints

from app.forms import Text
from app.language import _
from app.mail_address import MOST, is_mail_address


def _address(value: str) -> str:
    folded = value.strip().casefold()
    if folded and not is_mail_address(folded):
        raise ValueError(_("is no e-mail address that mail can be sent to"))
    return folded


MailAddress = Annotated[Text, StringConstraints(max_length=MOST), AfterValidator(_address)]
"""An e-mail address, folded as it is signed in with; or nothing."""


class Forgotten(BaseModel):
    """Where the link to a new password goes."""

    email: Annotated[MailAddress, StringConstraints(min_length=1)]


class NewAddress(BaseModel):
    """Another address, or none, with the password that shows whose wish it is."""

    email: MailAddress = ""
    current: Text


class Rhythm(BaseModel):
    """How often a digest comes."""

    rhythm: Literal["off", "daily", "weekly"]
