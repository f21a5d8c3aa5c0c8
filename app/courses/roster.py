"""A roster as it is pasted: a line for each person, with name, optional e-mail address and optional group."""

import csv
import re
from collections.abc import Iterator
from typing import NamedTuple

from pydantic import TypeAdapter, ValidationError

from app.errors import Refused
from app.forms import Name
from app.language import _

MOST = 1000
"""Lines of a roster."""

_HEADINGS = {
    "name": "name",
    "student": "name",
    "e-mail": "email",
    "email": "email",
    "mail": "email",
    "group": "group",
}
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_name: TypeAdapter[str] = TypeAdapter(Name)


class RosterLine(NamedTuple):
    """One person."""

    name: str
    email: str | None
    group: str | None


def parse_roster(text: str) -> list[RosterLine]:
    """The people of a pasted roster: commas, semicolons or tabs, with or without a line of headings.

    Refused, with the number of the line, when a line has no name or an e-mail address that is none.
    """
    rows = [
        row for row in csv.reader(text.splitlines(), delimiter=_delimiter(text)) if any(map(str.strip, row))
    ]
    if not rows:
        raise Refused(_("There is nobody in this list yet: one person a line."), field="roster")
    if len(rows) > MOST:
        raise Refused(_("Put at most %(n)d people in at once.") % {"n": MOST}, field="roster")
    headings = [_HEADINGS.get(cell.strip().casefold(), "") for cell in rows[0]]
    columns = headings if "name" in headings else ["name", "email", "group"]
    people = rows[1:] if "name" in headings else rows
    return list(_lines(people, columns, first=len(rows) - len(people) + 1))


def _delimiter(text: str) -> str:
    """Whichever stands most often in the first line that has any."""
    for line in text.splitlines():
        found = max(",;\t", key=line.count)
        if found in line:
            return found
    return ","


def _lines(rows: list[list[str]], columns: list[str], *, first: int) -> Iterator[RosterLine]:
    for number, row in enumerate(rows, first):
        cells = dict(zip(columns, (cell.strip() for cell in row), strict=False))
        name = _named(cells.get("name", ""), _("Line %(n)d has no name that can be used.") % {"n": number})
        email = cells.get("email", "").casefold() or None
        if email and not _ADDRESS.fullmatch(email):
            words = _("Line %(n)d: “%(what)s” is no e-mail address.") % {"n": number, "what": email}
            raise Refused(words, field="roster")
        group = cells.get("group")
        wrong = _("Line %(n)d has a group whose name cannot be used.") % {"n": number}
        yield RosterLine(name, email, _named(group, wrong) if group else None)


def _named(text: str, refusal: str) -> str:
    try:
        return _name.validate_python(text)
    except ValidationError:
        raise Refused(refusal, field="roster") from None
