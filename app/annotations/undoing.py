"""Undo: takes back a person's latest change in a reading, then the one before, also after a reload."""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.engine import Connection

from app.activity.models import Event, Stream
from app.annotations.earning import earned
from app.annotations.hands import Hand
from app.annotations.models import Annotation, AnnotationVersion
from app.annotations.spans import TextSpan
from app.annotations.states import State, changed_by, locked, state_in
from app.annotations.writing import Stale, Written, change, unchanged
from app.database import AnyRow, AnySelect, Db
from app.errors import Refused
from app.language import _
from app.library.texts import text_of

_LOOK_BACK = 400
UNDONE = "annotation.undone"


def undo(
    db: Db, hand: Hand, *, uid: str | None = None, version: int | None = None, operation: str = ""
) -> Written:
    """Takes back the latest change that is not undone yet.

    With `uid` and `version`, only if that is still the newest version of that annotation (else Stale, 409).
    Refused (409) when there is nothing to undo. A form that comes again, told by its `operation`, undoes nothing more.
    """
    text = text_of(db, hand.revision_id)
    with db.changing() as writing:
        if before := changed_by(writing, operation, hand.author_id, hand.reading_id):
            return unchanged(writing, before)
        event = _asked_for(writing, hand, uid, version) if uid else _latest(writing, hand)
        if event is None:
            raise Refused(_("There is nothing to undo."), status=409)
        row = locked(writing, event.subject_id)
        if changed_by(writing, operation, hand.author_id, hand.reading_id):
            # It came twice at once, and waited for itself.
            return unchanged(writing, row)
        state = _before(writing, event)
        written = change(writing, text, row, state, hand.author_id, reason="undone", operation=operation)
        written.revealed = earned(writing, hand)
        return written


def _latest(writing: Connection, hand: Hand) -> AnyRow | None:
    """Walks back over the person's changes; each undo on the way cancels the change before it."""
    undone = 0
    for event in _newest_first(writing, hand):
        if event.kind == UNDONE:
            undone += 1
        elif undone:
            undone -= 1
        else:
            return event
    return None


def _newest_first(writing: Connection, hand: Hand) -> Sequence[AnyRow]:
    return writing.execute(
        _changes(hand.reading_id)
        .where(Event.actor_id == hand.author_id, Event.kind.startswith("annotation."))
        .order_by(Event.seq.desc())
        .limit(_LOOK_BACK)
    ).all()


def _asked_for(writing: Connection, hand: Hand, uid: str, version: int | None) -> AnyRow | None:
    found = writing.execute(
        select(Annotation.id, Annotation.version).where(
            Annotation.uid == uid,
            Annotation.reading_id == hand.reading_id,
            Annotation.author_id == hand.author_id,
        )
    ).first()
    if found is None or found.version != version:
        raise Stale(_("It has been changed since, so it was not undone."))
    return writing.execute(
        _changes(hand.reading_id).where(Event.subject_id == found.id, Event.version == version).limit(1)
    ).first()


def _changes(reading_id: int) -> AnySelect:
    return (
        select(Event.kind, Event.subject_id, Event.version)
        .join(Stream, Stream.id == Event.stream_id)
        .where(Stream.reading_id == reading_id)
    )


def _before(writing: Connection, event: AnyRow) -> State:
    """What the annotation was before this event. Before it was made, it was not there."""
    if event.version == 1:
        return replace(state_in(writing, event.subject_id), deleted=True)
    kept = writing.execute(
        select(*AnnotationVersion.__table__.c).where(
            AnnotationVersion.annotation_id == event.subject_id,
            AnnotationVersion.version == event.version - 1,
        )
    ).first()
    if kept is None:
        # Taken away for good since then.
        raise Refused(_("There is nothing to undo."), status=409)
    span = TextSpan(kept.targets[0]["start"], kept.targets[0]["end"])
    return State(span, kept.note, tuple(kept.tags), kept.audience_id, kept.signed_as, kept.deleted)
