"""Lines of plain text: how wide they are, and which of them a writer's program broke and belong together."""

from collections.abc import Sequence
from itertools import pairwise
from unicodedata import east_asian_width

import regex

# Programs wrap at 60 to 80; a longer line is a paragraph by itself.
WIDEST_WRAPPED = 110
_NARROWEST_WRAPPED = 50
_ENDS_SENTENCE = regex.compile(r"[\p{SB=ATerm}\p{SB=STerm}…][\p{SB=Close}\p{SB=Extend}\p{SB=Format}]*$")
_TRAILING_CLOSERS = 8
_WIDE_CHARACTER = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}\u3000-\u303f\uff01-\uff60]")


def width(text: str) -> int:
    """Columns that `text` takes: two for each East Asian wide or full-width character."""
    return len(text) + sum(east_asian_width(character) in "WF" for character in text if character > "\u10ff")


def ends_sentence(text: str) -> bool:
    """Whether the line ends with a mark that ends sentences in any script, closing quotes aside."""
    return bool(_ENDS_SENTENCE.search(text[-_TRAILING_CLOSERS:]))


def unwrapped(lines: Sequence[str]) -> list[str]:
    """The paragraphs that neighbouring `lines` make.

    A line was broken by a program where the next word had no room in it. Where most lines were, another
    ends a paragraph if it is the first (a heading), ends a sentence, or the next line is indented; where they
    were not, every line is a paragraph.
    """
    widths = [width(line.rstrip()) for line in lines]
    widest = max(widths)
    if not _NARROWEST_WRAPPED <= widest <= WIDEST_WRAPPED:
        return [line.strip() for line in lines]
    full = [used + _first_word(after) > widest for used, after in zip(widths, lines[1:], strict=False)]
    judged = full if full[:1] != [False] else full[1:]
    if sum(judged) * 3 < len(judged) * 2 or not judged:
        return [line.strip() for line in lines]
    return _joined(lines, full)


def _first_word(line: str) -> int:
    """Columns that the line's first word and the space before it need."""
    text = line.lstrip()
    if _WIDE_CHARACTER.match(text):
        # No line begins with a closing mark, so that a break may come two characters early.
        return 5
    return width(text.split(None, 1)[0]) + 1


def _joined(lines: Sequence[str], full: Sequence[bool]) -> list[str]:
    paragraphs = [[lines[0].strip()]]
    for n, line in enumerate(lines[1:]):
        if not full[n] and (n == 0 or ends_sentence(lines[n]) or is_indented(line)):
            paragraphs.append([])
        paragraphs[-1].append(line.strip())
    return [join_lines(paragraph) for paragraph in paragraphs]


def is_indented(line: str) -> bool:
    return line.startswith(("  ", "\t", "\u3000"))


def join_lines(lines: Sequence[str]) -> str:
    """The lines as one, with a space between, but none between Chinese or Japanese characters."""
    pieces = [lines[0]]
    for before, after in pairwise(lines):
        wide = _WIDE_CHARACTER.match(before[-1:]) and _WIDE_CHARACTER.match(after)
        pieces += ["" if wide else " ", after]
    return "".join(pieces)
