"""Taking posts away for good without taking what others answered with them: of those the place stays, empty."""

from collections.abc import Collection

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from app.annotations.models import Annotation, AnnotationTag, AnnotationVersion
from app.database import now
from app.discussion.models import Mention, Reaction


def take_away(db: Session, keys: Collection[int]) -> None:
    """Removes annotations and all that hangs on them; what others answered is emptied of everything but its place."""
    gone = set(keys)
    kept = _needed(db, gone)
    of_kept = list(kept)
    for part in (AnnotationTag, AnnotationVersion, Mention, Reaction):
        db.execute(delete(part).where(part.annotation_id.in_(of_kept)))
    nothing = {"author_id": None, "note": "", "hidden_word": None, "signed_as": "name"}
    db.execute(update(Annotation).where(Annotation.id.in_(of_kept)).values(**nothing))
    still_there = (Annotation.id.in_(of_kept), Annotation.deleted_at.is_(None))
    db.execute(update(Annotation).where(*still_there).values(deleted_at=now()))
    db.execute(delete(Annotation).where(Annotation.id.in_(gone - kept)))


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
