"""The starter article has its promised shape, and tells its source's facts in words of its own."""

import re
import unicodedata
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
STARTER = (ROOT / "app/library/starter.md").read_text(encoding="utf-8")
BLOCKS = STARTER.strip().split("\n\n")
PARAGRAPHS = [block for block in BLOCKS if not block.startswith("#")]
SOURCE = ROOT.parent / "shared/articles/khamenei-banks-on-patience.txt"

LONGEST_SHARED_RUN = 5
NUMBER_WORD = (
    r"\b(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\w+teen|\w+ty-\w+|twenty|thirty|forty|fifty"
    r"|hundreds?|thousands?|[mb]illions?|half|quarter|dozens?|twice|first|second|third)\b"
)
# The source's forms of names, and the retelling's forms of the same.
SAME_NAMES = {"US": "American", "China": "Chinese", "Iranian": "Iran", "Quranic": "Quran"}


@pytest.fixture(scope="module")
def source() -> str:
    if not SOURCE.exists():
        pytest.skip(
            "the article that the starter retells is not at ../shared/articles, so they cannot be compared"
        )
    return SOURCE.read_text(encoding="utf-8")


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


def runs(text: str, length: int) -> set[tuple[str, ...]]:
    """Every stretch of `length` successive words."""
    found = words(text)
    return {tuple(found[i : i + length]) for i in range(len(found) - length + 1)}


def figures(text: str) -> set[str]:
    return set(re.findall(r"\d+", text)) | set(re.findall(NUMBER_WORD, text.casefold()))


def names(text: str) -> set[str]:
    """Capitalised words that do not open a sentence, a line or a quotation."""
    return set(re.findall(r"(?<=[\w,’”] )[A-Z]\w+", text)) - {"It"}


def test_shape() -> None:
    title, *rest = BLOCKS
    headings = [block for block in rest if block.startswith("#")]
    assert re.fullmatch(r"# \S.*", title)
    assert 2 <= len(headings) <= 4
    assert all(re.fullmatch(r"## \S.*", heading) for heading in headings)
    assert 25 <= len(PARAGRAPHS) <= 30


def test_every_block_is_one_line_of_plain_words() -> None:
    assert [block for block in BLOCKS if "\n" in block or re.search(r"[*_`<>\[\]\\|]", block)] == []


def test_every_paragraph_ends_as_a_sentence_does() -> None:
    assert [paragraph for paragraph in PARAGRAPHS if not re.search(r"[.?]$", paragraph)] == []


def test_text_is_nfc_with_curly_quotes_and_no_stray_spaces() -> None:
    assert unicodedata.is_normalized("NFC", STARTER)
    assert not re.search(r"[\"'\t\r\u00a0]|  | $| - |--", STARTER, re.MULTILINE)


def test_there_is_enough_to_practise_on() -> None:
    hedges = re.findall(
        r"\b(?:may|might|could|seems?|appears?|perhaps|probably|likely)\b", STARTER.casefold()
    )
    futures = re.findall(r"\bwill\b", STARTER)
    speakers = {name for name in ("Khamenei", "Trump", "Salami", "Pezeshkian", "Biden") if name in STARTER}
    assert len(hedges) >= 15 and len(futures) >= 8 and len(speakers) == 5


def test_no_run_of_six_words_is_the_sources(source: str) -> None:
    length = LONGEST_SHARED_RUN + 1
    assert runs(STARTER, length) & runs(source, length) == set()


def test_every_figure_is_the_sources(source: str) -> None:
    assert figures(STARTER) - figures(source) == set()


def test_every_figure_of_the_source_is_carried(source: str) -> None:
    assert figures(source) - figures(STARTER) == set()


def test_every_name_is_the_sources(source: str) -> None:
    assert {name for name in names(STARTER) if name not in source} - set(SAME_NAMES.values()) == set()


def test_every_name_of_the_source_is_carried(source: str) -> None:
    assert {name for name in names(source) if SAME_NAMES.get(name, name) not in STARTER} == set()
