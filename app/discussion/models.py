"""Reactions, mentions and reports: what people say of a post without writing one."""

from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.database import Base, BigId, now
from app.readings.models import one_of

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
