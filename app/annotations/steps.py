"""Moving an edge of a span by a word at a time, for those who cannot or will not drag it."""

from app.annotations.spans import TextSpan
from app.errors import Refused
from app.language import _
from app.library.texts import ParagraphText, RevisionText
from app.text import words


def moved(text: RevisionText, span: TextSpan, step: str) -> TextSpan:
    """The span with one edge a word further: start-back, start-forward, end-back or end-forward.

    Refused when there is no further word, or when nothing would be left.
    """
    edge, _dash, way = step.partition("-")
    if edge not in {"start", "end"} or way not in {"back", "forward"}:
        raise Refused(_("There is no such step."), field="move")
    offset = span.start if edge == "start" else span.end
    edges = _edges(text, offset, 0 if edge == "start" else 1)
    further = [e for e in edges if e < offset] if way == "back" else [e for e in edges if e > offset]
    if not further:
        raise Refused(_("The text ends here."), field="move")
    chosen = max(further) if way == "back" else min(further)
    start, end = (chosen, span.end) if edge == "start" else (span.start, chosen)
    if start >= end:
        raise Refused(_("No words would be left."), field="move")
    return TextSpan(start, end)


def _edges(text: RevisionText, offset: int, side: int) -> list[int]:
    """Where words begin (side 0) or end (side 1), in the paragraph at `offset` and its neighbours."""
    here = text.at(offset).ordinal
    near = text.paragraphs[max(0, here - 1) : here + 2]
    return [p.start + word[side] for p in near for word in words(_text(text, p))]


def _text(text: RevisionText, paragraph: ParagraphText) -> str:
    return text.text[paragraph.start : paragraph.end]
