"""What one change redraws: the paragraphs it touched, their cards, the count, and a message that offers to undo it."""

from collections.abc import Set
from dataclasses import dataclass
from typing import Any

from app.annotations.cards import count_in
from app.annotations.crowd.heat import heat
from app.annotations.drawing import ParagraphView, clocks, draw_paragraphs
from app.annotations.hands import Hand
from app.annotations.writing import Written
from app.codebook.models import tag_name
from app.database import Db
from app.discussion.margins import Margin
from app.discussion.news import done_to
from app.language import _
from app.library.texts import RevisionText, text_of
from app.readings.prompts import prompts_of
from app.readings.seats import Standing


@dataclass(frozen=True)
class ToastView:
    """A short message, and the change that it offers to undo; `undo` is the address, or None."""

    text: str
    undo: str | None
    annotation: str
    version: int


def changed(db: Db, hand: Hand, standing: Standing, reading_uid: str, written: Written) -> dict[str, Any]:
    """The context of `annotations/changed.html` for somebody who stands so in the reading."""
    text = text_of(db, hand.revision_id)
    context = redrawn(db, text, standing, written.paragraphs)
    context |= {"done": done_to(db, standing, written.id) if standing.seat else ""}
    return context | {"toast": _toast(db, reading_uid, written), "revealed": written.revealed}


def redrawn(db: Db, text: RevisionText, standing: Standing, touched: Set[int]) -> dict[str, Any]:
    """The paragraphs with these keys, their cards, how many annotations there are, and where the class marked."""
    ordinals = sorted(p.ordinal for p in text.paragraphs if p.id in touched)
    paragraphs: list[ParagraphView] = []
    for first, last in _stretches(ordinals):
        ticks = clocks(db, text.id, standing.sight.audiences, first, last)
        paragraphs += draw_paragraphs(db, text, standing, ticks, first, last)
    asked = prompts_of(db, standing, text) if standing.seat else {}
    return {
        "paragraphs": paragraphs,
        "groups": Margin(db, text, standing, paragraphs).groups(asked),
        "count": count_in(db, standing),
        "heat": heat(db, text, standing),
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
        "shared": _("Others see it as you chose."),
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
