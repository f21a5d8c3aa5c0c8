"""What one author has in paragraphs of a reading, found by index however many others marked them."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import bindparam, select
from sqlalchemy.engine import Connection

from app.annotations.crowd.adding import Post
from app.annotations.models import Annotation, AnnotationTag, Target, TargetParagraph
from app.database import table_of
from app.readings.models import ME, STAFF_ONLY, Audience

Held = dict[int, list[Post]]
"""Posts by the paragraph's key."""


class Holding(NamedTuple):
    """An author's posts, and the key of the audience `staff` of their reading; none where there are no posts."""

    posts: Held
    staff_id: int | None


_part, _target, _annotation = table_of(TargetParagraph), table_of(Target), table_of(Annotation)
_audience, _tagged = table_of(Audience), table_of(AnnotationTag)
_staff = _audience.alias("of_staff")
_STAFF = (
    select(_staff.c.id)
    .where(_staff.c.reading_id == bindparam("reading"), _staff.c.kind == STAFF_ONLY)
    .scalar_subquery()
)
POSTS = (
    select(
        _part.c.paragraph_id,
        _annotation.c.id,
        _annotation.c.audience_id,
        _audience.c.kind,
        _audience.c.by_staff,
        _annotation.c.signed_as,
        _annotation.c.hidden_at.is_not(None),
        _target.c.kind,
        _part.c.start,
        _part.c.end,
        _target.c.start,
        _tagged.c.tag_id,
    )
    .join(_target, _target.c.id == _part.c.target_id)
    .join(_annotation, _annotation.c.id == _target.c.annotation_id)
    .join(_audience, _audience.c.id == _annotation.c.audience_id)
    .outerjoin(_tagged, _tagged.c.annotation_id == _annotation.c.id)
    .where(
        _annotation.c.reading_id == bindparam("reading"),
        _annotation.c.root_id.is_(None),
        _annotation.c.deleted_at.is_(None),
        _audience.c.kind != ME,
    )
)
"""What counts in a `reading`: the paragraph, the columns of `Post`, and a row for each tag."""

_HERE = POSTS.add_columns(_STAFF).where(_part.c.paragraph_id.in_(bindparam("paragraphs", expanding=True)))
_THEIRS = _HERE.where(_part.c.author_id == bindparam("author"))
_NOBODYS = _HERE.where(_part.c.author_id.is_(None))


def held(
    connection: Connection, reading_id: int, author_id: int | None, paragraphs: Collection[int]
) -> Holding:
    """What counts of all that an author has in these paragraphs; without one, what nobody in particular wrote."""
    wanted: dict[str, Any] = {"reading": reading_id, "paragraphs": list(paragraphs)}
    if author_id is not None:
        wanted["author"] = author_id
    rows = connection.execute(_NOBODYS if author_id is None else _THEIRS, wanted).all()
    return Holding(by_paragraph(row[:-1] for row in rows), rows[0][-1] if rows else None)


def by_paragraph(rows: Iterable[Sequence[Any]]) -> Held:
    """Rows of `POSTS`, each post once with all its tags."""
    tags: dict[tuple[Any, ...], list[int]] = {}
    for *post, tag in rows:
        its = tags.setdefault(tuple(post), [])
        if tag is not None:
            its.append(tag)
    found: Held = {}
    for (paragraph_id, *of_post), its in tags.items():
        found.setdefault(paragraph_id, []).append(Post._make((*of_post, tuple(its))))
    return found
