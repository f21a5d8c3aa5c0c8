"""Drawing paragraphs: their text with the marks that a reader may see, kept until one of their clocks ticks."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from markupsafe import Markup
from sqlalchemy import BindParameter, bindparam, func, select

from app.annotations.models import SPAN, Annotation, AnnotationTag, Target, TargetParagraph
from app.annotations.painting import Inline, draw
from app.annotations.seeing import seen, there
from app.annotations.segments import Mark, segments
from app.codebook.models import Tag
from app.database import Db, table_of
from app.library.models import Paragraph
from app.library.texts import ParagraphText, RevisionText
from app.readings.models import Clock
from app.readings.seats import Standing

UNTAGGED = ("grey", "dotted")

MOST_IN_A_GROUP = 12
"""Cards of one paragraph in the margin; the rest are behind a link."""

MOST_OF_OTHERS = 30
"""Stretches of a paragraph that others marked and that are drawn each by itself."""

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
        _annotation.author_id,
        _annotation.signed_as,
        _part.start,
        _part.end,
        func.coalesce(_tag.colour, UNTAGGED[0]),
        func.coalesce(_tag.line, UNTAGGED[1]),
        func.coalesce(_tag.position, 0),
        _target.start,
        _target.end,
        _target.kind,
        _annotation.note != "",
        _annotation.pinned_at.is_not(None),
        _annotation.deleted_at.is_not(None),
    )
    .join(Paragraph.__table__, _paragraph.id == _part.paragraph_id)
    .join(Target.__table__, _target.id == _part.target_id)
    .join(Annotation.__table__, _annotation.id == _target.annotation_id)
    .outerjoin(AnnotationTag.__table__, _tagged.annotation_id == _annotation.id)
    .outerjoin(Tag.__table__, _tag.id == _tagged.tag_id)
    .where(
        _IN_WINDOW,
        _target.revision_id == bindparam("revision"),
        _annotation.reading_id == bindparam("reading"),
        _annotation.root_id.is_(None),
        there(),
    )
)
_reply = table_of(Annotation).alias("reply")
_ANSWERED = (
    select(_reply.c.root_id)
    .distinct()
    .join(Target.__table__, _target.annotation_id == _reply.c.id)
    .join(TargetParagraph.__table__, _part.target_id == _target.id)
    .join(Paragraph.__table__, _paragraph.id == _part.paragraph_id)
    .where(
        _IN_WINDOW, _reply.c.reading_id == bindparam("reading"), _reply.c.root_id.is_not(None), seen(_reply)
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
    # How many annotations touch it, and of how many people.
    annotations: int
    people: int
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
    db: Db, text: RevisionText, standing: Standing, ticks: dict[int, int], first: int, last: int
) -> list[ParagraphView]:
    """The paragraphs with the ordinals [first, last]. `ticks` (see `clocks`) come from the same read session."""
    paragraphs, here = text.paragraphs[first : last + 1], (standing.reading_id, standing.sight)
    kept = {p.id: db.database.drawn.get((p.id, here, ticks.get(p.id, 0))) for p in paragraphs}
    missing = [p for p in paragraphs if kept[p.id] is None]
    if missing:
        for view, paragraph in zip(_drawn(db, text, standing, missing), missing, strict=True):
            kept[paragraph.id] = view
            key = (paragraph.id, here, ticks.get(paragraph.id, 0))
            db.database.drawn.put(key, view, len(view.html) + 200)
    return [kept[p.id] for p in paragraphs]


def _drawn(
    db: Db, text: RevisionText, standing: Standing, paragraphs: Sequence[ParagraphText]
) -> Iterable[ParagraphView]:
    found = _found(db, text.id, standing, paragraphs)
    for paragraph in paragraphs:
        here = found[paragraph.id]
        runs = segments(paragraph.start, paragraph.end, [*here.marks, *_of_others(here)])
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
            people=len(here.people),
            beginning=len(beginning) + len(here.bare),
            first=tuple(key for *_rank, key in beginning[:MOST_IN_A_GROUP]),
        )


Look = tuple[int, int, str, str]
# Peers must not learn from a count that a name and a pseudonym are one person: to them these are two.
Person = int | None | tuple[int | None, str]
Begins = tuple[bool, bool, int, int, int]


@dataclass(slots=True)
class _Found:
    """What is on one paragraph: the viewer's marks, a tag each, those of others, and whose annotations they are."""

    marks: list[Mark] = field(default_factory=list)
    # Who of the others gave the same words the same tag, and the tag's place in the codebook.
    others: dict[Look, set[Person]] = field(default_factory=lambda: defaultdict(set))
    order: dict[Look, int] = field(default_factory=dict)
    annotations: set[int] = field(default_factory=set)
    people: set[Person] = field(default_factory=set)
    # Those that begin in it and have a card, best first: (not pinned, not own, start, end, key).
    beginning: set[Begins] = field(default_factory=set)
    # Those of others that begin in it without a word: the text shows them, and the list.
    bare: set[int] = field(default_factory=set)


def _of_others(here: _Found) -> list[Mark]:
    """What others marked, each stretch once with its count, the most shared first, as many as a reader can tell."""
    ranked = sorted(here.others.items(), key=lambda item: (-len(item[1]), item[0]))
    return [Mark(*look, here.order[look], len(people), own=False) for look, people in ranked[:MOST_OF_OTHERS]]


def _found(
    db: Db, revision_id: int, standing: Standing, paragraphs: Sequence[ParagraphText]
) -> dict[int, _Found]:
    """What is on each paragraph."""
    sight = standing.sight
    window = {"first": paragraphs[0].ordinal, "last": paragraphs[-1].ordinal}
    wanted = {"revision": revision_id, "reading": standing.reading_id, **window, **sight.values}
    shared = len(sight.audiences) > 1
    answered = set(db.ask(_ANSWERED, wanted).scalars()) if shared else set[int]()
    found: dict[int, _Found] = defaultdict(_Found)
    for paragraph_id, key, author, signed, start, end, colour, line, *rest in db.ask(_MARKS, wanted).all():
        order, first, last, kind, has_note, is_pinned, is_gone = rest
        here, own = found[paragraph_id], author == sight.viewer_id
        if is_gone:
            if start == first:
                here.beginning.add((True, True, first, last, key))
            continue
        person = author if own or sight.sees_hidden else (author, signed)
        here.annotations.add(key)
        here.people.add(person)
        if kind == SPAN and own:
            here.marks.append(Mark(start, end, colour, line, order))
        elif kind == SPAN:
            here.others[start, end, colour, line].add(person)
            here.order[start, end, colour, line] = order
        if start != first:
            continue
        if own or has_note or is_pinned or kind != SPAN or key in answered:
            here.beginning.add((not is_pinned, not own, first, last, key))
        else:
            here.bare.add(key)
    return found
