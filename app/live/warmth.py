"""How many of the class marked each sentence, as what every student who sees the others' work may know."""

from dataclasses import dataclass

from app.annotations.crowd.heat import counts_in
from app.database import Db
from app.library.texts import RevisionText

STEPS = 5
"""Intensities that can be told apart on a wall."""
_FULL = 4
"""So many people at least make the greatest intensity: one mark alone is not on fire."""


@dataclass(frozen=True)
class Warmth:
    """A sentence, half-open in code points of the revision, how many marked it, and how strongly that shows."""

    start: int
    end: int
    people: int
    step: int


def warmth(db: Db, text: RevisionText, audience_id: int | None) -> dict[int, list[Warmth]]:
    """The sentences of each paragraph, by its key; cold all of them without an audience."""
    _people, found = counts_in(db, (audience_id,) if audience_id else ())
    most = max([_FULL, *(people for sentences in found.values() for people in sentences.values())])
    return {
        paragraph: [_warm(start, end, found[paragraph][n], most) for n, start, end in sentences]
        for paragraph, sentences in text.sentences.items()
    }


def _warm(start: int, end: int, people: int, most: int) -> Warmth:
    return Warmth(start, end, people, -(-STEPS * people // most))
