"""Drawing paragraphs: their text with the marks that a reader may see, kept until one of their clocks ticks."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup
from sqlalchemy import func, select

from app.annotations.models import Annotation, AnnotationTag, Target, TargetParagraph
from app.annotations.segments import Inline, Mark, draw, segments
from app.codebook.models import Tag
from app.database import Db
from app.library.models import Paragraph
from app.library.texts import ParagraphText, RevisionText
from app.readings.models import Clock

UNTAGGED = ("grey", "dotted")


@dataclass(frozen=True, slots=True)
class ParagraphView:
    """A paragraph as a template shows it. Offsets are code points of the revision."""

    n: int
    kind: str
    level: int
    start: int
    end: int
    html: Markup
    # How many annotations touch it.
    annotations: int


def clocks(db: Db, revision_id: int, audiences: Sequence[int], first: int, last: int) -> dict[int, int]:
    """For each paragraph in [first, last] whose clock has ticked: the sum of its audiences' clocks."""
    rows = db.read.execute(
        select(Clock.paragraph_id, func.sum(Clock.version))
        .join(Paragraph, Paragraph.id == Clock.paragraph_id)
        .where(
            Paragraph.revision_id == revision_id,
            Paragraph.ordinal.between(first, last),
            Clock.audience_id.in_(audiences),
        )
        .group_by(Clock.paragraph_id)
    )
    return {key: int(version) for key, version in rows}


def draw_paragraphs(
    db: Db, text: RevisionText, audiences: Sequence[int], ticks: dict[int, int], first: int, last: int
) -> list[ParagraphView]:
    """The paragraphs with the ordinals [first, last]. `ticks` (see `clocks`) come from the same read session."""
    paragraphs = text.paragraphs[first : last + 1]
    kept = {p.id: db.database.drawn.get((p.id, tuple(audiences), ticks.get(p.id, 0))) for p in paragraphs}
    missing = [p for p in paragraphs if kept[p.id] is None]
    if missing:
        for view, paragraph in zip(_drawn(db, text, audiences, missing), missing, strict=True):
            kept[paragraph.id] = view
            key = (paragraph.id, tuple(audiences), ticks.get(paragraph.id, 0))
            db.database.drawn.put(key, view, len(view.html) + 200)
    return [kept[p.id] for p in paragraphs]


def _drawn(
    db: Db, text: RevisionText, audiences: Sequence[int], paragraphs: Sequence[ParagraphText]
) -> Iterable[ParagraphView]:
    marks, counts = _marks(db, text.id, audiences, paragraphs)
    for paragraph in paragraphs:
        runs = segments(paragraph.start, paragraph.end, marks[paragraph.id])
        inline = [
            Inline(start, end, kind, value or "") for start, end, kind, value in text.inline_in(paragraph)
        ]
        yield ParagraphView(
            n=paragraph.ordinal,
            kind=paragraph.kind,
            level=paragraph.level,
            start=paragraph.start,
            end=paragraph.end,
            html=draw(text.text[paragraph.start : paragraph.end], runs, inline),
            annotations=counts[paragraph.id],
        )


def _marks(
    db: Db, revision_id: int, audiences: Sequence[int], paragraphs: Sequence[ParagraphText]
) -> tuple[dict[int, list[Mark]], dict[int, int]]:
    """The marks of each paragraph, a tag each, and how many annotations they come from."""
    rows = db.read.execute(
        select(
            TargetParagraph.paragraph_id,
            TargetParagraph.start,
            TargetParagraph.end,
            Annotation.id,
            Tag.colour,
            Tag.line,
            Tag.position,
        )
        .join(Paragraph, Paragraph.id == TargetParagraph.paragraph_id)
        .join(Target, Target.id == TargetParagraph.target_id)
        .join(Annotation, Annotation.id == Target.annotation_id)
        .outerjoin(AnnotationTag, AnnotationTag.annotation_id == Annotation.id)
        .outerjoin(Tag, Tag.id == AnnotationTag.tag_id)
        .where(
            Paragraph.revision_id == revision_id,
            Paragraph.ordinal.between(paragraphs[0].ordinal, paragraphs[-1].ordinal),
            Target.revision_id == revision_id,
            Annotation.audience_id.in_(audiences),
            Annotation.deleted_at.is_(None),
        )
    )
    marks: dict[int, list[Mark]] = defaultdict(list)
    seen: dict[int, set[int]] = defaultdict(set)
    for paragraph_id, start, end, annotation_id, colour, line, position in rows:
        look = (colour, line) if colour else UNTAGGED
        marks[paragraph_id].append(Mark(start, end, *look, position or 0))
        seen[paragraph_id].add(annotation_id)
    return marks, defaultdict(int, {key: len(found) for key, found in seen.items()})
