"""What one change redraws: the paragraphs it touched, their cards, the count, and a message that offers to undo it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.annotations.cards import count_in, groups
from app.annotations.drawing import ParagraphView, clocks, draw_paragraphs
from app.annotations.writing import Hand, Written
from app.codebook.models import tag_name
from app.database import Db
from app.language import _
from app.library.texts import text_of


@dataclass(frozen=True)
class ToastView:
    """A short message, and the change that it offers to undo; `undo` is the address, or None."""

    text: str
    undo: str | None
    annotation: str
    version: int


def changed(
    db: Db, hand: Hand, audiences: Sequence[int], reading_uid: str, written: Written
) -> dict[str, Any]:
    """The context of `annotations/changed.html` for somebody in these audiences."""
    text = text_of(db, hand.revision_id)
    ordinals = sorted(p.ordinal for p in text.paragraphs if p.id in written.paragraphs)
    paragraphs: list[ParagraphView] = []
    for first, last in _stretches(ordinals):
        ticks = clocks(db, text.id, audiences, first, last)
        paragraphs += draw_paragraphs(db, text, audiences, ticks, first, last)
    return {
        "paragraphs": paragraphs,
        "groups": groups(db, text, paragraphs, hand.author_id),
        "count": count_in(db, hand.reading_id, audiences),
        "toast": _toast(db, reading_uid, written),
    }


def _stretches(ordinals: list[int]) -> list[tuple[int, int]]:
    """Neighbouring ordinals as (first, last), so that far-apart paragraphs do not draw all between."""
    stretches: list[tuple[int, int]] = []
    for n in ordinals:
        if stretches and stretches[-1][1] == n - 1:
            stretches[-1] = (stretches[-1][0], n)
        else:
            stretches.append((n, n))
    return stretches


def _toast(db: Db, reading_uid: str, written: Written) -> ToastView | None:
    words = {
        "created": _("Marked."),
        "edited": _("Saved."),
        "deleted": _("Deleted."),
        "restored": _("Brought back."),
        "undone": _("Undone."),
    }
    if written.did not in words:
        return None
    text = words[written.did]
    if written.did == "created" and written.tag_id:
        text = _("Marked as %(tag)s.") % {"tag": tag_name(db, written.tag_id)}
    address = None if written.undone else f"/readings/{reading_uid}/undo"
    return ToastView(text, address, written.uid, written.version)
