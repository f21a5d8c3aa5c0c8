"""CSV: what it looks like to a spreadsheet, and that nothing in it calculates or gets lost."""

import csv
import io
import json
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.exports.gathering import ExportedSet
from app.exports.spreadsheet import COLUMNS, neutral, original, write_csv
from tests.exports.marking import made_up

ABOUT = ExportedSet("http://testserver", "/notebook", "Everything I marked")
NAUGHTY = Path(__file__).parents[3] / "shared/corpora/naughty-strings/blns.json"
TRIGGERS = "=+-@\t\r＝＋－＠"
cells = st.text(st.sampled_from(f"{TRIGGERS}'\" \n\u00a0\u3000\ufeff\0a1é😀سلام,;")) | st.text()


def written(*annotations: object) -> bytes:
    out = io.BytesIO()
    write_csv(iter(annotations), ABOUT, out)  # type: ignore[arg-type]
    return out.getvalue()


def rows_of(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def starts_a_formula(cell: str) -> bool:
    """What a spreadsheet makes of a cell: blanks in front do not count, but a tab or a return alone does."""
    blank = cell.lstrip().lstrip("\0\ufeff").lstrip()
    return cell[:1] in {"\t", "\r"} or (blank[:1] in set(TRIGGERS) and blank != "")


@given(cells)
@example("=1+1")
@example("'=1+1")
@example("''=1+1")
@example("' =1+1")
@example("'")
@example(" \t")
@settings(deadline=None)
def test_a_neutral_cell_starts_no_formula_and_reads_back(cell: str) -> None:
    assert not starts_a_formula(neutral(cell))
    assert original(neutral(cell)) == cell


@given(cells, cells)
@settings(deadline=None)
def test_different_cells_stay_different(one: str, other: str) -> None:
    assert (neutral(one) == neutral(other)) == (one == other)


@pytest.mark.parametrize("trigger", TRIGGERS)
@pytest.mark.parametrize("before", ["", " ", "\u00a0", "\n", "'", "''"])
def test_each_trigger_gets_its_apostrophe(trigger: str, before: str) -> None:
    cell = f"{before}{trigger}HYPERLINK()"
    assert neutral(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["", "claim", "2 = 2", "it's", "'quoted'", "a\t=b", "3-4"])
def test_other_cells_stay_as_they_are(cell: str) -> None:
    assert neutral(cell) == cell


def test_a_spreadsheet_sees_a_mark_and_lines_ended_by_both() -> None:
    data = written(made_up(note="two\nlines"))

    assert data.startswith(b"\xef\xbb\xbf")
    assert data.count(b"\r\n") == 2 and data.endswith(b"\r\n")
    assert data.decode("utf-8-sig").splitlines()[0] == ",".join(f'"{name}"' for name in COLUMNS)


def test_a_row_for_each_tag_and_one_without() -> None:
    tagged = made_up(tags=(("claim", "Claim"), ("hedge", "Hedge")))
    bare = made_up(tags=(), note="why?")
    header, *rows = rows_of(written(tagged, bare))

    named = [dict(zip(header, row, strict=True)) for row in rows]
    assert [(row["tag"], row["tag_name"], row["note"]) for row in named] == [
        ("claim", "Claim", ""),
        ("hedge", "Hedge", ""),
        ("", "", "why?"),
    ]


def test_every_cell_people_write_is_neutral() -> None:
    evil = "=1+1"
    fields = ("title", "author_name", "exact", "note", "prefix", "suffix")
    data = written(made_up(tags=((evil, evil),), **dict.fromkeys(fields, evil)))

    _header, row = rows_of(data)
    assert row.count(f"'{evil}") == len(fields) + 2
    assert not any(starts_a_formula(cell) for cell in row)


def test_a_separator_that_is_not_ours_cuts_no_formula_loose() -> None:
    """Office programs offer to split at semicolons and tabs as well; quoted cells stay whole."""
    data = written(made_up(note="see;=1+1\t=2+2")).decode("utf-8-sig")

    assert '"see;=1+1\t=2+2"' in data
    assert all(line.startswith('"') for line in data.splitlines())


def test_naughty_strings_come_back_as_they_were() -> None:
    if not NAUGHTY.exists():
        pytest.skip("the list of naughty strings is not at ../shared/corpora, so it cannot be tried")
    notes = json.loads(NAUGHTY.read_text(encoding="utf-8"))
    header, *rows = rows_of(written(*(made_up(note=note) for note in notes)))

    assert [original(row[header.index("note")]) for row in rows] == notes
    assert not any(starts_a_formula(cell) for row in rows for cell in row)
