"""The browser's offsets agree with the server's, on texts hard to count and under marks that split them."""

import random
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from app.annotations.painting import draw
from app.annotations.segments import Mark, segments
from app.annotations.spans import EmptySpan, TextSpan, cut, settle
from app.text import (
    canonical,
    codepoint_to_utf16,
    join_blocks,
    snap_outward,
    trim,
    utf16_length,
    utf16_to_codepoint,
)
from tests.annotations.strategies import PIECES

pytestmark = pytest.mark.browser

SCRIPT = Path(__file__).parents[2] / "static" / "js" / "offsets.js"
CASES = 400
LOOKS = [("blue", "double"), ("green", "wavy"), ("orange", "solid"), ("purple", "dashed")]


@pytest.fixture(scope="module")
def page(chromium: Browser) -> Page:
    page = chromium.new_page()
    page.set_content("<!doctype html><main><article id=text></article></main>")
    page.add_script_tag(content=SCRIPT.read_text("utf-8"))
    return page


class Case:
    """An article of a few blocks with marks in them, as the reader's page holds it, and a selection."""

    def __init__(self, seed: int) -> None:
        self.luck = random.Random(seed)
        blocks = [self._block() for _ in range(self.luck.randint(1, 4))]
        self.text, self.places = join_blocks(blocks)
        self.marks = [self._mark(n) for n in range(self.luck.randint(0, 8))] if self.text else []
        self.html = "".join(self._drawn(n, *place) for n, place in enumerate(self.places))
        # Only offsets inside blocks are places in the page: the separators are drawn by nobody.
        self.blocks = [(n, start, end) for n, (start, end) in enumerate(self.places)]

    def _block(self) -> str:
        pieces = self.luck.choices([piece for piece in PIECES if piece != "\n"], k=self.luck.randint(0, 14))
        if self.luck.random() < 0.2:
            pieces.insert(self.luck.randint(0, len(pieces)), "\r\n")
        return canonical("".join(pieces))

    def span(self) -> tuple[int, int]:
        ends = [self.luck.randint(0, len(self.text)) for _ in range(2)]
        return min(ends), max(ends)

    def _mark(self, order: int) -> Mark:
        return Mark(*self.span(), *self.luck.choice(LOOKS), order)

    def _drawn(self, n: int, start: int, end: int) -> str:
        words = draw(self.text[start:end], segments(start, end, self.marks))
        # The parser drops the first line feed of a <pre>, so that the template always gives it one.
        tag, first = self.luck.choice([("p", ""), ("h2", ""), ("pre", "\n")])
        return (
            f'<section class="block" id="p{n}" data-start="{start}" data-end="{end}">'
            f'\n <a class="block__number" href="#p{n}">{n}</a>\n '
            f'<{tag} class="block__text">{first}{words}</{tag}>\n</section>\n'
        )


def cases() -> list[Case]:
    return [Case(seed) for seed in range(CASES)]


def evaluate(page: Page, script: str, argument: Any) -> Any:
    return page.evaluate(script, argument)


def test_code_points_and_utf16_agree(page: Page) -> None:
    texts = [case.text for case in cases()]
    found = evaluate(
        page,
        """texts => texts.map(text => ({
            points: Array.from({length: text.length + 1}, (_, at) => Offsets.codePoints(text, at)),
            all: Offsets.codePoints(text),
            units: Array.from({length: [...text].length + 1}, (_, at) => Offsets.utf16(text, at)),
            beyond: Offsets.utf16(text, text.length + 5),
        }))""",
        texts,
    )
    for text, there in zip(texts, found, strict=True):
        units = utf16_length(text)
        assert there["points"] == [utf16_to_codepoint(text, at) for at in range(units + 1)]
        assert there["units"] == [codepoint_to_utf16(text, at) for at in range(len(text) + 1)]
        assert (there["all"], there["beyond"]) == (len(text), units)


def test_trimming_and_snapping_agree(page: Page) -> None:
    asked = [(case.text, *case.span()) for case in cases()]
    found = evaluate(
        page,
        """asked => asked.map(([text, start, end]) => {
            const [from, to] = [Offsets.utf16(text, start), Offsets.utf16(text, end)];
            const back = (ends) => ends.map((at) => Offsets.codePoints(text, at));
            const trimmed = Offsets.trim(text, from, to);
            return [back(Offsets.snap(text, from, to)), back(Offsets.snap(text, ...trimmed))];
        })""",
        asked,
    )
    for (text, start, end), (snapped, trimmed) in zip(asked, found, strict=True):
        assert tuple(snapped) == snap_outward(text, start, end)
        assert tuple(trimmed) == trim(text, start, end)


SELECT = """cases => {
    const root = document.getElementById("text");
    // The DOM position after so many code points of a block, at the first or the last node that touches it.
    const place = (n, count, late) => {
        const text = document.querySelector(`#p${n} .block__text`);
        const walker = document.createTreeWalker(text, NodeFilter.SHOW_TEXT);
        let left = count, found = [text, 0];
        while (walker.nextNode()) {
            const points = [...walker.currentNode.data];
            if (left <= points.length) {
                found = [walker.currentNode, points.slice(0, left).join("").length];
                if (!late || left < points.length) break;
            }
            left -= points.length;
            if (left < 0) break;
        }
        return found;
    };
    return cases.map(({html, from, to, late, wanted}) => {
        root.innerHTML = html;
        const read = [...root.querySelectorAll(".block__text")].map((text) => text.textContent);
        const range = document.createRange();
        range.setStart(...place(...from, late));
        range.setEnd(...place(...to, late));
        const ranges = wanted ? Offsets.toRanges(...wanted, root) : [];
        return {
            read,
            span: Offsets.fromRange(range, root),
            words: ranges.map(String),
            again: ranges.length ? Offsets.fromRange(whole(ranges), root) : null,
            inside: ranges.every((one) => [one.startContainer, one.endContainer].every((node) =>
                node.nodeType === Node.TEXT_NODE && node.parentElement.closest(".block__text"))),
        };
    });
    function whole(ranges) {
        const range = ranges[0].cloneRange();
        range.setEnd(ranges.at(-1).endContainer, ranges.at(-1).endOffset);
        return range;
    }
}"""


def test_selections_and_spans_agree_with_the_server(page: Page) -> None:
    asked, expected = [], []
    for case in cases():
        (first, start_at), (last, end_at) = sorted(_place(case) for _ in range(2))
        start, end = case.places[first][0] + start_at, case.places[last][0] + end_at
        try:
            wanted = settle(case.text, TextSpan(start, end)) if start < end else None
        except EmptySpan:
            wanted = None
        asked.append(
            {
                "html": case.html,
                "from": [first, start_at],
                "to": [last, end_at],
                "late": case.luck.random() < 0.5,
                "wanted": [wanted.start, wanted.end] if wanted else None,
            }
        )
        expected.append((case, wanted))
    assert sum(wanted is not None for _, wanted in expected) >= 300
    for (case, wanted), there in zip(expected, evaluate(page, SELECT, asked), strict=True):
        assert there["read"] == [case.text[start:end] for start, end in case.places]
        span = {"start": wanted.start, "end": wanted.end, "exact": wanted.of(case.text)} if wanted else None
        assert there["span"] == there["again"] == span
        parts = cut(wanted, case.blocks) if wanted else []
        assert there["words"] == [part.of(case.text) for _, part in parts]
        assert there["inside"]


def _place(case: Case) -> tuple[int, int]:
    """A block's number and an offset in it."""
    n = case.luck.randrange(len(case.places))
    start, end = case.places[n]
    return n, case.luck.randint(0, end - start)


ARTICLE = (
    '<section class="block" id="p0" data-start="0" data-end="9"><a class="block__number">0</a>'
    '<h1 class="block__text"> A title </h1></section> stray '
    '<section class="block" id="p1" data-start="10" data-end="10"><a class="block__number">1</a>'
    '<p class="block__text"></p></section>'
    '<section class="block" id="p2" data-start="11" data-end="17"><a class="block__number">2</a>'
    '<p class="block__text">Some<!-- not text --> <em>x</em></p></section>'
)

BETWEEN = [
    ("the whole article", "r.selectNodeContents(root)", (1, 17, "A title \n\nSome x")),
    (
        "from a number",
        "r.setStart(q('#p0 a').firstChild, 0); r.setEnd(q('#p0 h1').firstChild, 2)",
        (1, 2, "A"),
    ),
    ("to the next number", "r.setStart(q('#p0 h1').firstChild, 3); r.setEnd(q('#p2 a'), 0)", (3, 8, "title")),
    ("a triple click", "r.setStart(q('#p0 h1').firstChild, 0); r.setEnd(q('#p1 p'), 0)", (1, 8, "A title")),
    ("only a number", "r.selectNodeContents(q('#p2 a'))", None),
    ("only what stands between", "r.selectNode(q('#p0').nextSibling)", None),
    ("an empty block", "r.selectNode(q('#p1'))", None),
    ("only white space", "r.setStart(q('#p0 h1').firstChild, 8); r.setEnd(q('#p1 p'), 0)", None),
    ("nothing", "r.setStart(q('#p2 em').firstChild, 0); r.collapse(true)", None),
    ("by elements", "r.setStart(q('#p2 p'), 2); r.setEnd(q('#p2 p'), 4)", (16, 17, "x")),
    ("one element", "r.selectNode(q('#p2 em'))", (16, 17, "x")),
    ("from outside", "r.setStart(document.body, 0); r.setEnd(q('#p0 h1').firstChild, 4)", (1, 4, "A t")),
    ("to outside", "r.setStart(q('#p2 p').firstChild, 2); r.setEnd(document.body, 1)", (13, 17, "me x")),
]


@pytest.mark.parametrize(("select", "found"), [row[1:] for row in BETWEEN], ids=[row[0] for row in BETWEEN])
def test_a_range_beside_the_text_is_clamped_to_it(
    page: Page, select: str, found: tuple[int, int, str] | None
) -> None:
    span = evaluate(
        page,
        """([html, select]) => {
            const [root, r] = [document.getElementById("text"), document.createRange()];
            const q = (selector) => document.querySelector(selector);
            root.innerHTML = html;
            new Function("root", "r", "q", select)(root, r, q);
            return Offsets.fromRange(r, root);
        }""",
        [ARTICLE, select],
    )
    assert span == (found and dict(zip(("start", "end", "exact"), found, strict=True)))


def test_a_span_that_is_not_in_the_page_has_no_ranges(page: Page) -> None:
    page.evaluate("html => { document.getElementById('text').innerHTML = html; }", ARTICLE)
    count = "ends => Offsets.toRanges(...ends, document.getElementById('text')).length"
    assert [evaluate(page, count, ends) for ends in ([17, 30], [9, 10], [10, 11], [0, 17])] == [0, 0, 0, 2]


@pytest.mark.parametrize(
    ("helper", "text", "word", "lang", "found"),
    [
        ("sentenceAround", "It began. It went on!  It ended", "went", "en", "It went on!"),
        ("sentenceAround", "It began. It ended ", "ended", "en", "It ended"),
        ("sentenceAround", "これは文です。次の文です。", "次", "ja", "次の文です。"),
        ("sentenceAround", "آیا آمد؟ نه، نیامد.", "نه", "fa", "نه، نیامد."),
        ("sentenceAround", "No language. At all", "At", "", "At all"),
        ("wordAround", "don’t touch 👩‍👩‍👧‍👦 it", "on", "en", "don’t"),
        ("wordAround", "one two", " ", "en", "one"),
        ("wordAround", "one, two", " ", "en", None),
        ("wordAround", "می\u200cخواهم بروم", "خواهم", "fa", "می\u200cخواهم"),
        ("paragraphAround", "  all of it\n", "all", "en", "all of it"),
    ],
)
def test_the_words_around_a_place(
    page: Page, helper: str, text: str, word: str, lang: str, found: str | None
) -> None:
    there = evaluate(
        page,
        """([helper, text, word, lang]) => {
            const ends = Offsets[helper](text, text.indexOf(word), lang);
            return ends && text.slice(...ends);
        }""",
        [helper, text, word, lang],
    )
    assert there == found


def test_a_place_at_the_end_belongs_to_the_last_words(page: Page) -> None:
    script = """text => [Offsets.sentenceAround(text, text.length), Offsets.wordAround(text, text.length)]"""
    assert evaluate(page, script, "One. Two") == [[5, 8], [5, 8]]
    assert evaluate(page, script, "") == [[0, 0], None]


def test_a_browser_that_cannot_segment_still_counts(page: Page) -> None:
    """Without Intl.Segmenter the edges stay where they were put; the server snaps them."""
    found = page.evaluate(
        """html => {
            const known = Intl.Segmenter;
            Intl.Segmenter = undefined;
            document.getElementById("text").innerHTML = html;
            const range = document.createRange();
            range.setStart(document.querySelector("#p0 .block__text").firstChild, 2);
            range.setEnd(document.querySelector("#p0 .block__text").firstChild, 4);
            const found = [Offsets.fromRange(range, document.getElementById("text")),
                Offsets.sentenceAround("One. Two", 1), Offsets.wordAround("One. Two", 1)];
            Intl.Segmenter = known;
            return found;
        }""",
        '<section class="block" id="p0" data-start="5" data-end="9"><p class="block__text">'
        + "😀e\u0301."
        + "</p></section>",
    )
    assert found == [{"start": 6, "end": 8, "exact": "e\u0301"}, [0, 8], None]
