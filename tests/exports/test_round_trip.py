"""What was marked is what comes home: exported, then read with independent readers, the spans are the same."""

import csv
import io
import json
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from app.annotations.spans import EmptySpan, TextSpan, settle
from app.exports.spreadsheet import original
from tests.annotations.strategies import spans, texts
from tests.exports.marking import Shelf, marked, shelved, tag_ids
from tests.support.cast import Member

KEYS = ("actor", "claim", "hedge", "prediction")
NOTES = (
    *("", "=1+1", "'=1+1", " \t@SUM(A1)", "＝cmd", 'she said "no"', "two\nlines", "a,b;c\td"),
    *("سلام", "ไทย 👩‍👩‍👧‍👦", "’tis", "é"),
    *("</script><script>alert(1)</script>", "{{ 7*7 }}", "\\u0000 \\", "  blanks  "),
)
PARAGRAPHS = ("=SUM(A1) of “claims”", "می\u200cخواهم سلام", "漢字と😀", "ไทย हिन्दी", '"quoted", 1')


@dataclass(frozen=True)
class Mark:
    """What a person did, and what must come back."""

    start: int
    end: int
    tags: tuple[str, ...]
    note: str


@st.composite
def readings(draw: st.DrawFn) -> tuple[list[str], list[Mark]]:
    """Paragraphs, and marks on them that overlap, nest and cross from one to the next."""
    drawn = draw(st.lists(texts | st.sampled_from(PARAGRAPHS), min_size=1, max_size=4))
    paragraphs = [line for text in drawn for line in text.split("\n") if line.strip()]
    text = "\n".join(["Title", *paragraphs])
    marks: dict[tuple[int, int], Mark] = {}
    for start, end in draw(st.lists(spans(text), min_size=1, max_size=6)):
        try:
            span = settle(text, TextSpan(start, end))
        except EmptySpan:
            continue
        tags = tuple(draw(st.lists(st.sampled_from(KEYS), unique=True, max_size=3)))
        note = draw(st.sampled_from(NOTES[1:] if not tags else NOTES))
        marks[span.start, span.end] = Mark(span.start, span.end, tags, note)
    assume(marks)
    return paragraphs, [marks[place] for place in sorted(marks)]


def from_csv(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def marks_in_rows(rows: list[dict[str, str]]) -> list[Mark]:
    """The rows of an annotation, which follow each other, as one mark again."""
    found: dict[str, Mark] = {}
    for row in rows:
        before = found[row["annotation"]].tags if row["annotation"] in found else ()
        tags = (*before, original(row["tag"])) if row["tag"] else ()
        found[row["annotation"]] = Mark(int(row["start"]), int(row["end"]), tags, original(row["note"]))
    return list(found.values())


def marks_in_items(items: list[dict[str, Any]]) -> list[Mark]:
    return [mark_in(item) for item in items]


def mark_in(item: dict[str, Any]) -> Mark:
    position, _quote = item["target"]["selector"]
    bodies = item.get("body", [])
    tags = tuple(body["value"] for body in bodies if body["purpose"] == "tagging")
    note = "".join(body["value"] for body in bodies if body["purpose"] == "commenting")
    return Mark(position["start"], position["end"], tags, note)


def quoted(text: str, exact: str, prefix: str, suffix: str, start: int, end: int) -> bool:
    around = text[:start].endswith(prefix) and text[end:].startswith(suffix)
    return text[start:end] == exact and around


def check_csv(ada: Member, shelf: Shelf, marks: list[Mark]) -> None:
    rows = from_csv(ada.get(f"/readings/{shelf.uid}/export.csv").content)
    assert marks_in_rows(rows) == marks
    for row in rows:
        words = (original(row[name]) for name in ("exact", "prefix", "suffix"))
        assert quoted(shelf.text, *words, int(row["start"]), int(row["end"]))
        assert shelf.text[: int(row["start"])].count("\n") == int(row["paragraph"])


def check_jsonld(ada: Member, shelf: Shelf, marks: list[Mark]) -> None:
    found = json.loads(ada.get(f"/readings/{shelf.uid}/export.jsonld").content)
    items = found["first"]["items"]
    assert marks_in_items(items) == marks
    for item in items:
        position, quote = item["target"]["selector"]
        words = (quote[name] for name in ("exact", "prefix", "suffix"))
        assert quoted(shelf.text, *words, position["start"], position["end"])


HARD = (
    ["=1+1 “she” 👩‍👩‍👧‍👦 said", "می\u200cخواهم", "漢字 हिन्दी"],
    [
        Mark(0, 5, ("claim",), ""),
        Mark(6, 10, ("claim", "actor"), "=HYPERLINK()"),
        Mark(6, 18, (), 'two\n\nlines, “quoted” "twice"'),
        Mark(9, 40, ("hedge",), "'=1+1"),
    ],
)


@given(reading=readings())
@example(reading=HARD)
@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_was_marked_comes_home(ada: Member, reading: tuple[list[str], list[Mark]]) -> None:
    paragraphs, marks = reading
    shelf, ids = shelved(ada, "Title", paragraphs), tag_ids(ada)
    for mark in reversed(marks):
        marked(ada, shelf, TextSpan(mark.start, mark.end), [ids[key] for key in mark.tags], mark.note)

    check_csv(ada, shelf, marks)
    check_jsonld(ada, shelf, marks)


@pytest.mark.parametrize("kind", ["csv", "jsonld"])
def test_the_starter_article_comes_home(ada: Member, kind: str) -> None:
    """Through the forms, as a person marks it."""
    ada.mark("Ali Khamenei", "actor")
    ada.mark("Ali Khamenei", "hedge")
    ada.mark("Khamenei", "claim", note="overlaps")
    answer = ada.get(f"{ada.reading}/export.{kind}")

    if kind == "csv":
        found = marks_in_rows(from_csv(answer.content))
    else:
        found = marks_in_items(json.loads(answer.content)["first"]["items"])
    text = ada.text.text
    assert sorted((text[mark.start : mark.end], mark.tags, mark.note) for mark in found) == [
        ("Ali Khamenei", ("actor", "hedge"), ""),
        ("Khamenei", ("claim",), "overlaps"),
    ]
