"""Plain text: one block a line, or blocks set off by blank lines with their lines broken by a program."""

from collections.abc import Iterator, Sequence
from itertools import groupby

import regex

from app.library.importing.article import Block, ImportedArticle, article_of, check_size
from app.library.importing.decoding import readable
from app.library.importing.lines import (
    WIDEST_WRAPPED,
    ends_sentence,
    is_indented,
    join_lines,
    unwrapped,
    width,
)

_BULLET = regex.compile(r"(\s*+)[-*•‣◦·]\s++(?=\S)(?![-*\s]++$)")
_NUMBER = regex.compile(r"(\s*+)(?=\(?(?:\p{Nd}{1,3}|[a-z])[.)]\s++\S)")
_QUOTED = regex.compile(r"\s?(?:>\s?)+")
_UNDERLINE = regex.compile(r"\s*(?:=+|-+)\s*")
_HEADING_NUMBER = regex.compile(r"\p{Nd}\.$")
_NO_HEADING_END = regex.compile(r"[,;:،؛；：、，–—-]$")
_SMALL_LETTER = regex.compile(r"\W*+\p{Ll}")
_UNPUNCTUATED = regex.compile(r"[\p{Thai}\p{Lao}\p{Khmer}]")

_WIDEST_HEADING = 80
# Thai and its kin end no sentence with a mark, so that only a shorter line stands out.
_WIDEST_UNPUNCTUATED_HEADING = 30
_MOST_HEADINGS_IN_A_ROW = 2
_FIRST_LEVEL = 2
_DEEPEST_LEVEL = 99


def read_plain(text: str) -> ImportedArticle:
    """The article in plain text: title, headings, paragraphs, lists and quotations. Raises ImportRefused.

    A bullet is dropped, since the list shows one; a number stays, since a text may speak of it.
    """
    groups = _groups(readable(text).split("\n"))
    blocks = [block for group in groups for block in _blocks(group)]
    check_size(blocks)
    return article_of(_with_headings(blocks))


def _groups(lines: Sequence[str]) -> Iterator[list[str]]:
    """The stretches of lines between blank ones."""
    for blank, group in groupby(lines, key=lambda line: not line.strip()):
        if not blank:
            yield [line.rstrip() for line in group]


def _blocks(lines: list[str]) -> Iterator[Block]:
    """The blocks in a stretch of lines, in order."""
    for quoted, group in groupby(lines, key=lambda line: bool(_QUOTED.match(line))):
        if quoted:
            yield from _quotations([_QUOTED.sub("", line, count=1) for line in group])
        else:
            yield from _listed(list(group))


def _quotations(lines: list[str]) -> Iterator[Block]:
    for group in _groups(lines):
        yield from (Block("quotation", text) for text in unwrapped(group))


def _listed(lines: list[str]) -> Iterator[Block]:
    """List items with the lines that go on with them, and what stands before the first."""
    starts = [n for n in range(len(lines)) if _starts_item(lines, n)]
    if not _is_list(lines, starts):
        yield from _paragraphs(lines)
        return
    if starts[0]:
        yield from _paragraphs(lines[: starts[0]])
    indents: list[int] = []
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        yield from _item(lines[start:end], indents)


def _starts_item(lines: Sequence[str], n: int) -> bool:
    """A bullet starts an item, a number too unless it heads a line as long as a paragraph."""
    if _BULLET.match(lines[n]):
        return True
    heads = n + 1 < len(lines) and not is_indented(lines[n + 1]) and width(lines[n + 1]) > WIDEST_WRAPPED
    return bool(_NUMBER.match(lines[n])) and not (heads and not _NUMBER.match(lines[n + 1]))


def _is_list(lines: Sequence[str], starts: Sequence[int]) -> bool:
    """A bullet makes a list; a number alone may be a heading's, or a date at a line's beginning."""
    numbered = sum(not _BULLET.match(lines[n]) for n in starts)
    return bool(starts) and (numbered < len(starts) or numbered > 1)


def _item(lines: list[str], indents: list[int]) -> Iterator[Block]:
    """An item at the depth that its indentation has among those open above it, which are in `indents`."""
    marker = _BULLET.match(lines[0]) or _NUMBER.match(lines[0])
    indent = len(marker[1]) if marker else 0
    while indents and indents[-1] >= indent:
        indents.pop()
    indents.append(indent)
    first = lines[0][marker.end() :] if marker else lines[0]
    if all(is_indented(line) for line in lines[1:]):
        texts = [join_lines([line.strip() for line in [first, *lines[1:]]])]
    else:
        texts = unwrapped([first, *lines[1:]])
    yield Block("list_item", texts[0], min(len(indents), _DEEPEST_LEVEL))
    yield from (Block("paragraph", text) for text in texts[1:])


def _paragraphs(lines: list[str]) -> Iterator[Block]:
    """Paragraphs, after a heading that is underlined, or set above them without a blank line."""
    if len(lines) > 1 and _UNDERLINE.fullmatch(lines[1]) and _may_be_heading(lines[0]):
        yield Block("heading", lines[0].strip(), _FIRST_LEVEL)
        lines = lines[2:]
    if lines:
        yield from (Block("paragraph", text) for text in unwrapped(lines))


def _with_headings(blocks: list[Block]) -> list[Block]:
    """The blocks with headings told from paragraphs: never the last, nor one of many short lines in a row."""
    result: list[Block] = []
    candidates = [n > 0 and b.kind == "paragraph" and _may_be_heading(b.text) for n, b in enumerate(blocks)]
    for candidate, group in groupby(enumerate(blocks), key=lambda pair: candidates[pair[0]]):
        run = list(group)
        after = run[-1][0] + 1
        few = candidate and len(run) <= _MOST_HEADINGS_IN_A_ROW and after < len(blocks)
        headings = few and not _is_verse(result) and _is_body(blocks[after], run[-1][1])
        result += [block.as_kind("heading") if headings else block for _n, block in run]
    return result


def _is_verse(before: Sequence[Block]) -> bool:
    """Whether the last block, the title aside, is a short line that ends no sentence, as in a poem."""
    if len(before) < 2 or before[-1].kind != "paragraph":
        return False
    text = before[-1].text
    return width(text) <= _WIDEST_HEADING and not ends_sentence(text) and not _UNPUNCTUATED.search(text)


def _is_body(block: Block, heading: Block) -> bool:
    """Whether the block is what a heading stands above: a list, a quotation, or a longer paragraph."""
    return block.kind != "paragraph" or width(block.text) * 2 > width(heading.text) * 3


def _may_be_heading(line: str) -> bool:
    """Short, begun like a title, without the mark that ends a sentence; its number's full stop is fine."""
    text = line.strip()
    most = _WIDEST_UNPUNCTUATED_HEADING if _UNPUNCTUATED.search(text) else _WIDEST_HEADING
    if width(text) > most or _NO_HEADING_END.search(text) or _SMALL_LETTER.match(text):
        return False
    return bool(_HEADING_NUMBER.search(text)) or not ends_sentence(text)
