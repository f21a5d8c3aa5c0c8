"""Readings: an article opened to be annotated, who may see what is written in it, and how far each has read."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.activity.models import open_stream
from app.database import Base, BigId, now
from app.identity import random_uid


class Reading(Base):
    """An article read for oneself: every annotation belongs to a reading."""

    __tablename__ = "reading"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    uid: Mapped[str] = mapped_column(unique=True, default=random_uid)
    article_id: Mapped[int] = mapped_column(ForeignKey("article.id", ondelete="CASCADE"), index=True)
    # The state of the article that is read.
    revision_id: Mapped[int] = mapped_column(ForeignKey("revision.id"))
    # Whose own reading it is.
    owner_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    # The tags on offer.
    tagset_id: Mapped[int] = mapped_column(ForeignKey("tagset.id"))
    created_at: Mapped[datetime] = mapped_column(default=now)


class ReadingMember(Base):
    """One person in one reading: the place reached and what has been seen."""

    __tablename__ = "reading_member"

    reading_id: Mapped[int] = mapped_column(ForeignKey("reading.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), primary_key=True)
    # Ordinal of the paragraph at the top of the window when last seen; the title before anything was read.
    place: Mapped[int] = mapped_column(default=0)
    opened_at: Mapped[datetime | None]
    # When the last paragraph was first reached.
    finished_at: Mapped[datetime | None]


class Audience(Base):
    """Those who may see a post. `me` is its one user alone."""

    __tablename__ = "audience"
    __table_args__ = (
        CheckConstraint("kind IN ('me')", name="kind"),
        Index("uq_audience_me", "reading_id", "user_id", unique=True),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    reading_id: Mapped[int] = mapped_column(ForeignKey("reading.id", ondelete="CASCADE"))
    kind: Mapped[str]
    # The one person of a `me` audience.
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))


class Clock(Base):
    """Ticks when something that an audience sees in a paragraph changes: what ETags are made of."""

    __tablename__ = "clock"

    audience_id: Mapped[int] = mapped_column(ForeignKey("audience.id", ondelete="CASCADE"), primary_key=True)
    paragraph_id: Mapped[int] = mapped_column(
        ForeignKey("paragraph.id", ondelete="CASCADE"), primary_key=True
    )
    version: Mapped[int]


def open_own_reading(
    db: Session, article_id: int, revision_id: int, owner_id: int, tagset_id: int
) -> Reading:
    """The reading in which a person reads an own article by himself."""
    reading = Reading(article_id=article_id, revision_id=revision_id, owner_id=owner_id, tagset_id=tagset_id)
    db.add(reading)
    db.flush()
    db.add(ReadingMember(reading_id=reading.id, user_id=owner_id))
    db.add(Audience(reading_id=reading.id, kind="me", user_id=owner_id))
    open_stream(db, reading_id=reading.id)
    return reading


def audience_of_one(db: Session, reading_id: int, user_id: int) -> int:
    """The key of the audience that is this person alone in this reading."""
    return db.scalars(
        select(Audience.id).where(
            Audience.reading_id == reading_id, Audience.kind == "me", Audience.user_id == user_id
        )
    ).one()
