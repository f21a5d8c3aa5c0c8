"""A reading as its pages show it: which stretch of paragraphs comes, its ETag, and the answer kept compressed."""

import gzip
import hashlib
from dataclasses import dataclass

from fastapi import Request
from fastapi.responses import HTMLResponse

from app.library.texts import RevisionText
from app.readings.seats import Seat

WHOLE = 300
"""Articles up to so many paragraphs come whole."""
WINDOW = 120
"""Paragraphs of a longer text that come at a time."""
_BEFORE = 20
_LEVEL = 4


@dataclass(frozen=True)
class ReadingView:
    """A reading as the templates know it."""

    uid: str
    title: str
    language: str
    direction: str
    # The viewer's place in the course that it is set for; None when it is read for oneself.
    seat: Seat | None = None
    # Whether staff look at it with a student's eyes.
    as_student: bool = False

    @property
    def query(self) -> str:
        """What an address within the reading ends with, so that it is seen with the same eyes."""
        return "?as=student" if self.as_student else ""

    @property
    def may_write(self) -> bool:
        """Whether the viewer may write in it."""
        return not self.as_student and not (self.seat and self.seat.archived_at)


@dataclass(frozen=True)
class WindowView:
    """A stretch of paragraphs by their ordinals, both included, and the addresses of its neighbours."""

    first: int
    last: int
    previous_url: str | None
    next_url: str | None


def window_around(reading: ReadingView, text: RevisionText, n: int) -> WindowView:
    """The window that shows paragraph `n`: everything, or of a book a stretch that begins a little before it."""
    count = len(text.paragraphs)
    if count <= WHOLE:
        return WindowView(0, count - 1, None, None)
    return window_from(reading, text, max(0, n - _BEFORE) if n > WINDOW - _BEFORE else 0)


def window_from(reading: ReadingView, text: RevisionText, first: int) -> WindowView:
    """The window that begins with paragraph `first`."""
    final = len(text.paragraphs) - 1
    first = max(0, min(first, final))
    last = min(first + WINDOW - 1, final)
    address = f"/readings/{reading.uid}?{'as=student&' if reading.as_student else ''}from="
    return WindowView(
        first,
        last,
        f"{address}{max(0, first - WINDOW)}" if first else None,
        f"{address}{last + 1}" if last < final else None,
    )


def etag(*parts: object) -> str:
    """A weak validator made of whatever the answer depends on."""
    return f'W/"{hashlib.sha256(repr(parts).encode()).hexdigest()[:32]}"'


def packed(page: str) -> bytes:
    """A page as it is kept and sent."""
    return gzip.compress(page.encode(), _LEVEL, mtime=0)


def send(request: Request, page: bytes) -> HTMLResponse:
    """The answer made of a packed page; the few clients that take no compression get it unpacked."""
    if "gzip" in request.headers.get("accept-encoding", ""):
        return HTMLResponse(page, headers={"content-encoding": "gzip"})
    return HTMLResponse(gzip.decompress(page))
