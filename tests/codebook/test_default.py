"""The default four are complete and distinct, and the instructors' codebook says what they say."""

import re
from dataclasses import asdict
from pathlib import Path

import pytest

from app.codebook.default import ACTOR, CLAIM, DEFAULT_TAGS, HEDGE, PREDICTION, DefaultTag

ROOT = Path(__file__).parents[2]
CODEBOOK = (ROOT / "docs/codebook.md").read_text(encoding="utf-8")
STARTER = (ROOT / "app/library/starter.md").read_text(encoding="utf-8")
QUOTATIONS = [line.removeprefix("> ") for line in CODEBOOK.splitlines() if line.startswith("> ")]

every_tag = pytest.mark.parametrize("tag", DEFAULT_TAGS, ids=lambda tag: tag.key)


def unmarked(text: str) -> str:
    """The text without the asterisks that hold its marked words."""
    return text.replace("**", "")


def sentences(text: str) -> list[str]:
    return re.findall(r"[^.?!]+[.?!]+[”]?", text)


def test_the_four_look_and_answer_as_the_reader_promises() -> None:
    looks = {tag.key: (tag.colour, tag.line, tag.shortcut) for tag in DEFAULT_TAGS}
    assert looks == {
        "actor": ("orange", "solid", "1"),
        "claim": ("blue", "double", "2"),
        "hedge": ("green", "wavy", "3"),
        "prediction": ("purple", "dashed", "4"),
    }


@pytest.mark.parametrize("field", ["key", "name", "colour", "line", "shortcut"])
def test_no_two_tags_share(field: str) -> None:
    assert len({asdict(tag)[field] for tag in DEFAULT_TAGS}) == len(DEFAULT_TAGS)


@every_tag
def test_every_text_is_there(tag: DefaultTag) -> None:
    assert [field for field, text in asdict(tag).items() if not text.strip()] == []


@every_tag
def test_texts_are_typeset(tag: DefaultTag) -> None:
    written = " ".join(asdict(tag).values())
    assert not re.search(r"[\"'«»]|  | - ", written)


@every_tag
def test_definition_is_one_to_three_sentences(tag: DefaultTag) -> None:
    assert 1 <= len(sentences(tag.definition)) <= 3


@every_tag
def test_example_marks_some_words(tag: DefaultTag) -> None:
    assert re.findall(r"\*\*[^*]+\*\*", tag.example)


@every_tag
def test_asterisks_come_in_pairs(tag: DefaultTag) -> None:
    assert [field for field, text in asdict(tag).items() if text.count("**") % 2] == []


@every_tag
def test_counter_example_quotes_and_then_explains(tag: DefaultTag) -> None:
    quotation, _, reason = tag.counter_example.partition("”")
    assert quotation.startswith("“") and len(reason.split()) > 5


@every_tag
def test_confusion_is_with_another_of_the_four(tag: DefaultTag) -> None:
    others = {other.name.capitalize() for other in DEFAULT_TAGS} - {tag.name.capitalize()}
    assert tag.not_to_be_confused.partition(":")[0] in others


@every_tag
def test_codebook_carries_the_same_row(tag: DefaultTag) -> None:
    look = f"{tag.colour}, {tag.line}"
    assert f"| `{tag.shortcut}` | **{tag.name}** | {look} | {tag.definition} |" in CODEBOOK


def test_codebook_works_through_eight_to_ten_examples_of_the_starter() -> None:
    assert 8 <= len(QUOTATIONS) <= 10


@pytest.mark.parametrize("quotation", QUOTATIONS, ids=lambda quotation: quotation[:30])
def test_quotation_is_in_the_starter_and_marks_words(quotation: str) -> None:
    assert unmarked(quotation) in STARTER
    assert re.search(r"\*\*[^*]+\*\*", quotation)


@pytest.mark.parametrize("tag", [ACTOR, CLAIM, HEDGE, PREDICTION], ids=lambda tag: tag.key)
def test_worked_examples_show_every_tag(tag: DefaultTag) -> None:
    answers = CODEBOOK.partition("## Worked examples")[2]
    assert re.search(rf"\b{tag.name}\b", answers, re.IGNORECASE)


def test_codebook_says_that_the_starter_is_a_retelling() -> None:
    assert re.search(r"original\s+retelling,\s+written\s+for\s+practice", CODEBOOK)
