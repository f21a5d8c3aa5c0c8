"""Spans: their arithmetic, how they settle on words and are cut by paragraphs, what a quote keeps."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.annotations.spans import CONTEXT, EmptySpan, TextSpan, cut, quote, settle
from app.text import graphemes, join_blocks, snap_outward
from tests.annotations.strategies import spans, texts

some_spans = st.tuples(st.integers(0, 30), st.integers(1, 30)).map(lambda pair: TextSpan(pair[0], sum(pair)))


def edges(text: str) -> set[int]:
    return {0, len(text)}.union(*graphemes(text))


@pytest.mark.parametrize(("start", "end"), [(0, 0), (3, 2), (-1, 4), (-3, -1)])
def test_a_span_runs_forward_within_the_text(start: int, end: int) -> None:
    with pytest.raises(ValueError, match="not a span"):
        TextSpan(start, end)


@given(some_spans, some_spans)
def test_spans_agree_with_sets_of_offsets(one: TextSpan, other: TextSpan) -> None:
    mine, theirs = set(range(one.start, one.end)), set(range(other.start, other.end))
    assert one.overlaps(other) == bool(mine & theirs)
    assert one.contains(other) == (theirs <= mine)
    assert one.length == len(mine)
    common = one.intersect(other)
    assert (set(range(common.start, common.end)) if common else set()) == mine & theirs


@given(some_spans, st.integers(0, 50))
def test_shifting_there_and_back_changes_nothing(span: TextSpan, by: int) -> None:
    assert span.shifted(by).shifted(-by) == span
    assert span.shifted(by).length == span.length


def test_spans_sort_by_start_then_end() -> None:
    assert sorted([TextSpan(2, 9), TextSpan(0, 5), TextSpan(2, 3)]) == [
        TextSpan(0, 5),
        TextSpan(2, 3),
        TextSpan(2, 9),
    ]


@given(st.data(), texts.filter(bool))
def test_settling_keeps_every_word_and_splits_no_grapheme(data: st.DataObject, text: str) -> None:
    span = TextSpan(*data.draw(spans(text)))
    if not span.of(text).strip():
        with pytest.raises(EmptySpan):
            settle(text, span)
        return
    settled = settle(text, span)
    assert {settled.start, settled.end} <= edges(text)
    lost = [at for at in range(span.start, span.end) if not settled.start <= at < settled.end]
    assert all(text[at].isspace() for at in lost)
    assert TextSpan(*snap_outward(text, span.start, span.end)).contains(settled)
    assert settle(text, settled) == settled


def test_settling_takes_in_the_whole_family_and_leaves_the_space() -> None:
    text = "see 👩‍👩‍👧‍👦 here"
    assert settle(text, TextSpan(3, 6)).of(text) == "👩‍👩‍👧‍👦"


def test_settling_ends_with_the_text() -> None:
    assert settle("a word ", TextSpan(2, 99)) == TextSpan(2, 6)
    with pytest.raises(EmptySpan):
        settle("a word", TextSpan(6, 99))


@given(st.data(), st.lists(texts | st.just(""), min_size=1, max_size=6))
def test_cutting_gives_each_paragraph_what_of_the_span_lies_in_it(
    data: st.DataObject, blocks: list[str]
) -> None:
    text, places = join_blocks(blocks)
    if not text:
        return
    span = TextSpan(*data.draw(spans(text)))
    paragraphs = [(n, start, end) for n, (start, end) in enumerate(places)]
    expected = {
        n: [at for at in range(start, end) if span.start <= at < span.end] for n, start, end in paragraphs
    }
    found = {n: list(range(part.start, part.end)) for n, part in cut(span, paragraphs)}
    assert found == {n: offsets for n, offsets in expected.items() if offsets}
    assert list(found) == sorted(found)


@given(st.data(), texts.filter(bool))
def test_a_quote_keeps_as_much_context_as_whole_graphemes_allow(data: st.DataObject, text: str) -> None:
    start, end = snap_outward(text, *data.draw(spans(text)))
    found = quote(text, TextSpan(start, end))
    assert found.exact == text[start:end]
    starts = [at for at in edges(text) if start - CONTEXT <= at <= start]
    ends = [at for at in edges(text) if end <= at <= end + CONTEXT]
    assert found.prefix == text[min(starts) : start]
    assert found.suffix == text[end : max(ends)]


def test_context_leaves_out_a_family_that_does_not_fit() -> None:
    family = "👩‍👩‍👧‍👦"
    text = family * 6 + "here" + family * 6
    found = quote(text, TextSpan(len(family) * 6, len(family) * 6 + 4))
    assert (found.prefix, found.suffix) == (family * (CONTEXT // len(family)),) * 2
