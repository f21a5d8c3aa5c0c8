"""Names for the files that people download, safe on every system and in a header."""

import re
import unicodedata
from urllib.parse import quote

# Reserved by a file system somewhere, blank, or able to make a name look like another (control, direction).
_UNFIT = re.compile(
    r'[\\/:*?"<>|\s\0-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]+'
)
_LONGEST = 180
_BRAND = "Postil"


def attachment(title: str, extension: str) -> str:
    """A Content-Disposition (RFC 6266) with a plain ASCII name and the whole one (RFC 8187)."""
    fancy = quote(f"{_BRAND} - {_fit(title)}.{extension}", safe="")
    return f"attachment; filename=\"{_plain(title)}.{extension}\"; filename*=UTF-8''{fancy}"


def _fit(title: str) -> str:
    """The title for a file's name: one line, no more bytes than file systems take, nothing odd at its end."""
    clean = _UNFIT.sub(" ", unicodedata.normalize("NFC", title))
    short = clean.encode()[:_LONGEST].decode(errors="ignore")
    return " ".join(short.split()).rstrip(". ") or "annotations"


def _plain(title: str) -> str:
    ascii_only = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    words = re.findall(r"[a-z0-9]+", ascii_only)
    return "-".join([_BRAND.lower(), *words])[:80].rstrip("-") if words else f"{_BRAND.lower()}-annotations"
