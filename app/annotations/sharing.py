"""Showing annotations to other people than now, deleting them, and bringing them back."""

from collections.abc import Sequence
from dataclasses import replace

from app.annotations.earning import earned
from app.annotations.hands import Hand
from app.annotations.states import changed_by, locked, state_of_row
from app.annotations.writing import Written, change, unchanged
from app.database import Db
from app.library.texts import text_of
from app.readings.models import PSEUDONYM
from app.readings.pseudonyms import name_oneself


def share(
    db: Db, hand: Hand, annotation_ids: Sequence[int], *, unveils: bool = False, operation: str = ""
) -> list[Written]:
    """Shows annotations of one's own to the people that the hand writes for, and signs them as it signs.

    A pseudonym stays unless the hand `unveils`. Replies that stand below stay with those for whom they were written.
    A form that comes again, told by its `operation`, changes nothing.
    """
    text = text_of(db, hand.revision_id)
    changed = []
    with db.changing() as writing:
        audience_id = hand.audience(writing)
        # All are locked before the first change takes its number: whoever changes one meanwhile waits for none.
        rows = [locked(writing, annotation_id) for annotation_id in sorted(annotation_ids)]
        if changed_by(writing, operation, hand.author_id, hand.reading_id):
            return []
        for row in rows:
            before = state_of_row(writing, row)
            signed_as = hand.signed_as if unveils else veiled(before.signed_as, hand.signed_as)
            after = replace(before, audience_id=audience_id, signed_as=signed_as)
            if after != before:
                changed.append(
                    change(writing, text, row, after, hand.author_id, reason="shared", operation=operation)
                )
        if hand.signed_as == PSEUDONYM:
            name_oneself(writing, hand.reading_id, hand.author_id)
        if changed:
            changed[-1].revealed = earned(writing, hand)
    return changed


def veiled(before: str, wanted: str) -> str:
    """The signature of a post that gets another one unasked: what was under a pseudonym stays so."""
    return PSEUDONYM if before == PSEUDONYM else wanted


def remove(db: Db, hand: Hand, annotation_id: int, operation: str = "") -> Written:
    """Deletes an annotation softly: it can be restored for 30 days."""
    return _flip(db, hand, annotation_id, operation, deleted=True)


def restore(db: Db, hand: Hand, annotation_id: int, operation: str = "") -> Written:
    """Brings a deleted annotation back."""
    return _flip(db, hand, annotation_id, operation, deleted=False)


def _flip(db: Db, hand: Hand, annotation_id: int, operation: str, *, deleted: bool) -> Written:
    text = text_of(db, hand.revision_id)
    with db.changing() as writing:
        row = locked(writing, annotation_id)
        before = state_of_row(writing, row)
        sent_before = changed_by(writing, operation, hand.author_id, hand.reading_id)
        if sent_before or before.deleted == deleted:
            return unchanged(writing, row)
        after = replace(before, deleted=deleted)
        reason = "deleted" if deleted else "restored"
        written = change(writing, text, row, after, hand.author_id, reason=reason, operation=operation)
        written.revealed = earned(writing, hand)
        return written
