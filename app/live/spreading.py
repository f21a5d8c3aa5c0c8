"""When the pages of a reading draw what they are told: soon while it is quiet, in turns while everybody writes."""

from math import log2
from time import monotonic

_SMALL = 16
"""So many pages may come at once."""
_DRAWING_MS = 4.0
"""What one page that draws what is new takes of the server's time."""
_NEAR = 1 / 3
"""Of the pages that are told, so many have a reader who is near, and draw it now."""
_SHARE = 0.5
"""Of a processor, what drawing may take."""
_RELOADING_MS, _LONGEST_MS = 10, 5000


class Turns:
    """How long the pages of one reading wait for their turn.

    Every telling is work that pages come for, and time works it off. A page that waits draws all that it was told of at
    once, so there is never more work than one drawing for each.
    """

    def __init__(self) -> None:
        self._owed = 0.0
        self._at = monotonic()

    def over(self, pages: int) -> int:
        """Milliseconds over which so many pages that are told of something now ask for it; none for a few."""
        at = monotonic()
        done, self._at = (at - self._at) * 1000 * _SHARE, at
        self._owed = max(0.0, self._owed - done) + pages * _DRAWING_MS * _NEAR
        self._owed = min(self._owed, pages * _DRAWING_MS)
        return _coarse(self._owed / _SHARE) if pages > _SMALL else 0


def spread_over(pages: int) -> int:
    """Milliseconds over which so many pages are opened anew; none for a few."""
    return _coarse(min(_LONGEST_MS, _RELOADING_MS * pages)) if pages > _SMALL else 0


def _coarse(milliseconds: float) -> int:
    """The nearest power of two: it does not tell how many are here, which a class may not show."""
    return int(2 ** round(log2(milliseconds)))
