"""The notebook: everything that a person marked, in all articles, to be searched and cited."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import select

from app.annotations.cards import CardView, cards, visible
from app.annotations.models import Annotation, AnnotationTag, Target
from app.codebook.models import Tag
from app.database import AnySelect, Db
from app.library.models import Article, Revision
from app.library.texts import text_of
from app.readings.models import Audience, Reading

MOST = 500
"""Entries of one page of the notebook."""


@dataclass(frozen=True)
class Wanted:
    """What to look for: a tag's key, an article's uid, words in quote or note, days in UTC (both included)."""

    tag: str = ""
    article: str = ""
    q: str = ""
    since: date | None = None
    until: date | None = None


@dataclass
class NotebookGroup:
    """What was marked in one reading."""

    reading_uid: str
    title: str
    language: str
    entries: list[CardView] = field(default_factory=list)


def notebook(db: Db, user_id: int, wanted: Wanted) -> tuple[list[NotebookGroup], int]:
    """The entries found, by article, in text order; and how many there are."""
    query = _query(db, user_id, wanted)
    by_reading: dict[int, list[CardView]] = defaultdict(list)
    hits = set(db.ask(query.with_only_columns(Annotation.reading_id).distinct().order_by(None)).scalars())
    rows = [row for row in db.ask(_readings(user_id)) if row[0] in hits]
    for reading_id, revision_id, *_rest in rows:
        found = cards(db, query.where(Annotation.reading_id == reading_id), text_of(db, revision_id), user_id)
        by_reading[reading_id] = found
    groups = [
        NotebookGroup(uid, title, language, by_reading[reading_id][:MOST])
        for reading_id, _revision, uid, title, language, _article in rows
        if by_reading[reading_id]
    ]
    return groups, sum(len(found) for found in by_reading.values())


def articles_of(db: Db, user_id: int) -> list[dict[str, str]]:
    """The articles that the notebook can be narrowed to."""
    rows = db.read.execute(_readings(user_id))
    return [{"uid": article, "title": title} for _id, _revision, _uid, title, _language, article in rows]


def tags_used(db: Db, user_id: int) -> list[dict[str, str]]:
    """The tags that a person has used, by key and name."""
    rows = db.read.execute(
        select(Tag.key, Tag.name, Tag.position)
        .distinct()
        .join(AnnotationTag, AnnotationTag.tag_id == Tag.id)
        .join(Annotation, Annotation.id == AnnotationTag.annotation_id)
        .where(Annotation.author_id == user_id, Annotation.deleted_at.is_(None))
        .order_by(Tag.position)
    )
    return [{"key": key, "name": name} for key, name, _position in rows]


def citation(card: CardView, group: NotebookGroup, base_url: str) -> str:
    """The quote with where it stands: what "copy with citation" puts on the clipboard."""
    return f"“{card.quote}” ({group.title}, ¶{card.n}) {base_url}/annotations/{card.uid}"


def _readings(user_id: int) -> AnySelect:
    return (
        select(Reading.id, Reading.revision_id, Reading.uid, Revision.title, Revision.language, Article.uid)
        .join(Article, Article.id == Reading.article_id)
        .join(Revision, Revision.id == Reading.revision_id)
        .where(Reading.owner_id == user_id, Article.deleted_at.is_(None))
        .order_by(Article.created_at.desc(), Reading.id.desc())
    )


def _query(db: Db, user_id: int, wanted: Wanted) -> AnySelect:
    mine = db.read.scalars(select(Audience.id).where(Audience.user_id == user_id)).all()
    query = visible(mine).where(Annotation.author_id == user_id)
    if wanted.tag:
        query = query.where(
            select(AnnotationTag.id)
            .join(Tag, Tag.id == AnnotationTag.tag_id)
            .where(AnnotationTag.annotation_id == Annotation.id, Tag.key == wanted.tag)
            .exists()
        )
    if wanted.article:
        in_article = select(Reading.id).join(Article, Article.id == Reading.article_id)
        query = query.where(Annotation.reading_id.in_(in_article.where(Article.uid == wanted.article)))
    for word in wanted.q.split():
        query = query.where(
            Annotation.note.icontains(word, autoescape=True) | Target.exact.icontains(word, autoescape=True)
        )
    if wanted.since:
        query = query.where(Annotation.created >= _midnight(wanted.since))
    if wanted.until:
        query = query.where(Annotation.created < _midnight(wanted.until) + timedelta(days=1))
    return query


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
