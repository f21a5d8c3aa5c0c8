"""What people deleted more than thirty days ago, taken away for good."""

from datetime import datetime

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from app.annotations.models import Annotation
from app.database import KEPT_DELETED, Database, now
from app.discussion.removing import take_away
from app.library.models import Article
from app.readings.models import Reading

_AT_ONCE = 500


def purge(database: Database) -> tuple[int, int]:
    """Removes them in short writes; returns how many annotations and how many articles went."""
    before = now() - KEPT_DELETED
    with database.reading() as db:
        # What is emptied already is only a place for answers.
        filled = or_(Annotation.author_id.is_not(None), Annotation.note != "")
        annotations = list(db.scalars(select(Annotation.id).where(Annotation.deleted_at < before, filled)))
        articles = list(db.scalars(select(Article.id).where(Article.deleted_at < before)))
    for start in range(0, len(annotations), _AT_ONCE):
        with database.writing() as db:
            _remove_annotations(db, annotations[start : start + _AT_ONCE], before)
    for article in articles:
        with database.writing() as db:
            _remove_article(db, article, before)
    return len(annotations), len(articles)


def _remove_annotations(db: Session, keys: list[int], before: datetime) -> None:
    """The time is asked again: somebody may have brought one back meanwhile."""
    old = select(Annotation.id).where(Annotation.id.in_(keys), Annotation.deleted_at < before)
    take_away(db, db.scalars(old).all())


def _remove_article(db: Session, key: int, before: datetime) -> None:
    """From the leaves inward: PostgreSQL checks a reference before it has followed every cascade."""
    set_for_a_class = select(Reading.article_id).where(Reading.course_id.is_not(None))
    gone = select(Article.id).where(
        Article.id == key, Article.deleted_at < before, Article.id.not_in(set_for_a_class)
    )
    readings = select(Reading.id).where(Reading.article_id.in_(gone))
    db.execute(delete(Annotation).where(Annotation.reading_id.in_(readings)))
    db.execute(delete(Reading).where(Reading.article_id.in_(gone)))
    db.execute(delete(Article).where(Article.id.in_(gone)))
