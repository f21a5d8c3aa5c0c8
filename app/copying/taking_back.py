"""Examples taken back: when their author no longer consents, and when they are erased."""

from collections import defaultdict

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.annotations.models import Annotation, Target, TargetParagraph
from app.annotations.rows import tick
from app.copying.models import Example
from app.discussion.removing import take_away


def take_back(db: Session, user_id: int, course_id: int | None = None) -> None:
    """Removes every example of somebody's words from all classes; with a course, of what was written in that one."""
    theirs = select(Example.annotation_id).where(Example.user_id == user_id)
    if course_id is not None:
        theirs = theirs.where(Example.course_id == course_id)
    keys = list(db.scalars(theirs))
    if not keys:
        return
    touched = (
        select(Annotation.audience_id, TargetParagraph.paragraph_id)
        .join(Target, Target.annotation_id == Annotation.id)
        .join(TargetParagraph, TargetParagraph.target_id == Target.id)
        .where(Annotation.id.in_(keys))
    )
    paragraphs: dict[int, set[int]] = defaultdict(set)
    for audience, paragraph in db.execute(touched):
        paragraphs[audience].add(paragraph)
    take_away(db, keys)
    for audience in sorted(paragraphs):
        tick(db.connection(), {audience}, paragraphs[audience])
