"""Annotations: tables of what people marked and wrote, and of the versions before."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.database import Base, BigId
from app.readings.models import NAME, SIGNATURES, one_of

# A reply aims at an annotation, and keeps the words that were marked when it was written.
SPAN, PARAGRAPH, ARTICLE, ANNOTATION = TARGET_KINDS = ("span", "paragraph", "article", "annotation")

_IS_PINNED = text("pinned_at IS NOT NULL")


class Annotation(Base):
    """A mark, a note or both; and a reply to one."""

    __tablename__ = "annotation"
    __table_args__ = (
        CheckConstraint(
            "motivation IN ('highlighting', 'commenting', 'classifying', 'questioning', 'replying')",
            name="motivation",
        ),
        CheckConstraint("(root_id IS NULL) = (parent_id IS NULL)", name="thread"),
        one_of("signed_as", SIGNATURES),
        Index("ix_annotation_author_id_reading_id", "author_id", "reading_id"),
        # Finds the newest of a reading, however many there are.
        Index("ix_annotation_reading_id_created", "reading_id", "created"),
        # Counts what an audience sees without touching a row.
        Index("ix_annotation_audience_id_reading_id_deleted_at", "audience_id", "reading_id", "deleted_at"),
        # Finds the few that staff pinned.
        Index("ix_annotation_pinned", "reading_id", sqlite_where=_IS_PINNED, postgresql_where=_IS_PINNED),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    # Made by the client (UUIDv7), so that a retry is harmless.
    uid: Mapped[str] = mapped_column(unique=True)
    reading_id: Mapped[int] = mapped_column(ForeignKey("reading.id", ondelete="CASCADE"))
    # Nobody once the author has been erased.
    author_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    # Who may see it.
    audience_id: Mapped[int] = mapped_column(ForeignKey("audience.id"))
    # Which of the author's names peers are shown. Kept with each post, so that a change of rules unmasks nobody.
    signed_as: Mapped[str] = mapped_column(default=NAME, server_default=NAME)
    # The annotation whose thread a reply stands in, and the post that it answers.
    root_id: Mapped[int | None] = mapped_column(ForeignKey("annotation.id", ondelete="CASCADE"), index=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("annotation.id", ondelete="CASCADE"), index=True)
    # The instructor's question that it answers.
    prompt_id: Mapped[int | None] = mapped_column(ForeignKey("prompt.id", ondelete="SET NULL"), index=True)
    # W3C Web Annotation motivation.
    motivation: Mapped[str]
    # Markdown as it was typed; empty for a bare highlight.
    note: Mapped[str]
    # Id of the form that last changed it: a form that comes twice changes it once.
    operation: Mapped[str] = mapped_column(index=True)
    # Counts its changes from 1; a stale edit is refused.
    version: Mapped[int]
    created: Mapped[datetime]
    modified: Mapped[datetime]
    # Deleted softly; can be restored for 30 days.
    deleted_at: Mapped[datetime | None]
    # Hidden from peers by staff, with a word to the author.
    hidden_at: Mapped[datetime | None]
    hidden_word: Mapped[str | None]
    # When its question was settled.
    resolved_at: Mapped[datetime | None]
    # When staff pinned it above the others.
    pinned_at: Mapped[datetime | None]


class Target(Base):
    """What an annotation is about: words, a paragraph, or the article, which is told by its title."""

    __tablename__ = "target"
    __table_args__ = (
        CheckConstraint('start >= 0 AND "end" > start', name="span"),
        one_of("kind", TARGET_KINDS),
        CheckConstraint("status IN ('exact', 'moved', 'changed', 'orphan')", name="status"),
        UniqueConstraint("annotation_id", "ordinal"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    annotation_id: Mapped[int] = mapped_column(ForeignKey("annotation.id", ondelete="CASCADE"))
    # 0 for the first; carrying over to a new revision adds a row.
    ordinal: Mapped[int]
    revision_id: Mapped[int] = mapped_column(ForeignKey("revision.id"))
    kind: Mapped[str]
    # Half-open, in code points of the revision's text.
    start: Mapped[int]
    end: Mapped[int]
    # The words themselves, and up to 32 code points on either side, to find them again.
    exact: Mapped[str]
    prefix: Mapped[str]
    suffix: Mapped[str]
    # How the words were found in this revision.
    status: Mapped[str]


class TargetParagraph(Base):
    """The part of a target that stands in one paragraph, so that drawing a paragraph is one index range."""

    __tablename__ = "target_paragraph"
    __table_args__ = (
        CheckConstraint('start >= 0 AND "end" > start', name="span"),
        Index("ix_target_paragraph_paragraph_id_start", "paragraph_id", "start"),
        # Finds what one person marked in a paragraph, however many others marked it.
        Index("ix_target_paragraph_paragraph_id_author_id", "paragraph_id", "author_id"),
    )

    target_id: Mapped[int] = mapped_column(ForeignKey("target.id", ondelete="CASCADE"), primary_key=True)
    paragraph_id: Mapped[int] = mapped_column(ForeignKey("paragraph.id"), primary_key=True)
    # The annotation's author.
    author_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    # Half-open, in code points of the revision's text.
    start: Mapped[int]
    end: Mapped[int]


class AnnotationTag(Base):
    """A tag on an annotation. Its own key is what predictions and typed links attach to."""

    __tablename__ = "annotation_tag"
    __table_args__ = (UniqueConstraint("annotation_id", "tag_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    annotation_id: Mapped[int] = mapped_column(ForeignKey("annotation.id", ondelete="CASCADE"))
    tag_id: Mapped[int] = mapped_column(ForeignKey("tag.id"), index=True)


class AnnotationVersion(Base):
    """What an annotation was before a change took it to the next version."""

    __tablename__ = "annotation_version"

    annotation_id: Mapped[int] = mapped_column(
        ForeignKey("annotation.id", ondelete="CASCADE"), primary_key=True
    )
    # The version that looked like this.
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    # Id of the form that had made it: a form that comes again later is still known.
    operation: Mapped[str | None] = mapped_column(index=True)
    audience_id: Mapped[int] = mapped_column(ForeignKey("audience.id"))
    signed_as: Mapped[str] = mapped_column(default=NAME, server_default=NAME)
    # Markdown as it was typed.
    note: Mapped[str]
    # Keys of its tags.
    tags: Mapped[list[int]] = mapped_column(JSON)
    # Start and end of each target, in code points of its revision.
    targets: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    # Whether it was deleted at that version.
    deleted: Mapped[bool]
    # Who made the change that ended this version, and when.
    by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    at: Mapped[datetime]
    # What that change was: edit, delete, restore or undo.
    reason: Mapped[str]


class ParagraphCount(Base):
    """How much stands in a paragraph, for those who see an audience whole. Kept by each write.

    What is counted for whom, here and in the next two tables: `app/annotations/crowd`.
    """

    __tablename__ = "paragraph_count"
    __table_args__ = ({"sqlite_with_rowid": False},)

    audience_id: Mapped[int] = mapped_column(ForeignKey("audience.id", ondelete="CASCADE"), primary_key=True)
    paragraph_id: Mapped[int] = mapped_column(
        ForeignKey("paragraph.id", ondelete="CASCADE"), primary_key=True
    )
    # Annotations that begin in it.
    annotations: Mapped[int]
    # People one of whose annotations touches it.
    people: Mapped[int]


class Density(Base):
    """How many students marked words of a sentence, with any tag, with one, and with two both."""

    __tablename__ = "density"
    __table_args__ = ({"sqlite_with_rowid": False},)

    audience_id: Mapped[int] = mapped_column(ForeignKey("audience.id", ondelete="CASCADE"), primary_key=True)
    paragraph_id: Mapped[int] = mapped_column(
        ForeignKey("paragraph.id", ondelete="CASCADE"), primary_key=True
    )
    # The number of the sentence in its paragraph.
    sentence: Mapped[int] = mapped_column(primary_key=True)
    # The tag; 0 for marks of any kind.
    tag_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    # Another tag, of a greater key, that the same people put on the sentence, too; 0 for whatever else they did.
    also_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    people: Mapped[int]


class SpanCount(Base):
    """How many people marked the very same words of a paragraph with the same tag."""

    __tablename__ = "span_count"
    __table_args__ = (
        # Read backwards: the most shared first.
        Index("ix_span_count_people", "audience_id", "paragraph_id", "people", "start", "end", "tag_id"),
        {"sqlite_with_rowid": False},
    )

    audience_id: Mapped[int] = mapped_column(ForeignKey("audience.id", ondelete="CASCADE"), primary_key=True)
    paragraph_id: Mapped[int] = mapped_column(
        ForeignKey("paragraph.id", ondelete="CASCADE"), primary_key=True
    )
    # Half-open, in code points of the revision's text; cut at the paragraph's ends.
    start: Mapped[int] = mapped_column(primary_key=True)
    end: Mapped[int] = mapped_column(primary_key=True)
    # The tag; 0 for none.
    tag_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    people: Mapped[int]


class MarginCard(Base):
    """An annotation for others that has something to say in the margin: a note, a question, an answer, a pin.

    So the first cards of a paragraph are found without asking all that was marked there.
    """

    __tablename__ = "margin_card"
    __table_args__ = (
        Index("ix_margin_card_audience", "audience_id", "paragraph_id", "start", "end", "annotation_id"),
        Index("ix_margin_card_reading", "reading_id", "paragraph_id", "start", "end", "annotation_id"),
    )

    annotation_id: Mapped[int] = mapped_column(
        ForeignKey("annotation.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    reading_id: Mapped[int] = mapped_column(ForeignKey("reading.id", ondelete="CASCADE"))
    audience_id: Mapped[int] = mapped_column(ForeignKey("audience.id", ondelete="CASCADE"))
    # Where it begins.
    paragraph_id: Mapped[int] = mapped_column(ForeignKey("paragraph.id", ondelete="CASCADE"))
    # Of its target: half-open, in code points of the revision's text.
    start: Mapped[int]
    end: Mapped[int]
