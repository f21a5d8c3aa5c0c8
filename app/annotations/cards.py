"""Cards: annotations as the margin, the lists, the piles and the notebook show them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

from markupsafe import Markup
from sqlalchemy import BindParameter, bindparam, func, select

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
    def key(self) -> tuple[object, ...]:
        """Changes whenever the card looks different: what drawn cards are kept under."""
        looks = tuple((tag.name, tag.colour, tag.line) for tag in self.tags)
        return self.uid, self.version, self.may_edit, looks

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


_AUDIENCES: BindParameter[Sequence[int]] = bindparam("audiences", expanding=True)
_ROW = Annotation.__table__.c
_COUNT = select(func.count()).where(
    _ROW.reading_id == bindparam("reading"),
    _ROW.audience_id.in_(_AUDIENCES),
    _ROW.deleted_at.is_(None),
)
_TAGS = (
    select(AnnotationTag.annotation_id, Tag)
    .join(Tag, Tag.id == AnnotationTag.tag_id)
    .where(AnnotationTag.annotation_id.in_(bindparam("annotations", expanding=True)))
    .order_by(Tag.position)
)


def visible(audiences: Sequence[int] | BindParameter[Sequence[int]]) -> AnySelect:
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
        for annotation_id, tag in db.read.execute(_TAGS, {"annotations": chunk}):
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
    wanted = {
        "audiences": audiences,
        "reading": reading_id,
        "revision": text.id,
        "first": first,
        "last": last,
    }
    rows = db.read.execute(_grouped(), wanted).all()
    shown = [_card(row, text, viewer_id) for row in rows]
    _add_tags(db, shown)
    for card, row in zip(shown, rows, strict=True):
        found[card.n].cards.append(card)
        found[card.n].more = max(0, row.total - MOST_IN_A_GROUP)
    return list(found.values())


@cache
def _grouped() -> AnySelect:
    """The cards of a window, the first of each paragraph: counted by the database, so that a crowd stays there.

    An annotation belongs to the paragraph in which it begins.
    """
    paragraph = TargetParagraph.paragraph_id
    in_order = (Target.start, Target.end, Annotation.id)
    place = func.row_number().over(partition_by=paragraph, order_by=in_order)
    total = func.count().over(partition_by=paragraph)
    numbered = (
        visible(_AUDIENCES)
        .join(
            TargetParagraph,
            (TargetParagraph.target_id == Target.id) & (TargetParagraph.start == Target.start),
        )
        .join(Paragraph, Paragraph.id == TargetParagraph.paragraph_id)
        .where(
            Annotation.reading_id == bindparam("reading"),
            Paragraph.revision_id == bindparam("revision"),
            Paragraph.ordinal.between(bindparam("first"), bindparam("last")),
        )
        .order_by(None)
        .add_columns(place.label("place"), total.label("total"))
        .subquery()
    )
    kept = select(numbered).where(numbered.c.place <= MOST_IN_A_GROUP)
    return kept.order_by(numbered.c.start, numbered.c.end, numbered.c.id)


def count_in(db: Db, reading_id: int, audiences: Sequence[int]) -> int:
    """How many annotations of a reading these audiences see."""
    return db.read.scalar(_COUNT, {"reading": reading_id, "audiences": audiences}) or 0
