"""Following: wishes to be told of what is new in a reading, a paragraph or a thread, or not; the closest one wins."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, bindparam, delete, func, select

from app.annotations.models import Target, TargetParagraph
from app.database import Db, insert_on, now, table_of
from app.discussion.models import Follow

FOLLOW, MUTE, NONE = "follow", "mute", "none"
_follow = table_of(Follow)
_wish, _target, _part = _follow.c, table_of(Target), table_of(TargetParagraph)
_THEIRS = select(_wish.reading_id, _wish.paragraph_id, _wish.root_id, _wish.stance, _wish.at).where(
    _wish.user_id == bindparam("viewer")
)
_HERE = _THEIRS.where(_wish.reading_id == bindparam("reading")).order_by(_wish.id)


class Place(NamedTuple):
    """What a wish is about: a reading, or by its key a paragraph or the annotation that began a thread."""

    reading_id: int
    paragraph_id: int | None = None
    root_id: int | None = None


class Wish(NamedTuple):
    """What somebody wants of a place, and since when."""

    stance: str
    at: datetime


class Wishes(dict[Place, Wish]):
    """Somebody's wishes, by their places."""

    def stance(self, place: Place) -> str:
        """`follow`, `mute` or `none` for the very place."""
        wish = self.get(place)
        return wish.stance if wish else NONE

    def on(self, reading_id: int, paragraph_id: int, root_id: int) -> Wish | None:
        """The most particular wish that holds for a post in a thread and a paragraph; None when there is none."""
        places = (
            Place(reading_id, root_id=root_id),
            Place(reading_id, paragraph_id=paragraph_id),
            Place(reading_id),
        )
        return next((self[place] for place in places if place in self), None)

    def followed(self) -> dict[int, list[Place]]:
        """The readings and paragraphs that are followed, by the reading's key; threads are found by their posts."""
        found: dict[int, list[Place]] = defaultdict(list)
        for place, wish in self.items():
            if wish.stance == FOLLOW and place.root_id is None:
                found[place.reading_id].append(place)
        return found


def wishes_of(db: Db, viewer_id: int) -> Wishes:
    """All that somebody follows or mutes."""
    return _read(db.ask(_THEIRS, {"viewer": viewer_id}))


def wishes_in(db: Db, viewer_id: int, reading_id: int) -> Wishes:
    """What somebody follows or mutes in a reading, the oldest first."""
    return _read(db.ask(_HERE, {"viewer": viewer_id, "reading": reading_id}))


def _read(rows: Iterable[Any]) -> Wishes:
    return Wishes((Place(*place), Wish(stance, at)) for *place, stance, at in rows)


def want(db: Db, viewer_id: int, place: Place, stance: str) -> None:
    """Has somebody follow or mute a place, or neither (`none`). To wish the same again changes nothing."""
    there = (
        _wish.user_id == viewer_id,
        *(_wish[column].is_not_distinct_from(key) for column, key in place._asdict().items()),
    )
    with db.changing() as writing:
        writing.execute(delete(_follow).where(*there, _wish.stance != stance))
        if stance != NONE:
            row = {"user_id": viewer_id, **place._asdict(), "stance": stance, "at": now()}
            writing.execute(insert_on(writing.dialect.name, Follow).on_conflict_do_nothing(), row)


def not_muted(post: Any) -> ColumnElement[bool]:
    """That the `viewer` whom a query is asked for does not mute a post, an alias of the annotations' table."""
    begins = (_target.c.annotation_id == post.c.id, _part.c.start == _target.c.start)
    mine = select(_wish.stance).where(_wish.user_id == bindparam("viewer"))
    of_thread = mine.where(_wish.root_id == func.coalesce(post.c.root_id, post.c.id))
    of_paragraph = (
        mine.join(_part, _part.c.paragraph_id == _wish.paragraph_id)
        .join(_target, _target.c.id == _part.c.target_id)
        .where(_wish.reading_id == post.c.reading_id, *begins)
        .limit(1)
    )
    whole = (_wish.paragraph_id.is_(None), _wish.root_id.is_(None))
    of_reading = mine.where(_wish.reading_id == post.c.reading_id, *whole)
    wishes = (one.correlate(post).scalar_subquery() for one in (of_thread, of_paragraph, of_reading))
    return func.coalesce(*wishes, NONE) != MUTE
