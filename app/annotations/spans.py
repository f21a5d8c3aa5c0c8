"""Half-open spans of a revision's canonical text, in code points, and what a selector keeps of them."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import TypeVar

from app.text import snap_outward, trim

Key = TypeVar("Key")

CONTEXT = 32
"""Code points of context that a quote keeps on each side, at most."""


class EmptySpan(ValueError):
    """A span that holds nothing but white space."""


@dataclass(frozen=True, slots=True, order=True)
class TextSpan:
    """`text[start:end]`: half-open, in code points, never empty. Sorts by start, then end."""

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end:
            raise ValueError(f"not a span: {self.start}, {self.end}")

    @property
    def length(self) -> int:
        return self.end - self.start

    def of(self, text: str) -> str:
        return text[self.start : self.end]

    def overlaps(self, other: "TextSpan") -> bool:
        return self.start < other.end and other.start < self.end

    def contains(self, other: "TextSpan") -> bool:
        return self.start <= other.start and other.end <= self.end

    def intersect(self, other: "TextSpan") -> "TextSpan | None":
        """What both cover; None when they only touch or lie apart."""
        if not self.overlaps(other):
            return None
        return TextSpan(max(self.start, other.start), min(self.end, other.end))

    def shifted(self, by: int) -> "TextSpan":
        """The span moved by so many code points; ValueError when it would start before the text."""
        return TextSpan(self.start + by, self.end + by)


@dataclass(frozen=True, slots=True)
class Quote:
    """A W3C TextQuoteSelector: the exact words and up to `CONTEXT` code points of what stands around them."""

    exact: str
    prefix: str
    suffix: str


def settle(text: str, span: TextSpan) -> TextSpan:
    """The span without stray white space at its edges, widened to whole grapheme clusters.

    What reaches beyond the text is cut off. Raises EmptySpan when only white space is left.
    """
    start, end = trim(text, min(span.start, len(text)), min(span.end, len(text)))
    if start >= end:
        raise EmptySpan("nothing but white space is selected")
    return TextSpan(start, end)


def cut(span: TextSpan, paragraphs: Sequence[tuple[Key, int, int]]) -> list[tuple[Key, TextSpan]]:
    """The part of the span in each paragraph that it touches, in the revision's code points.

    Paragraphs are `(key, start, end)`, sorted and apart; the separators between them belong to no part.
    """
    parts = []
    first = bisect_right(paragraphs, span.start, key=itemgetter(2))
    for key, start, end in paragraphs[first:]:
        if start >= span.end:
            break
        if start < end:
            parts.append((key, TextSpan(max(start, span.start), min(end, span.end))))
    return parts


def quote(text: str, span: TextSpan) -> Quote:
    """The span's words with their context, which never begins or ends inside a grapheme cluster."""
    prefix = text[_context_start(text, span.start) : span.start]
    return Quote(span.of(text), prefix, text[span.end : _context_end(text, span.end)])


def _context_start(text: str, end: int) -> int:
    start = max(0, end - CONTEXT)
    if start == end:
        return end
    left, right = snap_outward(text, start, start + 1)
    return start if left == start else min(right, end)


def _context_end(text: str, start: int) -> int:
    end = min(len(text), start + CONTEXT)
    if start == end:
        return start
    left, right = snap_outward(text, end - 1, end)
    return end if right == end else max(left, start)
