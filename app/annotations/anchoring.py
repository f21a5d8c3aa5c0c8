"""Finding a quote again: in a text, at the place where it is said to stand, in a new revision.

All offsets are half-open code points. Nothing here guesses silently: two equally good places are no place.
"""

from collections.abc import Callable, Iterator
from typing import Literal, NamedTuple

from app.annotations.folding import Folded, caseless, spaces, typography
from app.annotations.spans import EmptySpan, Quote, TextSpan, settle
from app.text import UnreadableText, canonical, collapse, snap_outward

Status = Literal["exact", "moved", "changed", "orphan"]

NEARBY = 64
"""Code points on each side within which a quote that misses its place is put right."""

MOST = 200
"""Occurrences that are looked at: nobody chooses among more, and a hostile text may hold a million."""

REACH = 50_000
"""Code points on each side of the old place in which an altered quote is looked for: this bounds the time."""

LONGEST = 8_000
"""An altered quote longer than this is an orphan: the search costs its length times the text's."""

EVIDENCE = 16
"""Code points of quote and context that must agree before a place is believed."""

MARGIN = 3
"""A place is better than another when this many more code points speak for it."""


class QuoteMismatch(ValueError):
    """The words sent do not stand where they were said to stand, nor anywhere near."""


def find_quote(text: str, quote: str, start: int = 0, end: int | None = None) -> list[TextSpan]:
    """Where the quote stands in `text[start:end]`, overlapping places included; at most `MOST`.

    White space counts as one space. When the quote is nowhere, quotation marks, dashes, soft hyphens and
    other unseen characters are forgiven; when it still is nowhere, upper and lower case too.
    """
    wanted = _readable(quote)
    for fold in (spaces, typography, caseless):
        if found := _occurrences(text[start:end], wanted, fold):
            return [span.shifted(start) for span in found]
    return []


def _occurrences(text: str, quote: str, fold: Callable[[str], Folded]) -> list[TextSpan]:
    words, page = fold(quote).text.strip(), fold(text)
    found: list[TextSpan] = []
    at = page.text.find(words) if words else -1
    while at >= 0 and len(found) < MOST:
        found.append(TextSpan(page.back(at), page.back(at + len(words) - 1) + 1))
        at = page.text.find(words, at + 1)
    return found


def check(text: str, start: int, end: int, exact: str) -> TextSpan:
    """The settled span of `exact`, which the sender says is `text[start:end]`.

    Line ends, composition and white space are forgiven, and so is an edge inside a grapheme cluster. When
    the words stand elsewhere, but once only within `NEARBY`, the span is put right. Raises QuoteMismatch
    otherwise, EmptySpan when there are no words, ValueError when start and end are no span.
    """
    quote, claimed = _readable(exact), TextSpan(start, end)
    if not exact.strip():
        raise EmptySpan("nothing but white space is selected")
    for span in (claimed, _widened(text, claimed)):
        if quote and collapse(quote) == collapse(span.of(text)):
            return settle(text, span)
    low = max(0, start - NEARBY)
    near = _occurrences(text[low : end + NEARBY], quote, spaces)
    if len(near) != 1:
        raise QuoteMismatch("these words do not stand here")
    return settle(text, near[0].shifted(low))


def _widened(text: str, span: TextSpan) -> TextSpan:
    if span.end > len(text):
        return span
    return TextSpan(*snap_outward(text, span.start, span.end))


def _readable(quote: str) -> str:
    """The quote in the form that texts have; empty when no text can hold it."""
    try:
        return canonical(quote)
    except UnreadableText:
        return ""


class _Place(NamedTuple):
    """Somewhere the quote may have gone, and how many code points of quote and context speak for it."""

    score: int
    span: TextSpan


def reanchor(old: Quote, start: int, new_text: str) -> tuple[TextSpan | None, Status]:
    """Where a quote that began at `start` stands in a new revision, and how sure that is.

    exact: the same words at the same place. moved: the same words elsewhere. changed: words at most a quarter
    different. orphan: nowhere, or in two equally good places.
    """
    if not old.exact.strip():
        return None, "orphan"
    end, around = start + len(old.exact), old.prefix + old.exact + old.suffix
    if new_text[max(0, start - len(old.prefix)) : end + len(old.suffix)] == around:
        return TextSpan(start, end), "exact"
    best = _best(_places(old, start, new_text))
    if best is None or best.score < min(EVIDENCE, len(around)):
        return None, "orphan"
    span = settle(new_text, best.span)
    if span.of(new_text) != old.exact:
        return span, "changed"
    return span, "exact" if span.start == start else "moved"


def _places(old: Quote, start: int, text: str) -> list[_Place]:
    """Where the quote stands; also where it stands altered, unless its context speaks for one of the former.

    (A sentence that stands twice may have been altered just where it was marked: then the other is not it.)
    """
    places = [_weighed(old, span, text) for span in find_quote(text, old.exact)]
    if any(place.score >= len(old.exact) + EVIDENCE for place in places):
        return places
    altered = _altered(old, start, text)
    return places + [place for place in altered if not any(place.span.overlaps(p.span) for p in places)]


def _best(places: list[_Place]) -> _Place | None:
    """The place that stands out; None when another is about as good."""
    ranked = sorted(places, reverse=True)
    if len(ranked) > 1 and ranked[0].score - ranked[1].score < MARGIN:
        return None
    return ranked[0] if ranked else None


def _weighed(old: Quote, span: TextSpan, text: str) -> _Place:
    before, after = _context(old, span.start, span.end, text)
    return _Place(len(old.exact) + before + after, span)


def _context(old: Quote, start: int, end: int, text: str) -> tuple[int, int]:
    """How far the old context still reads the same, outward from the start and from the end."""
    before = text[max(0, start - len(old.prefix)) : start]
    return _agree(old.prefix[::-1], before[::-1]), _agree(old.suffix, text[end : end + len(old.suffix)])


def _agree(one: str, other: str) -> int:
    same = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        same += 1
    return same


def _altered(old: Quote, start: int, text: str) -> list[_Place]:
    """The best places where the quote stands with at most a quarter of its code points edited."""
    limit = len(old.exact) // 4
    if not limit or len(old.exact) > LONGEST:
        return []
    low = max(0, start - REACH)
    window = text[low : start + len(old.exact) + REACH]
    ends = [
        (_agree(old.suffix, window[end : end + len(old.suffix)]) - edits, end)
        for end, edits in _edits(old.exact, window)
        if edits <= limit
    ]
    places = (_from_end(old, end, window) for end in _apart(ends, len(old.exact) // 2))
    return [_Place(place.score, place.span.shifted(low)) for place in places]


def _apart(ends: list[tuple[int, int]], distance: int) -> list[int]:
    """The few best ends that do not belong to one and the same place."""
    chosen: list[int] = []
    for _, end in sorted(ends, reverse=True):
        if all(abs(end - other) > distance for other in chosen):
            chosen.append(end)
        if len(chosen) == 4:
            break
    return chosen


def _from_end(old: Quote, end: int, text: str) -> _Place:
    """The likeliest start for a quote that ends at `end`: few edits, and the old words before it."""
    low = max(0, end - len(old.exact) * 5 // 4)
    starts = [
        (_context(old, end - length, end, text)[0] - edits, end - length)
        for length, edits in _edits(old.exact[::-1], text[low:end][::-1], anchored=True)
    ]
    score, start = max(starts)
    after = _context(old, start, end, text)[1]
    return _Place(len(old.exact) + score + after, TextSpan(start, end))


def _edits(pattern: str, text: str, *, anchored: bool = False) -> Iterator[tuple[int, int]]:
    """For each end in the text, the fewest edits that turn the pattern into what stands before it.

    Myers, "A fast bit-vector algorithm for approximate string matching", J. ACM 46 (1999), as simplified
    by Hyyrö (2003); one whole number holds a column. The match may begin anywhere, or, `anchored`, only
    where the text begins.
    """
    where: dict[str, int] = {}
    for at, letter in enumerate(pattern):
        where[letter] = where.get(letter, 0) | 1 << at
    full = (1 << len(pattern)) - 1
    last, plus, minus, edits = 1 << len(pattern) - 1, full, 0, len(pattern)
    for end, letter in enumerate(text, 1):
        same = where.get(letter, 0)
        equal = (((same & plus) + plus) ^ plus) | same | minus
        up, down = minus | full & ~(equal | plus), plus & equal
        edits += bool(up & last) - bool(down & last)
        up, down = up << 1 | anchored, down << 1
        plus, minus = full & (down | ~(equal | up)), up & equal
        yield end, edits
