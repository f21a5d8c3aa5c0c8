"""Segments tile the paragraph, marks keep their lanes, and what is drawn holds the text and each span."""

import sys
from collections import defaultdict
from html.parser import HTMLParser
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.annotations.painting import Inline, draw
from app.annotations.segments import Mark, Run, segments
from app.codebook.looks import MORE, look
from tests.annotations.strategies import texts

FROM = 1000
LOOKS = [("blue", "double"), ("green", "wavy"), ("orange", "solid")]


@st.composite
def marked(draw_: st.DrawFn) -> tuple[str, list[Mark]]:
    """A paragraph that begins at FROM, and marks that may reach beyond it or miss it."""
    text = draw_(texts)
    edge = st.integers(-3, len(text) + 3)
    drawn = draw_(st.lists(st.tuples(edge, edge, st.sampled_from(LOOKS)), max_size=14))
    return text, [
        Mark(FROM + min(a, b), FROM + max(a, b), *look, order) for order, (a, b, look) in enumerate(drawn)
    ]


def runs_of(text: str, marks: list[Mark]) -> list[Run]:
    return segments(FROM, FROM + len(text), marks)


class Reading(HTMLParser):
    """Reads drawn HTML back: its text, and for each code point the open elements, outermost first."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[tuple[str, tuple[tuple[str, str | None], ...]]] = []
        self.text = ""
        self.over: list[list[tuple[str, tuple[tuple[str, str | None], ...]]]] = []
        self.started = 0
        self.feed(str(html))  # Markup would escape the parser's own additions
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open.append((tag, tuple(attrs)))
        self.started += 1

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop()[0] == tag

    def handle_data(self, data: str) -> None:
        self.text += data
        self.over += [list(self.open)] * len(data)

    def where(self, tag: str, **attributes: str) -> set[int]:
        wanted = set(attributes.items())
        return {
            FROM + at
            for at, elements in enumerate(self.over)
            if any(name == tag and wanted <= set(given_) for name, given_ in elements)
        }


@given(marked())
def test_runs_tile_the_paragraph_and_no_two_neighbours_look_alike(page: tuple[str, list[Mark]]) -> None:
    text, marks = page
    runs = runs_of(text, marks)
    edges = [run.start for run in runs] + [run.end for run in runs[-1:]]
    assert edges == sorted(set(edges))
    assert (edges[0], edges[-1]) == (FROM, FROM + len(text))
    assert all(run.end == after.start for run, after in pairwise(runs))
    assert all(run[2:] != after[2:] for run, after in pairwise(runs))


@given(marked())
def test_at_every_code_point_each_look_is_in_one_lane_or_counted(page: tuple[str, list[Mark]]) -> None:
    text, marks = page
    end = FROM + len(text)
    for run in runs_of(text, marks):
        for at in range(run.start, run.end):
            there = {(max(m.start, FROM), min(m.end, end), *m[2:4]) for m in marks if m.start <= at < m.end}
            seated = [mark[:4] for mark in run.lanes if mark]
            assert len(seated) == len(set(seated))
            assert set(seated) <= there
            assert run.more == len(there) - len(seated)


@given(marked())
def test_a_mark_keeps_its_lane_and_its_whole_extent(page: tuple[str, list[Mark]]) -> None:
    text, marks = page
    found: dict[tuple[Mark, int], list[tuple[int, int]]] = defaultdict(list)
    for run in runs_of(text, marks):
        for lane, mark in enumerate(run.lanes):
            if mark:
                found[mark, lane].append((run.start, run.end))
    assert len({mark for mark, _ in found}) == len(found)
    for (mark, _), stretches in found.items():
        assert (stretches[0][0], stretches[-1][1]) == (mark.start, mark.end)
        assert all(a[1] == b[0] for a, b in pairwise(stretches))


@given(marked(), st.randoms(use_true_random=False))
def test_the_order_in_which_marks_are_given_changes_nothing(
    page: tuple[str, list[Mark]], chance: Random
) -> None:
    text, marks = page
    shuffled = list(marks)
    chance.shuffle(shuffled)
    assert runs_of(text, shuffled) == runs_of(text, marks)


def test_the_earliest_and_longest_take_the_lowest_lane() -> None:
    long, short = Mark(0, 9, "blue", "solid", 3), Mark(0, 4, "blue", "solid", 1)
    late = Mark(4, 6, "grey", "dotted", 2)
    runs = segments(0, 10, [late, short, long])
    assert [run.lanes[:2] for run in runs] == [(long, short), (long, late), (long, None), (None, None)]


def test_marks_that_look_the_same_are_drawn_once() -> None:
    first, again = Mark(0, 4, "blue", "double", 1), Mark(0, 4, "blue", "double", 2)
    assert segments(0, 4, [again, first]) == [Run(0, 4, (first, None, None, None), 0)]


def test_a_fifth_mark_is_counted_to_its_end() -> None:
    four = [Mark(0, 4, colour, "solid", 1) for colour in ("blue", "green", "orange", "purple")]
    runs = segments(0, 6, [*four, Mark(1, 6, "grey", "dotted", 9)])
    assert [(run.start, run.end, run.more) for run in runs] == [(0, 1, 0), (1, 4, 1), (4, 6, 1)]
    assert draw("abcdef", runs).endswith("<mark class=M>ef</mark>")


def test_a_paragraph_without_words_has_no_runs() -> None:
    assert segments(7, 7, [Mark(0, 9, "blue", "solid", 0)]) == []
    assert draw("", []) == ""


@given(marked())
def test_drawing_holds_the_text_and_each_marks_span(page: tuple[str, list[Mark]]) -> None:
    text, marks = page
    runs = runs_of(text, marks)
    read = Reading(draw(text, runs))
    assert read.text == text
    for lane in range(4):
        for colour, line in LOOKS:
            expected = {
                at
                for run in runs
                if (mark := run.lanes[lane]) and mark[2:4] == (colour, line)
                for at in range(run.start, run.end)
            }
            assert read.where("mark", **{"class": look(colour, line, lane)}) == expected
    assert read.where("mark", **{"class": MORE}) == {
        at for run in runs if run.more for at in range(run.start, run.end)
    }


formatting = st.builds(
    Inline,
    st.integers(FROM - 2, FROM + 40),
    st.integers(FROM - 2, FROM + 60),
    st.sampled_from(["emphasis", "strong", "code", "superscript", "subscript", "link", "page"]),
    st.just("https://example.org/?a=1&b=2"),
)
ELEMENTS = {
    "emphasis": "em",
    "strong": "strong",
    "code": "code",
    "superscript": "sup",
    "subscript": "sub",
    "link": "a",
}


@given(marked(), st.lists(formatting, max_size=8))
def test_formatting_is_drawn_around_the_marks(page: tuple[str, list[Mark]], inline: list[Inline]) -> None:
    text, marks = page
    runs = runs_of(text, marks)
    read, plain = Reading(draw(text, runs, inline)), Reading(draw(text, runs))
    assert read.text == text
    everywhere = set(range(FROM, FROM + len(text)))
    for kind, name in ELEMENTS.items():
        ranges = [set(range(r.start, r.end)) for r in inline if r.kind == kind]
        assert read.where(name) == set().union(*ranges) & everywhere
    inner = [sorted(element for element in elements if element[0] == "mark") for elements in read.over]
    assert inner == [sorted(elements) for elements in plain.over]


def test_a_mark_in_a_lower_lane_does_not_cut_the_longer_one_around_it() -> None:
    early, long, short = (Mark(*span, "blue", "solid", 0) for span in ((0, 3), (1, 9), (5, 7)))
    html = draw("abcdefghi", segments(0, 9, [early, long, short]))
    low, high = "<mark class=bS>", "<mark class=bS1>"
    assert html == f"{low}a{high}bc</mark></mark>{high}de{low}fg</mark>hi</mark>"


def test_a_link_that_several_marks_share_is_one_link() -> None:
    runs = segments(0, 9, [Mark(1, 3, "blue", "solid", 0), Mark(2, 6, "grey", "dotted", 1)])
    html = draw("some link", runs, [Inline(0, 9, "link", "https://example.org/")])
    assert html.count("<a ") == 1
    assert html.startswith('<a href="https://example.org/" rel="noopener noreferrer nofollow">')


def test_neighbouring_runs_share_the_outer_mark() -> None:
    runs = segments(0, 6, [Mark(0, 6, "blue", "double", 0), Mark(2, 4, "green", "wavy", 1)])
    assert draw("abcdef", runs) == ("<mark class=bD>ab<mark class=gW1>cd</mark>ef</mark>")


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        " javascript:alert(1)",
        "java\nscript:alert(1)",
        "data:text/html,x",
        "https://a b",
        "https:\nx",
        "//example.org",
        "/sign-out",
        "vbscript:x",
        "",
    ],
)
def test_a_link_to_anything_but_the_web_or_a_mailbox_is_not_drawn(address: str) -> None:
    assert draw("word", segments(0, 4, []), [Inline(0, 4, "link", address)]) == "word"


def test_everything_is_escaped() -> None:
    nasty = "<script>&\"'</script>"
    hostile = '"><img src=x onerror=alert(1)>'
    runs = segments(0, len(nasty), [Mark(0, 4, hostile, hostile, 0)])
    html = draw(nasty, runs, [Inline(0, 9, "link", 'https://x/"onmouseover="alert(1)')])
    read = Reading(html)
    assert read.text == nasty
    assert {tag for elements in read.over for tag, _ in elements} == {"mark", "a"}
    attributes = {name for elements in read.over for _, given_ in elements for name, _ in given_}
    assert attributes == {"class", "href", "rel"}
    assert "<mark class=yT>" in html


def counted(n: int) -> int:
    """Calls made while n marks, all overlapping, are laid out and drawn."""
    marks = [Mark(at, at + n, "blue", "solid", at) for at in range(n)]
    calls = 0

    def count(*_: object) -> None:
        nonlocal calls
        calls += 1

    sys.setprofile(count)
    try:
        draw("x" * 2 * n, segments(0, 2 * n, marks), [Inline(at, at + 5, "strong") for at in range(0, n, 10)])
    finally:
        sys.setprofile(None)
    return calls


def test_twice_the_marks_cost_about_twice_the_work() -> None:
    assert counted(1600) <= 2.5 * counted(800)
