"""Posts that may be worth telling somebody, found by index from what they wrote and follow, and seen by nobody yet."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, bindparam, func, literal, or_, select, union

from app.annotations.models import Annotation, Target, TargetParagraph
from app.database import AnyRow, Db, table_of
from app.discussion.following import Place, Wishes
from app.discussion.models import Follow, Mention, Reaction

_new, _own = table_of(Annotation).alias("new"), table_of(Annotation).alias("own")
_target, _part = table_of(Target).c, table_of(TargetParagraph).c
_mention, _reaction, _follow = table_of(Mention), table_of(Reaction), table_of(Follow)
_VIEWER: ColumnElement[int] = bindparam("viewer")
_IN_SPAN = (
    _new.c.created > bindparam("since"),
    _new.c.created <= bindparam("until"),
    _new.c.author_id.is_distinct_from(_VIEWER),
    _new.c.deleted_at.is_(None),
)
_ROOT = func.coalesce(_own.c.root_id, _own.c.id)
_FOUND = select(_new.c.id, _new.c.reading_id, _new.c.created)


EVER = datetime(1970, 1, 1, tzinfo=UTC)
"""Before anything was written."""


@dataclass(frozen=True)
class Span:
    """After `since` and not after `until`, and how many of each source are looked at, the newest first."""

    since: datetime
    until: datetime
    most: int

    @property
    def values(self) -> dict[str, Any]:
        """What queries are asked with."""
        return {"since": self.since, "until": self.until, "most": self.most}


def _involving(*more: ColumnElement[bool]) -> Any:
    """Answers in threads that somebody began, answered in, asked in, was called in or follows; and what calls them.

    Each way begins with rows of theirs and goes by an index to others', so it costs what they did, not what all did.
    Of a thread, what came after they had come to it.
    """
    beneath = _FOUND.where(*_IN_SPAN, *more)
    # By keys: the clocks of two processes may differ.
    after = _new.c.id > _own.c.id
    ways = (
        beneath.join(_own, _new.c.root_id == _own.c.id).where(_own.c.author_id == _VIEWER, after),
        beneath.join(_own, _new.c.root_id == _own.c.root_id).where(_own.c.author_id == _VIEWER, after),
        beneath.join(_mention, _mention.c.annotation_id == _new.c.id).where(_mention.c.user_id == _VIEWER),
        beneath.join(_own, _new.c.root_id == _ROOT)
        .join(_mention, _mention.c.annotation_id == _own.c.id)
        .where(_mention.c.user_id == _VIEWER, after),
        beneath.join(_reaction, _new.c.root_id == _reaction.c.annotation_id).where(
            _reaction.c.user_id == _VIEWER, _reaction.c.kind == "question", _new.c.created > _reaction.c.at
        ),
        beneath.join(_follow, _new.c.root_id == _follow.c.root_id).where(
            _follow.c.user_id == _VIEWER, _follow.c.stance == "follow", _new.c.created > _follow.c.at
        ),
    )
    every = union(*ways).subquery()
    return select(every).order_by(every.c.created.desc()).limit(bindparam("most"))


_INVOLVING = _involving()
_INVOLVING_IN = _involving(_new.c.reading_id.in_(bindparam("readings", expanding=True)))
# The newest of a reading; what says nothing is passed over afterwards, so that looking ends somewhere.
_WALKED = (
    select(_new)
    .where(
        _new.c.reading_id == bindparam("reading"),
        _new.c.created > bindparam("since"),
        _new.c.created <= bindparam("until"),
    )
    .order_by(_new.c.created.desc())
    .limit(bindparam("most"))
    .subquery("walked")
)
_BEGINS_THERE = (
    select(_target.id)
    .join(table_of(TargetParagraph), _part.target_id == _target.id)
    .where(
        _target.annotation_id == _WALKED.c.id,
        _part.start == _target.start,
        _part.paragraph_id.in_(bindparam("paragraphs", expanding=True)),
    )
    .exists()
)
_WRITTEN = select(_WALKED.c.id, _WALKED.c.reading_id, _WALKED.c.created).where(
    _WALKED.c.author_id.is_distinct_from(_VIEWER),
    _WALKED.c.deleted_at.is_(None),
    or_(_WALKED.c.note != "", _WALKED.c.motivation == "questioning"),
    or_(bindparam("whole", type_=literal(True).type), _BEGINS_THERE),
)
_REACHED = select(func.count(), func.min(_WALKED.c.created))


def involving(
    db: Db, viewer_id: int, span: Span, readings: Collection[int] | None = None
) -> Sequence[AnyRow]:
    """Posts of others that answer or call somebody, or stand in a thread of theirs: id, reading_id, created."""
    values = span.values | {"viewer": viewer_id}
    if readings is None:
        return db.ask(_INVOLVING, values).all()
    return db.ask(_INVOLVING_IN, values | {"readings": sorted(readings)}).all()


def written(
    db: Db, viewer_id: int, span: Span, reading_id: int, places: Sequence[Place], wishes: Wishes
) -> tuple[Sequence[AnyRow], datetime]:
    """What others say in places of a reading that somebody follows, and back to when that is all of it."""
    since = max(span.since, min(wishes[place].at for place in places))
    values = span.values | {"since": since, "viewer": viewer_id, "reading": reading_id}
    paragraphs = [place.paragraph_id for place in places if place.paragraph_id]
    whole = len(paragraphs) < len(places)
    rows = db.ask(_WRITTEN, values | {"paragraphs": paragraphs, "whole": whole}).all()
    walked, oldest = db.ask(_REACHED, values).one()
    return rows, oldest if walked == span.most else span.since
