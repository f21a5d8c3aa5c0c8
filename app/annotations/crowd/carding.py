"""Keeping the list of which annotations for others have something to say in the margin."""

from collections.abc import Collection

from sqlalchemy import and_, bindparam, delete, or_, select
from sqlalchemy.engine import Connection

from app.annotations.models import SPAN, Annotation, MarginCard, Target, TargetParagraph
from app.database import insert_on, table_of
from app.readings.models import ME, Audience

_annotation, _target, _part = table_of(Annotation), table_of(Target), table_of(TargetParagraph)
_audience, _card, _reply = table_of(Audience), table_of(MarginCard), table_of(Annotation).alias("reply")
_SAYS = or_(
    _annotation.c.note != "",
    _annotation.c.motivation == "questioning",
    _annotation.c.pinned_at.is_not(None),
    _target.c.kind != SPAN,
)
CARDS = (
    select(
        _annotation.c.id,
        _annotation.c.reading_id,
        _annotation.c.audience_id,
        _part.c.paragraph_id,
        _target.c.start,
        _target.c.end,
    )
    .join(_audience, _audience.c.id == _annotation.c.audience_id)
    .join(_target, _target.c.annotation_id == _annotation.c.id)
    # The paragraph in which it begins.
    .join(_part, and_(_part.c.target_id == _target.c.id, _part.c.start == _target.c.start))
    .where(
        _annotation.c.root_id.is_(None),
        _audience.c.kind != ME,
        or_(
            and_(_annotation.c.deleted_at.is_(None), _SAYS),
            # Also deleted: then it keeps its place for those who see an answer.
            select(_reply.c.id).where(_reply.c.root_id == _annotation.c.id).exists(),
        ),
    )
)
"""What the list is to hold, in the order of its columns."""

_THESE = CARDS.where(_annotation.c.id.in_(bindparam("annotations", expanding=True)))
_DROP = delete(_card).where(_card.c.annotation_id.in_(bindparam("annotations", expanding=True)))


def add_cards(writing: Connection, annotations: Collection[int]) -> None:
    """Lists annotations that have something to say and did not before."""
    insertion = insert_on(writing.dialect.name, MarginCard).from_select([c.name for c in _card.c], _THESE)
    writing.execute(insertion.on_conflict_do_nothing(), {"annotations": list(annotations)})


def keep_cards(writing: Connection, annotations: Collection[int]) -> None:
    """Lists annotations, or no longer, as they are now."""
    writing.execute(_DROP, {"annotations": list(annotations)})
    add_cards(writing, annotations)
