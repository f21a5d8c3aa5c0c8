"""The first cards of paragraphs that others wrote, found by index up to a bound, and what staff pinned."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, String, bindparam, case, cast, func, or_, select

from app.annotations.crowd.others import numbers
from app.annotations.crowd.window import COUNTED, IN_WINDOW
from app.annotations.models import SPAN, Annotation, MarginCard, Target
from app.annotations.seeing import answered, there
from app.database import Db, table_of
from app.library.models import Paragraph
from app.readings.models import Audience

_annotation, _target = table_of(Annotation).c, table_of(Target).c
_card, _paragraph, _audience = table_of(MarginCard).c, table_of(Paragraph).c, table_of(Audience).c
_NOT_OWN = _annotation.author_id.is_distinct_from(bindparam("viewer"))
# A bare mark has a card for those who see an answer to it, and for nobody else.
_KIND = select(_target.kind).where(_target.annotation_id == _annotation.id).limit(1).scalar_subquery()
_SAYS = or_(
    _annotation.note != "",
    _annotation.motivation == "questioning",
    _annotation.pinned_at.is_not(None),
    _KIND != SPAN,
    answered(),
)


def _listed(whose: ColumnElement[bool]) -> ColumnElement[str]:
    """Start, end, key and whether it was deleted, of a paragraph's first `most` cards in text order, as one text."""
    first = (
        select(_card.start, _card.end, _card.annotation_id, _annotation.deleted_at)
        .join(table_of(Annotation), _annotation.id == _card.annotation_id)
        .where(whose, _card.paragraph_id == _paragraph.id, _NOT_OWN, there(), _SAYS)
        .order_by(_card.start, _card.end, _card.annotation_id)
        .limit(bindparam("most"))
        .correlate(table_of(Paragraph), table_of(Audience))
        .subquery("first")
    )
    start, end, key = (cast(first.c[name], String) for name in ("start", "end", "annotation_id"))
    gone = case((first.c.deleted_at.is_(None), "0"), else_="1")
    one = start + " " + end + " " + key + " " + gone
    return select(func.aggregate_strings(one, " ")).select_from(first).scalar_subquery()


# A row for each audience in each paragraph. All that staff may see is listed for the reading as one.
_FOR_PEERS = (
    select(_paragraph.id, _listed(_card.audience_id == _audience.id))
    .join_from(table_of(Paragraph), table_of(Audience), _audience.id.in_(COUNTED))
    .where(IN_WINDOW)
)
_FOR_STAFF = select(_paragraph.id, _listed(_card.reading_id == bindparam("reading"))).where(IN_WINDOW)
_PINNED = (
    select(_card.paragraph_id, _card.start, _card.end, _card.annotation_id)
    .join(table_of(Annotation), _annotation.id == _card.annotation_id)
    .join(table_of(Paragraph), _paragraph.id == _card.paragraph_id)
    .where(
        IN_WINDOW,
        _NOT_OWN,
        _annotation.reading_id == bindparam("reading"),
        _annotation.pinned_at.is_not(None),
        _annotation.deleted_at.is_(None),
        there(),
    )
)

Begins = tuple[bool, bool, int, int, int]
"""How cards are ranked, best first: not pinned, not the viewer's, start, end, key."""


@dataclass(slots=True)
class Cards:
    """The first cards of one paragraph that others wrote."""

    ranked: set[Begins] = field(default_factory=set)
    # Keys of those of them that were deleted: they keep a place, and are not counted.
    gone: set[int] = field(default_factory=set)


def first_cards_in(db: Db, wanted: Mapping[str, Any], most: int) -> dict[int, Cards]:
    """By the keys of the paragraphs of a window (see `window`), the cards of others, `most` or more where there are."""
    found: dict[int, Cards] = defaultdict(Cards)
    pinned = set()
    for paragraph_id, start, end, key in db.ask(_PINNED, wanted):
        pinned.add(key)
        found[paragraph_id].ranked.add((False, True, start, end, key))
    query = _FOR_STAFF if wanted["sees_hidden"] else _FOR_PEERS
    for paragraph_id, listed in db.ask(query, {**wanted, "most": most}):
        for start, end, key, gone in numbers(listed, 4):
            if gone:
                found[paragraph_id].gone.add(key)
            if key not in pinned:
                found[paragraph_id].ranked.add((True, True, start, end, key))
    return found
