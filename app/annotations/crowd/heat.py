"""Heat: how many people marked each paragraph, and how many students each sentence, as far as a viewer may see."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import select

from app.annotations.crowd.others import DENSITY, STEPS, density_in
from app.annotations.crowd.window import COUNTED
from app.annotations.drawing import changes
from app.annotations.models import ParagraphCount
from app.database import Db, table_of
from app.library.texts import RevisionText
from app.readings.models import Audience
from app.readings.seats import Standing
from app.readings.view import WHOLE

_count, _audience = table_of(ParagraphCount).c, table_of(Audience).c
_COUNTS = (
    select(_count.paragraph_id, _count.people, _audience.by_staff, DENSITY)
    .join(table_of(Audience), _audience.id == _count.audience_id)
    .where(_count.audience_id.in_(COUNTED))
)


@dataclass(frozen=True, slots=True)
class Cell:
    """A paragraph in a strip: where it stands there, in thousandths of the whole, and how many people marked it."""

    n: int
    start: int
    length: int
    people: int
    # How many marked each of its sentences, and of the one that most did, as a step from 0, nobody, to STEPS.
    sentences: tuple[int, ...]
    step: int

    @property
    def most(self) -> int:
        """How many marked the sentence that most did."""
        return max(self.sentences, default=0)


class Heat(NamedTuple):
    """A cell for each paragraph, and what the strip is kept under: it is the same for all for whom the same counts."""

    key: tuple[object, ...]
    cells: list[Cell]


def heat(db: Db, text: RevisionText, standing: Standing) -> Heat | None:
    """Where the class marked; None where there is no class, where a viewer is blind to its work, and for a book.

    (A book is drawn in windows, and its paragraphs are too many to be told apart in a strip.)
    """
    if standing.seat is None or standing.seat.is_blind or len(text.paragraphs) > WHOLE:
        return None
    counted = standing.sight.counted
    key = ("heat", text.id, counted, changes(db, counted))
    return Heat(key, db.database.drawn.made(key, lambda: _cells(db, text, counted), _weight))


def _weight(cells: list[Cell]) -> int:
    return 200 * len(cells)


def _cells(db: Db, text: RevisionText, counted: Sequence[int]) -> list[Cell]:
    people, density = counts_in(db, counted)
    most = max((n for its in density.values() for n in its.values()), default=1)
    whole = sum(p.end - p.start for p in text.paragraphs)
    cells, at = [], 0
    for p in text.paragraphs:
        marked = tuple(density[p.id][n] for n, _start, _end in text.sentences[p.id])
        start, at = 1000 * at // whole, at + p.end - p.start
        step = -(-STEPS * max(marked, default=0) // most)
        cells.append(Cell(p.ordinal, start, 1000 * at // whole - start, people[p.id], marked, step))
    return cells


def counts_in(db: Db, counted: Sequence[int]) -> tuple[Counter[int], dict[int, Counter[int]]]:
    """By paragraph's key, how many people marked or wrote something, and how many students marked each sentence.

    As the counts that stand under these audiences add up to.
    """
    people: Counter[int] = Counter()
    density: dict[int, Counter[int]] = defaultdict(Counter)
    if not counted:
        return people, density
    for paragraph, number, by_staff, dense in db.ask(_COUNTS, {"counted": counted}):
        # What staff wrote for peers is counted apart.
        people[paragraph] += 0 if by_staff else number
        density[paragraph].update(density_in(dense))
    return people, density
