"""Many annotations at once: counted when a class is copied, and no longer before they are taken away for good."""

from collections import defaultdict
from collections.abc import Collection

from sqlalchemy import bindparam, select
from sqlalchemy.engine import Connection

from app.activity.models import Stream
from app.annotations.crowd.adding import share_of
from app.annotations.crowd.carding import add_cards
from app.annotations.crowd.holding import held
from app.annotations.crowd.tallying import Tally, move
from app.annotations.models import Annotation, Target, TargetParagraph
from app.database import table_of
from app.library.models import Paragraph
from app.library.texts import sentences_in
from app.readings.audiences import Whom, audience_in
from app.readings.models import ME, STAFF_ONLY, Audience

_annotation, _target, _part = table_of(Annotation), table_of(Target), table_of(TargetParagraph)
_audience, _stream = table_of(Audience), table_of(Stream)
_these = _annotation.c.id.in_(bindparam("annotations", expanding=True))
# Rows before streams, each in the order of their keys, as every other write takes them.
_LOCK = select(_annotation.c.reading_id).where(_these).order_by(_annotation.c.id).with_for_update()
_LINE = (
    select(_stream.c.id)
    .where(_stream.c.reading_id.in_(bindparam("readings", expanding=True)))
    .order_by(_stream.c.id)
    .with_for_update()
)
_COUNTED = (
    select(_annotation.c.reading_id, _annotation.c.author_id, _part.c.paragraph_id)
    .distinct()
    .join(_audience, _audience.c.id == _annotation.c.audience_id)
    .join(_target, _target.c.annotation_id == _annotation.c.id)
    .join(_part, _part.c.target_id == _target.c.id)
    .where(
        _these, _annotation.c.root_id.is_(None), _annotation.c.deleted_at.is_(None), _audience.c.kind != ME
    )
)


def uncount(writing: Connection, annotations: Collection[int]) -> None:
    """Counts annotations of whomever and wherever no longer, and lets nobody else count in their readings meanwhile."""
    if writing.dialect.name != "sqlite":
        readings = set(writing.scalars(_LOCK, {"annotations": list(annotations)}))
        writing.execute(_LINE, {"readings": list(readings)})
    _move(writing, set(annotations), -1)


def count_all(writing: Connection, annotations: Collection[int]) -> None:
    """Counts annotations that are new in readings where nobody else writes yet."""
    _move(writing, set(annotations), 1)
    add_cards(writing, annotations)


def _move(writing: Connection, annotations: set[int], times: int) -> None:
    touched = defaultdict[tuple[int, int | None], set[int]](set)
    for reading_id, author_id, paragraph_id in writing.execute(_COUNTED, {"annotations": list(annotations)}):
        touched[reading_id, author_id].add(paragraph_id)
    for (reading_id, author_id), paragraphs in touched.items():
        move(writing, _share_of(writing, reading_id, author_id, paragraphs, annotations, times))


def _share_of(
    writing: Connection,
    reading_id: int,
    author_id: int | None,
    paragraphs: set[int],
    annotations: set[int],
    times: int,
) -> Tally:
    """What an author adds by these annotations to what they add by others, so many times."""
    there, _staff = held(writing, reading_id, author_id, paragraphs)
    sentences = sentences_in(writing, Paragraph.id.in_(paragraphs))
    staff_id, tally = audience_in(writing, reading_id, Whom(STAFF_ONLY)), Tally()
    for paragraph, posts in there.items():
        rest = [post for post in posts if post.annotation_id not in annotations]
        tally.add(paragraph, share_of(posts, sentences[paragraph], staff_id), times)
        tally.add(paragraph, share_of(rest, sentences[paragraph], staff_id), -times)
    return tally
