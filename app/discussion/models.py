"""Reactions, mentions and reports: what people say of a post without writing one."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.database import Base, BigId, now
from app.readings.models import one_of

STANCES = ("follow", "mute")
_WHOLE = text("paragraph_id IS NULL AND root_id IS NULL")
REACTIONS = ("agree", "disagree", "question", "thanks")


class Reaction(Base):
    """One person's nod to a post; each kind once."""

    __tablename__ = "reaction"
    __table_args__ = (one_of("kind", REACTIONS),)

    annotation_id: Mapped[int] = mapped_column(
        ForeignKey("annotation.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[int] = mapped_column(
        ForeignKey("user.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    kind: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(default=now)


class Mention(Base):
    """Somebody called by name in a post."""

    __tablename__ = "mention"

    annotation_id: Mapped[int] = mapped_column(
        ForeignKey("annotation.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[int] = mapped_column(
        ForeignKey("user.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class Report(Base):
    """A reader's word to the staff that a post should not stand."""

    __tablename__ = "report"
    __table_args__ = (UniqueConstraint("annotation_id", "reporter_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    annotation_id: Mapped[int] = mapped_column(ForeignKey("annotation.id", ondelete="CASCADE"))
    reporter_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    words: Mapped[str]
    at: Mapped[datetime] = mapped_column(default=now)
    # When staff had dealt with it.
    settled_at: Mapped[datetime | None]


class Follow(Base):
    """Somebody's wish to be told of what is new in a reading, a paragraph or a thread, or never to be told of it."""

    __tablename__ = "follow"
    __table_args__ = (
        one_of("stance", STANCES),
        CheckConstraint("paragraph_id IS NULL OR root_id IS NULL", name="one_place"),
        Index("ix_follow_user_id_reading_id", "user_id", "reading_id"),
        # One wish for each place; a missing place makes no two rows equal, so that each kind has its own rule.
        UniqueConstraint("user_id", "root_id"),
        UniqueConstraint("user_id", "reading_id", "paragraph_id"),
        Index(
            "uq_follow_whole",
            "user_id",
            "reading_id",
            unique=True,
            sqlite_where=_WHOLE,
            postgresql_where=_WHOLE,
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    reading_id: Mapped[int] = mapped_column(ForeignKey("reading.id", ondelete="CASCADE"), index=True)
    # The paragraph that is meant, or the annotation whose thread it is; neither for the whole reading.
    paragraph_id: Mapped[int | None] = mapped_column(
        ForeignKey("paragraph.id", ondelete="CASCADE"), index=True
    )
    root_id: Mapped[int | None] = mapped_column(ForeignKey("annotation.id", ondelete="CASCADE"), index=True)
    stance: Mapped[str]
    # Since when.
    at: Mapped[datetime] = mapped_column(default=now)
