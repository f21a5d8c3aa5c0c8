"""Cards: annotations as the margin, the lists, the piles and the notebook show them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from markupsafe import Markup
from sqlalchemy import Subquery, bindparam, func, select

from app.annotations.models import Annotation, AnnotationTag, Target, TargetParagraph
from app.annotations.notes import render_note
from app.codebook.models import Tag
from app.database import AnySelect, Db
from app.library.models import Paragraph
from app.library.texts import RevisionText

MOST_IN_A_GROUP = 12
"""Cards of one paragraph in the margin; the rest are behind a link."""


@dataclass
class CardView:
    """An annotation as a card. Offsets are half-open code points of the revision."""

    id: int
    uid: str
    reading_id: int
    # Ordinal of the paragraph in which its words begin.
    n: int
    start: int
    end: int
    version: int
    quote: str
    note: str
    created: datetime
    modified: datetime
    may_edit: bool
    tags: list[Tag] = field(default_factory=list)
    # The quote with its source, where it can be copied.
    citation: str = ""

    @property
    def note_html(self) -> Markup:
        """The note, rendered and sanitised; empty when there is none."""
        return render_note(self.note) if self.note else Markup("")


@dataclass
class GroupView:
    """The cards of one paragraph, and how many more there are."""

    n: int
    cards: list[CardView] = field(default_factory=list)
    more: int = 0


_COLUMNS = (
    Annotation.id,
    Annotation.uid,
    Annotation.reading_id,
    Annotation.author_id,
    Annotation.version,
    Annotation.note,
    Annotation.created,
    Annotation.modified,
    Target.start,
    Target.end,
    Target.exact,
)


_ROW = Annotation.__table__.c
_COUNT = select(func.count()).where(
    _ROW.reading_id == bindparam("reading"),
    _ROW.audience_id.in_(bindparam("audiences", expanding=True)),
    _ROW.deleted_at.is_(None),
)


def visible(audiences: Sequence[int]) -> AnySelect:
    """The query for annotations that somebody in these audiences may see, in text order."""
    return (
        select(*_COLUMNS)
        .join(Target, Target.annotation_id == Annotation.id)
        .where(Annotation.audience_id.in_(audiences), Annotation.deleted_at.is_(None))
        .order_by(Target.start, Target.end, Annotation.id)
    )


def cards(db: Db, query: AnySelect, text: RevisionText, viewer_id: int) -> list[CardView]:
    """The annotations that a query (see `visible`) finds in one revision."""
    found = [_card(row, text, viewer_id) for row in db.read.execute(query)]
    _add_tags(db, found)
    return found


def _card(row: Any, text: RevisionText, viewer_id: int) -> CardView:
    return CardView(
        id=row.id,
        uid=row.uid,
        reading_id=row.reading_id,
        n=text.at(row.start).ordinal,
        start=row.start,
        end=row.end,
        version=row.version,
        quote=row.exact,
        note=row.note,
        created=row.created,
        modified=row.modified,
        may_edit=row.author_id == viewer_id,
    )


def _add_tags(db: Db, found: list[CardView]) -> None:
    by_id = {card.id: card for card in found}
    keys = sorted(by_id)
    for chunk in (keys[i : i + 500] for i in range(0, len(keys), 500)):
        rows = db.read.execute(
            select(AnnotationTag.annotation_id, Tag)
            .join(Tag, Tag.id == AnnotationTag.tag_id)
            .where(AnnotationTag.annotation_id.in_(chunk))
            .order_by(Tag.position)
        )
        for annotation_id, tag in rows:
            by_id[annotation_id].tags.append(tag)


def groups(
    db: Db,
    text: RevisionText,
    reading_id: int,
    audiences: Sequence[int],
    viewer_id: int,
    first: int,
    last: int,
) -> list[GroupView]:
    """For each paragraph with an ordinal in [first, last] its cards, as many as the margin holds, also if none."""
    found = {p.ordinal: GroupView(p.ordinal) for p in text.paragraphs[first : last + 1]}
    numbered = _numbered(audiences, reading_id, text.id, first, last)
    kept = select(numbered).where(numbered.c.place <= MOST_IN_A_GROUP)
    rows = db.read.execute(kept.order_by(numbered.c.start, numbered.c.end, numbered.c.id)).all()
    shown = [_card(row, text, viewer_id) for row in rows]
    _add_tags(db, shown)
    for card, row in zip(shown, rows, strict=True):
        found[card.n].cards.append(card)
        found[card.n].more = max(0, row.total - MOST_IN_A_GROUP)
    return list(found.values())


def _numbered(audiences: Sequence[int], reading_id: int, revision_id: int, first: int, last: int) -> Subquery:
    """The annotations by the paragraph in which they begin, counted by the database, so that a crowd stays there."""
    place = func.row_number().over(
        partition_by=TargetParagraph.paragraph_id, order_by=(Target.start, Target.end, Annotation.id)
    )
    total = func.count().over(partition_by=TargetParagraph.paragraph_id)
    return (
        visible(audiences)
        .join(
            TargetParagraph,
            (TargetParagraph.target_id == Target.id) & (TargetParagraph.start == Target.start),
        )
        .join(Paragraph, Paragraph.id == TargetParagraph.paragraph_id)
        .where(
            Annotation.reading_id == reading_id,
            Paragraph.revision_id == revision_id,
            Paragraph.ordinal.between(first, last),
        )
        .order_by(None)
        .add_columns(place.label("place"), total.label("total"))
        .subquery()
    )


def count_in(db: Db, reading_id: int, audiences: Sequence[int]) -> int:
    """How many annotations of a reading these audiences see."""
    return db.read.scalar(_COUNT, {"reading": reading_id, "audiences": audiences}) or 0
