"""Digests: who wants to be told by mail, how often, and what they have been told of."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.database import Base

DAILY, WEEKLY = RHYTHMS = ("daily", "weekly")


class Digest(Base):
    """Somebody's wish for a digest; who has none wants none. When the next is due is in `task`."""

    __tablename__ = "digest"
    __table_args__ = (CheckConstraint("rhythm IN ('daily', 'weekly')", name="rhythm"),)

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), primary_key=True)
    rhythm: Mapped[str]
    # The moment that the last one counted up to.
    since: Mapped[datetime]
