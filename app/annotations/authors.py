"""Authors as a viewer may know them: by name, or by the pseudonym that peers are shown. Staff always know who wrote."""

from collections.abc import Callable, Collection, Hashable
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import and_, bindparam, select

from app.accounts.models import User
from app.annotations.models import Annotation
from app.courses.models import STAFF, Membership
from app.database import AnyRow, Db, table_of
from app.language import _
from app.readings.models import PSEUDONYM, ReadingMember
from app.readings.seats import Standing

_user, _membership, _member = table_of(User), table_of(Membership), table_of(ReadingMember)
_annotation = table_of(Annotation)
_AUTHORS = (
    select(
        _user.c.id,
        _user.c.uid,
        _user.c.name,
        _membership.c.role,
        _member.c.pseudonym,
        _member.c.due_at,
        _member.c.revealed_at,
    )
    .outerjoin(
        _membership,
        and_(_membership.c.user_id == _user.c.id, _membership.c.course_id == bindparam("course")),
    )
    .outerjoin(
        _member,
        and_(_member.c.user_id == _user.c.id, _member.c.reading_id == bindparam("reading")),
    )
    .order_by(_user.c.id)
)
_THESE = _AUTHORS.where(_user.c.id.in_(bindparam("people", expanding=True)))
# Also those who have left: what they wrote stands there still.
_WROTE = select(_annotation.c.id, _annotation.c.author_id, _annotation.c.signed_as).where(
    _annotation.c.id.in_(bindparam("posts", expanding=True)), _annotation.c.author_id.is_not(None)
)
Wrote = tuple[int, str]
"""A user's key, and what they signed with."""


class Author(NamedTuple):
    """Who wrote a post, as far as the viewer may know."""

    name: str
    # What filters call them; empty for somebody who has been erased. Never a user's own of a hidden name.
    key: str
    is_staff: bool
    is_viewer: bool
    # What peers see instead of the name: told to the author and to staff.
    alias: str | None
    # When their work was due here: told to the author and to staff.
    due_at: datetime | None
    # Since when others' work is open to them in a blind reading.
    revealed_at: datetime | None


def authors_of(
    db: Db, standing: Standing, posts: Collection[tuple[int | None, str]]
) -> dict[tuple[int | None, str], Author]:
    """The author of each (user's key, signature), for the viewer. Only in a course; nothing in one's own reading."""
    if standing.seat is None:
        return {}
    people = sorted({user_id for user_id, _signed_as in posts if user_id is not None})
    wanted = {"course": standing.seat.course_id, "reading": standing.reading_id, "people": people}
    rows = {row.id: row for row in db.ask(_THESE, wanted)}
    return {post: _author(standing, rows.get(post[0] or 0), post[1]) for post in posts}


def everybody(
    db: Db, standing: Standing, drawn: Hashable, wrote: Callable[[], Collection[Wrote]]
) -> list[tuple[object, ...]]:
    """All that cards can say of who wrote what is drawn: names, roles, pseudonyms, dates. What ETags are made of.

    `wrote` tells who did, and is asked once for each state `drawn` of what is seen. Nobody else is in it: that somebody
    has got a pseudonym, or has earned to see, tells that they wrote.
    """
    if standing.seat is None:
        return []
    key = ("wrote", standing.reading_id, standing.sight, drawn)
    found = db.database.drawn.made(key, lambda: sorted(wrote()), len)
    return [(*post, *author) for post, author in authors_of(db, standing, found).items()]


def wrote(db: Db, posts: Collection[int]) -> dict[int, Wrote]:
    """By their keys, who wrote these posts; without those that nobody in particular did."""
    found = db.ask(_WROTE, {"posts": list(posts)}) if posts else ()
    return {row.id: (row.author_id, row.signed_as) for row in found}


def _gone(signed_as: str) -> str:
    """Who wrote what has no author: an example of an earlier class says so, what erasing emptied does not."""
    return _("From an earlier class") if signed_as == PSEUDONYM else _("Somebody who is gone")


def _author(standing: Standing, row: AnyRow | None, signed_as: str) -> Author:
    if row is None or standing.seat is None:
        return Author(_gone(signed_as), "", False, False, None, None, None)
    revealed = standing.seat.revealed_to(row.revealed_at)
    is_staff, is_viewer = row.role in STAFF, row.id == standing.viewer_id
    alias = row.pseudonym if signed_as == PSEUDONYM else None
    if is_viewer or standing.seat.is_staff:
        due = None if is_staff else row.due_at or standing.seat.due_at
        return Author(row.name, row.uid, is_staff, is_viewer, alias, due, revealed)
    if signed_as == PSEUDONYM:
        name = alias or _("Somebody")
        return Author(name, f"~{name}", False, False, None, None, revealed)
    return Author(row.name, row.uid, is_staff, False, None, None, revealed)
