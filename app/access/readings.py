"""Readings: their text, what is written in them, and the viewer as one who writes there."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Request
from sqlalchemy import bindparam, select

from app.access.viewers import enforces, or_not_found, refuse_odd, signed_in_user
from app.accounts.models import Viewer
from app.annotations.writing import Hand
from app.database import AnySelect, Db
from app.library.models import Article, Revision
from app.one_thread import RequestDb, later
from app.readings.models import Audience, Reading
from app.readings.view import ReadingView


@dataclass(frozen=True)
class OpenReading:
    """A reading that the viewer may reach, with what drawing and writing in it needs."""

    viewer: Viewer
    id: int
    uid: str
    tagset_id: int
    revision_id: int
    title: str
    language: str
    direction: str
    # The audience that is the viewer alone.
    me: int

    @property
    def hand(self) -> Hand:
        """The viewer as one who writes here."""
        return Hand(self.viewer.id, self.id, self.revision_id, self.me)

    @property
    def view(self) -> ReadingView:
        """The reading as the templates know it."""
        return ReadingView(self.uid, self.title, self.language, self.direction)

    @property
    def audiences(self) -> tuple[int, ...]:
        """The audiences whose posts the viewer may see now."""
        return (self.me,)


# Put together once, since composing a query costs more than asking it.
_reading, _revision = Reading.__table__, Revision.__table__
_article, _audience = Article.__table__, Audience.__table__
_OWN_READING = (
    select(
        _reading.c.id,
        _reading.c.uid,
        _reading.c.tagset_id,
        _revision.c.id,
        _revision.c.title,
        _revision.c.language,
        _revision.c.direction,
        _audience.c.id,
    )
    .join(_revision, _revision.c.id == _reading.c.revision_id)
    .join(_article, _article.c.id == _reading.c.article_id)
    .join(_audience, (_audience.c.reading_id == _reading.c.id) & (_audience.c.user_id == bindparam("viewer")))
    .where(
        _reading.c.owner_id == bindparam("viewer"), _article.c.deleted_at.is_(None), _audience.c.kind == "me"
    )
)
_READING_CALLED = _OWN_READING.where(_reading.c.uid == bindparam("key"))
READING_NUMBERED = _OWN_READING.where(_reading.c.id == bindparam("key"))


def open_reading(db: Db, viewer: Viewer, query: AnySelect, key: str | int) -> OpenReading:
    row = or_not_found(db.ask(query, {"viewer": viewer.id, "key": key}).first())
    return OpenReading(viewer, *row)


@enforces("article.own.read")
def readable_reading(request: Request, db: RequestDb, reading_uid: str) -> OpenReading:
    """A reading whose text the viewer may read."""
    viewer = signed_in_user(request, db)
    refuse_odd(reading_uid)
    return open_reading(db, viewer, _READING_CALLED, reading_uid)


@enforces("article.own.read", "ann.me.create")
def annotatable_reading(request: Request, db: RequestDb, reading_uid: str) -> OpenReading:
    """A reading in which the viewer may annotate."""
    return readable_reading(request, db, reading_uid)


@enforces("article.own.read", "export.self")
def exportable_reading(request: Request, db: RequestDb, reading_uid: str) -> OpenReading:
    """A reading whose annotations, as far as they are the viewer's own, he takes home."""
    return readable_reading(request, db, reading_uid)


ReadableReading = Annotated[OpenReading, later(readable_reading)]
AnnotatableReading = Annotated[OpenReading, later(annotatable_reading)]
ExportableReading = Annotated[OpenReading, later(exportable_reading)]
