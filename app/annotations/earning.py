"""Earning a blind reading: when a student has marked enough that others will see, their work opens, and stays open."""

from sqlalchemy import bindparam, func, select
from sqlalchemy.engine import Connection

from app.annotations.hands import Hand
from app.annotations.models import Annotation, Target
from app.database import now, table_of
from app.readings.members import keep_member
from app.readings.models import CLASS, GROUP, Audience

_annotation, _target, _audience = table_of(Annotation).c, table_of(Target).c, table_of(Audience).c
# Words marked twice are not twice the work.
_SPANS = (
    select(_target.start, _target.end)
    .distinct()
    .join(table_of(Annotation), _annotation.id == _target.annotation_id)
    .join(table_of(Audience), _audience.id == _annotation.audience_id)
    .where(
        _annotation.reading_id == bindparam("reading"),
        _annotation.author_id == bindparam("author"),
        _annotation.root_id.is_(None),
        _annotation.deleted_at.is_(None),
        _annotation.hidden_at.is_(None),
        _audience.kind.in_([GROUP, CLASS]),
    )
)
_DONE = select(func.count()).select_from(_SPANS.subquery())


def earned(writing: Connection, hand: Hand) -> bool:
    """Latches the reveal of a student who has now made as many annotations as the reading asks for."""
    if hand.earning is None:
        return False
    done = writing.execute(_DONE, {"reading": hand.reading_id, "author": hand.author_id}).scalar_one()
    if done < hand.earning:
        return False
    keep_member(writing, hand.reading_id, hand.author_id, revealed_at=now())
    return True
