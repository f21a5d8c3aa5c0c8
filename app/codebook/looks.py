"""How a tag looks in the text: one short class for its colour, its line and its lane, for a page has thousands.

A letter says the colour, a capital the line, a digit the lane where it is not the first: `bD1` is blue, double, in
the second lane. static/css/marks.css reads them.
"""

from functools import lru_cache

COLOURS = {
    "orange": "o",
    "blue": "b",
    "green": "g",
    "purple": "p",
    "grey": "y",
    "red": "r",
    "teal": "t",
    "pink": "k",
    "brown": "w",
    "gold": "d",
}
LINES = {"solid": "S", "double": "D", "wavy": "W", "dashed": "H", "dotted": "T"}
MORE = "M"
"""The class of a stretch with more marks than there are lanes."""


@lru_cache(maxsize=512)
def look(colour: str, line: str, lane: int = 0) -> str:
    """The class of a mark. What is not in the palette is grey and dotted."""
    return f"{COLOURS.get(colour, 'y')}{LINES.get(line, 'T')}{lane or ''}"
