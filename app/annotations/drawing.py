"""Drawing paragraphs: their text with the marks that a reader may see, kept until one of their clocks ticks."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup
from sqlalchemy import BindParameter, bindparam, func, select

from app.annotations.models import Annotation, AnnotationTag, Target, TargetParagraph
from app.annotations.segments import Inline, Mark, draw, segments
from app.codebook.models import Tag
from app.database import Db
from app.library.models import Paragraph
from app.library.texts import ParagraphText, RevisionText
from app.readings.models import Clock

UNTAGGED = ("grey", "dotted")

# Columns of tables and not of classes, and put together once: what is asked most must not be composed anew.
_clock, _paragraph, _part = Clock.__table__.c, Paragraph.__table__.c, TargetParagraph.__table__.c
_target, _annotation, _tag = Target.__table__.c, Annotation.__table__.c, Tag.__table__.c
_tagged = AnnotationTag.__table__.c
_audiences: BindParameter[Sequence[int]] = bindparam("audiences", expanding=True)
_IN_WINDOW = (
    (_paragraph.revision_id == bindparam("revision"))
    & _paragraph.ordinal.between(bindparam("first"), bindparam("last"))
)  # fmt: skip
_CLOCKS = (
    select(_clock.paragraph_id, func.sum(_clock.version))
    .join(Paragraph.__table__, _paragraph.id == _clock.paragraph_id)
    .where(_IN_WINDOW, _clock.audience_id.in_(_audiences))
    .group_by(_clock.paragraph_id)
)
_CHANGES = select(func.sum(_clock.version)).where(_clock.audience_id.in_(_audiences))
_MARKS = (
    select(
        _part.paragraph_id,
        _annotation.id,
        _part.start,
        _part.end,
        func.coalesce(_tag.colour, UNTAGGED[0]),
        func.coalesce(_tag.line, UNTAGGED[1]),
        func.coalesce(_tag.position, 0),
    )
    .join(Paragraph.__table__, _paragraph.id == _part.paragraph_id)
    .join(Target.__table__, _target.id == _part.target_id)
    .join(Annotation.__table__, _annotation.id == _target.annotation_id)
    .outerjoin(AnnotationTag.__table__, _tagged.annotation_id == _annotation.id)
    .outerjoin(Tag.__table__, _tag.id == _tagged.tag_id)
    .where(
        _IN_WINDOW,
        _target.revision_id == bindparam("revision"),
        _annotation.audience_id.in_(_audiences),
        _annotation.deleted_at.is_(None),
    )
)


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
    wanted = {"revision": revision_id, "audiences": audiences, "first": first, "last": last}
    return {key: int(version) for key, version in db.read.execute(_CLOCKS, wanted)}


def changes(db: Db, audiences: Sequence[int]) -> int:
    """A number that grows with each change in what these audiences see, anywhere in their reading."""
    return int(db.read.scalar(_CHANGES, {"audiences": audiences}) or 0)


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
    wanted = {
        "revision": revision_id,
        "audiences": audiences,
        "first": paragraphs[0].ordinal,
        "last": paragraphs[-1].ordinal,
    }
    marks: dict[int, list[Mark]] = defaultdict(list)
    seen: dict[int, set[int]] = defaultdict(set)
    for paragraph_id, annotation_id, *mark in db.read.execute(_MARKS, wanted).all():
        marks[paragraph_id].append(Mark._make(mark))
        seen[paragraph_id].add(annotation_id)
    return marks, defaultdict(int, {key: len(found) for key, found in seen.items()})
