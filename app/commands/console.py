"""Talking to the person at the terminal: answers on standard output, trouble on standard error."""

import sys
from getpass import getpass

from pydantic import TypeAdapter, ValidationError

from app.errors import Refused
from app.forms import Name, Password
from app.language import _


def say(words: str) -> None:
    """Prints an answer."""
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


def warn(words: str) -> None:
    """Prints what is wrong or should be known, apart from the answer."""
    sys.stderr.write(f"postil: {words}\n")
    sys.stderr.flush()


def good_name(typed: str) -> str:
    """A name as forms would take it. Refused otherwise."""
    try:
        return TypeAdapter[str](Name).validate_python(typed)
    except ValidationError:
        raise Refused(_("Choose a name of 1 to 100 visible characters.")) from None


def ask_password(*, from_stdin: bool) -> str:
    """A new password, typed twice or the first line of standard input. Refused when it will not do."""
    typed = sys.stdin.readline().rstrip("\r\n") if from_stdin else getpass(_("Password: "))
    if not from_stdin and typed != getpass(_("The same again: ")):
        raise Refused(_("The two were not the same; nothing was changed."))
    try:
        return TypeAdapter[str](Password).validate_python(typed)
    except ValidationError:
        raise Refused(_("A password has 8 to 1,000 characters; nothing was changed.")) from None
