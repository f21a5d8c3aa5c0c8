"""A text made plain for comparing, with the way back to its own offsets (code points)."""

import re
from bisect import bisect_right
from dataclasses import dataclass

_CURLY = {"'": "‘’‚‛′ʼ`´", '"': "“”„‟″«»", "-": "‐‑‒–—―−"}
_PLAIN = str.maketrans({curly: plain for plain, others in _CURLY.items() for curly in others})
_UNSEEN = "\xad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff"
_SPACES = re.compile(r"\s\s+|[^\S ]")
_GAPS = re.compile(rf"[\s{_UNSEEN}]{{2,}}|[^\S ]|[{_UNSEEN}]")


@dataclass(frozen=True, slots=True)
class Folded:
    """A text made plain: from `folded[i]` on it runs as the original does from `origin[i]`."""

    text: str
    folded: list[int]
    origin: list[int]

    def back(self, at: int) -> int:
        """The original's offset of what stands at this offset of the plain text."""
        piece = bisect_right(self.folded, at) - 1
        return self.origin[piece] + at - self.folded[piece]


def _collapse(text: str, gaps: re.Pattern[str]) -> Folded:
    """Each gap as one space, or as nothing when it holds no white space."""
    parts, folded, origin, length, last = list[str](), [0], [0], 0, 0
    for gap in gaps.finditer(text):
        space = " " if any(map(str.isspace, gap[0])) else ""
        parts += [text[last : gap.start()], space]
        length += gap.start() - last + len(space)
        last = gap.end()
        folded.append(length)
        origin.append(last)
    return Folded("".join([*parts, text[last:]]), folded, origin)


def spaces(text: str) -> Folded:
    """White space as single spaces."""
    return _collapse(text, _SPACES)


def typography(text: str) -> Folded:
    """Also quotation marks and dashes straight, and what cannot be seen left out."""
    return _collapse(text.translate(_PLAIN), _GAPS)


def caseless(text: str) -> Folded:
    """Also without upper case."""
    return typography(_lowered(text))


def _lowered(text: str) -> str:
    """Folded case where that keeps one code point one code point, so that offsets stay."""
    folded = text.casefold()
    if len(folded) == len(text):
        return folded
    return "".join(low if len(low := letter.casefold()) == 1 else letter for letter in text)
