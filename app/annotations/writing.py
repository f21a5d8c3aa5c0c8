"""Making, changing, deleting and undoing annotations: each one short write that keeps the version before."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError

from app.annotations.anchoring import QuoteMismatch, check
from app.annotations.rows import (
    Met,
    State,
    add,
    aim,
    announce,
    drop_targets,
    keep_version,
    locked,
    met_by,
    paragraphs_of,
    put_tags,
    replace,
    retag,
    state_of_row,
)
from app.annotations.spans import EmptySpan, TextSpan
from app.database import AnyRow, Db
from app.errors import Refused
from app.identity import is_uid
from app.language import _
from app.library.texts import RevisionText, text_of


@dataclass(frozen=True)
class Hand:
    """Who writes, where, and for whom to see."""

    author_id: int
    reading_id: int
    revision_id: int
    audience_id: int


@dataclass
class Written:
    """What a write did: the annotation's key, uid and version, the paragraphs to draw again, and which it was."""

    id: int
    uid: str
    version: int
    did: str
    paragraphs: set[int] = field(default_factory=set)
    # The tag that was put on or taken off.
    tag_id: int | None = None

    # Whether it took an earlier change back, so that there is nothing to offer to undo.
    undone: bool = False


class Stale(Refused):
    """Somebody, perhaps the same person in another tab, changed it in the meantime."""

    status = 409


def settled(text: RevisionText, start: int, end: int, exact: str) -> TextSpan:
    """The span of these words, checked against the text and widened to whole graphemes. Refused when they differ."""
    try:
        return check(text.text, start, end, exact)
    except EmptySpan:
        raise Refused(_("There are no words in the selection."), field="exact") from None
    except (QuoteMismatch, ValueError):
        raise Refused(
            _("Those words are not where the page said they are. Select them again."), field="exact"
        ) from None


def annotate(db: Db, hand: Hand, uid: str, span: TextSpan, tag_ids: Sequence[int], note: str) -> Written:
    """Marks words, or adds to what this person marked on the very same words.

    The same words with another tag make one annotation with two tags; the same tag again takes it off. A retry with
    the same `uid` changes nothing; the same `uid` with other content is refused (409).
    """
    if not is_uid(uid):
        raise Refused(_("The form has no proper id. Load the page again."), field="uid")
    text = text_of(db, hand.revision_id)
    try:
        return _annotate(db, hand, text, uid, State(span, note, tuple(tag_ids)))
    except IntegrityError:
        return _annotate(db, hand, text, uid, State(span, note, tuple(tag_ids)))


def _annotate(db: Db, hand: Hand, text: RevisionText, uid: str, state: State) -> Written:
    first = text.at(state.span.start).id
    with db.changing() as writing:
        met = met_by(writing, uid, hand.reading_id, hand.author_id, hand.audience_id, first, state.span)
        if sent := _sent_before(writing, hand, uid, state, met):
            return sent
        same = met.same_words
        if same and (merged := _merged(state_of_row(writing, same), state)):
            written = _change(writing, text, same, merged, hand.author_id, reason="edited", operation=uid)
            written.tag_id = next(iter(state.tags), None)
            return written
        return _create(writing, hand, text, uid, state)


def _sent_before(writing: Connection, hand: Hand, uid: str, state: State, met: Met) -> Written | None:
    row = met.called
    if row is None:
        return _unchanged(writing, met.changed) if met.changed else None
    if row.author_id != hand.author_id or row.reading_id != hand.reading_id:
        raise Stale(_("That id is taken. Send it again."), field="uid")
    before = state_of_row(writing, row)
    if row.operation == uid and (before.span, before.note, set(before.tags)) != (
        state.span,
        state.note,
        set(state.tags),
    ):
        raise Stale(
            _("This form was sent before with other content. Send it again to add a new note."), field="uid"
        )
    return _unchanged(writing, row)


def _unchanged(writing: Connection, row: AnyRow) -> Written:
    return Written(row.id, row.uid, row.version, "unchanged", paragraphs_of(writing, row.id))


def _merged(before: State, new: State) -> State | None:
    """The two as one annotation; None when both have notes, which stay two."""
    if new.note and before.note:
        return None
    tags = [tag for tag in before.tags if tag not in new.tags] + [
        tag for tag in new.tags if tag not in before.tags
    ]
    note = before.note or new.note
    return State(before.span, note, tuple(tags), deleted=not tags and not note)


def _create(writing: Connection, hand: Hand, text: RevisionText, uid: str, state: State) -> Written:
    if not state.tags and not state.note:
        raise Refused(_("Choose a tag or write a note."), field="tag")
    annotation_id = add(writing, uid, hand.reading_id, hand.author_id, hand.audience_id, state)
    touched = aim(writing, text, annotation_id, state.span)
    put_tags(writing, annotation_id, state.tags)
    announce(
        writing,
        hand.reading_id,
        hand.audience_id,
        hand.author_id,
        touched,
        "annotation.created",
        annotation_id,
        1,
    )
    return Written(annotation_id, uid, 1, "created", touched, next(iter(state.tags), None))


def revise(db: Db, hand: Hand, annotation_id: int, version: int, state: State) -> Written:
    """Gives an annotation new words, tags or note. Stale (409) when it is no longer at `version`."""
    text = text_of(db, hand.revision_id)
    if not state.tags and not state.note:
        raise Refused(_("Choose a tag or write a note, or delete the annotation."), field="tag")
    with db.changing() as writing:
        row = locked(writing, annotation_id)
        if row.version != version:
            return _only_if_the_same(writing, row, state)
        return _change(writing, text, row, state, hand.author_id, reason="edited")


def remove(db: Db, hand: Hand, annotation_id: int) -> Written:
    """Deletes an annotation softly: it can be restored for 30 days."""
    return _flip(db, hand, annotation_id, deleted=True)


def restore(db: Db, hand: Hand, annotation_id: int) -> Written:
    """Brings a deleted annotation back."""
    return _flip(db, hand, annotation_id, deleted=False)


def _flip(db: Db, hand: Hand, annotation_id: int, *, deleted: bool) -> Written:
    text = text_of(db, hand.revision_id)
    with db.changing() as writing:
        row = locked(writing, annotation_id)
        before = state_of_row(writing, row)
        if before.deleted == deleted:
            return _unchanged(writing, row)
        after = State(before.span, before.note, before.tags, deleted)
        return _change(writing, text, row, after, hand.author_id, reason="deleted" if deleted else "restored")


def change_in(
    writing: Connection, text: RevisionText, annotation_id: int, state: State, actor_id: int, *, reason: str
) -> Written:
    """Takes an annotation to `state` inside a write that is under way."""
    return _change(writing, text, locked(writing, annotation_id), state, actor_id, reason=reason)


def _only_if_the_same(writing: Connection, row: AnyRow, state: State) -> Written:
    """A retry of an edit that went through asks for what is there already."""
    present = state_of_row(writing, row)
    if (present.span, present.note, set(present.tags)) == (state.span, state.note, set(state.tags)):
        return _unchanged(writing, row)
    raise Stale(
        _("This was changed in the meantime. Both texts are shown; keep what you want and save again.")
    )


def _change(
    writing: Connection,
    text: RevisionText,
    row: AnyRow,
    after: State,
    actor_id: int,
    *,
    reason: str,
    operation: str | None = None,
) -> Written:
    before = state_of_row(writing, row)
    keep_version(writing, row, before, actor_id, reason)
    touched = paragraphs_of(writing, row.id)
    if after.span != before.span:
        drop_targets(writing, row.id)
        touched |= aim(writing, text, row.id, after.span)
    retag(writing, row.id, before, after)
    replace(writing, row, after, operation or row.operation)
    announce(
        writing,
        row.reading_id,
        row.audience_id,
        actor_id,
        touched,
        f"annotation.{reason}",
        row.id,
        row.version + 1,
    )
    did = "deleted" if after.deleted else "restored" if before.deleted else reason
    return Written(row.id, row.uid, row.version + 1, did, touched, undone=reason == "undone")
