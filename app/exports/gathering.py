"""What an export is made of: one person's own annotations, in text order, from one moment of the database."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC
from itertools import chain, groupby
from operator import itemgetter
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Dialect, and_, func, select, type_coerce
from sqlalchemy.types import TypeEngine

from app.accounts.models import User
from app.annotations.models import Annotation, AnnotationTag, Target, TargetParagraph
from app.codebook.models import Tag
from app.courses.models import Course
from app.database import Db
from app.library.models import Article, Revision
from app.library.texts import ParagraphText, RevisionText, text_of
from app.notebook.finding import still_open, worked_in
from app.readings.models import Reading

_AT_ONCE = 1000
_SORTED_AT_ONCE = 20_000


class ExportedAnnotation(NamedTuple):
    """An annotation with all that any format says of it; a tuple because thousands are made at once.

    `start` and `end` are half-open, in code points of the revision's canonical text; `paragraph` is the
    ordinal of the one where the words begin (0 is the title); times are ISO 8601 in UTC, ending in Z; tags
    are (key, name) in the order in which they were put on.
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
    created: str
    modified: str
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
    # The course that it was set for, and whether the person can still open it.
    course: str | None
    is_open: bool
    annotations: int


class Zulu(TypeEngine[str]):
    """An instant, read as text: ISO 8601 in UTC with Z, to the microsecond."""

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], str]:
        """SQLite holds text already (SQLAlchemy's storage format): no datetime need be made of it."""
        if dialect.name == "sqlite":
            return lambda stored: f"{stored[:10]}T{stored[11:]}Z"
        return lambda instant: f"{instant.astimezone(UTC).isoformat(timespec='microseconds')[:-6]}Z"


def own_readings(db: Db, user_id: int) -> list[OwnReading]:
    """The readings of the person's undeleted articles, and those of courses where he wrote, by title."""
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
            Course.title,
            still_open(user_id),
            count,
        )
        .outerjoin(Course, Course.id == Reading.course_id)
        .join(Article, Article.id == Reading.article_id)
        .join(Revision, Revision.id == Reading.revision_id)
        .where(worked_in(user_id))
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


def _in_reading(db: Db, user_id: int, author: Any, of: OwnReading) -> Iterator[ExportedAnnotation]:
    text = text_of(db, of.revision_id)
    about = (of.uid, of.article_uid, of.revision_n, of.sha256, of.title, of.language)
    query = _tagged(user_id, of)
    stretches = _stretches(text, of.annotations)
    rows = chain.from_iterable(_read(db, _beginning_in(query, part) if part else query) for part in stretches)
    for _id, same in groupby(rows, key=itemgetter(0)):
        (_id, uid, exact, prefix, suffix, start, *rest, key, name), *others = same
        tags = ((key, name), *(other[-2:] for other in others)) if key is not None else ()
        words = (exact, prefix, suffix, text.at(start).ordinal, start)
        yield ExportedAnnotation._make((uid, *about, *author, tags, *words, *rest))


def _read(db: Db, query: Any) -> Iterator[Any]:
    found = db.read.connection().execute(query.execution_options(yield_per=_AT_ONCE))
    return chain.from_iterable(found.partitions())


def _stretches(text: RevisionText, annotations: int) -> list[Sequence[ParagraphText]]:
    """The paragraphs whose annotations are sorted together, in reading order; an empty stretch stands for all.

    SQLite may be built to sort in memory only (pysqlite3 is), so that many annotations are taken in parts.
    """
    if annotations <= _SORTED_AT_ONCE:
        return [()]
    size = max(1, len(text.paragraphs) * _SORTED_AT_ONCE // annotations)
    return [text.paragraphs[at : at + size] for at in range(0, len(text.paragraphs), size)]


def _beginning_in(query: Any, paragraphs: Sequence[ParagraphText]) -> Any:
    """The query, for annotations that begin in one of these paragraphs, reached by the paragraphs' index."""
    part = and_(TargetParagraph.target_id == Target.id, TargetParagraph.start == Target.start)
    keys = [paragraph.id for paragraph in paragraphs]
    return query.join(TargetParagraph, part).where(TargetParagraph.paragraph_id.in_(keys))


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
            type_coerce(Annotation.created, Zulu()),
            type_coerce(Annotation.modified, Zulu()),
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
