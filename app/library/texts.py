"""A revision's text with its paragraphs, kept in memory: it never changes."""

from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from operator import itemgetter

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.engine import Connection

from app.database import Db
from app.library.models import InlineRange, Paragraph, Revision, Sentence


@dataclass(frozen=True, slots=True)
class ParagraphText:
    """Where a paragraph stands: half-open, in code points of the revision's text."""

    id: int
    ordinal: int
    kind: str
    level: int
    start: int
    end: int


@dataclass(frozen=True)
class RevisionText:
    """The canonical text of a revision and what partitions it."""

    id: int
    text: str
    paragraphs: tuple[ParagraphText, ...]
    # (start, end, kind, value), half-open, in reading order.
    inline: tuple[tuple[int, int, str, str | None], ...]
    # By the paragraph's key: (number, start, end) of each of its sentences, half-open, in order; never none.
    sentences: dict[int, tuple[tuple[int, int, int], ...]]

    @cached_property
    def starts(self) -> list[int]:
        """Where the paragraphs start, for bisecting."""
        return [paragraph.start for paragraph in self.paragraphs]

    @cached_property
    def blocks(self) -> list[tuple[ParagraphText, int, int]]:
        """The paragraphs with where they start and end, for cutting spans at them."""
        return [(paragraph, paragraph.start, paragraph.end) for paragraph in self.paragraphs]

    @cached_property
    def _inline_starts(self) -> list[int]:
        return [item[0] for item in self.inline]

    def at(self, offset: int) -> ParagraphText:
        """The paragraph in which a code point stands (the separator after a paragraph counts as its end)."""
        return self.paragraphs[max(0, bisect_right(self.starts, offset) - 1)]

    def inline_in(self, paragraph: ParagraphText) -> list[tuple[int, int, str, str | None]]:
        """Emphasis, links and the like inside a paragraph."""
        first = bisect_right(self._inline_starts, paragraph.start - 1)
        last = bisect_right(self._inline_starts, paragraph.end - 1)
        return list(self.inline[first:last])


def text_of(db: Db, revision_id: int) -> RevisionText:
    """The text of a revision, from memory where it is kept."""
    found = db.database.texts.made(revision_id, lambda: _load(db, revision_id), lambda value: len(value.text))
    assert isinstance(found, RevisionText)
    return found


def sentences_in(
    connection: Connection, paragraphs: ColumnElement[bool]
) -> dict[int, tuple[tuple[int, int, int], ...]]:
    """By key, the sentences of the paragraphs for which this holds. One that has none is a sentence."""
    cut = (
        select(
            Paragraph.id,
            func.coalesce(Sentence.n, 0),
            func.coalesce(Sentence.start, Paragraph.start),
            func.coalesce(Sentence.end, Paragraph.end),
        )
        .outerjoin(Sentence, Sentence.paragraph_id == Paragraph.id)
        .where(paragraphs)
        .order_by(Paragraph.id, Sentence.n)
    )
    rows = groupby(connection.execute(cut), key=itemgetter(0))
    return {key: tuple((n, start, end) for _key, n, start, end in its) for key, its in rows}


def _load(db: Db, revision_id: int) -> RevisionText:
    text = db.read.scalars(select(Revision.text).where(Revision.id == revision_id)).one()
    paragraphs = db.read.execute(
        select(
            Paragraph.id, Paragraph.ordinal, Paragraph.kind, Paragraph.level, Paragraph.start, Paragraph.end
        )
        .where(Paragraph.revision_id == revision_id)
        .order_by(Paragraph.ordinal)
    )
    inline = db.read.execute(
        select(InlineRange.start, InlineRange.end, InlineRange.kind, InlineRange.value)
        .where(InlineRange.revision_id == revision_id)
        .order_by(InlineRange.start, InlineRange.end.desc())
    )
    return RevisionText(
        revision_id,
        text,
        tuple(ParagraphText(*row) for row in paragraphs),
        tuple((start, end, kind, value) for start, end, kind, value in inline),
        sentences_in(db.read.connection(), Paragraph.revision_id == revision_id),
    )
