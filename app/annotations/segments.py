"""A paragraph's marks as runs that tile it.

All offsets are half-open code points of the revision.
"""

from collections.abc import Iterable, Iterator
from heapq import heappop, heappush
from itertools import pairwise
from typing import NamedTuple

LANES = 4


class Mark(NamedTuple):
    """One tag on some words; a note without a tag is grey and dotted. The lowest `order` wins a tie.

    `people` counts the others who marked them so; with `own` the viewer did, too.
    """

    start: int
    end: int
    colour: str
    line: str
    order: int
    people: int = 0
    own: bool = True


class Run(NamedTuple):
    """A stretch under the same marks, one for each lane or None; `more` counts those that found no lane."""

    start: int
    end: int
    lanes: tuple[Mark | None, ...]
    more: int


def segments(start: int, end: int, marks: Iterable[Mark], lanes: int = LANES) -> list[Run]:
    """Runs that tile `[start, end)` exactly, by one sweep in O(n log n).

    A mark keeps the lowest lane that is free where it begins, over its whole extent in the paragraph: the
    earliest first, then the longest. A mark that finds none is counted in `more` to its end.
    Marks alike in extent, colour and line are drawn once. Marks outside `[start, end)` are left out.
    """
    if start >= end:
        return []
    seated = _seat(_distinct(start, end, marks), lanes)
    runs = _sweep(start, end, seated, lanes)
    return _merged(runs) if any(lane == lanes for _, lane in seated) else list(runs)


def _distinct(start: int, end: int, marks: Iterable[Mark]) -> list[Mark]:
    """The marks cut to the paragraph, one of each look, in the order in which they choose their lanes."""
    looks: dict[tuple[int, int, str, str], Mark] = {}
    for mark in marks:
        left, right = max(mark.start, start), min(mark.end, end)
        if left >= right:
            continue
        look = (left, right, mark.colour, mark.line)
        met = looks.get(look)
        looks[look] = mark._replace(start=left, end=right) if met is None else _joined(met, mark)
    return sorted(looks.values(), key=lambda mark: (mark[0], -mark[1], mark[4], mark[2], mark[3]))


def _joined(one: Mark, other: Mark) -> Mark:
    """Two of one look as one: everybody's."""
    order, people = min(one.order, other.order), one.people + other.people
    return one._replace(order=order, people=people, own=one.own or other.own)


def _seat(marks: list[Mark], lanes: int) -> list[tuple[Mark, int]]:
    """Each mark with its lane, or with `lanes` when none was free."""
    free = list(range(lanes))
    taken: list[tuple[int, int]] = []
    seated = []
    for mark in marks:
        while taken and taken[0][0] <= mark.start:
            heappush(free, heappop(taken)[1])
        lane = heappop(free) if free else lanes
        if lane < lanes:
            heappush(taken, (mark.end, lane))
        seated.append((mark, lane))
    return seated


def _sweep(start: int, end: int, seated: list[tuple[Mark, int]], lanes: int) -> Iterator[Run]:
    """A run from each edge to the next. Marks without a lane come and go behind the last one."""
    ends = sorted(((mark.end, lane) for mark, lane in seated), reverse=True)
    edges = {start, end}
    for mark, _ in seated:
        edges.add(mark[0])
        edges.add(mark[1])
    coming = seated[::-1]
    now: list[Mark | None] = [None] * (lanes + 1)
    more = 0
    for left, right in pairwise(sorted(edges)):
        while ends and ends[-1][0] <= left:
            lane = ends.pop()[1]
            now[lane] = None
            more -= lane == lanes
        while coming and coming[-1][0].start <= left:
            mark, lane = coming.pop()
            now[lane] = mark
            more += lane == lanes
        yield Run(left, right, tuple(now[:lanes]), more)


def _merged(runs: Iterator[Run]) -> list[Run]:
    """Neighbours that look the same as one: they differ only in which marks found no lane."""
    merged = [next(runs)]
    for run in runs:
        last = merged[-1]
        if run.more and run.more == last.more and run.lanes == last.lanes:
            merged[-1] = Run(last.start, run.end, last.lanes, last.more)
        else:
            merged.append(run)
    return merged
