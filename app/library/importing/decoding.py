"""From a file's bytes to its text, and from any text to a canonical one, or a refusal in plain words."""

import codecs

import regex

from app.language import _
from app.library.importing.article import MOST_CHARACTERS, ImportRefused, too_large
from app.text import UnreadableText, canonical

_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_CONTROL = regex.compile("[\0-\x08\x0e-\x1f\x7f]")
_LETTER = regex.compile(r"\p{L}")
_FOREIGN_LETTER = regex.compile(r"[\p{L}--[a-zA-Z]]", regex.V1)


def decoded(data: bytes) -> str:
    """The text in `data`: UTF-8, UTF-16 with a byte order mark, else Windows-1252 where that is plausible.

    Raises ImportRefused for anything else.
    """
    try:
        return data.decode("utf-16" if data.startswith(_UTF16) else "utf-8-sig")
    except UnicodeDecodeError:
        return _windows(data)


def _windows(data: bytes) -> str:
    """Text in a Western language has few accented letters and no controls: the rest is another encoding."""
    try:
        text = data.decode("cp1252")
    except UnicodeDecodeError:
        raise _unknown_encoding() from None
    letters, foreign = len(_LETTER.findall(text)), len(_FOREIGN_LETTER.findall(text))
    if _CONTROL.search(text) or foreign * 3 > letters:
        raise _unknown_encoding()
    return text


def _unknown_encoding() -> ImportRefused:
    return ImportRefused(_("This file's characters cannot be made out. Save it as UTF-8 text and try again."))


def readable(text: str) -> str:
    """`text` in canonical form; raises ImportRefused where it has none, or is too long."""
    if len(text) > MOST_CHARACTERS:
        raise too_large()
    try:
        return canonical(text)
    except UnreadableText:
        raise ImportRefused(
            _("This text holds a character that no text may hold. Save it as UTF-8 text, or paste it again.")
        ) from None
