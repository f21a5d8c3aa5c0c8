"""The list of what is new for somebody, a page at a time, and how much of it they have not seen."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, or_, select, update
from sqlalchemy.orm import Session

from app.access.joined import Joined, joined_readings
from app.accounts.models import User, Viewer
from app.annotations.authors import Author, authors_of
from app.annotations.notes import render_note
from app.database import Db, now, table_of
from app.notices.candidates import EVER, Span
from app.notices.gathering import Notice, gather
from app.notices.moments import moments

A_PAGE = 30
MOST = 9
"""More unseen ones than this are told as so many and more."""
_TAKEN, _WALKED = 120, 1000
"""Candidates that a look takes of each source, and posts of a followed reading that it goes through for them."""
_EXCERPT = 160  # code points
_user = table_of(User).c
_SEEN = select(_user.notices_seen_at).where(_user.id == bindparam("viewer"))


@dataclass(frozen=True)
class NoticeView:
    """A notice as the list shows it."""

    kind: str
    at: datetime
    reading: Joined
    # Where it leads.
    address: str
    is_unseen: bool
    # Who wrote, and the ordinal of the paragraph; None and 0 for what is no post.
    author: Author | None
    n: int
    # The beginning of what was written, or a word from staff.
    words: str
    # See `Notice`.
    followed: str

    @property
    def zone(self) -> ZoneInfo:
        """The clock that it is told by."""
        return self.reading.seat.zone

    @property
    def day(self) -> date:
        """The day on that clock."""
        return self.at.astimezone(self.zone).date()


@dataclass(frozen=True)
class Page:
    """A page of the list by days, the newest first, and from where the next goes on."""

    days: list[tuple[date, list[NoticeView]]]
    # The moment of the newest, up to which the list was seen; None when it is empty.
    newest: datetime | None
    further: tuple[datetime, str] | None
    # Whether any of them was not seen before.
    is_unseen: bool


def page_of(db: Db, viewer: Viewer, before: tuple[datetime, str] | None = None) -> Page:
    """What is new for somebody; the page that goes on after a notice told by its moment and its key."""
    at = now()
    start = before or (at, "")
    found, floor = _found(db, viewer, Span(EVER, start[0], _TAKEN, _WALKED), at)
    later = [one for one in found if not before or (one.at, one.key) < before]
    shown, seen_at = later[:A_PAGE], _seen_at(db, viewer)
    views, days = _views(db, shown, seen_at), defaultdict(list)
    for view in views:
        days[view.day].append(view)
    further = (shown[-1].at, shown[-1].key) if len(later) > A_PAGE else (floor, "") if floor else None
    newest = shown[0].at if shown else None
    return Page(list(days.items()), newest, further, any(view.is_unseen for view in views))


def unseen(db: Db, viewer: Viewer) -> int:
    """How many notices there are that somebody has not seen."""
    seen_at, at = _seen_at(db, viewer), now()
    return len(_found(db, viewer, Span(seen_at, at, _TAKEN, _WALKED), at)[0])


def see(writing: Session, viewer_id: int, until: datetime) -> None:
    """Remembers that somebody saw the list up to a moment; never what is to come, and never less than before."""
    seen_at = min(until, now())
    behind = or_(User.notices_seen_at.is_(None), User.notices_seen_at < seen_at)
    writing.execute(update(User).where(User.id == viewer_id, behind).values(notices_seen_at=seen_at))


def _seen_at(db: Db, viewer: Viewer) -> datetime:
    return db.ask(_SEEN, {"viewer": viewer.id}).scalar() or EVER


def _found(db: Db, viewer: Viewer, span: Span, present: datetime) -> tuple[list[Notice], datetime | None]:
    """The notices of a span, the newest first, down to where all are known, and that moment if it is not the end."""
    readings = joined_readings(db, viewer)
    if not readings:
        return [], None
    gathered = gather(db, viewer, readings, span)
    every = gathered.notices + moments(db, viewer, readings, span, present)
    floor = gathered.floor if gathered.floor and gathered.floor > span.since else None
    known = (one for one in every if not floor or one.at >= floor)
    return sorted(known, key=lambda one: (one.at, one.key), reverse=True), floor


def _views(db: Db, shown: Sequence[Notice], seen_at: datetime) -> list[NoticeView]:
    authors = _authors(db, shown)
    return [_view(one, authors.get(one.key), is_unseen=one.at > seen_at) for one in shown]


def _authors(db: Db, shown: Iterable[Notice]) -> dict[str, Author]:
    """Who wrote the posts, as far as the viewer may know, by the posts' uids."""
    by_reading: dict[int, list[Notice]] = defaultdict(list)
    for one in shown:
        if one.post and one.within:
            by_reading[one.reading.id].append(one)
    found: dict[str, Author] = {}
    for notices in by_reading.values():
        within = notices[0].within
        wrote = {one.key: (one.post.author_id, one.post.signed_as) for one in notices if one.post}
        authors = authors_of(db, within.standing, set(wrote.values())) if within else {}
        found |= {key: authors[who] for key, who in wrote.items()}
    return found


def _view(one: Notice, author: Author | None, *, is_unseen: bool) -> NoticeView:
    of_post = one.post is not None or one.kind == "hidden"
    address = f"/annotations/{one.key}" if of_post else f"/readings/{one.reading.uid}"
    n, words = 0, one.word
    if one.post is not None:
        n, words = one.post.ordinal, _beginning(one.post.note)
    return NoticeView(one.kind, one.at, one.reading, address, is_unseen, author, n, words, one.followed)


def _beginning(note: str) -> str:
    """The first words of a note, without its Markdown."""
    plain = render_note(note).striptags()
    return plain if len(plain) <= _EXCERPT else plain[:_EXCERPT].rsplit(" ", 1)[0] + "…"
