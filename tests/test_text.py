"""Canonical text and its units: properties over any text, and what sentences are in several languages."""

import unicodedata
from itertools import pairwise

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from app.text import (
    MOST_ACCENTS,
    UnreadableText,
    canonical,
    codepoint_to_utf16,
    collapse,
    graphemes,
    join_blocks,
    sentences,
    snap_outward,
    trim,
    utf16_length,
    utf16_to_codepoint,
    words,
)

TRICKY = st.sampled_from(
    [
        *"aB1 .!?…“”\"'()[]»«\n\t،؟۔।。！「」",
        *"क्षिสวัสดีกำ한가漢かé\u00a0\u3000\u2028\r",
        *"\u0301\u200d\u200c\u200f\u0600\ufe0f👩🇫🇷‼",
        "Mr",
        "U.S",
    ]
)
TEXTS = st.one_of(st.text(st.characters(exclude_categories=["Cs"])), st.lists(TRICKY).map("".join))
CANONICAL = TEXTS.map(lambda text: regex.sub("[\0\ufffe\uffff]", "", text)).map(canonical)


@st.composite
def spans(draw: st.DrawFn) -> tuple[str, int, int]:
    text = draw(CANONICAL)
    start, end = sorted(draw(st.tuples(*[st.integers(0, len(text))] * 2)))
    return text, start, end


def said(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences(text)]


def visible(text: str) -> str:
    return "".join(text.split())


@given(CANONICAL)
def test_canonical_text_is_canonical(text: str) -> None:
    assert canonical(text) == text
    assert unicodedata.is_normalized("NFC", text)
    assert not set("\r\x85\u2028\u2029\ufeff\x0c") & set(text)


def test_line_ends_become_line_feeds() -> None:
    assert canonical("a\r\nb\rc\x85d\u2028e\u2029f\x0cg\n\n") == "a\nb\nc\nd\ne\nf\ng\n\n"


def test_what_is_seen_or_steers_stays() -> None:
    text = "می‌خواهد\u200f “curly” — ‘dash’ 👩‍👧 x\ty"
    assert canonical(text) == text
    assert canonical("\ufeffe\u0301\x02x") == "éx"


@pytest.mark.parametrize("text", ["a\0", "a\ud800", "a\ufffe", "a\uffff"])
def test_what_no_text_may_hold_is_refused(text: str) -> None:
    with pytest.raises(UnreadableText, match="may hold") as refusal:
        canonical(text)
    assert refusal.value.position == 1


def test_piles_of_accents_are_refused() -> None:
    assert canonical("q" + "\u0301" * MOST_ACCENTS)
    with pytest.raises(UnreadableText, match="accents"):
        canonical("q" + "\u0301\u0323" * MOST_ACCENTS)


@given(st.lists(CANONICAL.map(lambda text: text.replace("\n", " "))))
def test_blocks_tile_the_text(blocks: list[str]) -> None:
    text, spans = join_blocks(blocks)
    assert [text[start:end] for start, end in spans] == blocks
    assert canonical(text) == text
    assert [after[0] - before[1] for before, after in pairwise(spans)] == [1] * (
        len(spans) - 1 if spans else 0
    )


@given(CANONICAL)
def test_graphemes_are_those_of_the_library(text: str) -> None:
    assert [text[start:end] for start, end in graphemes(text)] == regex.findall(r"\X", text)


@given(spans())
def test_snapping_goes_outward_to_the_nearest_edges(span: tuple[str, int, int]) -> None:
    text, start, end = span
    edges = {0, len(text), *(edge for grapheme in graphemes(text) for edge in grapheme)}
    first, last = snap_outward(text, start, end)
    assert first == max(edge for edge in edges if edge <= start)
    assert last == (first if start == end else min(edge for edge in edges if edge >= end))


@given(spans())
def test_trimming_loses_only_white_space_and_splits_nothing(span: tuple[str, int, int]) -> None:
    text, start, end = span
    first, last = trim(text, start, end)
    assert visible(text[start:end]) in visible(text[first:last])
    assert snap_outward(text, first, last) == (first, last)
    assert trim(text, first, last) == (first, last)


def test_trimming_examples() -> None:
    assert trim("a \u3000word\u00a0\n b", 1, 9) == (3, 7)
    assert trim("a   b", 1, 4)[0] == trim("a   b", 1, 4)[1]
    with pytest.raises(ValueError):
        trim("abc", 2, 4)


@given(CANONICAL)
def test_sentences_cover_what_is_seen_in_order(text: str) -> None:
    found = sentences(text)
    assert "".join(visible(text[start:end]) for start, end in found) == visible(text)
    assert found == sorted(found) and all(start < end for start, end in found)
    assert all(before[1] <= after[0] for before, after in pairwise(found))
    assert all(snap_outward(text, *span) == span for span in found)


@pytest.mark.parametrize(
    "expected",
    [
        ["Mr. Smith met Gen. Salami of the U.S. Army.", "He lives in the U.S.", "He left at 5 p.m. on foot."],
        [
            "“Go!” he said.",
            "“Are you going?”",
            "(See below.)",
            "It cost 3.14 at most.[3]",
            "J. K. Rowling wrote.",
        ],
        ["See p. 12, e.g. Apples.", "No. 5 is alive.", "No.", "He said so."],
        ["Am 3. Oktober war es.", "»Ja.«", "Er ging z.B. Montag."],
        ["آیا او رفت؟", "بله.", "نه۔"],
        ["यह है ।", "वह है।", "ठीक?"],
    ],
)
def test_sentences_of_several_languages(expected: list[str]) -> None:
    assert said(" ".join(expected)) == expected


def test_sentences_without_spaces() -> None:
    assert said("他说。「好。」2015年です！？はい。") == ["他说。", "「好。」", "2015年です！？", "はい。"]
    assert said("สวัสดีครับ ผมชื่อ พ.ศ. ๒๔๙๑\nบรรทัดใหม่") == ["สวัสดีครับ ผมชื่อ พ.ศ. ๒๔๙๑", "บรรทัดใหม่"]


def test_words() -> None:
    text = "Can't stop — 3.14, สวัสดีครับ!"
    assert [text[start:end] for start, end in words(text)] == ["Can't", "stop", "3.14", "สวัสดีครับ"]


@given(CANONICAL)
def test_words_hold_every_letter(text: str) -> None:
    held = "".join(text[start:end] for start, end in words(text))
    assert regex.findall(r"[\p{L}\p{N}]", held) == regex.findall(r"[\p{L}\p{N}]", text)


@given(spans())
def test_utf16_offsets_round_trip(span: tuple[str, int, int]) -> None:
    text, offset, _end = span
    units = codepoint_to_utf16(text, offset)
    assert units == sum(1 + (character > "\uffff") for character in text[:offset])
    assert utf16_to_codepoint(text, units) == offset
    assert utf16_length(text) == codepoint_to_utf16(text, len(text))


def test_utf16_edges() -> None:
    assert utf16_to_codepoint("a👩b", 2) == 1
    with pytest.raises(ValueError):
        utf16_to_codepoint("a👩b", 5)
    with pytest.raises(ValueError):
        codepoint_to_utf16("a👩b", 4)


def test_collapse_folds_all_white_space() -> None:
    assert collapse("\u3000a \t\nb\u00a0c ") == "a b c"
