"""Markdown (CommonMark and tables), read from the parser's tokens; raw HTML stays as the words that it is."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from markdown_it import MarkdownIt
from markdown_it.token import Token

from app.library.importing.article import Block, ImportedArticle, InlineRange, article_of
from app.library.importing.decoding import readable
from app.library.importing.lines import join_lines
from app.library.importing.plain import read_plain
from app.text import canonical

# The parser's work grows with both, and it leaves out what is nested deeper: beyond them a text is plain.
_DEEPEST = 32
_MOST_BRACKETS = 20_000

_LINK_SCHEMES = ("http:", "https:", "mailto:")
_MARKS = {"em": "emphasis", "strong": "strong", "link": "link"}
_CELL_SEPARATOR = " | "


def read_markdown(text: str) -> ImportedArticle:
    """The article in Markdown; its first top heading is the title, else its first block (ImportRefused).

    Bullets are dropped, since the list shows them; an ordered item's number stays in its text.
    """
    source = readable(text)
    tokens = [] if source.count("[") > _MOST_BRACKETS else _parsed(source)
    if not tokens or max(token.level for token in tokens) >= _DEEPEST - 1:
        return read_plain(source)
    blocks = list(_Walk().blocks(tokens))
    return article_of(_with_title(blocks)) if blocks else read_plain(source)


def _parsed(source: str) -> list[Token]:
    options = {"html": False, "maxNesting": _DEEPEST}
    return MarkdownIt("commonmark", options).enable("table").parse(source)


def _with_title(blocks: list[Block]) -> list[Block]:
    """The first top heading made the title, else a heading that comes first; others begin at level 2."""
    top = next((n for n, block in enumerate(blocks) if block.kind == "heading" and block.level == 1), None)
    if top is None and blocks[0].kind == "heading":
        top = 0
    if top is not None:
        blocks[top] = blocks[top].as_kind("title")
    return [block.as_kind("heading") if block.kind == "heading" else block for block in blocks]


@dataclass
class _Walk:
    """Where the walk through the tokens stands: the open quotations and lists, and the row being read."""

    quotations: int = 0
    lists: list[int | None] = field(
        default_factory=list
    )  # The next number of each open list; None for bullets.
    marker: str | None = None  # An open item's, until its first words are read; "" for a bullet.
    heading: int = 0
    row: list[Block] | None = None

    def blocks(self, tokens: Sequence[Token]) -> Iterator[Block]:
        for token in tokens:
            if token.type == "inline":
                yield from self._inline(token)
            elif token.type in ("fence", "code_block"):
                yield from _preformatted(token.content)
            elif token.type == "tr_close":
                yield from self._row()
            else:
                self._enter_or_leave(token)

    def _enter_or_leave(self, token: Token) -> None:
        match token.type:
            case "blockquote_open" | "blockquote_close":
                self.quotations += token.nesting
            case "bullet_list_open" | "ordered_list_open":
                self.lists.append(_first_number(token))
            case "bullet_list_close" | "ordered_list_close":
                self.lists.pop()
            case "list_item_open":
                self.marker = self._next_marker(token.info + token.markup)
            case "list_item_close":
                self.marker = None
            case "heading_open" | "heading_close":
                self.heading = int(token.tag[1]) if token.nesting > 0 else 0
            case "tr_open":
                self.row = []

    def _next_marker(self, written: str) -> str:
        number = self.lists[-1]
        if number is None:
            return ""
        self.lists[-1] = number + 1
        return f"{written[:-1] or number}{written[-1:]} "

    def _inline(self, token: Token) -> Iterator[Block]:
        block = _read_inline(token.children or [])
        if self.row is not None:
            self.row.append(block)
        elif block.text:
            yield self._placed(block)

    def _placed(self, block: Block) -> Block:
        """The block as what it is where it stands: heading, list item, quotation, caption or paragraph."""
        if self.heading:
            return replace(block, kind="heading", level=self.heading)
        if self.marker is not None:
            marker, self.marker = self.marker, None
            return replace(_after(marker, block), kind="list_item", level=len(self.lists))
        return replace(block, kind="quotation") if self.quotations else block

    def _row(self) -> Iterator[Block]:
        cells, self.row = self.row or [], None
        text = _CELL_SEPARATOR.join(cell.text for cell in cells)
        if text.strip(" |"):
            yield Block("table_row", text.strip())


def _first_number(token: Token) -> int | None:
    """An ordered list's first number; None for bullets."""
    return int(token.attrs.get("start", 1)) if token.type == "ordered_list_open" else None


def _preformatted(content: str) -> Iterator[Block]:
    if content.strip():
        yield Block("preformatted", content.strip("\n"))


def _after(marker: str, block: Block) -> Block:
    """The block with a list marker before its text, its ranges moved along."""
    moved = (replace(r, start=r.start + len(marker), end=r.end + len(marker)) for r in block.inline)
    return replace(block, text=marker + block.text, inline=tuple(moved))


def _read_inline(children: Sequence[Token]) -> Block:
    """The words of a run of inline tokens, with the ranges over them; a picture alone makes a caption."""
    pieces: list[str] = []
    length = 0
    opened: list[tuple[int, str]] = []
    ranges: list[InlineRange] = []
    for n, token in enumerate(children):
        name = token.type.removesuffix("_open").removesuffix("_close")
        if name in _MARKS and token.nesting > 0:
            opened.append((length, str(token.attrs.get("href", ""))))
        elif name in _MARKS:
            start, value = opened.pop()
            ranges.append(InlineRange(start, length, _MARKS[name], value))
        else:
            piece = _words(token, children, n)
            if token.type == "code_inline":
                ranges.append(InlineRange(length, length + len(piece), "code"))
            pieces.append(piece)
            length += len(piece)
    kind = "caption" if [token.type for token in children] == ["image"] else "paragraph"
    return _tidy(kind, "".join(pieces), ranges)


def _words(token: Token, children: Sequence[Token], n: int) -> str:
    """What a token says; a line's end is a space, but nothing between Chinese or Japanese characters."""
    if token.type in ("softbreak", "hardbreak"):
        before, after = (children[m].content if 0 <= m < len(children) else "" for m in (n - 1, n + 1))
        return join_lines([before[-1:], after[:1]])[len(before[-1:]) :].removesuffix(after[:1])
    return token.content.replace("\n", " ")


def _tidy(kind: str, text: str, ranges: Sequence[InlineRange]) -> Block:
    """A block of canonical text without white space at its ends, with those ranges that still hold something.

    Where character references made text that was not canonical, the words stay and the ranges go.
    """
    whole = canonical(text).replace("\n", " ")
    words = whole.strip()
    if whole != text:
        return Block(kind, words)
    shift = len(whole) - len(whole.lstrip())
    moved = (
        replace(r, start=max(0, r.start - shift), end=min(r.end - shift, len(words)))
        for r in sorted(ranges, key=lambda r: (r.start, -r.end))
        if r.kind != "link" or r.value.lower().startswith(_LINK_SCHEMES)
    )
    return Block(kind, words, inline=tuple(r for r in moved if r.start < r.end))
