"""Posts that may be worth telling somebody, found by index from what they wrote and follow, and seen by nobody yet."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    bindparam,
    cast,
    desc,
    func,
    null,
    or_,
    select,
    union_all,
)

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


EVER = datetime(1970, 1, 1, tzinfo=UTC)
"""Before anything was written."""


@dataclass(frozen=True)
class Span:
    """After `since` and not after `until`, the newest first."""

    since: datetime
    until: datetime
    # How many are taken of each source.
    most: int
    # How many posts of a followed reading are looked at to find them.
    walk: int

    @property
    def values(self) -> dict[str, Any]:
        """What queries are asked with."""
        return {"since": self.since, "until": self.until, "most": self.most, "walk": self.walk}


def _mine(source: Any, *where: ColumnElement[bool], thread: Any, key: Any, at: Any) -> Any:
    """Threads of somebody's from one source: there, what came after the post with that key or that moment is new."""
    reading = source.reading_id.label("reading_id")
    return select(reading, thread.label("thread"), key.label("key"), at.label("at")).where(*where)


_NO_KEY, _NO_MOMENT = cast(null(), BigInteger), cast(null(), _new.c.created.type)
_POST = {"thread": _ROOT, "key": _own.c.id, "at": _NO_MOMENT}
_FOLLOWED = (_follow.c.user_id == _VIEWER, _follow.c.stance == "follow", _follow.c.root_id.is_not(None))
# What they began, answered, were called in, asked in, and follow.
_MINE = union_all(
    _mine(_own.c, _own.c.author_id == _VIEWER, **_POST),
    _mine(_own.c, _mention.c.annotation_id == _own.c.id, _mention.c.user_id == _VIEWER, **_POST),
    _mine(
        _own.c,
        _reaction.c.annotation_id == _own.c.id,
        _reaction.c.user_id == _VIEWER,
        _reaction.c.kind == "question",
        thread=_ROOT,
        key=_NO_KEY,
        at=_reaction.c.at,
    ),
    _mine(_follow.c, *_FOLLOWED, thread=_follow.c.root_id, key=_NO_KEY, at=_follow.c.at),
).subquery("mine")
_EACH = (
    select(_MINE.c.thread, func.min(_MINE.c.key).label("key"), func.min(_MINE.c.at).label("at"))
    .where(_MINE.c.reading_id.in_(bindparam("readings", expanding=True)))
    .group_by(_MINE.c.thread)
    .subquery("each")
)
# Asked thread by thread, by its index: as a join PostgreSQL, which plans for anybody, would rather read all posts.
_NEWEST = select(func.max(_new.c.created)).where(_new.c.root_id == _EACH.c.thread, *_IN_SPAN)
_STIRRED = (
    select(_EACH.c.thread, _EACH.c.key, _EACH.c.at, (newest := _NEWEST.scalar_subquery()).label("newest"))
    .where(newest.is_not(None))
    .order_by(desc("newest"))
    .limit(bindparam("most"))
)
_FOUND = select(_new.c.id, _new.c.reading_id, _new.c.created, _new.c.root_id).where(*_IN_SPAN)
_NEWEST_FIRST = (_new.c.created.desc(),)
_ANSWERS = (
    _FOUND.where(_new.c.root_id.in_(bindparam("threads", expanding=True)))
    .order_by(*_NEWEST_FIRST)
    .limit(bindparam("most"))
)
_CALLS = (
    _FOUND.join(_mention, _mention.c.annotation_id == _new.c.id)
    .where(_mention.c.user_id == _VIEWER, _new.c.reading_id.in_(bindparam("readings", expanding=True)))
    .order_by(*_NEWEST_FIRST)
    .limit(bindparam("most"))
)
# The newest of a reading; what says nothing is passed over afterwards, so that looking ends somewhere.
_WALKED = (
    select(_new)
    .where(
        _new.c.reading_id == bindparam("reading"),
        _new.c.created > bindparam("since"),
        _new.c.created <= bindparam("until"),
    )
    .order_by(_new.c.created.desc())
    .limit(bindparam("walk"))
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
_WRITTEN = (
    select(_WALKED.c.id, _WALKED.c.reading_id, _WALKED.c.created)
    .where(
        _WALKED.c.author_id.is_distinct_from(_VIEWER),
        _WALKED.c.deleted_at.is_(None),
        or_(_WALKED.c.note != "", _WALKED.c.motivation == "questioning"),
        or_(bindparam("whole", type_=Boolean()), _BEGINS_THERE),
    )
    .order_by(_WALKED.c.created.desc())
    .limit(bindparam("most"))
)
_REACHED = select(func.count(), func.min(_WALKED.c.created))


def involving(
    db: Db, viewer_id: int, span: Span, readings: Collection[int]
) -> tuple[Sequence[AnyRow], datetime]:
    """Posts of others that call somebody, or were written in a thread of theirs after they had come to it.

    And back to when these are all. It begins with what they did and goes on by index, so it costs what they did.
    """
    values = span.values | {"viewer": viewer_id, "readings": sorted(readings)}
    calls = db.ask(_CALLS, values).all()
    threads = {row.thread: row for row in db.ask(_STIRRED, values)}
    answers = db.ask(_ANSWERS, values | {"threads": sorted(threads)}).all() if threads else []
    full = [rows[-1].created for rows in (calls, answers) if len(rows) == span.most]
    return [*calls, *(row for row in answers if _is_after(row, threads[row.root_id]))], max(
        full, default=span.since
    )


def _is_after(answer: AnyRow, thread: AnyRow) -> bool:
    """Whether it came after somebody had come to its thread. By keys: the clocks of two processes may differ."""
    return bool((thread.key and answer.id > thread.key) or (thread.at and answer.created > thread.at))


def written(
    db: Db, viewer_id: int, span: Span, reading_id: int, places: Sequence[Place], wishes: Wishes
) -> tuple[Sequence[AnyRow], datetime]:
    """What others say in places of a reading that somebody follows, and back to when that is all of it."""
    since = max(span.since, min(wishes[place].at for place in places))
    values = span.values | {"since": since, "viewer": viewer_id, "reading": reading_id}
    paragraphs = [place.paragraph_id for place in places if place.paragraph_id]
    whole = len(paragraphs) < len(places)
    rows = db.ask(_WRITTEN, values | {"paragraphs": paragraphs, "whole": whole}).all()
    if len(rows) == span.most:
        return rows, rows[-1].created
    walked, oldest = db.ask(_REACHED, values).one()
    return rows, oldest if walked == span.walk else span.since
