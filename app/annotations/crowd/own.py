"""What the viewer has in a window of paragraphs, read one by one: for drawing, and for taking it off the counts."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import bindparam, func, select

from app.annotations.crowd.adding import Post, Sentences, Share, share_of
from app.annotations.crowd.window import IN_WINDOW
from app.annotations.models import SPAN, Annotation, AnnotationTag, Target, TargetParagraph
from app.annotations.seeing import there
from app.annotations.segments import Mark
from app.codebook.models import Tag
from app.database import Db, table_of
from app.library.models import Paragraph
from app.readings.models import Audience
from app.readings.seats import Standing

UNTAGGED = ("grey", "dotted")
"""How a mark without a tag looks."""

_part, _target, _annotation = table_of(TargetParagraph).c, table_of(Target).c, table_of(Annotation).c
_paragraph, _tag, _tagged = table_of(Paragraph).c, table_of(Tag).c, table_of(AnnotationTag).c
_audience = table_of(Audience).c
_OWN = (
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
# What the counts depend on as well: only where there are any.
_OWN_COUNTED = _OWN.add_columns(
    _tagged.tag_id,
    _annotation.audience_id,
    _audience.kind,
    _audience.by_staff,
    _annotation.signed_as,
    _annotation.hidden_at.is_not(None),
).join(table_of(Audience), _audience.id == _annotation.audience_id)

Begins = tuple[bool, bool, int, int, int]
"""How cards are ranked, best first: not pinned, not the viewer's, start, end, key."""


@dataclass(slots=True)
class Own:
    """The viewer's annotations in one paragraph."""

    marks: list[Mark] = field(default_factory=list)
    # Keys of those that are there, of those of them that begin in it, and how all that keep a place there are ranked.
    annotations: set[int] = field(default_factory=set)
    beginning: set[int] = field(default_factory=set)
    ranked: set[Begins] = field(default_factory=set)
    posts: dict[int, Post] = field(default_factory=dict)

    def share(self, sentences: Sentences, standing: Standing) -> Share:
        """What they add to the counts that the viewer reads."""
        sight = standing.sight
        return share_of(self.posts.values(), sentences, sight.counted[0] if sight.sees_hidden else None)


def own_in(db: Db, standing: Standing, wanted: Mapping[str, Any]) -> dict[int, Own]:
    """By the keys of the paragraphs of a window (see `window`); none for those in which the viewer has nothing."""
    found: dict[int, Own] = defaultdict(Own)
    query = _OWN_COUNTED if standing.sight.counted else _OWN
    for paragraph_id, key, start, end, colour, line, order, first, last, kind, pinned, gone, *more in db.ask(
        query, wanted
    ):
        here = found[paragraph_id]
        if start == first:
            here.ranked.add((gone or not pinned, bool(gone), first, last, key))
        if gone:
            continue
        here.annotations.add(key)
        if start == first:
            here.beginning.add(key)
        if kind == SPAN:
            here.marks.append(Mark(start, end, colour, line, order))
        if more:
            _add_post(here, key, start, end, first, kind, *more)
    return found


def _add_post(
    here: Own,
    key: int,
    start: int,
    end: int,
    target_start: int,
    kind: str,
    tag_id: int | None,
    audience_id: int,
    whom: str,
    by_staff: bool,
    signed_as: str,
    is_hidden: bool,
) -> None:
    known = here.posts.get(key)
    tags = (known.tags if known else ()) + ((tag_id,) if tag_id else ())
    here.posts[key] = Post(
        key, audience_id, whom, by_staff, signed_as, is_hidden, kind, start, end, target_start, tags
    )
