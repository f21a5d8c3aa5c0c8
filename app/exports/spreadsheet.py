"""CSV for spreadsheets: a row for each annotation and tag, in which no cell can act as a formula."""

import csv
import io
import re
from collections.abc import Iterator
from typing import BinaryIO

from app.exports.gathering import ExportedAnnotation, ExportedSet, zulu

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
# What makes a spreadsheet calculate, also behind blanks and in full width, and behind apostrophes of our own kind.
_FORMULA = re.compile(r"'*[\s\0\ufeff]*[=+\-@\t\r＝＋－＠]")


def neutral(cell: str) -> str:
    """The cell with an apostrophe before what a spreadsheet could take for a formula (OWASP, CSV Injection)."""
    return f"'{cell}" if _FORMULA.match(cell) else cell


def original(cell: str) -> str:
    """What `neutral` was given. Only an apostrophe that it added is taken off, since it adds one to such cells too."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell, 1) else cell


def write_csv(annotations: Iterator[ExportedAnnotation], about: ExportedSet, out: BinaryIO) -> int:
    """Writes UTF-8 with a byte order mark and CRLF; returns the number of annotations.

    Every cell is quoted: programs that also take `;` for a separator would cut a bare cell in two, and the second half
    could be a formula.
    """
    text = io.TextIOWrapper(out, "utf-8-sig", newline="")
    writer = csv.writer(text, quoting=csv.QUOTE_ALL)
    writer.writerow(COLUMNS)
    number = 0
    for number, annotation in enumerate(annotations, 1):
        writer.writerows(_rows(annotation))
    text.detach()
    return number


def _rows(of: ExportedAnnotation) -> Iterator[tuple[str | int, ...]]:
    before = (of.uid, of.reading_uid, neutral(of.title), neutral(of.author_name))
    after = (
        neutral(of.exact),
        neutral(of.note),
        of.paragraph,
        of.start,
        of.end,
        neutral(of.prefix),
        neutral(of.suffix),
        of.revision_n,
        of.sha256,
        zulu(of.created),
        zulu(of.modified),
        of.motivation,
    )
    for key, name in of.tags or (("", ""),):
        yield (*before, neutral(key), neutral(name), *after)
