"""Articles, their revisions, and the paragraphs that partition a revision's canonical text."""

import hashlib
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.database import Base, BigId, now
from app.identity import random_uid
from app.library.importing import ImportedArticle
from app.text import join_blocks, sentences


class Article(Base):
    """A text that somebody brought. It belongs to a person, never to a course."""

    __tablename__ = "article"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    uid: Mapped[str] = mapped_column(unique=True, default=random_uid)
    owner_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = mapped_column(default=now)
    # Deleted softly; gone for good after 30 days.
    deleted_at: Mapped[datetime | None]


class Revision(Base):
    """One immutable state of an article's text."""

    __tablename__ = "revision"
    __table_args__ = (
        UniqueConstraint("article_id", "n"),
        CheckConstraint("direction IN ('ltr', 'rtl')", name="direction"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("article.id", ondelete="CASCADE"))
    # 1 for the first.
    n: Mapped[int]
    # The revision it was made from.
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("revision.id"))
    title: Mapped[str]
    # BCP 47; "und" when not known.
    language: Mapped[str]
    direction: Mapped[str]
    # Canonical text: NFC, blocks joined by "\n"; every offset counts its code points.
    text: Mapped[str] = mapped_column(deferred=True)
    # Hex digest of the text in UTF-8.
    sha256: Mapped[str]
    published_at: Mapped[datetime | None]


class Paragraph(Base):
    """A block of a revision: the unit that is drawn, addressed and updated."""

    __tablename__ = "paragraph"
    __table_args__ = (
        UniqueConstraint("revision_id", "ordinal"),
        CheckConstraint('start >= 0 AND "end" >= start', name="span"),
        CheckConstraint(
            "kind IN ('title', 'heading', 'paragraph', 'quotation', 'list_item', 'preformatted', 'table_row', "
            "'caption', 'footnote')",
            name="kind",
        ),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    revision_id: Mapped[int] = mapped_column(ForeignKey("revision.id", ondelete="CASCADE"))
    # 0 is the title; the rest count from 1 in reading order.
    ordinal: Mapped[int]
    # Stays the same when the paragraph is carried into a later revision.
    lineage_uid: Mapped[str] = mapped_column(index=True)
    kind: Mapped[str]
    # A heading's or list item's depth; 0 where depth means nothing.
    level: Mapped[int]
    # Half-open, in code points of the revision's text.
    start: Mapped[int]
    end: Mapped[int]


class Sentence(Base):
    """A sentence of a paragraph, cut once at import."""

    __tablename__ = "sentence"

    paragraph_id: Mapped[int] = mapped_column(
        ForeignKey("paragraph.id", ondelete="CASCADE"), primary_key=True
    )
    n: Mapped[int] = mapped_column(primary_key=True)
    # Half-open, in code points of the revision's text.
    start: Mapped[int]
    end: Mapped[int]


class InlineRange(Base):
    """Emphasis, a link and the like, as a range over the text, so that it never touches offsets."""

    __tablename__ = "inline_range"
    __table_args__ = (
        CheckConstraint("kind IN ('emphasis', 'strong', 'code', 'link', 'superscript', 'page')", name="kind"),
        Index("ix_inline_range_revision_id_start", "revision_id", "start"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    revision_id: Mapped[int] = mapped_column(ForeignKey("revision.id", ondelete="CASCADE"))
    # Half-open, in code points of the revision's text.
    start: Mapped[int]
    end: Mapped[int]
    kind: Mapped[str]
    # A link's address or a page's label.
    value: Mapped[str | None]


class Shelved:
    """An imported article made ready for the database outside the write lock."""

    def __init__(self, imported: ImportedArticle) -> None:
        self.imported = imported
        self.text, self.spans = join_blocks([block.text for block in imported.blocks])
        self.sha256 = hashlib.sha256(self.text.encode()).hexdigest()
        self.sentences = [
            [(start + a, start + b) for a, b in sentences(block.text)]
            for block, (start, _end) in zip(imported.blocks, self.spans, strict=True)
        ]


def add_article(db: Session, owner_id: int, shelved: Shelved) -> tuple[Article, Revision]:
    """Stores an article with its first revision, published."""
    article = Article(owner_id=owner_id)
    db.add(article)
    db.flush()
    revision = Revision(
        article_id=article.id,
        n=1,
        title=shelved.imported.title,
        language=shelved.imported.language,
        direction=shelved.imported.direction,
        text=shelved.text,
        sha256=shelved.sha256,
        published_at=now(),
    )
    db.add(revision)
    db.flush()
    _add_paragraphs(db, revision.id, shelved)
    return article, revision


def _add_paragraphs(db: Session, revision_id: int, shelved: Shelved) -> None:
    rows = [
        {
            "revision_id": revision_id,
            "ordinal": n,
            "lineage_uid": random_uid(),
            "kind": block.kind,
            "level": block.level,
            "start": start,
            "end": end,
        }
        for n, (block, (start, end)) in enumerate(zip(shelved.imported.blocks, shelved.spans, strict=True))
    ]
    keys = db.scalars(insert(Paragraph).returning(Paragraph.id, sort_by_parameter_order=True), rows).all()
    cut = [
        {"paragraph_id": key, "n": n, "start": start, "end": end}
        for key, spans in zip(keys, shelved.sentences, strict=True)
        for n, (start, end) in enumerate(spans)
    ]
    inline = [
        {
            "revision_id": revision_id,
            "start": start + r.start,
            "end": start + r.end,
            "kind": r.kind,
            "value": r.value,
        }
        for block, (start, _end) in zip(shelved.imported.blocks, shelved.spans, strict=True)
        for r in block.inline
    ]
    if cut:
        db.execute(insert(Sentence), cut)
    if inline:
        db.execute(insert(InlineRange), inline)
