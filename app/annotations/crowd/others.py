"""What others did in paragraphs, from the counts that each write keeps: people, the most shared spans, sentences."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, String, Subquery, bindparam, cast, func, select, tuple_

from app.annotations.crowd.adding import UNTAGGED, Share
from app.annotations.crowd.window import COUNTED, IN_WINDOW
from app.annotations.models import Density, ParagraphCount, SpanCount
from app.database import Db, table_of
from app.library.models import Paragraph

MOST_OF_OTHERS = 30
"""Spans in a paragraph that others marked and that are drawn each by itself."""
STEPS = 4
"""Steps of density."""
_AT_ONCE = 1000

Span = tuple[int, int, int]
"""Start and end, half-open code points of the revision, and the key of the tag or 0."""

_paragraph, _count = table_of(Paragraph).c, table_of(ParagraphCount).c
_span, _density = table_of(SpanCount).c, table_of(Density).c
_MOST_SHARED_FIRST = (_span.people.desc(), _span.start.desc(), _span.end.desc(), _span.tag_id.desc())
_most_shared = (
    select(_span.start, _span.end, _span.tag_id, _span.people)
    .where(_span.audience_id == _count.audience_id, _span.paragraph_id == _count.paragraph_id)
    .order_by(*_MOST_SHARED_FIRST)
    .limit(bindparam("most"))
    .correlate(table_of(ParagraphCount))
    .subquery("most_shared")
)


def _listed(rows: Subquery) -> ScalarSelect[Any]:
    """The numbers in these rows as one text."""
    first, *rest = (cast(column, String) for column in rows.c)
    one: ColumnElement[str] = first
    for number in rest:
        one = one + " " + number
    return select(func.aggregate_strings(one, " ")).select_from(rows).scalar_subquery()


DENSITY = _listed(
    select(_density.sentence, _density.people)
    .where(
        _density.audience_id == _count.audience_id,
        _density.paragraph_id == _count.paragraph_id,
        _density.tag_id == UNTAGGED,
        _density.also_id == UNTAGGED,
    )
    .correlate(table_of(ParagraphCount))
    .subquery("dense")
)
"""The sentences that students marked in a row of `paragraph_count`, each with how many did: see `density_in`."""

# One row for each audience in each paragraph, however many spans: a join would read them all before it bounds them.
_CROWD = (
    select(
        _count.paragraph_id,
        _count.audience_id,
        _count.annotations,
        _count.people,
        _listed(_most_shared),
        DENSITY,
    )
    .join(table_of(Paragraph), _paragraph.id == _count.paragraph_id)
    .where(IN_WINDOW, _count.audience_id.in_(COUNTED))
)
_EXACT = select(_span.paragraph_id, _span.start, _span.end, _span.tag_id, _span.people).where(
    tuple_(_span.audience_id, _span.paragraph_id, _span.start, _span.end, _span.tag_id).in_(
        bindparam("keys", expanding=True)
    )
)


@dataclass(slots=True)
class Crowd:
    """What others did in one paragraph."""

    # Annotations that begin in it, and people one of whose annotations touches it.
    annotations: int = 0
    people: int = 0
    # How many people marked each span: of all that were, at least the most shared ones.
    spans: Counter[Span] = field(default_factory=Counter)
    # How many students marked each sentence, by its number; the viewer, too.
    density: Counter[int] = field(default_factory=Counter)
    # By audience, how many people each of its most shared spans has.
    listed: dict[int, dict[Span, int]] = field(default_factory=dict)

    @property
    def is_dense(self) -> bool:
        """Whether others marked more than a reader can tell apart."""
        return len(self.spans) > MOST_OF_OTHERS


def crowd_in(db: Db, wanted: Mapping[str, Any], own: Mapping[int, Share]) -> dict[int, Crowd]:
    """By the keys of the paragraphs of a window (see `window`), what others did; the viewer's shares are `own`.

    Where fewer than `MOST_OF_OTHERS` spans of theirs are told, there are no more.
    """
    most = MOST_OF_OTHERS + 1 + max((len(share.spans) for share in own.values()), default=0)
    found: dict[int, Crowd] = defaultdict(Crowd)
    rows = db.ask(_CROWD, {**wanted, "most": most})
    for paragraph_id, audience_id, annotations, people, listed, dense in rows:
        here = found[paragraph_id]
        here.annotations += annotations
        here.people += people
        here.listed[audience_id] = _spans(listed)
        here.density.update(density_in(dense))
    exact = _exact(db, found, most)
    for paragraph_id, here in found.items():
        for spans in here.listed.values():
            here.spans.update(spans)
        here.spans.update(exact.get(paragraph_id, {}))
        _take_off(here, own.get(paragraph_id), wanted["counted"])
    return found


def numbers(listed: str | None, width: int) -> Iterator[tuple[int, ...]]:
    """The rows, so many numbers each, that were put together as one text."""
    return zip(*[map(int, (listed or "").split())] * width, strict=True)


def density_in(listed: str | None) -> dict[int, int]:
    """By the number of a sentence, how many students marked it: what DENSITY tells."""
    found = map(int, (listed or "").split())
    return dict(zip(found, found, strict=True))


def _spans(listed: str | None) -> dict[Span, int]:
    return {(start, end, tag): people for start, end, tag, people in numbers(listed, 4)}


def _exact(db: Db, found: Mapping[int, Crowd], most: int) -> Mapping[int, dict[Span, int]]:
    """Of spans that one audience shares most, how many more people marked them in those whose lists are cut."""
    missing = [
        (audience, paragraph, *span)
        for paragraph, here in found.items()
        for audience, spans in here.listed.items()
        if len(spans) == most
        for span in set().union(*here.listed.values()) - spans.keys()
    ]
    more: dict[int, dict[Span, int]] = defaultdict(lambda: defaultdict(int))
    for start in range(0, len(missing), _AT_ONCE):
        for paragraph, first, last, tag, people in db.ask(
            _EXACT, {"keys": missing[start : start + _AT_ONCE]}
        ):
            more[paragraph][first, last, tag] += people
    return more


def _take_off(here: Crowd, own: Share | None, counted: Sequence[int]) -> None:
    """Leaves what others did."""
    if own is None:
        return
    here.annotations -= sum(own.annotations[audience] for audience in counted)
    here.people -= sum(own.people[audience] for audience in counted)
    for (audience, *span), n in own.spans.items():
        if audience in counted:
            here.spans[span[0], span[1], span[2]] -= n
    here.spans = +here.spans
