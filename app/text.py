"""Canonical text and its units: code points, graphemes, words, sentences, UTF-16; imports nothing of the app.

Offsets are code points and spans half-open throughout, unless a name says UTF-16. Every function takes linear
time; the two that snap and trim look only at the surroundings of the span's edges.
"""

from collections.abc import Iterable, Iterator
from itertools import pairwise
from unicodedata import normalize

import regex

Span = tuple[int, int]

BLOCK_SEPARATOR = "\n"
MOST_ACCENTS = 200

_LINE_END = regex.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_INVISIBLE = regex.compile("[\x01-\x08\x0e-\x1f\ufeff]+")
_FORBIDDEN = regex.compile("[\0\ud800-\udfff\ufffe\uffff]")
_ACCENTS = regex.compile(rf"\p{{M}}{{{MOST_ACCENTS + 1}}}")


class UnreadableText(ValueError):
    """The text holds what no text may hold; its message is a plain sentence, `position` is in code points."""

    def __init__(self, sentence: str, position: int) -> None:
        super().__init__(sentence)
        self.position = position


def canonical(text: str) -> str:
    """NFC, lines ended by a line feed, without byte order marks; applying it twice changes nothing.

    Line ends are those of the Unicode Standard, 5.8 (CRLF, CR, VT, FF, NEL, LS, PS). The other C0 controls
    are invisible leftovers of PDF readers and terminals and are dropped, but NUL, lone surrogates, U+FFFE and
    U+FFFF (forbidden by XML 1.0, section 2.2) raise UnreadableText: the file is not text, or was damaged.
    So do more than MOST_ACCENTS combining marks in a row, which cost normalisation quadratic time.
    Joiners, direction marks, quotes and dashes stay.
    """
    if found := _FORBIDDEN.search(text):
        raise UnreadableText("The text contains a character that no text may hold.", found.start())
    visible = _INVISIBLE.sub("", _LINE_END.sub("\n", text))
    if found := _ACCENTS.search(visible):
        raise UnreadableText("The text piles too many accents on one letter.", found.start())
    return normalize("NFC", visible)


def join_blocks(blocks: Iterable[str]) -> tuple[str, list[Span]]:
    """The canonical text of canonical `blocks`, and the span of each in it; the separators belong to none."""
    texts = list(blocks)
    spans: list[Span] = []
    start = 0
    for block in texts:
        spans.append((start, start + len(block)))
        start += len(block) + len(BLOCK_SEPARATOR)
    return BLOCK_SEPARATOR.join(texts), spans


def collapse(text: str) -> str:
    """`text` with each run of white space folded to one space and none at the ends, for comparing quotes."""
    return " ".join(text.split())


# --- graphemes: UAX #29, section 3 ---

# \X looks back over a whole run of regional indicators at each, so they are paired here (GB12).
_FLAG = r"\p{GCB=Prepend}*+\p{GCB=Regional_Indicator}{1,2}[\p{GCB=Extend}\p{GCB=SpacingMark}\p{GCB=ZWJ}]*+"
_GRAPHEME = regex.compile(_FLAG + r"|\X", regex.V1)
# What always begins a grapheme, so that the search for an edge can begin there: nothing that joins leftward.
_FRESH = regex.compile(
    r"(?r)(?<!\p{GCB=Prepend})[\p{GCB=Other}\p{GCB=Control}--\p{Extended_Pictographic}--\p{InCB=Consonant}]|(?<!\r)\n",
    regex.V1,
)


def graphemes(text: str) -> Iterator[Span]:
    """The spans of the extended grapheme clusters of `text` (UAX #29), in order."""
    return (found.span() for found in _GRAPHEME.finditer(text))


def grapheme_at(text: str, offset: int) -> Span:
    """The grapheme that holds the character at `offset`; the empty span at the end of the text."""
    if offset >= len(text):
        return len(text), len(text)
    fresh = _FRESH.search(text, 0, offset + 1)
    begin = fresh.start() if fresh else 0
    spans: Iterator[Span] = (found.span() for found in _GRAPHEME.finditer(text, begin))
    return next(span for span in spans if span[1] > offset)


def snap_outward(text: str, start: int, end: int) -> Span:
    """The smallest span of whole graphemes that holds [start, end); an empty span stays empty, at an edge.

    Raises ValueError unless 0 <= start <= end <= len(text).
    """
    _check(text, start, end)
    first = grapheme_at(text, start)[0]
    if start == end:
        return first, first
    return first, grapheme_at(text, end - 1)[1]


def trim(text: str, start: int, end: int) -> Span:
    """[start, end) without white space at its edges, snapped outward to whole graphemes; perhaps empty.

    Only characters with the Unicode property White_Space are lost, and only where that splits no grapheme.
    """
    _check(text, start, end)
    words = text[start:end]
    first = start + len(words) - len(words.lstrip())
    return snap_outward(text, first, max(first, start + len(words.rstrip())))


def _check(text: str, start: int, end: int) -> None:
    if not 0 <= start <= end <= len(text):
        raise ValueError(f"[{start}, {end}) is no span of a text of {len(text)} code points")


# --- words: UAX #29, section 4 ---

_WORD_EDGE = regex.compile(r"\b(?!(?<=\p{Line_Break=SA}\p{M}*)\p{Line_Break=SA})", regex.V1 | regex.WORD)
_REGIONAL = regex.compile(r"\p{Regional_Indicator}")
_LETTER = regex.compile(r"[\p{L}\p{N}]")


def words(text: str) -> list[Span]:
    """The spans of the words of `text`: the UAX #29 segments that hold a letter or a digit.

    Thai, Lao, Khmer and Burmese write no spaces between words; a run of them counts as one word.
    """
    edges = [found.start() for found in _WORD_EDGE.finditer(_REGIONAL.sub("☆", text))]
    return [(start, end) for start, end in pairwise(edges) if _LETTER.search(text, start, end)]


# --- sentences: UAX #29, section 5, tailored ---

_STOP = regex.compile(
    r"""
    (?P<marks>(?:[\p{SB=ATerm}\p{SB=STerm}][\p{SB=Extend}\p{SB=Format}]*+)++)
    (?P<close>(?:(?:\[\p{N}++\]|[\p{SB=Close}--\p{Ps}--\p{Pi}]|\p{Pi}(?![\p{L}\p{N}]))[\p{SB=Extend}\p{SB=Format}]*+)*+)
    (?P<space>(?:\p{SB=Sp}[\p{SB=Extend}\p{SB=Format}]*+)*+)
    |\n""",
    regex.V1 | regex.VERBOSE,
)
_GOES_ON = regex.compile(r"[\p{SB=SContinue}\p{SB=ATerm}\p{SB=STerm}\p{SB=Lower}]")
_LOWER_AHEAD = regex.compile(
    r"[^\p{SB=OLetter}\p{SB=Upper}\p{SB=Lower}\p{SB=ATerm}\p{SB=STerm}\p{SB=Sep}\n\r]*+\p{SB=Lower}"
)
_GLUED = regex.compile(r"[\p{SB=Upper}\p{SB=Numeric}=&/]")
_WORD_BEFORE = regex.compile(r"[\p{L}\p{M}\p{N}.]+$")
_WORD_AHEAD = regex.compile(r"[^\p{L}\p{N}\n]{0,8}+([\p{L}\p{M}]++|\p{N})?")
_INITIALS = regex.compile(r"(?:\p{L}{1,2}\.)+\p{L}{1,2}|[\p{Lu}\p{Thai}]\p{M}*")
_LONGEST_ABBREVIATION = 16


def _word_list(line: str) -> frozenset[str]:
    return frozenset(line.split())


# Always followed by what they belong to.
_TITLES = _word_list(
    "mr mrs ms dr prof st gen col lt sgt capt cmdr maj adm sen rep gov pres rev hon messrs vs cf viz ca "
    "mme mlle mgr sr sra srta dra ud uds sig dott avv dhr mevr drs bzw vgl nr bijv resp"
)
# Followed by a number.
_BEFORE_NUMBER = _word_list("no nos art arts fig figs p pp vol vols ch chap sec sect s par abs num núm eq")
# May end a sentence too, as initials may: they do when the next word is one of the openers.
_PERHAPS = _word_list(
    "inc ltd corp co bros jr etc usw dept est jan feb mar apr jun jul aug sep sept oct nov dec"
)
_OPENERS = _word_list(
    "the a an this that these those he she it its they we i you his her their our but and so yet or if in on "
    "at by for from when while as after before then there what who why how no not some many most all one "
    "der die das er sie es wir ich ein eine im am aber und le la les il elle ils nous mais et el los un una"
)
_MONTHS = _word_list(
    "januar jänner februar märz april mai juni juli august september oktober november dezember"
)


def sentences(text: str) -> list[Span]:
    """The spans of the sentences of `text`, in order and disjoint, without white space at their edges.

    UAX #29 with these changes: abbreviations, initials and ordinals before a month end no sentence, nor does
    a question or exclamation mark before a small letter; a note's number in brackets stays with its sentence;
    an opening bracket or quote never does. Thai and its kin mark no sentences: each line is one.
    """
    found: list[Span] = []
    start = 0
    for stop in _STOP.finditer(text):
        if _ends_sentence(text, stop, start):
            found.append(trim(text, start, stop.end()))
            start = stop.end()
    found.append(trim(text, start, len(text)))
    return [(first, last) for first, last in found if first < last]


def _ends_sentence(text: str, stop: "regex.Match[str]", start: int) -> bool:
    """Whether the sentence begun at `start` ends at this run of marks, closing marks and spaces."""
    ahead = stop.end()
    if stop["marks"] is None or ahead == len(text):
        return True
    if _GOES_ON.match(text, ahead) or grapheme_at(text, ahead)[0] < ahead:
        return False
    full_stop = stop["marks"][-1] == "."
    if not stop["close"] and not stop["space"] and text[ahead] != "\n":
        return not full_stop and not (stop["marks"].isascii() and _GLUED.match(text, ahead))
    if full_stop and _LOWER_AHEAD.match(text, ahead):
        return False
    return stop["marks"] != "." or bool(stop["close"]) or not _is_abbreviation(text, stop, start)


def _is_abbreviation(text: str, stop: "regex.Match[str]", start: int) -> bool:
    """Whether the full stop belongs to the word before it, judged by that word and the next."""
    at = stop.start()
    before = _WORD_BEFORE.search(text[max(start, at - _LONGEST_ABBREVIATION) : at])
    word = before[0].casefold() if before else ""
    following = _WORD_AHEAD.match(text, stop.end())
    ahead = (following[1] or "").casefold() if following else ""
    if word.isdigit() and len(word) <= 2:
        return ahead in _MONTHS or text[max(start - 1, at - 4) : at].lstrip() == word
    if word in _BEFORE_NUMBER and ahead.isnumeric():
        return True
    if word in _PERHAPS or (before and _INITIALS.fullmatch(before[0])):
        return ahead not in _OPENERS
    return word in _TITLES


# --- UTF-16, which browsers and UIMA count in ---
def utf16_length(text: str) -> int:
    """The length of `text` in UTF-16 code units: one a code point, two beyond U+FFFF."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def codepoint_to_utf16(text: str, offset: int) -> int:
    """The UTF-16 offset of the code point at `offset`; ValueError outside 0..len(text)."""
    _check(text, offset, len(text))
    return utf16_length(text[:offset])


def utf16_to_codepoint(text: str, offset: int) -> int:
    """The code point offset of a UTF-16 `offset`; within a surrogate pair, that of its character.

    ValueError outside 0..utf16_length(text), and for a text with lone surrogates (UnicodeError is one).
    """
    units = text.encode("utf-16-le")
    if not 0 <= 2 * offset <= len(units):
        raise ValueError(f"{offset} is no UTF-16 offset into a text of {len(units) // 2} units")
    return len(units[: 2 * offset].decode("utf-16-le", "ignore"))
