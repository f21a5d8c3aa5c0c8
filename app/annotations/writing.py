"""Making, changing, deleting and undoing annotations: each one short write that keeps the version before."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError

from app.activity.models import record
from app.annotations.anchoring import QuoteMismatch, check
from app.annotations.crowd.counting import count_added, count_changed
from app.annotations.earning import earned
from app.annotations.hands import Hand
from app.annotations.rows import (
    add,
    aim,
    announce,
    drop_targets,
    keep_version,
    put_tags,
    replace_row,
    retag,
)
from app.annotations.spans import EmptySpan, TextSpan
from app.annotations.states import (
    MARK,
    Met,
    Nature,
    State,
    alone,
    hearing,
    lock,
    locked,
    met_by,
    paragraphs_of,
    state_of_row,
)
from app.database import AnyRow, Db
from app.errors import Refused
from app.identity import is_uid
from app.language import _
from app.library.texts import RevisionText, text_of
from app.readings.models import PSEUDONYM
from app.readings.pseudonyms import name_oneself

WITHDRAWN = "post.withdrawn"
"""The event of a post that is for other people from now on."""


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
    # Whether it opened what others wrote to its author.
    revealed: bool = False


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


def annotate(
    db: Db,
    hand: Hand,
    uid: str,
    span: TextSpan,
    tag_ids: Sequence[int],
    note: str,
    nature: Nature = MARK,
) -> Written:
    """Marks words, or adds to what this person marked on the very same words for the same people.

    The same words with another tag make one annotation with two tags; the same tag again takes it off. What has
    another `nature` than a plain mark (a reply, a question, a note on a paragraph) always stands by itself. A retry
    with the same `uid` changes nothing; the same `uid` with other content is refused (409).
    """
    if not is_uid(uid):
        raise Refused(_("The form has no proper id. Load the page again."), field="uid")
    text = text_of(db, hand.revision_id)
    new = _New(text, uid, span, tuple(tag_ids), note, nature)
    try:
        return _annotate(db, hand, new)
    except IntegrityError:
        return _annotate(db, hand, new)


@dataclass(frozen=True)
class _New:
    """What is to be written, before it is known whom it is for."""

    text: RevisionText
    uid: str
    span: TextSpan
    tags: tuple[int, ...]
    note: str
    nature: Nature


def _annotate(db: Db, hand: Hand, new: _New) -> Written:
    first = new.text.at(new.span.start).id
    with db.changing() as writing:
        state = State(new.span, new.note, new.tags, hand.audience(writing), hand.signed_as)
        wanted = (new.uid, hand.reading_id, hand.author_id, state, first)
        met = met_by(writing, *wanted)
        if met.same_words and lock(writing, met.same_words.id):
            met = met_by(writing, *wanted)
        if sent := _sent_before(writing, hand, new.uid, state, met):
            return sent
        same = met.same_words if new.nature == MARK else None
        asks = same is not None and same.motivation == "questioning"
        if same and (merged := _merged(state_of_row(writing, same), state, asks=asks)):
            written = change(
                writing, new.text, same, merged, hand.author_id, reason="edited", operation=new.uid
            )
            written.tag_id = next(iter(state.tags), None)
            return written
        written = _create(writing, hand, new, state)
        written.revealed = earned(writing, hand)
        return written


def _sent_before(writing: Connection, hand: Hand, uid: str, state: State, met: Met) -> Written | None:
    row = met.called
    if row is None:
        return unchanged(writing, met.changed) if met.changed else None
    if row.author_id != hand.author_id or row.reading_id != hand.reading_id:
        raise Stale(_("That id is taken. Send it again."), field="uid")
    before = state_of_row(writing, row)
    if row.operation == uid and not _same(before, state):
        raise Stale(
            _("This form was sent before with other content. Send it again to add a new note."), field="uid"
        )
    return unchanged(writing, row)


def _same(one: State, other: State) -> bool:
    """Whether two say the same of the same words."""
    return (one.span, one.note, set(one.tags)) == (other.span, other.note, set(other.tags))


def unchanged(writing: Connection, row: AnyRow) -> Written:
    """What a form that comes again did: nothing."""
    return Written(row.id, row.uid, row.version, "unchanged", paragraphs_of(writing, row.id))


def _merged(before: State, new: State, *, asks: bool) -> State | None:
    """The two as one annotation, gone with its last tag unless it asks; None when both have notes, which stay two."""
    if new.note and before.note:
        return None
    tags = [tag for tag in before.tags if tag not in new.tags] + [
        tag for tag in new.tags if tag not in before.tags
    ]
    note = before.note or new.note
    return replace(before, note=note, tags=tuple(tags), deleted=not (tags or note or asks))


def _create(writing: Connection, hand: Hand, new: _New, state: State) -> Written:
    if not state.tags and not state.note and not new.nature.asks:
        raise Refused(_("Choose a tag or write a note."), field="tag")
    annotation_id = add(writing, new.uid, hand.reading_id, hand.author_id, state, new.nature)
    touched = aim(writing, new.text, annotation_id, hand.author_id, state.span, new.nature.kind)
    put_tags(writing, annotation_id, state.tags)
    heard = hearing(writing, hand.reading_id, state.audience_id, _above(new.nature.root_id))
    audiences = heard | {hand.me(writing)}
    who = (hand.reading_id, audiences, state.audience_id, hand.author_id)
    announce(writing, *who, touched, "annotation.created", annotation_id, 1)
    count_added(writing, hand, new.text, annotation_id, new.nature, state, touched)
    if hand.signed_as == PSEUDONYM:
        name_oneself(writing, hand.reading_id, hand.author_id)
    return Written(annotation_id, new.uid, 1, "created", touched, next(iter(state.tags), None))


def _above(root_id: int | None) -> list[int]:
    return [] if root_id is None else [root_id]


def revise(db: Db, hand: Hand, annotation_id: int, version: int, state: State) -> Written:
    """Gives an annotation new words, tags, note or audience. Stale (409) when it is no longer at `version`."""
    text = text_of(db, hand.revision_id)
    with db.changing() as writing:
        row = locked(writing, annotation_id)
        if not state.tags and not state.note and row.motivation != "questioning":
            raise Refused(_("Choose a tag or write a note, or delete the annotation."), field="tag")
        if row.version != version:
            return _only_if_the_same(writing, row, state)
        written = change(writing, text, row, state, hand.author_id, reason="edited")
        if state.signed_as == PSEUDONYM:
            name_oneself(writing, hand.reading_id, hand.author_id)
        written.revealed = earned(writing, hand)
        return written


def change_in(
    writing: Connection, text: RevisionText, annotation_id: int, state: State, actor_id: int, *, reason: str
) -> Written:
    """Takes an annotation to `state` inside a write that is under way."""
    return change(writing, text, locked(writing, annotation_id), state, actor_id, reason=reason)


def _only_if_the_same(writing: Connection, row: AnyRow, state: State) -> Written:
    """A retry of an edit that went through asks for what is there already."""
    present = state_of_row(writing, row)
    if _same(present, state) and present.audience_id == state.audience_id:
        return unchanged(writing, row)
    raise Stale(
        _("This was changed in the meantime. Both texts are shown; keep what you want and save again.")
    )


def change(
    writing: Connection,
    text: RevisionText,
    row: AnyRow,
    after: State,
    actor_id: int,
    *,
    reason: str,
    operation: str | None = None,
) -> Written:
    """Takes the annotation of a locked row to its next state, and keeps the version before."""
    before = state_of_row(writing, row)
    keep_version(writing, row, before, actor_id, reason)
    touched = paragraphs_of(writing, row.id)
    if after.span != before.span:
        drop_targets(writing, row.id)
        touched |= aim(writing, text, row.id, row.author_id, after.span, row.kind)
    retag(writing, row.id, before, after)
    is_hidden = replace_row(writing, row, after, operation or row.operation)
    me = alone(writing, row.reading_id, row.author_id)
    _tell(writing, row, (before, after), actor_id, reason, me, touched)
    if not {before.audience_id, after.audience_id} <= me:
        count_changed(writing, text, row, (before, after), touched, is_hidden=is_hidden)
    did = "deleted" if after.deleted else "restored" if before.deleted else reason
    return Written(row.id, row.uid, row.version + 1, did, touched, undone=reason == "undone")


def _tell(
    writing: Connection,
    row: AnyRow,
    states: tuple[State, State],
    actor_id: int,
    reason: str,
    me: set[int],
    touched: set[int],
) -> None:
    """Announces a change to those who see the annotation now or did before."""
    before, after = states
    audiences = set(me)
    for audience_id in {before.audience_id, after.audience_id}:
        audiences |= hearing(writing, row.reading_id, audience_id, _above(row.root_id))
    who = (row.reading_id, audiences, after.audience_id, actor_id)
    announce(writing, *who, touched, f"annotation.{reason}", row.id, row.version + 1)
    if after.audience_id != before.audience_id:
        # Those who do not see it any more learn that something is gone, and not where to.
        record(
            writing,
            reading_id=row.reading_id,
            kind=WITHDRAWN,
            actor_id=actor_id,
            audience_id=before.audience_id,
            subject_id=row.id,
            version=row.version + 1,
        )
