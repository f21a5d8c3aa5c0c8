"""The runs of a paragraph as HTML whose only text is the paragraph's.

All offsets are half-open code points of the revision.
"""

import re
from collections import deque
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import groupby, pairwise, repeat
from typing import NamedTuple

from markupsafe import Markup, escape

from app.annotations.segments import Mark, Run
from app.codebook.looks import MORE, look

_NAMES = {"emphasis": "em", "strong": "strong", "code": "code", "superscript": "sup", "subscript": "sub"}
DENSITY = "density"
"""The kind of `Inline` that tints a sentence which many marked; its value is a step of intensity."""
_NOTHING = ("", "")
_MORE = ("more", "")
_CLOSING = "</mark>"
_SPECIAL = re.compile("[&<>\"']").search
_SAFE_LINK = re.compile(r"(?:https?:|mailto:)[^\s\x00-\x1f\x7f]+\Z", re.IGNORECASE)


class Inline(NamedTuple):
    """The article's own emphasis, strong, code, superscript, subscript or link (`value` is its address); or DENSITY."""

    start: int
    end: int
    kind: str
    value: str = ""


def draw(text: str, runs: Sequence[Run], inline: Sequence[Inline] = ()) -> Markup:
    """The paragraph as HTML: `<mark class=bD>` (see `look`) nested by extent, everything escaped.

    `text` is the paragraph's own; its first code point stands at `runs[0].start`. An element stays open over
    neighbouring runs where it can, and is closed and opened again where nesting demands it. A stretch in which
    marks found no lane is a `<mark>` of its own, however many they are. What others marked carries `data-o` when it
    is only theirs, and `data-n`, how many people marked it so.
    """
    if not runs:
        return Markup("")
    parts: list[str] = []
    counted: dict[Mark, int] = {}
    standing: list[Inline] = []
    for wanted, stretch in _layers(runs, inline):
        kept = _kept(standing, wanted)
        parts += [_tags(formatting)[1] for formatting in reversed(standing[kept:])]
        parts += [_tags(formatting)[0] for formatting in wanted[kept:]]
        _paint(parts, text, runs[0].start, stretch, counted)
        standing = wanted
    parts += [_tags(formatting)[1] for formatting in reversed(standing)]
    for mark, at in counted.items():
        # The number stands where the mark ends, so in the last of the elements that it was cut into.
        parts[at] = f"{parts[at][:-1]} data-n={mark.people + mark.own}>"
    return Markup("".join(parts))


def _paint(parts: list[str], text: str, base: int, runs: Sequence[Run], counted: dict[Mark, int]) -> None:
    """Append the runs' text and marks. The hot loop: a mark is touched only where it begins, ends or is cut."""
    standing: list[tuple[int, Mark]] = []
    last: tuple[Mark | None, ...] = ()
    for (start, end, lanes, _more), rest in zip(runs, _stretches(runs), strict=True):
        here = (*lanes, rest)
        if here != last:
            _restack(parts, standing, here, counted)
            last = here
        piece = text[start - base : end - base]
        parts.append(escape(piece) if _SPECIAL(piece) else piece)
    parts.append(_CLOSING * len(standing))


def _stretches(runs: Sequence[Run]) -> Iterator[Mark | None]:
    """For each run the stretch around it in which marks found no lane, as a mark; None where all found one."""
    if not any(run.more for run in runs):
        yield from repeat(None, len(runs))
        return
    for some, alike in groupby(runs, key=lambda run: run.more > 0):
        stretch = list(alike)
        rest = Mark(stretch[0].start, stretch[-1].end, *_MORE, 0) if some else None
        yield from repeat(rest, len(stretch))


def _restack(
    parts: list[str],
    standing: list[tuple[int, Mark]],
    here: Sequence[Mark | None],
    counted: dict[Mark, int],
) -> None:
    """Closes and opens elements until those of `here` stand; of those that open together the longest is outermost.

    So nesting follows the marks' extents and not their lanes, and fewer are cut in two by another's end.
    """
    kept = seated = 0
    for lane, mark in standing:
        if here[lane] is not mark:
            break
        kept += 1
        seated |= 1 << lane
    if gone := len(standing) - kept:
        parts.append(_CLOSING * gone)
        del standing[kept:]
    if len(here) - here.count(None) == kept:
        return
    coming = [(lane, mark) for lane, mark in enumerate(here) if mark is not None and not seated >> lane & 1]
    if len(coming) > 1:
        coming.sort(key=_end, reverse=True)
    for lane, mark in coming:
        if mark[5]:
            counted[mark] = len(parts)
        parts.append(_opening(mark[2], mark[3], lane, mark[6]))
    standing += coming


def _end(seat: tuple[int, Mark]) -> int:
    return seat[1][1]


def _kept(standing: Sequence[object], wanted: Sequence[object]) -> int:
    """How many of the outer elements are the same in both."""
    kept = 0
    for have, want in zip(standing, wanted, strict=False):
        if have is not want:
            break
        kept += 1
    return kept


@lru_cache(maxsize=512)
def _opening(colour: str, line: str, lane: int, own: bool) -> str:
    if (colour, line) == _MORE:
        return f"<mark class={MORE}>"
    return f"<mark class={look(colour, line, lane)}{'' if own else ' data-o'}>"


def _layers(runs: Sequence[Run], inline: Sequence[Inline]) -> Iterator[tuple[list[Inline], Sequence[Run]]]:
    """The runs by the formatting around them (outermost first), cut where it begins and ends."""
    start, end = runs[0].start, runs[-1].end
    inside = [r for r in inline if max(r.start, start) < min(r.end, end) and _tags(r) != _NOTHING]
    if not inside:
        yield [], runs
        return
    inside.sort(key=lambda r: (-r.start, r.end))
    edges = {start, end, *(max(r.start, start) for r in inside), *(min(r.end, end) for r in inside)}
    now: list[Inline] = []
    rest = deque(runs)
    for left, right in pairwise(sorted(edges)):
        now = [r for r in now if r.end > left]
        while inside and inside[-1].start <= left:
            now.append(inside.pop())
        yield now, list(_taken(rest, right))


def _taken(rest: deque[Run], until: int) -> Iterator[Run]:
    """Take the runs before `until` from the front; of the run that crosses it, leave what lies behind."""
    while rest and rest[0].start < until:
        run = rest.popleft()
        if run.end > until:
            rest.appendleft(run._replace(start=until))
            run = run._replace(end=until)
        yield run


def _tags(inline: Inline) -> tuple[str, str]:
    """Opening and closing tag; `_NOTHING` for unknown kinds and for links that are not safe."""
    if name := _NAMES.get(inline.kind):
        return f"<{name}>", f"</{name}>"
    if inline.kind == DENSITY:
        return f"<span class=crowd{inline.value}>", "</span>"
    if inline.kind != "link" or not _SAFE_LINK.match(inline.value):
        return _NOTHING
    return f'<a href="{escape(inline.value)}" rel="noopener noreferrer nofollow">', "</a>"
