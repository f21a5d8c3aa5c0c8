"""Heat: how many students marked each paragraph and each sentence of a text, as far as a viewer may see."""

from collections import Counter, defaultdict
from dataclasses import dataclass

from sqlalchemy import bindparam, func, select

from app.annotations.crowd.others import DENSITY, STEPS, density_in
from app.annotations.crowd.window import COUNTED
from app.annotations.models import Annotation, ParagraphCount, Target, TargetParagraph
from app.courses.models import STAFF, Membership
from app.database import Db, table_of
from app.library.texts import RevisionText
from app.readings.models import ME, Audience
from app.readings.seats import Standing
from app.readings.view import WHOLE

_count, _audience = table_of(ParagraphCount).c, table_of(Audience).c
_part, _target, _annotation = table_of(TargetParagraph).c, table_of(Target).c, table_of(Annotation).c
_membership = table_of(Membership).c
_COUNTS = (
    select(_count.paragraph_id, _count.people, _audience.by_staff, DENSITY)
    .join(table_of(Audience), _audience.id == _count.audience_id)
    .where(_count.audience_id.in_(COUNTED))
)
_STAFF = select(_membership.user_id).where(
    _membership.course_id == bindparam("course"), _membership.role.in_(STAFF)
)
_BY_STAFF = (
    select(_part.paragraph_id, func.count(_part.author_id.distinct()))
    .join(table_of(Target), _target.id == _part.target_id)
    .join(table_of(Annotation), _annotation.id == _target.annotation_id)
    .join(table_of(Audience), _audience.id == _annotation.audience_id)
    .where(
        _part.paragraph_id.in_(bindparam("paragraphs", expanding=True)),
        _part.author_id.in_(bindparam("staff", expanding=True)),
        _annotation.reading_id == bindparam("reading"),
        _annotation.root_id.is_(None),
        _annotation.deleted_at.is_(None),
        _audience.kind != ME,
    )
    .group_by(_part.paragraph_id)
)


@dataclass(frozen=True, slots=True)
class Cell:
    """A paragraph in a strip: where it stands there, in thousandths of the whole, and how many students marked it."""

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


def heat(db: Db, text: RevisionText, standing: Standing) -> list[Cell] | None:
    """A cell for each paragraph; None where there is no class, where a viewer is blind to its work, and for a book.

    (A book is drawn in windows, and its paragraphs are too many to be told apart in a strip.)
    """
    if standing.seat is None or standing.seat.is_blind or len(text.paragraphs) > WHOLE:
        return None
    people, density = _counts(db, standing)
    most = max((n for its in density.values() for n in its.values()), default=1)
    whole = sum(p.end - p.start for p in text.paragraphs)
    cells, at = [], 0
    for p in text.paragraphs:
        marked = tuple(density[p.id][n] for n, _start, _end in text.sentences[p.id])
        start, at = 1000 * at // whole, at + p.end - p.start
        step = -(-STEPS * max(marked, default=0) // most)
        cells.append(Cell(p.ordinal, start, 1000 * at // whole - start, people[p.id], marked, step))
    return cells


def _counts(db: Db, standing: Standing) -> tuple[Counter[int], dict[int, Counter[int]]]:
    """By paragraph, how many people marked or wrote something, and how many students marked each sentence."""
    people: Counter[int] = Counter()
    density: dict[int, Counter[int]] = defaultdict(Counter)
    if not standing.sight.counted:
        return people, density
    for paragraph, number, by_staff, dense in db.ask(_COUNTS, {"counted": standing.sight.counted}):
        # What staff wrote for peers is counted apart.
        people[paragraph] += 0 if by_staff else number
        density[paragraph].update(density_in(dense))
    _leave_out_staff(db, standing, people)
    return people, density


def _leave_out_staff(db: Db, standing: Standing, people: Counter[int]) -> None:
    """For staff everybody is counted together."""
    if not standing.sight.sees_hidden or standing.seat is None:
        return
    staff = db.ask(_STAFF, {"course": standing.seat.course_id}).scalars().all()
    values = {"reading": standing.reading_id, "staff": staff, "paragraphs": list(people)}
    for paragraph, number in db.ask(_BY_STAFF, values):
        people[paragraph] -= number
