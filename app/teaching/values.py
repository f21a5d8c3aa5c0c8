"""What the forms of staff begin with: a reading's rules as they would be typed, and what there is to choose from."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from app.courses.models import GroupSet
from app.database import Db
from app.library.models import Article, Revision
from app.readings.models import Reading
from app.readings.seats import Seat
from app.stale import seal
from app.teaching.setting import rules_of


def local(moment: datetime | None, zone: ZoneInfo) -> str:
    """An instant as a browser's field for a local time takes it; empty for none."""
    return moment.astimezone(zone).strftime("%Y-%m-%dT%H:%M") if moment else ""


def as_typed(db: Db, reading_id: int, seat: Seat) -> dict[str, Any]:
    """The rules of a reading as the form would have been filled in."""
    row = db.ask(
        select(Reading.due_at, Reading.audience, GroupSet.uid)
        .outerjoin(GroupSet, GroupSet.id == Reading.group_set_id)
        .where(Reading.id == reading_id)
    ).one()
    return {
        "seal": seal(db.ask(rules_of(reading_id)).one()._asdict()),
        "instructions": seat.instructions,
        "opens": "now" if not seat.is_draft else "date" if seat.opens_at else "draft",
        "opens_at": local(seat.opens_at, seat.zone) if seat.is_draft else "",
        "due_at": local(row.due_at, seat.zone),
        "audience": row.audience,
        "group_set": row.uid or "",
        "reveal_kind": seat.reveal_kind,
        "reveal_at": local(seat.reveal_at, seat.zone),
        "reveal_n": seat.reveal_n or "",
    }


def choosable_articles(db: Db, user_id: int) -> list[tuple[str, str]]:
    """The articles in somebody's library, newest first: uid and title."""
    newest = (
        select(func.max(Revision.n))
        .where(Revision.article_id == Article.id)
        .correlate(Article)
        .scalar_subquery()
    )
    rows = db.ask(
        select(Article.uid, Revision.title)
        .join(Revision, Revision.article_id == Article.id)
        .where(Article.owner_id == user_id, Article.deleted_at.is_(None), Revision.n == newest)
        .order_by(Article.created_at.desc(), Article.id.desc())
    )
    return [(uid, title) for uid, title in rows]
