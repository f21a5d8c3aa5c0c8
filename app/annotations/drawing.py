"""Drawing paragraphs: their text with the marks that a reader may see, kept until one of their clocks ticks."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

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

MOST_IN_A_GROUP = 12
"""Cards of one paragraph in the margin; the rest are behind a link."""

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
        _target.start,
        _target.end,
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
    # How many begin in it, and the keys of the first of these in text order: those whose cards the margin holds.
    beginning: int
    first: tuple[int, ...]


def clocks(db: Db, revision_id: int, audiences: Sequence[int], first: int, last: int) -> dict[int, int]:
    """For each paragraph in [first, last] whose clock has ticked: the sum of its audiences' clocks."""
    wanted = {"revision": revision_id, "audiences": audiences, "first": first, "last": last}
    return {key: int(version) for key, version in db.ask(_CLOCKS, wanted)}


def changes(db: Db, audiences: Sequence[int]) -> int:
    """A number that grows with each change in what these audiences see, anywhere in their reading."""
    return int(db.ask(_CHANGES, {"audiences": audiences}).scalar() or 0)


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
    found = _marks(db, text.id, audiences, paragraphs)
    for paragraph in paragraphs:
        here = found[paragraph.id]
        runs = segments(paragraph.start, paragraph.end, here.marks)
        beginning = sorted(here.beginning)
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
            annotations=len(here.annotations),
            beginning=len(beginning),
            first=tuple(key for _start, _end, key in beginning[:MOST_IN_A_GROUP]),
        )


@dataclass(slots=True)
class _Found:
    """What is on one paragraph: its marks, a tag each, and the annotations that they come from."""

    marks: list[Mark] = field(default_factory=list)
    annotations: set[int] = field(default_factory=set)
    # (start, end, key) of those that begin in it.
    beginning: set[tuple[int, int, int]] = field(default_factory=set)


def _marks(
    db: Db, revision_id: int, audiences: Sequence[int], paragraphs: Sequence[ParagraphText]
) -> dict[int, _Found]:
    """What is on each paragraph."""
    wanted = {
        "revision": revision_id,
        "audiences": audiences,
        "first": paragraphs[0].ordinal,
        "last": paragraphs[-1].ordinal,
    }
    found: dict[int, _Found] = defaultdict(_Found)
    for paragraph_id, key, start, end, colour, line, order, first, last in db.ask(_MARKS, wanted).all():
        here = found[paragraph_id]
        here.marks.append(Mark(start, end, colour, line, order))
        here.annotations.add(key)
        if start == first:
            here.beginning.add((first, last, key))
    return found
