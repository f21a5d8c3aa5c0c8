"""Quotes are found again where they stand, in a text that changed around them, and never by a guess."""

import sys
import unicodedata

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from app.annotations.anchoring import MOST, NEARBY, QuoteMismatch, _edits, check, find_quote, reanchor
from app.annotations.spans import EmptySpan, Quote, TextSpan, quote, settle
from app.text import canonical, collapse
from tests.annotations.strategies import spans, texts

SPEECH = (
    "Officials in the capital said on Tuesday that talks could resume within weeks, although nobody would "
    "name a date.\nA second round, they warned, may fail if the first one does. The minister repeated that "
    "talks could resume, and left by a side door."
)


def span_of(text: str, words: str) -> TextSpan:
    return TextSpan(text.index(words), text.index(words) + len(words))


# --- find_quote ---


@given(st.data(), texts.filter(bool))
def test_words_are_found_where_they_stand(data: st.DataObject, text: str) -> None:
    span = TextSpan(*data.draw(spans(text)))
    assume(span.of(text).strip())
    start, end = span.start, span.end
    while text[start].isspace():
        start += 1
    while text[end - 1].isspace():
        end -= 1
    found = find_quote(text, span.of(text))
    assert TextSpan(start, end) in found or len(found) == MOST
    assert all(collapse(place.of(text)) == collapse(span.of(text)) for place in found)


@given(texts, texts, texts.filter(str.strip))
def test_what_was_inserted_is_found(before: str, after: str, words: str) -> None:
    words = words.strip()
    text = before + "\n" + words + "\n" + after
    assume(canonical(text) == text)
    start = len(before) + 1
    assert TextSpan(start, start + len(words)) in find_quote(text, words)
    assert find_quote(text, words, start, start + len(words)) == [TextSpan(start, start + len(words))]


@pytest.mark.parametrize(
    ("text", "words", "found"),
    [
        ("one two  one\ntwo", "one two", ["one two", "one\ntwo"]),
        ("He said “no – never”.", '"no - never"', ["“no – never”"]),
        ("it’s done", "it's  done", ["it’s done"]),
        ("it's done", "it’s done", ["it's done"]),
        ("a co\xadoperative house", "cooperative", ["co\xadoperative"]),
        ("او می\u200cخواهد", "میخواهد", ["می\u200cخواهد"]),
        ("ten\xa0per cent", "ten per cent", ["ten\xa0per cent"]),
        ("The Talks began", "the talks", ["The Talks"]),
        ("the talks, The Talks", "The Talks", ["The Talks"]),
        ("İstanbul WAITS", "waits", ["WAITS"]),
        ("Cafe\u0301 closed", "Café closed", []),
        ("Café closed", "Cafe\u0301 closed", ["Café closed"]),
        ("aaa", "aa", ["aa", "aa"]),
        ("nothing here", "something", []),
        ("nothing here", "  ", []),
        ("nothing here", "\u200c\xad", []),
        ("nothing here", "\ud800", []),
    ],
)
def test_spacing_then_typography_then_case_are_forgiven(text: str, words: str, found: list[str]) -> None:
    assert [span.of(text) for span in find_quote(text, words)] == found


def test_a_text_of_one_letter_is_not_looked_through_for_ever() -> None:
    assert len(find_quote("a" * 100_000, "a" * 1_000)) == MOST


# --- check ---


@given(st.data(), texts.filter(bool))
@example(None, "a")
def test_the_words_that_stand_there_are_accepted(data: st.DataObject | None, text: str) -> None:
    span = TextSpan(*data.draw(spans(text))) if data else TextSpan(0, 1)
    assume(span.of(text).strip())
    sent = unicodedata.normalize("NFD", span.of(text)).replace("\n", "\r\n")
    assume(canonical(sent) == span.of(text))
    assert check(text, span.start, span.end, sent) == settle(text, span)


def test_a_quote_a_little_way_off_is_put_right() -> None:
    span = span_of(SPEECH, "A second round")
    assert check(SPEECH, span.start + NEARBY, span.end + NEARBY, "A second\nround") == span
    assert check(SPEECH, max(0, span.start - 9), span.end - 9, "A second round") == span


def test_a_whole_grapheme_quoted_for_half_of_it_is_accepted() -> None:
    assert check("so 👩‍👩‍👧‍👦 it is", 4, 6, "👩‍👩‍👧‍👦") == TextSpan(3, 10)


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [
        (0, 9, "officials"),
        (200, 210, "Officials in the capital"),
        (0, 9, "Officials\0"),
        (9999, 10_009, "door"),
        (0, 9, "o\ud800"),
        (0, 9, "e" + "\u0301" * 5_000),
        (40, 45, "a"),
    ],
)
def test_words_that_do_not_stand_there_are_refused(start: int, end: int, words: str) -> None:
    with pytest.raises(QuoteMismatch):
        check(SPEECH, start, end, words)


def test_words_that_stand_nearby_twice_are_refused() -> None:
    with pytest.raises(QuoteMismatch):
        check("yes and yes and no", 12, 15, "yes")


def test_no_words_are_no_quote() -> None:
    with pytest.raises(EmptySpan):
        check("some words", 4, 5, " ")
    with pytest.raises(ValueError, match="not a span"):
        check("some words", 4, 4, "some")


# --- reanchor ---


@given(st.data(), texts.filter(str.strip))
def test_an_unchanged_text_keeps_every_mark(data: st.DataObject, text: str) -> None:
    span = TextSpan(*data.draw(spans(text)))
    assume(span.of(text).strip())
    span = settle(text, span)
    assert reanchor(quote(text, span), span.start, text) == (span, "exact")


@given(st.data(), texts.map(lambda text: "An unrelated opening. " + text + "\n"))
def test_a_text_that_moved_takes_its_marks_along(data: st.DataObject, before: str) -> None:
    span = settle(
        SPEECH, TextSpan(*data.draw(spans(SPEECH).filter(lambda ends: SPEECH[slice(*ends)].strip())))
    )
    found, status = reanchor(quote(SPEECH, span), span.start, before + SPEECH)
    assume(span.start > 32 or span.length >= 16)
    assert found == span.shifted(len(before))
    assert status == "moved"


def test_an_edit_elsewhere_leaves_the_mark_exact() -> None:
    span = span_of(SPEECH, "may fail")
    new = SPEECH.replace("if the first", "when the first")
    assert reanchor(quote(SPEECH, span), span.start, new) == (span, "exact")


def test_an_edit_within_the_words_is_followed_and_said() -> None:
    span = span_of(SPEECH, "A second round, they warned, may fail if the first one does.")
    new = SPEECH.replace("they warned, may fail", "he warned, might fail")
    found, status = reanchor(quote(SPEECH, span), span.start, new)
    assert (found and found.of(new), status) == (
        "A second round, he warned, might fail if the first one does.",
        "changed",
    )


def test_an_altered_last_word_is_taken_whole() -> None:
    span = span_of(SPEECH, "talks could resume within weeks")
    new = "Lately. " + SPEECH.replace("within weeks", "within days")
    found, status = reanchor(quote(SPEECH, span), span.start, new)
    assert (found and found.of(new), status) == ("talks could resume within days", "changed")


def test_new_quotation_marks_are_a_change_that_is_followed() -> None:
    old = 'The minister said "not today" and left by a side door.'
    new = "Again. The minister said “not today” and left by a side door."
    span = span_of(old, '"not today"')
    assert reanchor(quote(old, span), span.start, new) == (span_of(new, "“not today”"), "changed")


def test_of_two_equal_places_neither_is_chosen() -> None:
    line = "We shall see, he said, and smiled at the cameras outside the old hotel. "
    old, new = "Begin. " + line + "End.", "Another beginning altogether. " + line + line + line + "End."
    span = span_of(old, "he said")
    assert reanchor(quote(old, span), span.start, new) == (None, "orphan")


def test_context_tells_two_places_apart() -> None:
    span = TextSpan(SPEECH.rindex("talks could resume"), SPEECH.rindex("talks could resume") + 18)
    assert reanchor(quote(SPEECH, span), span.start, "New. " + SPEECH) == (span.shifted(5), "moved")


def test_a_twin_elsewhere_is_no_refuge_when_the_marked_words_were_altered() -> None:
    old = "They met. It will vote in the spring, said Ada. It rained. It will vote in the spring, said Ben."
    span = TextSpan(old.index("It will vote"), old.index("It will vote") + 27)
    new = old.replace("It will vote in the spring, said Ada", "It may vote in the spring, said Ada")
    found, _ = reanchor(quote(old, span), span.start, new)
    assert found is None or found.of(new) == "It may vote in the spring,"


@pytest.mark.parametrize("words", ["a", "they", "side door"])
def test_a_short_quote_without_its_context_is_an_orphan(words: str) -> None:
    span = span_of(SPEECH, words)
    new = f"Something else was written here, and {words} came up in it by mere chance."
    assert reanchor(quote(SPEECH, span), span.start, new) == (None, "orphan")


@given(texts)
def test_what_is_gone_is_an_orphan(new: str) -> None:
    span = span_of(SPEECH, "they warned, may fail if the first one does")
    assert reanchor(quote(SPEECH, span), span.start, new) == (None, "orphan")
    assert reanchor(Quote(" ", "", ""), 0, new) == (None, "orphan")


@given(st.data())
def test_an_anchor_always_lies_in_the_text_and_reads_much_like_the_quote(data: st.DataObject) -> None:
    old = data.draw(st.text("ab c", min_size=1, max_size=60).filter(str.strip))
    new = data.draw(st.text("ab c", max_size=80))
    span = TextSpan(*data.draw(spans(old)))
    assume(span.of(old).strip())
    kept = quote(old, settle(old, span))
    found, status = reanchor(kept, settle(old, span).start, new)
    assert (found is None) == (status == "orphan")
    if found:
        assert found == settle(new, found)
        *_, (_, edits) = _edits(kept.exact, found.of(new), anchored=True)
        assert edits <= len(kept.exact) // 4 + abs(len(kept.exact) - found.length)
        assert (found.of(new) == kept.exact) == (status != "changed")


# --- edits ---


def slowly(pattern: str, text: str, *, anchored: bool) -> list[tuple[int, int]]:
    """Sellers' dynamic programme, column by column."""
    column, found = list(range(len(pattern) + 1)), []
    for end, letter in enumerate(text, 1):
        fresh = [end if anchored else 0]
        for row, wanted in enumerate(pattern, 1):
            fresh.append(min(column[row] + 1, fresh[-1] + 1, column[row - 1] + (wanted != letter)))
        column = fresh
        found.append((end, column[-1]))
    return found


@given(st.text("ab", min_size=1, max_size=9), st.text("abc", max_size=14), st.booleans())
def test_edits_agree_with_the_textbook(pattern: str, text: str, anchored: bool) -> None:
    assert list(_edits(pattern, text, anchored=anchored)) == slowly(pattern, text, anchored=anchored)


def test_a_lost_quote_costs_no_more_in_a_longer_book() -> None:
    span = span_of(SPEECH, "they warned, may fail")

    def calls(text: str) -> int:
        seen = 0

        def count(*_: object) -> None:
            nonlocal seen
            seen += 1

        sys.setprofile(count)
        try:
            reanchor(quote(SPEECH, span), span.start, text)
        finally:
            sys.setprofile(None)
        return seen

    assert calls("zyx " * 100_000) <= 1.1 * calls("zyx " * 50_000)
