"""Who has a reading open now."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.database import Base


class Presence(Base):
    """Somebody who has a reading open, in one process of the server. Only ever counted; gone after seconds."""

    __tablename__ = "presence"

    reading_id: Mapped[int] = mapped_column(ForeignKey("reading.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(
        ForeignKey("user.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    # A random name that the process gave itself when it started.
    process: Mapped[str] = mapped_column(primary_key=True)
    # When it no longer counts, unless its process says so again.
    until: Mapped[datetime]
