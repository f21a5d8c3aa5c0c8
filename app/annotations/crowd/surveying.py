"""Going over all paragraphs in which a crowd is counted, to find where it was counted wrongly and mend it."""

from collections import Counter
from collections.abc import Iterator

from sqlalchemy import BindParameter, bindparam, or_, select, union
from sqlalchemy.engine import Connection

from app.annotations.crowd.recounting import differences, mend
from app.annotations.crowd.tallying import COUNTS
from app.annotations.models import Annotation, MarginCard, Target, TargetParagraph
from app.database import Database, table_of
from app.library.models import Paragraph, Revision
from app.readings.models import Audience, Reading

_reading, _audience, _card = table_of(Reading), table_of(Audience), table_of(MarginCard)
_paragraph, _revision, _part = table_of(Paragraph), table_of(Revision), table_of(TargetParagraph)
_annotation, _target = table_of(Annotation), table_of(Target)
_its: BindParameter[int] = bindparam("reading")
# Nothing is counted in somebody's own reading, unless it was counted wrongly.
_READINGS = (
    select(_reading.c.id)
    .where(
        or_(
            _reading.c.course_id.is_not(None),
            *(
                select(table_of(model).c.audience_id)
                .join(_audience, _audience.c.id == table_of(model).c.audience_id)
                .where(_audience.c.reading_id == _reading.c.id)
                .exists()
                for model in COUNTS
            ),
            select(_card.c.annotation_id).where(_card.c.reading_id == _reading.c.id).exists(),
        )
    )
    .order_by(_reading.c.id)
)
_PARAGRAPHS = union(
    select(_paragraph.c.id)
    .join(_revision, _revision.c.id == _paragraph.c.revision_id)
    .join(_reading, _reading.c.article_id == _revision.c.article_id)
    .where(
        _reading.c.id == _its,
        select(_part.c.target_id).where(_part.c.paragraph_id == _paragraph.c.id).exists(),
    ),
    select(_card.c.paragraph_id).where(_card.c.reading_id == _its),
    *(
        select(table_of(model).c.paragraph_id)
        .join(_audience, _audience.c.id == table_of(model).c.audience_id)
        .where(_audience.c.reading_id == _its)
        for model in COUNTS
    ),
)
_NEWEST = select(_annotation.c.id).where(_annotation.c.root_id.is_(None)).order_by(_annotation.c.id.desc())
_LATELY = (
    select(_annotation.c.reading_id, _part.c.paragraph_id)
    .distinct()
    .join(_target, _target.c.annotation_id == _annotation.c.id)
    .join(_part, _part.c.target_id == _target.c.id)
    .join(_reading, _reading.c.id == _annotation.c.reading_id)
    .where(_annotation.c.id.in_(_NEWEST.limit(bindparam("most"))), _reading.c.course_id.is_not(None))
)


def recount(database: Database) -> Counter[str]:
    """Counts every crowd anew, while others write, and mends what differed; returns how many rows, by table.

    Each paragraph is first counted as one moment shows it, which holds nobody up; only where that differs is it
    counted again with its reading's writes held off.
    """
    found = Counter[str]()
    for reading_id, paragraph_id in places(database):
        with database.reader.connect() as connection:
            differs = differences(connection, reading_id, paragraph_id).rows
        if differs:
            with database.changing() as writing:
                found += mend(writing, reading_id, paragraph_id)
    return found


def sample(connection: Connection, most: int) -> Counter[str]:
    """How many rows differ, by table, in the paragraphs of the newest annotations. Nothing is written."""
    found = Counter[str]()
    for reading_id, paragraph_id in connection.execute(_LATELY, {"most": most}).all():
        found += differences(connection, reading_id, paragraph_id).rows
    return found


def places(database: Database) -> Iterator[tuple[int, int]]:
    """The paragraphs of readings, by keys, in which there is something to count or something was counted."""
    with database.reader.connect() as connection:
        readings = connection.scalars(_READINGS).all()
    for reading_id in readings:
        with database.reader.connect() as connection:
            paragraphs = connection.scalars(_PARAGRAPHS, {"reading": reading_id}).all()
        yield from ((reading_id, paragraph_id) for paragraph_id in sorted(paragraphs))
