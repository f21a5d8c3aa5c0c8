"""What every reader of a format gives: one ImportedArticle of blocks, the title first."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from app.language import _
from app.library.importing.language import direction_of, language_of
from app.text import Span, canonical, collapse, join_blocks

KINDS = (
    "title",
    "heading",
    "paragraph",
    "quotation",
    "list_item",
    "preformatted",
    "table_row",
    "caption",
    "footnote",
)
INLINE_KINDS = ("emphasis", "strong", "code", "link", "superscript")
DIRECTIONS = ("ltr", "rtl")
MOST_BLOCKS = 20_000
MOST_CHARACTERS = 5_000_000
LONGEST_TITLE = 200
_WORDS_OF_A_MADE_TITLE = 60


class ImportRefused(ValueError):
    """The text cannot come in; `reason` is a sentence in the interface's language that says what to do."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class InlineRange:
    """Emphasis, a link and the like over [start, end), in code points of its block's text.

    `value` is a link's address (http, https or mailto) and empty for the other kinds.
    """

    start: int
    end: int
    kind: str
    value: str = ""


@dataclass(frozen=True)
class Block:
    """One block of canonical text; only preformatted text holds line feeds.

    `level` is 2 to 6 for a heading, the depth from 1 for a list item, and 0 where depth means nothing.
    """

    kind: str
    text: str
    level: int = 0
    inline: tuple[InlineRange, ...] = ()

    def as_kind(self, kind: str, level: int | None = None) -> "Block":
        """The same words as a block of another kind; a level that does not fit the kind becomes its first."""
        fits = {"heading": range(2, 7), "list_item": range(1, 100)}.get(kind, range(1))
        wanted = self.level if level is None else level
        block = replace(self, kind=kind, level=wanted if wanted in fits else fits[0])
        return block if kind == "preformatted" or "\n" not in self.text else block.in_one_line()

    def in_one_line(self) -> "Block":
        """The block with its line feeds folded into spaces, of the same length, so that ranges stay."""
        return replace(self, text=self.text.replace("\n", " "))


@dataclass(frozen=True)
class ImportedArticle:
    """An article as read: exactly one title, and it is the first block. Raises ValueError otherwise."""

    title: str
    language: str
    direction: str
    blocks: tuple[Block, ...]
    author: str | None = None
    source: str | None = None

    def __post_init__(self) -> None:
        kinds = [block.kind for block in self.blocks]
        if kinds[:1] != ["title"] or kinds.count("title") != 1 or not set(kinds) <= set(KINDS):
            raise ValueError("an article has exactly one title, its first block, and only known kinds")
        if self.direction not in DIRECTIONS:
            raise ValueError(f"{self.direction!r} is no direction")

    @cached_property
    def _joined(self) -> tuple[str, list[Span]]:
        return join_blocks(block.text for block in self.blocks)

    @property
    def text(self) -> str:
        """The canonical text: the blocks' texts joined by line feeds."""
        return self._joined[0]

    @property
    def spans(self) -> list[Span]:
        """The span of each block in `text`, half-open, in code points."""
        return self._joined[1]


def article_of(blocks: Sequence[Block], *, author: str | None = None) -> ImportedArticle:
    """The article that `blocks` make: title chosen, language and direction guessed. Raises ImportRefused."""
    check_size(blocks)
    titled = _titled(list(blocks))
    text = "\n".join(block.text for block in titled)
    language = language_of(text)
    return ImportedArticle(titled[0].text, language, direction_of(text), tuple(titled), author)


def check_size(blocks: Sequence[Block]) -> None:
    """Raises ImportRefused where there is nothing to read, or more than a library can hold."""
    if not blocks:
        raise ImportRefused(
            _("There is no text to read in this. Paste the article's text or choose another file.")
        )
    if len(blocks) > MOST_BLOCKS or sum(len(block.text) + 1 for block in blocks) > MOST_CHARACTERS:
        raise too_large()


def too_large() -> ImportRefused:
    return ImportRefused(
        _("This text is too large: 5,000,000 characters and 20,000 paragraphs are the most. Bring in a part.")
    )


def _titled(blocks: list[Block]) -> list[Block]:
    """A block that is a title already goes first; else the first block is it, if short; else one is made."""
    titles = [n for n, block in enumerate(blocks) if block.kind == "title"]
    if titles:
        return [blocks.pop(titles[0]), *blocks]
    first = blocks[0]
    if len(first.text) <= LONGEST_TITLE and first.kind != "preformatted":
        return [replace(first, kind="title", level=0), *blocks[1:]]
    return [Block("title", made_title(first.text)), *blocks]


def made_title(text: str) -> str:
    """The first words of a text that has no title, with an ellipsis."""
    words = collapse(text[: 4 * _WORDS_OF_A_MADE_TITLE])
    cut = words[:_WORDS_OF_A_MADE_TITLE]
    whole = cut.rsplit(" ", 1)[0] if len(words) > len(cut) else cut
    return canonical((whole or "…").rstrip(" ,;:—–-.") + "…")
