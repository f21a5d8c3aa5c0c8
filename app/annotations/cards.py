"""Cards: annotations as the margin, the lists, the piles and the notebook show them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Boolean, bindparam, case, func, or_, select

from app.annotations.authors import Author, authors_of
from app.annotations.card_views import CardTag, CardView, GroupView
from app.annotations.choosing import Chosen
from app.annotations.models import Annotation, AnnotationTag, ParagraphCount, Target
from app.annotations.seeing import there
from app.codebook.models import Tag
from app.database import AnySelect, Db, table_of
from app.library.texts import RevisionText
from app.readings.models import ME, TO_STAFF, Audience
from app.readings.seats import Standing

_annotation, _target, _audience = Annotation.__table__.c, Target.__table__.c, Audience.__table__.c
_tag, _tagged, _count = Tag.__table__.c, AnnotationTag.__table__.c, table_of(ParagraphCount).c
_CARDS = select(
    _annotation.id,
    _annotation.uid,
    _annotation.reading_id,
    _annotation.author_id,
    _annotation.signed_as,
    _annotation.motivation,
    _annotation.version,
    _annotation.note,
    _annotation.created,
    _annotation.modified,
    _annotation.hidden_at,
    _annotation.hidden_word,
    _annotation.resolved_at,
    _annotation.pinned_at,
    _annotation.deleted_at,
    _annotation.root_id,
    _annotation.parent_id,
    _annotation.prompt_id,
    _audience.kind.label("audience"),
    _target.start,
    _target.end,
    _target.exact,
    _target.kind,
).select_from(
    Annotation.__table__.join(Target.__table__, _target.annotation_id == _annotation.id).join(
        Audience.__table__, _audience.id == _annotation.audience_id
    )
)
_IN_ORDER = (_target.start, _target.end, _annotation.id)
_CALLED = _CARDS.where(_annotation.id.in_(bindparam("keys", expanding=True))).order_by(*_IN_ORDER)
# What the counts say, and what they leave out: the viewer's own that is not for all whom they count for.
_COUNTED = select(func.coalesce(func.sum(_count.annotations), 0)).where(
    _count.audience_id.in_(bindparam("counted", expanding=True))
)
_NOT_COUNTED = (
    select(func.count())
    .select_from(table_of(Annotation))
    .join(table_of(Audience), _audience.id == _annotation.audience_id)
    .where(
        _annotation.author_id == bindparam("viewer"),
        _annotation.reading_id == bindparam("reading"),
        _annotation.root_id.is_(None),
        _annotation.deleted_at.is_(None),
        case(
            (bindparam("sees_hidden", type_=Boolean()), _audience.kind == ME),
            else_=or_(
                _annotation.hidden_at.is_not(None),
                _audience.id.not_in(bindparam("counted", expanding=True)),
            ),
        ),
    )
)
_COUNT = select(_COUNTED.scalar_subquery() + _NOT_COUNTED.scalar_subquery())
_TAGS = (
    select(_tagged.annotation_id, _tag.key, _tag.name, _tag.colour, _tag.line)
    .join(Tag.__table__, _tag.id == _tagged.tag_id)
    .where(_tagged.annotation_id.in_(bindparam("annotations", expanding=True)))
    .order_by(_tag.position)
)
_AT_ONCE = 500


def visible() -> AnySelect:
    """The query for what a `Sight` sees that is no reply, in text order, with the places of deleted ones with answers.

    Ask it with the sight's `values`.
    """
    return _CARDS.where(_annotation.root_id.is_(None), there()).order_by(*_IN_ORDER)


def own() -> AnySelect:
    """The query for everything that the `viewer` wrote, replies too, in text order."""
    mine = (_annotation.author_id == bindparam("viewer"), _annotation.deleted_at.is_(None))
    return _CARDS.where(*mine).order_by(*_IN_ORDER)


def replies() -> AnySelect:
    """The query for the posts with these `keys`, oldest first."""
    called = _CARDS.where(_annotation.id.in_(bindparam("keys", expanding=True)))
    return called.order_by(_annotation.created, _annotation.id)


def cards(
    db: Db, query: AnySelect, text: RevisionText, standing: Standing, values: dict[str, Any] | None = None
) -> list[CardView]:
    """The annotations of one reading that a query finds, with their authors and tags."""
    rows = db.ask(query, standing.sight.values | (values or {})).all()
    authors = authors_of(db, standing, {(row.author_id, row.signed_as) for row in rows})
    found = [_card(row, text, standing, authors.get((row.author_id, row.signed_as))) for row in rows]
    _add_tags(db, found)
    return found


def _card(row: Any, text: RevisionText, standing: Standing, author: Author | None) -> CardView:
    seat = standing.seat
    mine, is_open = row.author_id == standing.viewer_id, not (seat and seat.archived_at)
    knows_why = mine or (seat is not None and seat.is_staff)
    return CardView(
        id=row.id,
        uid=row.uid,
        reading_id=row.reading_id,
        n=text.at(row.start).ordinal,
        start=row.start,
        end=row.end,
        kind=row.kind,
        version=row.version,
        quote=row.exact,
        note="" if row.deleted_at else row.note,
        created=row.created,
        modified=row.modified,
        may_edit=mine and is_open,
        choice="staff" if row.audience == TO_STAFF else row.audience,
        asks=row.motivation == "questioning",
        is_late=bool(author and author.due_at and row.created > author.due_at),
        is_revised=bool(author and author.revealed_at and row.created < author.revealed_at < row.modified),
        hidden_at=row.hidden_at,
        hidden_word=row.hidden_word if knows_why else None,
        resolved_at=row.resolved_at,
        pinned_at=row.pinned_at,
        root_id=row.root_id,
        parent_id=row.parent_id,
        prompt_id=row.prompt_id,
        author=author,
        may_answer=seat is not None and is_open and not row.deleted_at,
        may_moderate=seat is not None and seat.is_staff and is_open and not row.deleted_at,
        is_gone=row.deleted_at is not None,
    )


def _add_tags(db: Db, found: list[CardView]) -> None:
    by_id = {card.id: card for card in found}
    for keys in _batched(sorted(card.id for card in found if not card.is_gone)):
        for annotation_id, *tag in db.ask(_TAGS, {"annotations": keys}):
            by_id[annotation_id].tags.append(CardTag._make(tag))


def groups(db: Db, text: RevisionText, chosen: Mapping[int, Chosen], standing: Standing) -> list[GroupView]:
    """For each paragraph, by ordinal, the cards chosen, also if none.

    An annotation belongs to the paragraph in which it begins. What is pinned comes first, then in text order.
    """
    found = {n: GroupView(n, more=its.more) for n, its in chosen.items()}
    for keys in _batched([key for its in chosen.values() for key in its.first]):
        for card in cards(db, _CALLED, text, standing, {"keys": keys}):
            found[card.n].cards.append(card)
    for group in found.values():
        group.cards.sort(key=lambda card: card.pinned_at is None)
    return list(found.values())


def _batched(keys: Sequence[int]) -> Iterator[Sequence[int]]:
    """The keys, no more at a time than a query takes; nothing of none."""
    return (keys[i : i + _AT_ONCE] for i in range(0, len(keys), _AT_ONCE))


def count_in(db: Db, standing: Standing) -> int:
    """How many annotations of a reading somebody sees, replies not counted."""
    sight = standing.sight
    values = {"reading": standing.reading_id, "counted": sight.counted, **sight.values}
    return db.ask(_COUNT if sight.counted else _NOT_COUNTED, values).scalar() or 0


def numbered() -> AnySelect:
    """The query for the annotation whose `key` is given, which its asker may see."""
    return _CARDS.where(_annotation.id == bindparam("key"))
