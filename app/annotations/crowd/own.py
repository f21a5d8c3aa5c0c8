"""What the viewer has in a window of paragraphs, read one by one."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import bindparam, func, select

from app.annotations.crowd.first_cards import Begins
from app.annotations.crowd.window import IN_WINDOW
from app.annotations.models import SPAN, Annotation, AnnotationTag, Target, TargetParagraph
from app.annotations.seeing import there
from app.annotations.segments import Mark
from app.codebook.models import Tag
from app.database import Db, table_of
from app.library.models import Paragraph

BARE = ("grey", "dotted")
"""How a mark without a tag looks."""

_part, _target, _annotation = table_of(TargetParagraph).c, table_of(Target).c, table_of(Annotation).c
_paragraph, _tag, _tagged = table_of(Paragraph).c, table_of(Tag).c, table_of(AnnotationTag).c
_OWN = (
    select(
        _part.paragraph_id,
        _annotation.id,
        _part.start,
        _part.end,
        func.coalesce(_tag.colour, BARE[0]),
        func.coalesce(_tag.line, BARE[1]),
        func.coalesce(_tag.position, 0),
        _target.start,
        _target.end,
        _target.kind,
        _annotation.pinned_at.is_not(None),
        _annotation.deleted_at.is_not(None),
    )
    .join(table_of(Paragraph), _paragraph.id == _part.paragraph_id)
    .join(table_of(Target), _target.id == _part.target_id)
    .join(table_of(Annotation), _annotation.id == _target.annotation_id)
    .outerjoin(table_of(AnnotationTag), _tagged.annotation_id == _annotation.id)
    .outerjoin(table_of(Tag), _tag.id == _tagged.tag_id)
    .where(
        IN_WINDOW,
        _part.author_id == bindparam("viewer"),
        _target.revision_id == bindparam("revision"),
        _annotation.reading_id == bindparam("reading"),
        _annotation.root_id.is_(None),
        there(),
    )
)


@dataclass(slots=True)
class Own:
    """The viewer's annotations in one paragraph."""

    marks: list[Mark] = field(default_factory=list)
    # Keys of those that are there, of those of them that begin in it, and how all that keep a place there are ranked.
    annotations: set[int] = field(default_factory=set)
    beginning: set[int] = field(default_factory=set)
    ranked: set[Begins] = field(default_factory=set)


def own_in(db: Db, wanted: Mapping[str, Any]) -> dict[int, Own]:
    """By the keys of the paragraphs of a window (see `window`); none for those in which the viewer has nothing."""
    found: dict[int, Own] = defaultdict(Own)
    for paragraph_id, key, start, end, colour, line, order, first, last, kind, pinned, gone in db.ask(
        _OWN, wanted
    ).all():
        here = found[paragraph_id]
        if start == first:
            here.ranked.add((bool(gone or not pinned), bool(gone), first, last, key))
        if gone:
            continue
        here.annotations.add(key)
        if start == first:
            here.beginning.add(key)
        if kind == SPAN:
            here.marks.append(Mark(start, end, colour, line, order))
    return found
