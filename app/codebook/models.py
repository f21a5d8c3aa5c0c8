"""Tagsets and their tags, each with what it means."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint, bindparam, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.codebook.default import DEFAULT_TAGS
from app.database import AnyRow, Base, BigId, Db
from app.identity import random_uid


class Tagset(Base):
    """A codebook: the tags that a reading is marked with."""

    __tablename__ = "tagset"
    __table_args__ = (CheckConstraint("(owner_id IS NULL) <> (course_id IS NULL)", name="one_owner"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    uid: Mapped[str] = mapped_column(unique=True, default=random_uid)
    # The person whose codebook it is.
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    # The course whose codebook it is.
    course_id: Mapped[int | None] = mapped_column(ForeignKey("course.id", ondelete="CASCADE"), index=True)
    # Counts its changes.
    version: Mapped[int] = mapped_column(default=1)


class Tag(Base):
    """A category that words are marked as."""

    __tablename__ = "tag"
    __table_args__ = (
        UniqueConstraint("tagset_id", "key"),
        CheckConstraint("line IN ('solid', 'double', 'wavy', 'dashed', 'dotted')", name="line"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    tagset_id: Mapped[int] = mapped_column(ForeignKey("tagset.id", ondelete="CASCADE"))
    # What exports call it; does not change with the name.
    key: Mapped[str]
    name: Mapped[str]
    # Its place in the bar, from 1; the digit that sets it.
    position: Mapped[int]
    # A name in the fixed accessible palette.
    colour: Mapped[str]
    # The underline's style, so that colour alone never tells.
    line: Mapped[str]
    definition: Mapped[str]
    example: Mapped[str]
    counter_example: Mapped[str]
    not_to_be_confused: Mapped[str]
    # The tag that took its annotations over.
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("tag.id"))
    # No longer offered; what was marked with it stays.
    retired_at: Mapped[datetime | None]


_tag = Tag.__table__.c
_KEYS = select(_tag.key, _tag.id).where(_tag.tagset_id == bindparam("tagset"), _tag.retired_at.is_(None))
_OFFERED = _KEYS.with_only_columns(*_tag).order_by(_tag.position)
_NAME = select(_tag.name).where(_tag.id == bindparam("tag"))


def offered_tags(db: Db, tagset_id: int) -> Sequence[AnyRow]:
    """The tags of a tagset that are on offer, as rows of the table, in their order."""
    return db.ask(_OFFERED, {"tagset": tagset_id}).all()


def offered_keys(db: Db, tagset_id: int) -> dict[str, int]:
    """The same by what forms call them: the table's key of each."""
    return {row.key: row.id for row in db.ask(_KEYS, {"tagset": tagset_id})}


def tag_name(db: Db, tag_id: int) -> str:
    """What a tag is called."""
    return str(db.ask(_NAME, {"tag": tag_id}).scalar_one())


def add_default_tagset(db: Session, *, owner_id: int | None = None, course_id: int | None = None) -> int:
    """Gives a person or a course the codebook of four; returns the tagset's key."""
    tagset = Tagset(owner_id=owner_id, course_id=course_id)
    db.add(tagset)
    db.flush()
    db.add_all(
        Tag(
            tagset_id=tagset.id,
            key=tag.key,
            name=tag.name,
            position=position,
            colour=tag.colour,
            line=tag.line,
            definition=tag.definition,
            example=tag.example,
            counter_example=tag.counter_example,
            not_to_be_confused=tag.not_to_be_confused,
        )
        for position, tag in enumerate(DEFAULT_TAGS, 1)
    )
    db.flush()
    return tagset.id
