"""Examples taken back: when their author no longer consents, and when they are erased."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.copying.models import Example
from app.discussion.removing import take_away


def take_back(db: Session, user_id: int, course_id: int | None = None) -> None:
    """Removes every example of somebody's words from all classes; with a course, of what was written in that one."""
    theirs = select(Example.annotation_id).where(Example.user_id == user_id)
    if course_id is not None:
        theirs = theirs.where(Example.course_id == course_id)
    take_away(db, db.scalars(theirs).all())
