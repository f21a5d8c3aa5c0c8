"""What an annotation is: its state found in the database, and what a new mark meets there."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import bindparam, func, literal, select, union_all
from sqlalchemy.engine import Connection

from app.annotations.models import SPAN, Annotation, AnnotationTag, Target, TargetParagraph
from app.annotations.spans import TextSpan
from app.database import AnyRow, table_of
from app.errors import NotFound
from app.readings.models import ME, NAME, Audience

# What every change asks is put together once, on tables and not on classes: composing costs more than asking.
_annotation, _target, _part = table_of(Annotation).c, table_of(Target).c, table_of(TargetParagraph).c
_tag, _audience = table_of(AnnotationTag).c, table_of(Audience).c
_FOUND = select(
    _annotation.id,
    _annotation.uid,
    _annotation.reading_id,
    _annotation.author_id,
    _annotation.audience_id,
    _annotation.signed_as,
    _annotation.root_id,
    _annotation.motivation,
    _annotation.note,
    _annotation.operation,
    _annotation.version,
    _annotation.deleted_at,
    _annotation.hidden_at,
    _target.kind,
    _target.start,
    _target.end,
    _audience.kind.label("audience_kind"),
    _audience.by_staff,
).select_from(
    table_of(Annotation)
    .join(table_of(Target), _target.annotation_id == _annotation.id)
    .join(table_of(Audience), _audience.id == _annotation.audience_id)
)
_NUMBERED = _FOUND.where(_annotation.id == bindparam("wanted")).limit(1)
_LOCK = select(_annotation.id).where(_annotation.id == bindparam("wanted")).with_for_update()
# What a new mark can turn out to be: sent before, what made a change before, or on words that are marked already.
_CALLED, _CHANGED, _SAME_WORDS = range(3)
_MET = union_all(
    _FOUND.add_columns(literal(_CALLED).label("how")).where(_annotation.uid == bindparam("uid")),
    _FOUND.add_columns(literal(_CHANGED).label("how")).where(
        _annotation.operation == bindparam("uid"),
        _annotation.author_id == bindparam("author"),
        _annotation.reading_id == bindparam("reading"),
    ),
    # Looked for by its author and the paragraph in which it begins, which have an index.
    _FOUND.add_columns(literal(_SAME_WORDS).label("how"))
    .join(table_of(TargetParagraph), _part.target_id == _target.id)
    .where(
        _part.paragraph_id == bindparam("paragraph"),
        _part.author_id == bindparam("author"),
        _part.start == bindparam("from"),
        _target.start == bindparam("from"),
        _target.end == bindparam("to"),
        _annotation.reading_id == bindparam("reading"),
        _annotation.author_id == bindparam("author"),
        _annotation.audience_id == bindparam("audience"),
        # What is signed otherwise stands by itself: a pseudonym's words must not come under a name.
        _annotation.signed_as == bindparam("signed_as"),
        _annotation.deleted_at.is_(None),
        _target.kind == SPAN,
    ),
)
_ALONE = select(_audience.id).where(
    _audience.reading_id == bindparam("reading"),
    _audience.kind == ME,
    _audience.user_id == bindparam("author"),
)
_above = table_of(Annotation).alias("above")
_above_audience = table_of(Audience).alias("above_audience")
_ABOVE = (
    select(_above.c.audience_id, _above.c.author_id)
    .join(_above_audience, _above_audience.c.id == _above.c.audience_id)
    .where(
        _above.c.id.in_(bindparam("posts", expanding=True)),
        ~_above_audience.c.by_staff,
        select(_audience.by_staff).where(_audience.id == bindparam("audience")).scalar_subquery(),
    )
)
_TAGS_ON = select(_tag.tag_id).where(_tag.annotation_id == bindparam("wanted")).order_by(_tag.id)
_root_or_self = func.coalesce(_annotation.root_id, _annotation.id)
_TOUCHED = (
    select(_part.paragraph_id)
    .join(table_of(Target), _target.id == _part.target_id)
    # A reply stands where its thread does, also after that has moved.
    .where(_target.annotation_id.in_(select(_root_or_self).where(_annotation.id == bindparam("wanted"))))
)


@dataclass(frozen=True)
class State:
    """What of an annotation can change: its words, tags, note, whether it is there, for whom, and how it is signed."""

    span: TextSpan
    note: str
    tags: tuple[int, ...]
    audience_id: int
    signed_as: str = NAME
    deleted: bool = False


@dataclass(frozen=True)
class Nature:
    """What of an annotation stays as it was made: what it aims at, whether it asks, and what it answers."""

    kind: str = SPAN
    asks: bool = False
    root_id: int | None = None
    parent_id: int | None = None
    prompt_id: int | None = None


MARK = Nature()
"""A mark on words."""


def state_in(connection: Connection, annotation_id: int) -> State:
    """An annotation as it is now. NotFound when there is none."""
    row = connection.execute(_NUMBERED, {"wanted": annotation_id}).first()
    if row is None:
        raise NotFound
    return state_of_row(connection, row)


@dataclass(frozen=True)
class Met:
    """What a new mark meets: what was made or changed by the same form, and what is on the same words."""

    called: AnyRow | None
    changed: AnyRow | None
    same_words: AnyRow | None


def met_by(
    connection: Connection,
    uid: str,
    reading_id: int,
    author_id: int,
    state: State,
    paragraph_id: int,
) -> Met:
    """What stands in the way of a new mark, whose words begin in this paragraph, asked in one go."""
    wanted = {
        "uid": uid,
        "paragraph": paragraph_id,
        "from": state.span.start,
        "to": state.span.end,
        "reading": reading_id,
        "author": author_id,
        "audience": state.audience_id,
        "signed_as": state.signed_as,
    }
    rows = {row.how: row for row in connection.execute(_MET, wanted)}
    return Met(rows.get(_CALLED), rows.get(_CHANGED), rows.get(_SAME_WORDS))


def lock(writing: Connection, annotation_id: int) -> bool:
    """Keeps other writers off an annotation; whether there are any, so that what was found before may be old."""
    if writing.dialect.name == "sqlite":
        return False
    writing.execute(_LOCK, {"wanted": annotation_id})
    return True


def locked(writing: Connection, annotation_id: int) -> AnyRow:
    """The annotation, locked against other writers where the database has them.

    It is found after it was locked: a row that is found while its lock is waited for is joined to what was before.
    """
    lock(writing, annotation_id)
    row = writing.execute(_NUMBERED, {"wanted": annotation_id}).first()
    if row is None:
        raise NotFound
    return row


def state_of_row(connection: Connection, row: AnyRow) -> State:
    """What an annotation that was found is now."""
    tags = connection.scalars(_TAGS_ON, {"wanted": row.id}).all()
    span, deleted = TextSpan(row.start, row.end), row.deleted_at is not None
    return State(span, row.note, tuple(tags), row.audience_id, row.signed_as, deleted)


def paragraphs_of(connection: Connection, annotation_id: int) -> set[int]:
    """Keys of the paragraphs that an annotation touches; of a reply, those of its thread."""
    return set(connection.scalars(_TOUCHED, {"wanted": annotation_id}))


def hearing(writing: Connection, reading_id: int, audience_id: int, posts: Collection[int]) -> set[int]:
    """The audiences whose clocks tick for what is said to `audience_id` about these posts.

    What staff say to a student is no news to others while the reading is blind for them: they see neither.
    """
    wanted = {"posts": posts, "audience": audience_id}
    heard: set[int] = set()
    for row in writing.execute(_ABOVE, wanted).all() if posts else ():
        heard |= {row.audience_id} | alone(writing, reading_id, row.author_id)
    return heard or {audience_id}


def alone(writing: Connection, reading_id: int, author_id: int | None) -> set[int]:
    """The key of the audience that is an author alone, whose clock ticks for all that is theirs; none if erased."""
    return set(writing.scalars(_ALONE, {"reading": reading_id, "author": author_id}))
