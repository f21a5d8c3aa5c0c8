"""The notebook: everything that a person marked, in all articles, to be searched and cited."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import ColumnElement, and_, or_, select

from app.annotations.card_views import CardView
from app.annotations.cards import cards, own
from app.annotations.models import Annotation, AnnotationTag, Target
from app.codebook.models import Tag
from app.courses.models import STAFF, Course, Membership
from app.database import AnySelect, Db, now
from app.library.models import Article, Revision
from app.library.texts import text_of
from app.readings.audiences import Sight
from app.readings.models import Reading
from app.readings.seats import Standing

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
    # The course that it was set for; None when it is read for oneself.
    course: str | None
    # Whether the person can still open it.
    is_open: bool
    entries: list[CardView] = field(default_factory=list)


def notebook(db: Db, user_id: int, wanted: Wanted) -> tuple[list[NotebookGroup], int]:
    """The entries found, by article, in text order; and how many there are."""
    query = _query(user_id, wanted)
    by_reading: dict[int, list[CardView]] = defaultdict(list)
    hits = set(
        db.ask(
            query.with_only_columns(Annotation.reading_id).distinct().order_by(None), {"viewer": user_id}
        ).scalars()
    )
    rows = [row for row in db.ask(_readings(user_id)) if row.id in hits]
    for row in rows:
        standing = Standing(row.id, Sight(user_id, ()))
        here = query.where(Annotation.reading_id == row.id)
        by_reading[row.id] = cards(db, here, text_of(db, row.revision_id), standing)
    groups = [
        NotebookGroup(row.uid, row.title, row.language, row.course, row.is_open, by_reading[row.id][:MOST])
        for row in rows
        if by_reading[row.id]
    ]
    return groups, sum(len(found) for found in by_reading.values())


def articles_of(db: Db, user_id: int) -> list[dict[str, str]]:
    """The articles that the notebook can be narrowed to."""
    rows = db.read.execute(_readings(user_id))
    return list({row.article: {"uid": row.article, "title": row.title} for row in rows}.values())


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


def worked_in(user_id: int) -> ColumnElement[bool]:
    """Readings (joined to articles) of one's own, and of courses where one wrote, also if those cannot be read now."""
    wrote = select(Annotation.id).where(Annotation.reading_id == Reading.id, Annotation.author_id == user_id)
    mine = and_(Reading.owner_id == user_id, Article.deleted_at.is_(None))
    return or_(mine, and_(Reading.course_id.is_not(None), wrote.exists()))


def still_open(user_id: int) -> ColumnElement[bool]:
    """Whether a reading can be opened now: an own one, or one that a class of the person's finds."""
    seat = select(Membership.user_id).where(
        Membership.course_id == Reading.course_id,
        Membership.user_id == user_id,
        Membership.left_at.is_(None),
        Membership.removed_at.is_(None),
        or_(Membership.role.in_(STAFF), Reading.opens_at <= now()),
    )
    return or_(Reading.owner_id == user_id, and_(Reading.deleted_at.is_(None), seat.exists()))


def _readings(user_id: int) -> AnySelect:
    return (
        select(
            Reading.id,
            Reading.revision_id,
            Reading.uid,
            Revision.title,
            Revision.language,
            Article.uid.label("article"),
            Course.title.label("course"),
            still_open(user_id).label("is_open"),
        )
        .join(Article, Article.id == Reading.article_id)
        .join(Revision, Revision.id == Reading.revision_id)
        .outerjoin(Course, Course.id == Reading.course_id)
        .where(worked_in(user_id))
        .order_by(Reading.created_at.desc(), Reading.id.desc())
    )


def _query(user_id: int, wanted: Wanted) -> AnySelect:
    query = own()
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
