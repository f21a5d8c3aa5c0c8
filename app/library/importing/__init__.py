"""Bringing texts in: one reader a format, all giving one ImportedArticle."""

import re
from dataclasses import replace
from pathlib import PurePath

from app.language import _
from app.library.importing.article import (
    KINDS,
    Block,
    ImportedArticle,
    ImportRefused,
    InlineRange,
)
from app.library.importing.correction import corrected
from app.library.importing.decoding import decoded
from app.library.importing.markdown import read_markdown
from app.library.importing.plain import read_plain

__all__ = [
    "ENDINGS",
    "KINDS",
    "Block",
    "ImportRefused",
    "ImportedArticle",
    "InlineRange",
    "corrected",
    "read_file",
    "read_markdown",
    "read_pasted",
    "read_plain",
]

_READERS = {
    ".txt": read_plain,
    ".text": read_plain,
    ".md": read_markdown,
    ".markdown": read_markdown,
}
ENDINGS = tuple(_READERS)
_MARKDOWN_HEADING = re.compile(r"^#{1,6} +\S", re.MULTILINE)


def read_file(name: str, data: bytes) -> ImportedArticle:
    """The article in a file, read as its name's ending says; `source` is the name. Raises ImportRefused."""
    path = PurePath(name)
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        raise ImportRefused(_("Postil reads .txt and .md files. Save the text as one of these, or paste it."))
    return replace(reader(decoded(data)), source=path.name)


def read_pasted(text: str) -> ImportedArticle:
    """The article in pasted text: Markdown where a line is a Markdown heading, else plain. Raises ImportRefused."""
    return read_markdown(text) if _MARKDOWN_HEADING.search(text) else read_plain(text)
