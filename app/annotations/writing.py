"""Making, changing, deleting and undoing annotations: each one short write that keeps the version before."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.activity.models import record
from app.annotations.anchoring import QuoteMismatch, check
from app.annotations.models import Annotation, AnnotationTag, AnnotationVersion, Target, TargetParagraph
from app.annotations.spans import EmptySpan, TextSpan, cut, quote
from app.database import AnyRow, Db, now
from app.errors import NotFound, Refused
from app.identity import is_uid
from app.language import _
from app.library.texts import RevisionText, text_of
from app.readings.models import Clock


@dataclass(frozen=True)
class Hand:
    """Who writes, where, and for whom to see."""

    author_id: int
    reading_id: int
    revision_id: int
    audience_id: int


@dataclass(frozen=True)
class State:
    """What of an annotation can change: its words, tags, note, and whether it is there."""

    span: TextSpan
    note: str
    tags: tuple[int, ...]
    deleted: bool = False


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
    with db.writing() as writing:
        if sent := _sent_before(writing, hand, uid, state):
            return sent
        same = _on_the_same_words(writing, hand, state)
        if same and (merged := _merged(_state(writing, same), state)):
            written = _change(writing, text, same, merged, hand.author_id, reason="edited", operation=uid)
            written.tag_id = next(iter(state.tags), None)
            return written
        return _create(writing, hand, text, uid, state)


def _sent_before(writing: Session, hand: Hand, uid: str, state: State) -> Written | None:
    row = _row(writing, Annotation.uid == uid)
    if row is None:
        changed = _row(writing, Annotation.operation == uid, Annotation.author_id == hand.author_id)
        return _unchanged(writing, changed) if changed else None
    if row.author_id != hand.author_id or row.reading_id != hand.reading_id:
        raise Stale(_("That id is taken. Send it again."), field="uid")
    before = _state(writing, row)
    if row.operation == uid and (before.span, before.note, set(before.tags)) != (
        state.span,
        state.note,
        set(state.tags),
    ):
        raise Stale(
            _("This form was sent before with other content. Send it again to add a new note."), field="uid"
        )
    return _unchanged(writing, row)


def _unchanged(writing: Session, row: AnyRow) -> Written:
    return Written(row.id, row.uid, row.version, "unchanged", _paragraphs_of(writing, row.id))


def _on_the_same_words(writing: Session, hand: Hand, state: State) -> AnyRow | None:
    return _row(
        writing,
        Annotation.reading_id == hand.reading_id,
        Annotation.author_id == hand.author_id,
        Annotation.audience_id == hand.audience_id,
        Annotation.deleted_at.is_(None),
        Target.start == state.span.start,
        Target.end == state.span.end,
    )


def _merged(before: State, new: State) -> State | None:
    """The two as one annotation; None when both have notes, which stay two."""
    if new.note and before.note:
        return None
    tags = [tag for tag in before.tags if tag not in new.tags] + [
        tag for tag in new.tags if tag not in before.tags
    ]
    note = before.note or new.note
    return State(before.span, note, tuple(tags), deleted=not tags and not note)


def _create(writing: Session, hand: Hand, text: RevisionText, uid: str, state: State) -> Written:
    if not state.tags and not state.note:
        raise Refused(_("Choose a tag or write a note."), field="tag")
    at = now()
    annotation_id = writing.execute(
        insert(Annotation)
        .values(
            uid=uid,
            reading_id=hand.reading_id,
            author_id=hand.author_id,
            audience_id=hand.audience_id,
            motivation=_motivation(state),
            note=state.note,
            operation=uid,
            version=1,
            created=at,
            modified=at,
        )
        .returning(Annotation.id)
    ).scalar_one()
    touched = _aim(writing, text, annotation_id, state.span)
    _tag(writing, annotation_id, state.tags)
    _announce(
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
    with db.writing() as writing:
        row = _locked(writing, annotation_id)
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
    with db.writing() as writing:
        row = _locked(writing, annotation_id)
        before = _state(writing, row)
        if before.deleted == deleted:
            return _unchanged(writing, row)
        after = State(before.span, before.note, before.tags, deleted)
        return _change(writing, text, row, after, hand.author_id, reason="deleted" if deleted else "restored")


def state_in(session: Session, annotation_id: int) -> State:
    """An annotation as it is now. NotFound when there is none."""
    row = _row(session, Annotation.id == annotation_id)
    if row is None:
        raise NotFound
    return _state(session, row)


def change_in(
    writing: Session, text: RevisionText, annotation_id: int, state: State, actor_id: int, *, reason: str
) -> Written:
    """Takes an annotation to `state` inside a write that is under way."""
    return _change(writing, text, _locked(writing, annotation_id), state, actor_id, reason=reason)


def _only_if_the_same(writing: Session, row: AnyRow, state: State) -> Written:
    """A retry of an edit that went through asks for what is there already."""
    present = _state(writing, row)
    if (present.span, present.note, set(present.tags)) == (state.span, state.note, set(state.tags)):
        return _unchanged(writing, row)
    raise Stale(
        _("This was changed in the meantime. Both texts are shown; keep what you want and save again.")
    )


def _change(
    writing: Session,
    text: RevisionText,
    row: AnyRow,
    after: State,
    actor_id: int,
    *,
    reason: str,
    operation: str | None = None,
) -> Written:
    before = _state(writing, row)
    _keep_version(writing, row, before, actor_id, reason)
    touched = _paragraphs_of(writing, row.id)
    if after.span != before.span:
        writing.execute(delete(Target).where(Target.annotation_id == row.id))
        touched |= _aim(writing, text, row.id, after.span)
    if set(after.tags) != set(before.tags):
        writing.execute(
            delete(AnnotationTag).where(
                AnnotationTag.annotation_id == row.id, AnnotationTag.tag_id.not_in(after.tags)
            )
        )
        _tag(writing, row.id, [tag for tag in after.tags if tag not in before.tags])
    at = now()
    writing.execute(
        update(Annotation)
        .where(Annotation.id == row.id)
        .values(
            note=after.note,
            motivation=_motivation(after),
            version=row.version + 1,
            modified=at,
            deleted_at=at if after.deleted else None,
            operation=operation or row.operation,
        )
    )
    _announce(
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


def _keep_version(writing: Session, row: AnyRow, before: State, by_id: int, reason: str) -> None:
    writing.execute(
        insert(AnnotationVersion).values(
            annotation_id=row.id,
            version=row.version,
            audience_id=row.audience_id,
            note=before.note,
            tags=list(before.tags),
            targets=[{"start": before.span.start, "end": before.span.end}],
            deleted=before.deleted,
            by_id=by_id,
            at=now(),
            reason=reason,
        )
    )


def _aim(writing: Session, text: RevisionText, annotation_id: int, span: TextSpan) -> set[int]:
    """Adds the target and its part in each paragraph; returns the paragraphs' keys."""
    words = quote(text.text, span)
    target_id = writing.execute(
        insert(Target)
        .values(
            annotation_id=annotation_id,
            ordinal=0,
            revision_id=text.id,
            kind="span",
            start=span.start,
            end=span.end,
            exact=words.exact,
            prefix=words.prefix,
            suffix=words.suffix,
            status="exact",
        )
        .returning(Target.id)
    ).scalar_one()
    parts = cut(span, text.blocks)
    writing.execute(
        insert(TargetParagraph),
        [
            {"target_id": target_id, "paragraph_id": paragraph.id, "start": part.start, "end": part.end}
            for paragraph, part in parts
        ],
    )
    return {paragraph.id for paragraph, _part in parts}


def _tag(writing: Session, annotation_id: int, tag_ids: Iterable[int]) -> None:
    if rows := [{"annotation_id": annotation_id, "tag_id": tag_id} for tag_id in tag_ids]:
        writing.execute(insert(AnnotationTag), rows)


def _announce(
    writing: Session,
    reading_id: int,
    audience_id: int,
    actor_id: int,
    paragraphs: set[int],
    kind: str,
    annotation_id: int,
    version: int,
) -> None:
    """Ticks the clocks of the audience's paragraphs, in key order, and records the event."""
    dialect = postgresql if writing.get_bind().dialect.name == "postgresql" else sqlite
    statement = dialect.insert(Clock)
    writing.execute(
        statement.on_conflict_do_update(
            index_elements=["audience_id", "paragraph_id"], set_={"version": Clock.version + 1}
        ),
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


def _motivation(state: State) -> str:
    if state.note:
        return "commenting"
    return "classifying" if state.tags else "highlighting"


_COLUMNS = (
    Annotation.id,
    Annotation.uid,
    Annotation.reading_id,
    Annotation.author_id,
    Annotation.audience_id,
    Annotation.note,
    Annotation.operation,
    Annotation.version,
    Annotation.deleted_at,
    Target.start,
    Target.end,
)


def _row(session: Session, *conditions: Any) -> AnyRow | None:
    return session.execute(
        select(*_COLUMNS).join(Target, Target.annotation_id == Annotation.id).where(*conditions).limit(1)
    ).first()


def _locked(writing: Session, annotation_id: int) -> AnyRow:
    """The annotation, locked against other writers where the database has them."""
    row = writing.execute(
        select(*_COLUMNS)
        .join(Target, Target.annotation_id == Annotation.id)
        .where(Annotation.id == annotation_id)
        .with_for_update(of=Annotation)
    ).first()
    if row is None:
        raise NotFound
    return row


def _state(session: Session, row: AnyRow) -> State:
    tags = session.scalars(
        select(AnnotationTag.tag_id).where(AnnotationTag.annotation_id == row.id).order_by(AnnotationTag.id)
    ).all()
    return State(TextSpan(row.start, row.end), row.note, tuple(tags), row.deleted_at is not None)


def _paragraphs_of(session: Session, annotation_id: int) -> set[int]:
    return set(
        session.scalars(
            select(TargetParagraph.paragraph_id)
            .join(Target, Target.id == TargetParagraph.target_id)
            .where(Target.annotation_id == annotation_id)
        )
    )
