"""Cards: annotations as the margin, the lists, the piles and the notebook show them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from markupsafe import Markup
from sqlalchemy import bindparam, func, select

from app.annotations.drawing import ParagraphView
from app.annotations.models import Annotation, AnnotationTag, Target
from app.annotations.notes import render_note
from app.codebook.models import Tag
from app.database import AnySelect, Db
from app.library.texts import RevisionText


class CardTag(NamedTuple):
    """A tag as a card shows it."""

    key: str
    name: str
    colour: str
    line: str


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
    tags: list[CardTag] = field(default_factory=list)
    # The quote with its source, where it can be copied.
    citation: str = ""

    @property
    def key(self) -> tuple[object, ...]:
        """Changes whenever the card looks different: what drawn cards are kept under."""
        return self.uid, self.version, self.may_edit, *self.tags

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


_annotation, _target = Annotation.__table__.c, Target.__table__.c
_tag, _tagged = Tag.__table__.c, AnnotationTag.__table__.c
_CARDS = select(
    _annotation.id,
    _annotation.uid,
    _annotation.reading_id,
    _annotation.author_id,
    _annotation.version,
    _annotation.note,
    _annotation.created,
    _annotation.modified,
    _target.start,
    _target.end,
    _target.exact,
).join(Target.__table__, _target.annotation_id == _annotation.id)
_IN_ORDER = (_target.start, _target.end, _annotation.id)
_CALLED = _CARDS.where(_annotation.id.in_(bindparam("keys", expanding=True))).order_by(*_IN_ORDER)
_COUNT = select(func.count()).where(
    _annotation.reading_id == bindparam("reading"),
    _annotation.audience_id.in_(bindparam("audiences", expanding=True)),
    _annotation.deleted_at.is_(None),
)
_TAGS = (
    select(_tagged.annotation_id, _tag.key, _tag.name, _tag.colour, _tag.line)
    .join(Tag.__table__, _tag.id == _tagged.tag_id)
    .where(_tagged.annotation_id.in_(bindparam("annotations", expanding=True)))
    .order_by(_tag.position)
)
_AT_ONCE = 500


def visible(audiences: Sequence[int]) -> AnySelect:
    """The query for annotations that somebody in these audiences may see, in text order."""
    seen = _CARDS.where(_annotation.audience_id.in_(audiences), _annotation.deleted_at.is_(None))
    return seen.order_by(*_IN_ORDER)


def cards(
    db: Db, query: AnySelect, text: RevisionText, viewer_id: int, values: dict[str, Any] | None = None
) -> list[CardView]:
    """The annotations that a query (see `visible`) finds in one revision."""
    found = [_card(row, text, viewer_id) for row in db.ask(query, values)]
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
    for keys in _batched(sorted(by_id)):
        for annotation_id, *tag in db.ask(_TAGS, {"annotations": keys}):
            by_id[annotation_id].tags.append(CardTag._make(tag))


def groups(
    db: Db, text: RevisionText, paragraphs: Sequence[ParagraphView], viewer_id: int
) -> list[GroupView]:
    """For each paragraph, drawn for the viewer at this moment, its cards, as many as the margin holds, also if none.

    An annotation belongs to the paragraph in which it begins.
    """
    found = {p.n: GroupView(p.n, more=p.beginning - len(p.first)) for p in paragraphs}
    for keys in _batched([key for p in paragraphs for key in p.first]):
        for card in cards(db, _CALLED, text, viewer_id, {"keys": keys}):
            found[card.n].cards.append(card)
    return list(found.values())


def _batched(keys: Sequence[int]) -> Iterator[Sequence[int]]:
    """The keys, no more at a time than a query takes; nothing of none."""
    return (keys[i : i + _AT_ONCE] for i in range(0, len(keys), _AT_ONCE))


def count_in(db: Db, reading_id: int, audiences: Sequence[int]) -> int:
    """How many annotations of a reading these audiences see."""
    return db.ask(_COUNT, {"reading": reading_id, "audiences": audiences}).scalar() or 0
