"""Taking posts away for good without taking what others answered with them: of those the place stays, empty."""

from collections.abc import Collection

from sqlalchemy import delete, or_, select, update
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session

from app.annotations.crowd.carding import keep_cards
from app.annotations.crowd.many import uncount
from app.annotations.models import Annotation, AnnotationTag, AnnotationVersion, Target, TargetParagraph
from app.annotations.rows import seen_at, tick_at
from app.database import now
from app.discussion.models import Mention, Reaction


def take_away(db: Session, keys: Collection[int]) -> None:
    """Removes annotations and all that hangs on them; what others answered is emptied of everything but its place.

    They are counted no longer, and the clocks tick of those who saw them.
    """
    gone, writing = set(keys), db.connection()
    uncount(writing, gone)
    seen, answered = seen_at(writing, gone), _answered(writing, gone)
    kept = _needed(db, gone)
    _empty(db, list(kept))
    db.execute(delete(Annotation).where(Annotation.id.in_(gone - kept)))
    keep_cards(writing, kept | answered)
    tick_at(writing, seen)


def _empty(db: Session, kept: Collection[int]) -> None:
    """Takes from posts whatever they say, and whose they were."""
    for part in (AnnotationTag, AnnotationVersion, Mention, Reaction):
        db.execute(delete(part).where(part.annotation_id.in_(kept)))
    targets = select(Target.id).where(Target.annotation_id.in_(kept))
    db.execute(update(TargetParagraph).where(TargetParagraph.target_id.in_(targets)).values(author_id=None))
    nothing = {"author_id": None, "note": "", "hidden_word": None, "signed_as": "name"}
    db.execute(update(Annotation).where(Annotation.id.in_(kept)).values(**nothing))
    still_there = (Annotation.id.in_(kept), Annotation.deleted_at.is_(None))
    db.execute(update(Annotation).where(*still_there).values(deleted_at=now()))


def _answered(writing: Connection, gone: set[int]) -> set[int]:
    """What stays of that under which replies stood that go."""
    roots = select(Annotation.root_id).distinct().where(Annotation.id.in_(gone))
    return {root for root in writing.scalars(roots) if root is not None} - gone


def _needed(db: Session, gone: set[int]) -> set[int]:
    """Those on which a post stands that is not to go, directly or by others that are."""
    query = select(Annotation.id, Annotation.root_id, Annotation.parent_id).where(
        or_(Annotation.root_id.in_(gone), Annotation.parent_id.in_(gone))
    )
    above: dict[int, set[int]] = {}
    for key, root_id, parent_id in db.execute(query):
        above[key] = {on for on in (root_id, parent_id) if on is not None} & gone
    needed: set[int] = set()
    coming = set().union(*(above[key] for key in above if key not in gone))
    while coming:
        needed |= coming
        coming = set().union(*(above.get(key, set()) for key in coming)) - needed
    return needed
