"""Texts that are hard to cut: emoji families, flags, combining marks, right-to-left words, several blocks."""

from hypothesis import strategies as st

from app.text import canonical

PIECES = (
    *("a", "b", "Z", "7", "the ", "word", " ", "  ", "\n", "\t", "\xa0", ". ", "&", "<", ">"),
    *('"', "'", "“", "”"),
    *("é", "e\u0301", "n\u0303\u0323", "ß", "İ", "ﬁ", "\xad", "\u200c", "\u200d", "\u200f"),
    *("👩‍👩‍👧‍👦", "👍🏽", "🇮🇷", "🇩🇪", "❤️", "1️⃣", "𝒳", "😀", "🏴‍☠️"),
    *("سلام", "می\u200cخواهم", "שָׁלוֹם", "한국", "\u1112\u1161\u11ab", "漢字", "हिन्दी", "ไทย", "कि"),
)

texts = st.lists(st.sampled_from(PIECES), min_size=1, max_size=40).map("".join).map(canonical)


@st.composite
def spans(draw: st.DrawFn, text: str) -> tuple[int, int]:
    """A start and an end in a text of one code point or more, anywhere, also inside a grapheme."""
    start = draw(st.integers(0, len(text) - 1))
    return start, draw(st.integers(start + 1, len(text)))
