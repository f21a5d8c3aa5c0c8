"""Which cards the margin holds: the viewer's own, what staff pinned, and the first of others in text order."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.annotations.crowd.first_cards import Cards, first_cards_in
from app.annotations.crowd.window import window
from app.annotations.drawing import MOST_IN_A_CROWD, ParagraphView
from app.database import Db
from app.library.texts import RevisionText
from app.readings.seats import Standing

MOST_IN_A_GROUP = 12
"""Cards of one paragraph in the margin; the rest are behind a link."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """Of a paragraph: the keys of the annotations whose cards the margin holds, best first, and how many more begin."""

    first: tuple[int, ...]
    more: int


def chosen_cards(
    db: Db, text: RevisionText, standing: Standing, paragraphs: Sequence[ParagraphView]
) -> dict[int, Chosen]:
    """By ordinal, what the margin holds of each paragraph, drawn for the viewer at this moment."""
    chosen: dict[int, Chosen] = {}
    for run in _runs(paragraphs):
        cards = _of_others(db, text, standing, run) if standing.sight.counted else {}
        chosen |= {p.n: _chosen(p, cards.get(text.paragraphs[p.n].id) or Cards()) for p in run}
    return chosen


def _runs(paragraphs: Sequence[ParagraphView]) -> Iterator[list[ParagraphView]]:
    """Neighbours together, so that nothing is asked of what lies between others."""
    run: list[ParagraphView] = []
    for paragraph in paragraphs:
        if run and paragraph.n != run[-1].n + 1:
            yield run
            run = []
        run.append(paragraph)
    if run:
        yield run


def _of_others(
    db: Db, text: RevisionText, standing: Standing, run: Sequence[ParagraphView]
) -> dict[int, Cards]:
    wanted = window(text.id, standing, [text.paragraphs[p.n] for p in run])
    few = all(p.is_dense or p.beginning <= MOST_IN_A_CROWD for p in run)
    return first_cards_in(db, wanted, 1 + (MOST_IN_A_CROWD if few else MOST_IN_A_GROUP))


def _chosen(paragraph: ParagraphView, others: Cards) -> Chosen:
    ranked = sorted({*paragraph.own, *others.ranked})
    best = ranked[:MOST_IN_A_GROUP]
    if paragraph.is_dense:
        better = sum(not (not_pinned and not_own) for not_pinned, not_own, *_place in best)
        best = best[: max(better, MOST_IN_A_CROWD)]
    gone = others.gone | {key for _not_pinned, not_own, *_place, key in paragraph.own if not_own}
    first = tuple(key for *_rank, key in best)
    more = paragraph.beginning - len(set(first) - gone)
    return Chosen(first, max(more, int(len(ranked) > len(first))))
