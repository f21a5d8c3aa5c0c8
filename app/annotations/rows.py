"""An annotation's rows: found, added and replaced inside a read or a write that is under way."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from sqlalchemy import Executable, bindparam, delete, insert, literal, select, union_all, update
from sqlalchemy.engine import Connection

from app.activity.models import record
from app.annotations.models import Annotation, AnnotationTag, AnnotationVersion, Target, TargetParagraph
from app.annotations.spans import TextSpan, cut, quote
from app.database import AnyRow, insert_on, now, table_of
from app.errors import NotFound
from app.library.texts import RevisionText
from app.readings.models import Clock

# What every change asks is put together once, on tables and not on classes: composing costs more than asking.
_annotation, _target, _part = table_of(Annotation).c, table_of(Target).c, table_of(TargetParagraph).c
_tag, _clock = table_of(AnnotationTag).c, table_of(Clock).c
_FOUND = select(
    _annotation.id,
    _annotation.uid,
    _annotation.reading_id,
    _annotation.author_id,
    _annotation.audience_id,
    _annotation.note,
    _annotation.operation,
    _annotation.version,
    _annotation.deleted_at,
    _target.start,
    _target.end,
).join(table_of(Target), _target.annotation_id == _annotation.id)
_NUMBERED = _FOUND.where(_annotation.id == bindparam("wanted")).limit(1)
_LOCKED = _NUMBERED.limit(None).with_for_update(of=table_of(Annotation))
# What a new mark can turn out to be: sent before, what made a change before, or on words that are marked already.
_CALLED, _CHANGED, _SAME_WORDS = range(3)
_MET = union_all(
    _FOUND.add_columns(literal(_CALLED).label("how")).where(_annotation.uid == bindparam("uid")),
    _FOUND.add_columns(literal(_CHANGED).label("how")).where(
        _annotation.operation == bindparam("uid"), _annotation.author_id == bindparam("author")
    ),
    # Looked for by the paragraph in which it begins, which has an index.
    _FOUND.add_columns(literal(_SAME_WORDS).label("how"))
    .join(table_of(TargetParagraph), _part.target_id == _target.id)
    .where(
        _part.paragraph_id == bindparam("paragraph"),
        _part.start == bindparam("from"),
        _target.start == bindparam("from"),
        _target.end == bindparam("to"),
        _annotation.reading_id == bindparam("reading"),
        _annotation.author_id == bindparam("author"),
        _annotation.audience_id == bindparam("audience"),
        _annotation.deleted_at.is_(None),
    ),
)
_TAGS_ON = select(_tag.tag_id).where(_tag.annotation_id == bindparam("wanted")).order_by(_tag.id)
_ADD = insert(table_of(Annotation)).returning(_annotation.id)
_ADD_TARGET = insert(table_of(Target)).returning(_target.id)
_ADD_PART = insert(table_of(TargetParagraph))
_ADD_TAG = insert(table_of(AnnotationTag))
_ADD_VERSION = insert(table_of(AnnotationVersion))
_REPLACE = update(table_of(Annotation)).where(_annotation.id == bindparam("wanted"))
_DROP_TARGETS = delete(table_of(Target)).where(_target.annotation_id == bindparam("wanted"))
_DROP_TAGS = delete(table_of(AnnotationTag)).where(
    _tag.annotation_id == bindparam("wanted"), _tag.tag_id.in_(bindparam("tags", expanding=True))
)
_TOUCHED = (
    select(_part.paragraph_id)
    .join(table_of(Target), _target.id == _part.target_id)
    .where(_target.annotation_id == bindparam("wanted"))
)


@cache
def _tick(dialect: str) -> Executable:
    """Adds a clock, or moves it on."""
    moved = {"version": _clock.version + 1}
    added: Executable = insert_on(dialect, Clock).on_conflict_do_update(
        index_elements=["audience_id", "paragraph_id"], set_=moved
    )
    return added


@dataclass(frozen=True)
class State:
    """What of an annotation can change: its words, tags, note, and whether it is there."""

    span: TextSpan
    note: str
    tags: tuple[int, ...]
    deleted: bool = False


def state_in(connection: Connection, annotation_id: int) -> State:
    """An annotation as it is now. NotFound when there is none."""
    row = connection.execute(_NUMBERED, {"wanted": annotation_id}).first()
    if row is None:
        raise NotFound
    return state_of_row(connection, row)


def keep_version(writing: Connection, row: AnyRow, before: State, by_id: int, reason: str) -> None:
    """Writes down what the annotation was before the change that is about to come."""
    writing.execute(
        _ADD_VERSION,
        {
            "annotation_id": row.id,
            "version": row.version,
            "audience_id": row.audience_id,
            "note": before.note,
            "tags": list(before.tags),
            "targets": [{"start": before.span.start, "end": before.span.end}],
            "deleted": before.deleted,
            "by_id": by_id,
            "at": now(),
            "reason": reason,
        },
    )


def aim(writing: Connection, text: RevisionText, annotation_id: int, span: TextSpan) -> set[int]:
    """Adds the target and its part in each paragraph; returns the paragraphs' keys."""
    words = quote(text.text, span)
    target_id = writing.execute(
        _ADD_TARGET,
        {
            "annotation_id": annotation_id,
            "ordinal": 0,
            "revision_id": text.id,
            "kind": "span",
            "start": span.start,
            "end": span.end,
            "exact": words.exact,
            "prefix": words.prefix,
            "suffix": words.suffix,
            "status": "exact",
        },
    ).scalar_one()
    parts = cut(span, text.blocks)
    writing.execute(
        _ADD_PART,
        [
            {"target_id": target_id, "paragraph_id": paragraph.id, "start": part.start, "end": part.end}
            for paragraph, part in parts
        ],
    )
    return {paragraph.id for paragraph, _part in parts}


def add(
    writing: Connection, uid: str, reading_id: int, author_id: int, audience_id: int, state: State
) -> int:
    """Adds the annotation itself; returns its key."""
    at = now()
    key = writing.execute(
        _ADD,
        {
            "uid": uid,
            "reading_id": reading_id,
            "author_id": author_id,
            "audience_id": audience_id,
            "motivation": motivation(state),
            "note": state.note,
            "operation": uid,
            "version": 1,
            "created": at,
            "modified": at,
        },
    ).scalar_one()
    return int(key)


def replace(writing: Connection, row: AnyRow, after: State, operation: str) -> None:
    """Gives the annotation itself its next version."""
    at = now()
    writing.execute(
        _REPLACE,
        {
            "wanted": row.id,
            "note": after.note,
            "motivation": motivation(after),
            "version": row.version + 1,
            "modified": at,
            "deleted_at": at if after.deleted else None,
            "operation": operation,
        },
    )


def retag(writing: Connection, annotation_id: int, before: State, after: State) -> None:
    """Takes off the tags that are gone and adds the new ones; those that stay keep their keys."""
    gone = set(before.tags) - set(after.tags)
    if gone:
        writing.execute(_DROP_TAGS, {"wanted": annotation_id, "tags": list(gone)})
    put_tags(writing, annotation_id, [tag for tag in after.tags if tag not in before.tags])


def put_tags(writing: Connection, annotation_id: int, tag_ids: Iterable[int]) -> None:
    """Adds tags to an annotation."""
    if rows := [{"annotation_id": annotation_id, "tag_id": tag_id} for tag_id in tag_ids]:
        writing.execute(_ADD_TAG, rows)


def announce(
    writing: Connection,
    reading_id: int,
    audience_id: int,
    actor_id: int,
    paragraphs: set[int],
    kind: str,
    annotation_id: int,
    version: int,
) -> None:
    """Ticks the clocks of the audience's paragraphs, in key order, and records the event."""
    writing.execute(
        _tick(writing.dialect.name),
        [{"audience_id": audience_id, "paragraph_id": key, "version": 1} for key in sorted(paragraphs)],
    )
    record(
        writing,
        reading_id=reading_id,
        kind=kind,
        actor_id=actor_id,
        audience_id=audience_id,
        subject_id=annotation_id,
        version=version,
    )


def motivation(state: State) -> str:
    """The W3C motivation: a note comments, a tag alone classifies."""
    if state.note:
        return "commenting"
    return "classifying" if state.tags else "highlighting"


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
    audience_id: int,
    paragraph_id: int,
    span: TextSpan,
) -> Met:
    """What stands in the way of a new mark, whose words begin in this paragraph, asked in one go."""
    wanted = {
        "uid": uid,
        "paragraph": paragraph_id,
        "from": span.start,
        "to": span.end,
        "reading": reading_id,
        "author": author_id,
        "audience": audience_id,
    }
    rows = {row.how: row for row in connection.execute(_MET, wanted)}
    return Met(rows.get(_CALLED), rows.get(_CHANGED), rows.get(_SAME_WORDS))


def locked(writing: Connection, annotation_id: int) -> AnyRow:
    """The annotation, locked against other writers where the database has them."""
    row = writing.execute(_LOCKED, {"wanted": annotation_id}).first()
    if row is None:
        raise NotFound
    return row


def state_of_row(connection: Connection, row: AnyRow) -> State:
    """What an annotation that was found is now."""
    tags = connection.scalars(_TAGS_ON, {"wanted": row.id}).all()
    return State(TextSpan(row.start, row.end), row.note, tuple(tags), row.deleted_at is not None)


def paragraphs_of(connection: Connection, annotation_id: int) -> set[int]:
    """Keys of the paragraphs that an annotation touches."""
    return set(connection.scalars(_TOUCHED, {"wanted": annotation_id}))


def drop_targets(writing: Connection, annotation_id: int) -> None:
    """Takes the annotation off its words, to be aimed anew."""
    writing.execute(_DROP_TARGETS, {"wanted": annotation_id})
