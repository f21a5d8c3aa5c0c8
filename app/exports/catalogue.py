"""The formats in which annotations can be taken home, and what each cannot carry."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from app.errors import NotFound
from app.exports.gathering import ExportedAnnotation, ExportedSet
from app.exports.spreadsheet import write_csv
from app.exports.web_annotation import write_collection
from app.language import _


@dataclass(frozen=True)
class Format:
    """A way to write annotations down. `write` returns how many, and leaves the file open at its end."""

    # What addresses and `postil export` call it.
    key: str
    name: str
    media_type: str
    # Of the file's name, without the dot.
    extension: str
    # For whom it is, in a sentence; in English here, translated where it is shown.
    purpose: str
    # What is lost on the way, likewise.
    losses: str
    write: Callable[[Iterator[ExportedAnnotation], ExportedSet, BinaryIO], int]


FORMATS = (
    Format(
        key="csv",
        name="CSV",
        media_type="text/csv; charset=utf-8; header=present",
        extension="csv",
        purpose=_("Opens in any spreadsheet: one row for each annotation and tag."),
        losses=_(
            "Cells that a spreadsheet could take for a formula begin with an added apostrophe, "
            "and Excel shows only the first 32,767 characters of a cell. Earlier versions are left out."
        ),
        write=write_csv,
    ),
    Format(
        key="jsonld",
        name="JSON-LD",
        media_type='application/ld+json; profile="http://www.w3.org/ns/anno.jsonld"',
        extension="jsonld",
        purpose=_("The W3C Web Annotation format, which other annotation tools read."),
        losses=_(
            "The article's title, the paragraph's number, and the number and checksum of the text's revision "
            "have no place in it. Earlier versions are left out."
        ),
        write=write_collection,
    ),
)


def format_called(key: str) -> Format:
    """The format with that key. NotFound when there is none."""
    for known in FORMATS:
        if known.key == key:
            return known
    raise NotFound
