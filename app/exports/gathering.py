"""What an export is made of: one person's own annotations, in text order, from one moment of the database."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, func, select

from app.accounts.models import User
from app.annotations.models import Annotation, AnnotationTag, Target
from app.codebook.models import Tag
from app.database import Db
from app.library.models import Article, Revision
from app.library.texts import text_of
from app.readings.models import Reading

_AT_ONCE = 1000


class ExportedAnnotation(NamedTuple):
    """An annotation with all that any format says of it. (A frozen dataclass takes four times as long to make.)

    `start` and `end` are half-open, in code points of the revision's canonical text; `paragraph` is the ordinal
    of the one in which the words begin (0 is the title); times are aware and in UTC; tags are (key, name) in the
    order in which they were put on.
    """

    uid: str
    reading_uid: str
    article_uid: str
    revision_n: int
    sha256: str
    title: str
    language: str
    author_uid: str
    author_name: str
    tags: tuple[tuple[str, str], ...]
    exact: str
    prefix: str
    suffix: str
    paragraph: int
    start: int
    end: int
    note: str
    motivation: str
    created: datetime
    modified: datetime
    version: int


@dataclass(frozen=True)
class ExportedSet:
    """What is exported as a whole: what it is called and where it stands.

    `base_url` has no slash at its end; `path` has one at its beginning only.
    """

    base_url: str
    path: str
    title: str


@dataclass(frozen=True, slots=True)
class OwnReading:
    """A reading in which a person may have annotated, and how many annotations of his stand in it."""

    id: int
    uid: str
    article_uid: str
    revision_id: int
    revision_n: int
    sha256: str
    title: str
    language: str
    annotations: int


def zulu(moment: datetime) -> str:
    """An aware UTC time in ISO 8601, to the microsecond, with Z for the zone (as xsd:dateTime has it)."""
    return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")


def own_readings(db: Db, user_id: int) -> list[OwnReading]:
    """The readings of the person's undeleted articles, by title."""
    own = and_(_undeleted(user_id), Annotation.reading_id == Reading.id)
    count = select(func.count()).where(own).scalar_subquery()
    rows = db.read.execute(
        select(
            Reading.id,
            Reading.uid,
            Article.uid,
            Revision.id,
            Revision.n,
            Revision.sha256,
            Revision.title,
            Revision.language,
            count,
        )
        .join(Article, Article.id == Reading.article_id)
        .join(Revision, Revision.id == Reading.revision_id)
        .where(Reading.owner_id == user_id, Article.deleted_at.is_(None))
    )
    return sorted((OwnReading(*row) for row in rows), key=lambda found: (found.title.casefold(), found.id))


def own_annotations(db: Db, user_id: int, reading_id: int | None = None) -> Iterator[ExportedAnnotation]:
    """The person's undeleted annotations of one reading or of all: by title, then in text order.

    Streamed, so that memory does not grow with their number, and all from the moment that `db.read` sees.
    """
    author = db.read.execute(select(User.uid, User.name).where(User.id == user_id)).one()
    for reading in own_readings(db, user_id):
        if reading.annotations and reading_id in (None, reading.id):
            yield from _in_reading(db, user_id, author, reading)


def _in_reading(db: Db, user_id: int, author: Any, reading: OwnReading) -> Iterator[ExportedAnnotation]:
    text = text_of(db, reading.revision_id)
    about = (reading.uid, reading.article_uid, reading.revision_n, reading.sha256, reading.title, reading.language)
    rows: Any = db.read.execute(_tagged(user_id, reading), execution_options={"yield_per": _AT_ONCE})
    for _id, same in groupby(rows, key=itemgetter(0)):
        (_id, uid, exact, prefix, suffix, start, *rest, key, name), *others = same
        tags = ((key, name), *(other[-2:] for other in others)) if key is not None else ()
        ordinal = text.at(start).ordinal
        yield ExportedAnnotation(uid, *about, *author, tags, exact, prefix, suffix, ordinal, start, *rest)


def _tagged(user_id: int, reading: OwnReading) -> Any:
    """A row for each annotation and tag, or one without a tag; those of an annotation follow each other."""
    return (
        select(
            Annotation.id,
            Annotation.uid,
            Target.exact,
            Target.prefix,
            Target.suffix,
            Target.start,
            Target.end,
            Annotation.note,
            Annotation.motivation,
            Annotation.created,
            Annotation.modified,
            Annotation.version,
            Tag.key,
            Tag.name,
        )
        .join(Target, Target.annotation_id == Annotation.id)
        .outerjoin(AnnotationTag, AnnotationTag.annotation_id == Annotation.id)
        .outerjoin(Tag, Tag.id == AnnotationTag.tag_id)
        .where(
            _undeleted(user_id),
            Annotation.reading_id == reading.id,
            Target.revision_id == reading.revision_id,
        )
        .order_by(Target.start, Target.end, Annotation.id, AnnotationTag.id)
    )


def _undeleted(user_id: int) -> ColumnElement[bool]:
    return and_(Annotation.author_id == user_id, Annotation.deleted_at.is_(None))
