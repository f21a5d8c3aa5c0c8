"""An annotation's rows: added and replaced inside a write that is under way."""

from collections.abc import Collection, Iterable
from functools import cache

from sqlalchemy import Executable, bindparam, delete, insert, select, update
from sqlalchemy.engine import Connection

from app.activity.models import record
from app.annotations.models import (
    SPAN,
    Annotation,
    AnnotationTag,
    AnnotationVersion,
    Target,
    TargetParagraph,
)
from app.annotations.spans import TextSpan, cut, quote
from app.annotations.states import MARK, Nature, State
from app.database import AnyRow, insert_on, now, table_of
from app.library.texts import RevisionText
from app.readings.models import Clock

# What every change asks is put together once, on tables and not on classes: composing costs more than asking.
_annotation, _target = table_of(Annotation).c, table_of(Target).c
_tag, _clock = table_of(AnnotationTag).c, table_of(Clock).c
_part = table_of(TargetParagraph).c
_ADD = insert(table_of(Annotation)).returning(_annotation.id)
_ADD_TARGET = insert(table_of(Target)).returning(_target.id)
_ADD_PART = insert(table_of(TargetParagraph))
_ADD_TAG = insert(table_of(AnnotationTag))
_ADD_VERSION = insert(table_of(AnnotationVersion))
_REPLACE = (
    update(table_of(Annotation)).where(_annotation.id == bindparam("wanted")).returning(_annotation.hidden_at)
)
_DROP_TARGETS = delete(table_of(Target)).where(_target.annotation_id == bindparam("wanted"))
_DROP_TAGS = delete(table_of(AnnotationTag)).where(
    _tag.annotation_id == bindparam("wanted"), _tag.tag_id.in_(bindparam("tags", expanding=True))
)

_SEEN_AT = (
    select(_annotation.audience_id, _part.paragraph_id)
    .distinct()
    .join(table_of(Target), _target.annotation_id == _annotation.id)
    .join(table_of(TargetParagraph), _part.target_id == _target.id)
    .where(_annotation.id.in_(bindparam("annotations", expanding=True)))
)


@cache
def _tick(dialect: str) -> Executable:
    """Adds a clock, or moves it on."""
    moved = {"version": _clock.version + 1}
    added: Executable = insert_on(dialect, Clock).on_conflict_do_update(
        index_elements=["audience_id", "paragraph_id"], set_=moved
    )
    return added


def keep_version(writing: Connection, row: AnyRow, before: State, by_id: int, reason: str) -> None:
    """Writes down what the annotation was before the change that is about to come."""
    writing.execute(
        _ADD_VERSION,
        {
            "annotation_id": row.id,
            "version": row.version,
            "audience_id": before.audience_id,
            "signed_as": before.signed_as,
            "note": before.note,
            "tags": list(before.tags),
            "targets": [{"start": before.span.start, "end": before.span.end}],
            "deleted": before.deleted,
            "by_id": by_id,
            "at": now(),
            "reason": reason,
        },
    )


def aim(
    writing: Connection,
    text: RevisionText,
    annotation_id: int,
    author_id: int | None,
    span: TextSpan,
    kind: str = SPAN,
) -> set[int]:
    """Adds the target and its part in each paragraph; returns the paragraphs' keys."""
    words = quote(text.text, span)
    target_id = writing.execute(
        _ADD_TARGET,
        {
            "annotation_id": annotation_id,
            "ordinal": 0,
            "revision_id": text.id,
            "kind": kind,
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
            {
                "target_id": target_id,
                "paragraph_id": paragraph.id,
                "author_id": author_id,
                "start": part.start,
                "end": part.end,
            }
            for paragraph, part in parts
        ],
    )
    return {paragraph.id for paragraph, _part in parts}


def add(
    writing: Connection, uid: str, reading_id: int, author_id: int, state: State, nature: Nature = MARK
) -> int:
    """Adds the annotation itself; returns its key."""
    at = now()
    key = writing.execute(
        _ADD,
        {
            "uid": uid,
            "reading_id": reading_id,
            "author_id": author_id,
            "audience_id": state.audience_id,
            "signed_as": state.signed_as,
            "root_id": nature.root_id,
            "parent_id": nature.parent_id,
            "prompt_id": nature.prompt_id,
            "motivation": motivation(state, asks=nature.asks, replies=nature.root_id is not None),
            "note": state.note,
            "operation": uid,
            "version": 1,
            "created": at,
            "modified": at,
        },
    ).scalar_one()
    return int(key)


def replace_row(writing: Connection, row: AnyRow, after: State, operation: str) -> bool:
    """Gives the annotation itself its next version; returns whether it is hidden."""
    at = now()
    asks, replies = row.motivation == "questioning", row.root_id is not None
    replaced = writing.execute(
        _REPLACE,
        {
            "wanted": row.id,
            "audience_id": after.audience_id,
            "signed_as": after.signed_as,
            "note": after.note,
            "motivation": motivation(after, asks=asks, replies=replies),
            "version": row.version + 1,
            "modified": at,
            "deleted_at": at if after.deleted else None,
            "operation": operation,
        },
    )
    return replaced.scalar_one() is not None


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


def tick(writing: Connection, audiences: Iterable[int], paragraphs: Iterable[int]) -> None:
    """Moves the clocks of these audiences in these paragraphs on, in key order."""
    tick_at(writing, {(audience, paragraph) for audience in audiences for paragraph in paragraphs})


def tick_at(writing: Connection, keys: Collection[tuple[int, int]]) -> None:
    """Moves the clocks of these audiences and paragraphs on, in key order."""
    if keys:
        rows = [
            {"audience_id": one, "paragraph_id": paragraph, "version": 1} for one, paragraph in sorted(keys)
        ]
        writing.execute(_tick(writing.dialect.name), rows)


def seen_at(connection: Connection, annotations: Collection[int]) -> set[tuple[int, int]]:
    """The audiences that see these annotations, each with the paragraphs in which it does."""
    rows = connection.execute(_SEEN_AT, {"annotations": list(annotations)})
    return {(row.audience_id, row.paragraph_id) for row in rows}


def announce(
    writing: Connection,
    reading_id: int,
    audiences: set[int],
    audience_id: int,
    actor_id: int,
    paragraphs: set[int],
    kind: str,
    annotation_id: int,
    version: int,
) -> None:
    """Records the event, which `audience_id` may learn of, and ticks the clocks of these audiences in the paragraphs.

    The event's number comes first: with it the writes of a reading stand in a line, and none waits for a clock that
    another holds who waits for the number.
    """
    record(
        writing,
        reading_id=reading_id,
        kind=kind,
        actor_id=actor_id,
        audience_id=audience_id,
        subject_id=annotation_id,
        version=version,
    )
    tick(writing, audiences, paragraphs)


def motivation(state: State, *, asks: bool = False, replies: bool = False) -> str:
    """The W3C motivation: a reply replies, a question asks, a note comments, a tag alone classifies."""
    if replies or asks:
        return "replying" if replies else "questioning"
    if state.note:
        return "commenting"
    return "classifying" if state.tags else "highlighting"


def drop_targets(writing: Connection, annotation_id: int) -> None:
    """Takes the annotation off its words, to be aimed anew."""
    writing.execute(_DROP_TARGETS, {"wanted": annotation_id})
