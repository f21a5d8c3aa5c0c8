"""How many of the class marked each sentence, as what every student who sees the others' work may know."""

from dataclasses import dataclass

from sqlalchemy import and_, bindparam, select

from app.annotations.models import Density
from app.database import Db, table_of
from app.library.models import Paragraph, Sentence

STEPS = 5
"""Intensities that can be told apart on a wall."""
_FULL = 4
"""So many people at least make the greatest intensity: one mark alone is not on fire."""

_density, _sentence, _paragraph = table_of(Density).c, table_of(Sentence).c, table_of(Paragraph).c
_HEAT = (
    select(_sentence.paragraph_id, _sentence.start, _sentence.end, _density.people)
    .join(table_of(Paragraph), _paragraph.id == _sentence.paragraph_id)
    .outerjoin(
        table_of(Density),
        and_(
            _density.audience_id == bindparam("audience"),
            _density.paragraph_id == _sentence.paragraph_id,
            _density.sentence == _sentence.n,
            _density.tag_id == 0,
            _density.also_id == 0,
        ),
    )
    .where(_paragraph.revision_id == bindparam("revision"))
    .order_by(_paragraph.ordinal, _sentence.n)
)


@dataclass(frozen=True)
class Warmth:
    """A sentence, half-open in code points of the revision, how many marked it, and how strongly that shows."""

    start: int
    end: int
    people: int
    step: int


def heat(db: Db, revision_id: int, audience_id: int | None) -> dict[int, list[Warmth]]:
    """The sentences of each paragraph, by its key; cold all of them without an audience."""
    rows = db.ask(_HEAT, {"revision": revision_id, "audience": audience_id or 0}).all()
    most = max([_FULL, *(row.people or 0 for row in rows)])
    found: dict[int, list[Warmth]] = {}
    for row in rows:
        people = row.people or 0
        warmth = Warmth(row.start, row.end, people, -(-STEPS * people // most))
        found.setdefault(row.paragraph_id, []).append(warmth)
    return found
