"""CSV for spreadsheets: a row for each annotation and tag, in which no cell can act as a formula."""

import codecs
import csv
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import BinaryIO

from app.exports.gathering import ExportedAnnotation, ExportedSet

COLUMNS = (
    "annotation",
    "reading",
    "title",
    "author",
    "tag",
    "tag_name",
    "exact",
    "note",
    "paragraph",
    "start",
    "end",
    "prefix",
    "suffix",
    "revision",
    "sha256",
    "created",
    "modified",
    "motivation",
)
# What makes a spreadsheet calculate, also behind blanks or in full width; and what looks neutral already.
_formula = re.compile(r"'*[\s\0\ufeff]*[=+\-@\t\r＝＋－＠]").match
_UNTAGGED = (("", ""),)


def neutral(cell: str) -> str:
    """The cell, with an apostrophe before what could be taken for a formula (OWASP, CSV Injection)."""
    return f"'{cell}" if _formula(cell) else cell


def original(cell: str) -> str:
    """What `neutral` was given: since it also marks what looks marked already, one apostrophe comes off."""
    return cell[1:] if cell.startswith("'") and _formula(cell, 1) else cell


# For titles, names and tags, which come again in row after row.
_neutral_again = lru_cache(maxsize=1024)(neutral)


def write_csv(annotations: Iterator[ExportedAnnotation], about: ExportedSet, out: BinaryIO) -> int:
    """Writes UTF-8 with a byte order mark and CRLF; returns the number of annotations.

    Every cell is quoted: programs that also take `;` for a separator would cut a bare cell in two, and the
    second half could be a formula.
    """
    out.write(codecs.BOM_UTF8)
    writer = csv.writer(_Utf8(out), quoting=csv.QUOTE_ALL)
    writer.writerow(COLUMNS)
    number = 0
    for number, annotation in enumerate(annotations, 1):  # noqa: B007 - the count is the answer
        writer.writerows(_rows(annotation))
    return number


class _Utf8:
    """What the csv module writes to. (A TextIOWrapper also resets its decoder at each write.)"""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out

    def write(self, line: str) -> int:
        return self._out.write(line.encode())


def _rows(of: ExportedAnnotation) -> list[tuple[str | int, ...]]:
    before = (of.uid, of.reading_uid, _neutral_again(of.title), _neutral_again(of.author_name))
    exact, note, prefix, suffix = neutral(of.exact), neutral(of.note), neutral(of.prefix), neutral(of.suffix)
    place = (exact, note, of.paragraph, of.start, of.end, prefix, suffix)
    after = (of.revision_n, of.sha256, of.created, of.modified, of.motivation)
    return [
        (*before, _neutral_again(key), _neutral_again(name), *place, *after)
        for key, name in of.tags or _UNTAGGED
    ]
