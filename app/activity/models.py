"""Events: what happened to what, numbered without gaps in streams; ids only, so that erasing a person erases them."""

from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    UniqueConstraint,
    bindparam,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.database import Base, BigId, now
from app.identity import random_uid


class Stream(Base):
    """A numbered sequence of events: one for each reading and one for each user."""

    __tablename__ = "stream"
    __table_args__ = (CheckConstraint("(reading_id IS NULL) <> (user_id IS NULL)", name="one_owner"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    # The reading whose events these are.
    reading_id: Mapped[int | None] = mapped_column(ForeignKey("reading.id", ondelete="CASCADE"), unique=True)
    # The user whose own events these are.
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), unique=True)
    # The number of the newest event; taken by updating it in the event's own transaction.
    seq: Mapped[int] = mapped_column(default=0)


HIDING = "kind IN ('post.hidden', 'post.shown')"
"""What puts a post out of peers' sight and back, in words that an index is made and found with."""


class Event(Base):
    """Something that happened. Never changed afterwards."""

    __tablename__ = "event"
    __table_args__ = (
        Index("ix_event_stream_id_actor_id_seq", "stream_id", "actor_id", "seq"),
        # Finds what is new to somebody without passing by what is not theirs to know.
        Index("ix_event_audience_id_seq", "audience_id", "seq"),
        # Tells whether a post was hidden at some moment.
        Index(
            "ix_event_hiding", "subject_id", "seq", sqlite_where=text(HIDING), postgresql_where=text(HIDING)
        ),
    )

    stream_id: Mapped[int] = mapped_column(ForeignKey("stream.id", ondelete="CASCADE"), primary_key=True)
    # The event's place in its stream, without gaps.
    seq: Mapped[int] = mapped_column(primary_key=True)
    # What the outside calls it; random, so that it tells nothing about events not seen.
    uid: Mapped[str] = mapped_column(unique=True)
    # Who may learn of it.
    audience_id: Mapped[int | None] = mapped_column(ForeignKey("audience.id", ondelete="CASCADE"))
    # Such as annotation.created; undone.* marks a change that took an earlier one back.
    kind: Mapped[str]
    # The key of the row it happened to, in the table that the kind names.
    subject_id: Mapped[int | None] = mapped_column(BigId)
    # The version of the subject that it produced.
    version: Mapped[int | None]
    # Who did it.
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    at: Mapped[datetime]


class Audit(Base):
    """Who did what to whom, for the operator. Never the text of a note."""

    __tablename__ = "audit"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    # The user who did it; nobody for the command line.
    who_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    # Such as user.claimed.
    did: Mapped[str]
    # The uid of what it was done to.
    to_what: Mapped[str | None]
    at: Mapped[datetime]


class Task(Base):
    """Something due at a time, done once by whichever process leases it."""

    __tablename__ = "task"
    __table_args__ = (UniqueConstraint("key"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    # What is to be done.
    kind: Mapped[str]
    # Names the task, so that asking twice makes one.
    key: Mapped[str]
    due_at: Mapped[datetime] = mapped_column(index=True)
    # Until when a process has it in hand.
    leased_until: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0)


def open_stream(db: Session, *, reading_id: int | None = None, user_id: int | None = None) -> int:
    """Makes the stream of a reading or a user; returns its key."""
    stream = Stream(reading_id=reading_id, user_id=user_id, seq=0)
    db.add(stream)
    db.flush()
    return stream.id


# Part of every change, so put together once, on tables and not on classes.
_stream = Base.metadata.tables["stream"]
_NEXT = (
    update(_stream)
    .where(_stream.c.reading_id == bindparam("reading"))
    .values(seq=_stream.c.seq + 1)
    .returning(_stream.c.id, _stream.c.seq)
)
_ADD = insert(Base.metadata.tables["event"])


def record(
    db: Connection,
    *,
    reading_id: int,
    kind: str,
    actor_id: int | None,
    audience_id: int | None = None,
    subject_id: int | None = None,
    version: int | None = None,
) -> int:
    """Adds an event to a reading's stream; returns its number. The counter and the event are one transaction."""
    stream_id, seq = db.execute(_NEXT, {"reading": reading_id}).one()
    db.execute(
        _ADD,
        {
            "stream_id": stream_id,
            "seq": seq,
            "uid": random_uid(),
            "audience_id": audience_id,
            "kind": kind,
            "subject_id": subject_id,
            "version": version,
            "actor_id": actor_id,
            "at": now(),
        },
    )
    return int(seq)


def audit(db: Session, did: str, *, who_id: int | None, to_what: str | None = None) -> None:
    """Notes an act of administration."""
    db.add(Audit(who_id=who_id, did=did, to_what=to_what, at=now()))


def latest_seq(db: Session, reading_id: int) -> int:
    """The number of a reading's newest event: the cursor that a page is drawn at."""
    return db.scalar(select(Stream.seq).where(Stream.reading_id == reading_id)) or 0
