"""Examples: annotations that came from an earlier class with nobody's name on them, and whose words they are."""

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.database import Base


class Example(Base):
    """Whose words an annotation without an author repeats.

    No page shows it. It is kept so that the words go when their author is erased or takes the consent back.
    """

    __tablename__ = "example"

    annotation_id: Mapped[int] = mapped_column(
        ForeignKey("annotation.id", ondelete="CASCADE"), primary_key=True
    )
    # Who wrote it, in the class that it comes from.
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    # That class.
    course_id: Mapped[int | None] = mapped_column(ForeignKey("course.id", ondelete="SET NULL"), index=True)
