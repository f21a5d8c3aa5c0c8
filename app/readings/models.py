"""Readings: an article opened to be annotated, who may see what is written in it, and how far each has read."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.activity.models import open_stream
from app.database import Base, BigId, now
from app.identity import random_uid
from app.once import named_by

# Whom a post can be for: its author alone, the author and the staff, the staff, a group, the whole class.
ME, TO_STAFF, STAFF_ONLY, GROUP, CLASS = AUDIENCE_KINDS = ("me", "to_staff", "staff", "group", "class")
# What a member's switch can stand at; for staff, `staff` means each other.
CHOICES = (ME, "staff", GROUP, CLASS)
# When students see each other's work: from the start, from a date, when staff say so, after a number of one's own.
AT_ONCE, ON_DATE, BY_STAFF, AFTER_COUNT = REVEALS = ("at_once", "date", "staff", "count")
# What peers are shown of an author.
NAME, PSEUDONYM = SIGNATURES = ("name", "pseudonym")


def one_of(column: str, values: tuple[str, ...]) -> CheckConstraint:
    """The rule that a column holds one of these words."""
    return CheckConstraint(f"{column} IN ({', '.join(map(repr, values))})", name=column)


class Reading(Base):
    """An article set for a course, or read for oneself: every annotation belongs to a reading."""

    __tablename__ = "reading"
    __table_args__ = (
        CheckConstraint("(owner_id IS NULL) <> (course_id IS NULL)", name="one_owner"),
        one_of("reveal_kind", REVEALS),
        one_of("audience", CHOICES),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    uid: Mapped[str] = mapped_column(unique=True, default=random_uid)
    article_id: Mapped[int] = mapped_column(ForeignKey("article.id", ondelete="CASCADE"), index=True)
    # The state of the article that is read.
    revision_id: Mapped[int] = mapped_column(ForeignKey("revision.id"))
    # Whose own reading it is; nobody's when it is a course's.
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    # The course that it is set for.
    course_id: Mapped[int | None] = mapped_column(ForeignKey("course.id", ondelete="CASCADE"), index=True)
    # The tags on offer.
    tagset_id: Mapped[int] = mapped_column(ForeignKey("tagset.id"))
    # The division of the course into groups that is used here.
    group_set_id: Mapped[int | None] = mapped_column(
        ForeignKey("group_set.id", ondelete="SET NULL"), index=True
    )
    # Markdown that stands above the text.
    instructions: Mapped[str] = mapped_column(default="", server_default="")
    # From when students find it; never while it is a draft.
    opens_at: Mapped[datetime | None]
    # What comes later is late.
    due_at: Mapped[datetime | None]
    # When students see what others wrote: see REVEALS.
    reveal_kind: Mapped[str] = mapped_column(default=AT_ONCE, server_default=AT_ONCE)
    # The date of ON_DATE.
    reveal_at: Mapped[datetime | None]
    # How many annotations of one's own AFTER_COUNT asks for.
    reveal_n: Mapped[int | None]
    # When staff revealed it to all, whatever the rule.
    revealed_at: Mapped[datetime | None]
    # What the switch stands at before a member has moved it.
    audience: Mapped[str] = mapped_column(default=CLASS, server_default=CLASS)
    created_at: Mapped[datetime] = mapped_column(default=now)
    # Deleted softly, with all that was written in it; gone for good after 30 days.
    deleted_at: Mapped[datetime | None]


class Prompt(Base):
    """A question of the instructor's, answered in the margin."""

    __tablename__ = "prompt"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    uid: Mapped[str] = mapped_column(unique=True, default=random_uid)
    reading_id: Mapped[int] = mapped_column(ForeignKey("reading.id", ondelete="CASCADE"), index=True)
    # Where it is pinned.
    paragraph_id: Mapped[int] = mapped_column(ForeignKey("paragraph.id"), index=True)
    words: Mapped[str]
    # No longer asked; what was answered stays.
    retired_at: Mapped[datetime | None]


class ReadingMember(Base):
    """One person in one reading: the place reached, what has been seen, and how they write there."""

    __tablename__ = "reading_member"
    __table_args__ = (
        UniqueConstraint("reading_id", "pseudonym"),
        CheckConstraint("audience IS NULL OR audience IN ('me', 'staff', 'group', 'class')", name="audience"),
        CheckConstraint("signs_as IS NULL OR signs_as IN ('name', 'pseudonym')", name="signs_as"),
    )

    reading_id: Mapped[int] = mapped_column(ForeignKey("reading.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(
        ForeignKey("user.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    # Ordinal of the paragraph at the top of the window when last seen; the title before anything was read.
    place: Mapped[int] = mapped_column(default=0, server_default="0")
    opened_at: Mapped[datetime | None]
    # When the last paragraph was first reached.
    finished_at: Mapped[datetime | None]
    # Since when others' work is open to them: stays, whatever they delete later.
    revealed_at: Mapped[datetime | None]
    # The number of the newest event that they have seen.
    seen_seq: Mapped[int] = mapped_column(default=0, server_default="0")
    # Their own due date, when staff extended it.
    due_at: Mapped[datetime | None]
    # What their switch stands at; as the reading says until they move it.
    audience: Mapped[str | None]
    # Whether they sign with their name; as the course says until they choose.
    signs_as: Mapped[str | None]
    # What peers call them here when they hide their name: the same throughout the reading.
    pseudonym: Mapped[str | None]


_OF_ALL = text("user_id IS NULL AND group_id IS NULL")


class Audience(Base):
    """Those who may see a post.

    What staff write for a group or the class is an audience of its own: a blind reading shows it, and hides the rest.
    """

    __tablename__ = "audience"
    __table_args__ = (
        one_of("kind", AUDIENCE_KINDS),
        CheckConstraint("(kind IN ('me', 'to_staff')) = (user_id IS NOT NULL)", name="person"),
        CheckConstraint("(kind = 'group') = (group_id IS NOT NULL)", name="group"),
        # One row for each: a missing person or group makes no two rows equal, so that each rule holds its own kinds.
        UniqueConstraint("reading_id", "kind", "user_id"),
        UniqueConstraint("reading_id", "group_id", "by_staff"),
        Index(
            "uq_audience_all",
            "reading_id",
            "kind",
            "by_staff",
            unique=True,
            sqlite_where=_OF_ALL,
            postgresql_where=_OF_ALL,
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    reading_id: Mapped[int] = mapped_column(ForeignKey("reading.id", ondelete="CASCADE"))
    kind: Mapped[str]
    # The one person of `me`, and the one besides the staff of `to_staff`.
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    # The group of `group`.
    group_id: Mapped[int | None] = mapped_column(ForeignKey("group.id", ondelete="CASCADE"), index=True)
    # Whether it holds what staff wrote.
    by_staff: Mapped[bool] = mapped_column(default=False, server_default=false())


class Clock(Base):
    """Ticks when something that an audience sees in a paragraph changes: what ETags are made of."""

    __tablename__ = "clock"

    audience_id: Mapped[int] = mapped_column(ForeignKey("audience.id", ondelete="CASCADE"), primary_key=True)
    paragraph_id: Mapped[int] = mapped_column(
        ForeignKey("paragraph.id", ondelete="CASCADE"), primary_key=True
    )
    version: Mapped[int]


def open_own_reading(
    db: Session, article_id: int, revision_id: int, owner_id: int, tagset_id: int, form_id: str = ""
) -> Reading:
    """The reading in which a person reads an own article by himself."""
    reading = Reading(
        uid=named_by(form_id),
        article_id=article_id,
        revision_id=revision_id,
        owner_id=owner_id,
        tagset_id=tagset_id,
        audience=ME,
        opens_at=now(),
    )
    db.add(reading)
    db.flush()
    db.add(ReadingMember(reading_id=reading.id, user_id=owner_id))
    db.add(Audience(reading_id=reading.id, kind=ME, user_id=owner_id))
    open_stream(db, reading_id=reading.id)
    return reading
