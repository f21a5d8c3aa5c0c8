"""Counting a paragraph's crowd anew from its annotations, and finding what the tables say differently."""

from collections import Counter
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter

from sqlalchemy import bindparam, select, update
from sqlalchemy.engine import Connection

from app.activity.models import Stream
from app.annotations.crowd.adding import Sentences, share_of
from app.annotations.crowd.carding import CARDS, keep_cards
from app.annotations.crowd.holding import POSTS, by_paragraph
from app.annotations.crowd.tallying import COUNTS, Key, Tally, columns, move
from app.annotations.models import Annotation, MarginCard, Target, TargetParagraph
from app.annotations.rows import tick_at
from app.database import Base, table_of
from app.library.models import Paragraph
from app.library.texts import sentences_in
from app.readings.audiences import Whom, audience_in
from app.readings.models import STAFF_ONLY, Audience

_annotation, _target, _part = table_of(Annotation), table_of(Target), table_of(TargetParagraph)
_audience, _card, _stream = table_of(Audience), table_of(MarginCard), table_of(Stream)
_AT_ONCE = 2000
_here = _part.c.paragraph_id == bindparam("paragraph")
# An author's rows come together, so that no more than one author's posts are in memory.
_POSTS = (
    POSTS.add_columns(_annotation.c.author_id)
    .where(_here)
    .order_by(_annotation.c.author_id)
    .execution_options(yield_per=_AT_ONCE)
)
_CARDS = CARDS.where(_here, _annotation.c.reading_id == bindparam("reading"))
_LISTED = select(_card).where(
    _card.c.reading_id == bindparam("reading"), _card.c.paragraph_id == bindparam("paragraph")
)
_STAFF = select(_audience.c.id).where(
    _audience.c.reading_id == bindparam("reading"), _audience.c.kind == STAFF_ONLY
)
# Parts that name somebody else than the annotation's author.
_ASTRAY = (
    select(_part.c.target_id, _annotation.c.author_id)
    .join(_target, _target.c.id == _part.c.target_id)
    .join(_annotation, _annotation.c.id == _target.c.annotation_id)
    .where(
        _here,
        _annotation.c.reading_id == bindparam("reading"),
        _part.c.author_id.is_distinct_from(_annotation.c.author_id),
    )
)
_LEAD_BACK = (
    update(_part)
    .where(_part.c.target_id == bindparam("target"), _part.c.paragraph_id == bindparam("paragraph"))
    .values(author_id=bindparam("author"))
)
_LINE = select(_stream.c.id).where(_stream.c.reading_id == bindparam("reading")).with_for_update()


@dataclass
class Differences:
    """What the tables say of a paragraph in a reading that its annotations do not."""

    # By how much the counts are to be moved.
    counts: Tally = field(default_factory=Tally)
    # Annotations with a card that should have none or another, or the other way round; and who sees their cards.
    cards: dict[int, set[int]] = field(default_factory=dict)
    # Targets whose part names a wrong author, with the right one.
    parts: dict[int, int | None] = field(default_factory=dict)

    @property
    def rows(self) -> Counter[str]:
        """How many rows differ, by table."""
        found = Counter({table_of(model).name: len(rows) for model, rows in self.counts.rows.items()})
        found.update({_card.name: len(self.cards), _part.name: len(self.parts)})
        return +found


def differences(connection: Connection, reading_id: int, paragraph_id: int) -> Differences:
    """Counts a paragraph anew and compares. `connection` sees one moment, or holds off other writes of the reading."""
    where = {"reading": reading_id, "paragraph": paragraph_id}
    parts = {row.target_id: row.author_id for row in connection.execute(_ASTRAY, where)}
    return Differences(_counts(connection, where), _cards(connection, where), parts)


def mend(writing: Connection, reading_id: int, paragraph_id: int) -> Counter[str]:
    """Counts a paragraph anew and writes what differed; returns how many rows, by table."""
    writing.execute(_LINE, {"reading": reading_id})
    audience_in(writing, reading_id, Whom(STAFF_ONLY))
    found = differences(writing, reading_id, paragraph_id)
    for target, author in found.parts.items():
        writing.execute(_LEAD_BACK, {"target": target, "paragraph": paragraph_id, "author": author})
    move(writing, found.counts)
    if found.cards:
        keep_cards(writing, found.cards)
    seen_by = {audience for audiences in found.cards.values() for audience in audiences}
    tick_at(writing, found.counts.places() | {(audience, paragraph_id) for audience in seen_by})
    return found.rows


def _counts(connection: Connection, where: dict[str, int]) -> Tally:
    """What is to be added to the kept counts."""
    tally, kept = _counted(connection, where), _kept(connection, where)
    for model in COUNTS:
        rows = tally.rows[model]
        for key, numbers in kept[model].items():
            tally.put(model, key, [-n for n in numbers])
        tally.rows[model] = {key: numbers for key, numbers in rows.items() if any(numbers)}
    return tally


def _counted(connection: Connection, where: dict[str, int]) -> Tally:
    staff_id = connection.scalar(_STAFF, where) or 0
    paragraph_id, tally = where["paragraph"], Tally()
    sentences: Sentences = sentences_in(connection, Paragraph.id == paragraph_id)[paragraph_id]
    for _author, rows in groupby(connection.execute(_POSTS, where), key=itemgetter(-1)):
        for posts in by_paragraph(row[:-1] for row in rows).values():
            tally.add(paragraph_id, share_of(posts, sentences, staff_id))
    return tally


def _kept(connection: Connection, where: dict[str, int]) -> dict[type[Base], dict[Key, list[int]]]:
    found: dict[type[Base], dict[Key, list[int]]] = {}
    for model in COUNTS:
        table = table_of(model)
        width = len(table.primary_key.columns)
        rows = (
            select(*(table.c[name] for name in columns(model)))
            .join(_audience, _audience.c.id == table.c.audience_id)
            .where(_audience.c.reading_id == where["reading"], table.c.paragraph_id == where["paragraph"])
        )
        found[model] = {tuple(row[:width]): list(row[width:]) for row in connection.execute(rows)}
    return found


def _cards(connection: Connection, where: dict[str, int]) -> dict[int, set[int]]:
    right = {tuple(row) for row in connection.execute(_CARDS, where)}
    kept = {tuple(row) for row in connection.execute(_LISTED, where)}
    found: dict[int, set[int]] = {}
    for annotation_id, _reading, audience_id, *_place in right ^ kept:
        found.setdefault(annotation_id, set()).add(audience_id)
    return found
