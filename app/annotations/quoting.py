"""Marking without a script: the words are quoted in a form and found again in their paragraph."""

from dataclasses import dataclass

from app.annotations.anchoring import find_quote
from app.annotations.spans import TextSpan, quote, settle
from app.errors import Refused
from app.language import _
from app.library.texts import RevisionText


@dataclass(frozen=True)
class MatchView:
    """A place where quoted words stand, with what stands around them, to choose from."""

    n: int
    start: int
    before: str
    exact: str
    after: str


def places_of(text: RevisionText, words: str, paragraph: int | None, start: int | None) -> list[TextSpan]:
    """Where the words stand: in one paragraph if its ordinal is given, only at `start` if that was chosen.

    Refused when they stand nowhere, or when there is no such paragraph.
    """
    if not words.strip():
        raise Refused(_("Write the words as they stand in the text."), field="exact")
    low, high = _bounds(text, paragraph)
    spans = [settle(text.text, span) for span in find_quote(text.text, words, low, high)]
    chosen = [span for span in spans if start is None or span.start == start]
    if not chosen:
        raise Refused(_("These words are not in the text there. Copy them as they stand."), field="exact")
    return chosen


def context_of(text: RevisionText, span: TextSpan) -> MatchView:
    """A match as the form shows it."""
    words = quote(text.text, span)
    return MatchView(text.at(span.start).ordinal, span.start, words.prefix, words.exact, words.suffix)


def _bounds(text: RevisionText, paragraph: int | None) -> tuple[int, int]:
    if paragraph is None:
        return 0, len(text.text)
    if not 0 <= paragraph < len(text.paragraphs):
        raise Refused(_("There is no paragraph with that number."), field="paragraph")
    found = text.paragraphs[paragraph]
    return found.start, found.end
