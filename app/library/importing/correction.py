"""What a person corrects in the preview of an import: title, language, direction and kinds of blocks."""

import re
from collections.abc import Mapping
from dataclasses import replace

from app.language import _
from app.library.importing.article import (
    DIRECTIONS,
    KINDS,
    LONGEST_TITLE,
    Block,
    ImportedArticle,
    ImportRefused,
)
from app.library.importing.decoding import readable
from app.text import collapse

_LANGUAGE_TAG = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")


def corrected(
    article: ImportedArticle,
    title: str | None = None,
    language: str | None = None,
    direction: str | None = None,
    kinds: Mapping[int, str] | None = None,
    levels: Mapping[int, int] | None = None,
) -> ImportedArticle:
    """The article with corrections; what is None stays. `kinds` and `levels` count blocks as `article` does.

    A block made the title moves to the front and the old title becomes a heading, or what `kinds`
    says; there is always one. Another `title` than the article's replaces the title block's words.
    Raises ImportRefused for what a form should not have sent.
    """
    _check(article, language, direction, kinds or {}, levels or {})
    blocks = _retitled(_rekinded(article, kinds or {}, levels or {}), article.title, title)
    return replace(
        article,
        title=blocks[0].text,
        language=language or article.language,
        direction=direction or article.direction,
        blocks=tuple(blocks),
    )


def _check(
    article: ImportedArticle,
    language: str | None,
    direction: str | None,
    kinds: Mapping[int, str],
    levels: Mapping[int, int],
) -> None:
    if language and not _LANGUAGE_TAG.fullmatch(language):
        raise ImportRefused(_("The language is not known. Give its code, such as en, fa or zh-Hant."))
    if direction and direction not in DIRECTIONS:
        raise ImportRefused(_("The direction is either left to right or right to left."))
    if not set(kinds.values()) <= set(KINDS):
        raise ImportRefused(_("One of the paragraphs was given a kind that does not exist."))
    if not {*kinds, *levels} <= set(range(len(article.blocks))):
        raise ImportRefused(_("The text has changed since the preview was made. Start the preview again."))
    if sum(kind == "title" for n, kind in kinds.items() if n) > 1:
        raise ImportRefused(_("An article has one title. Choose which of the paragraphs it is."))


def _rekinded(article: ImportedArticle, kinds: Mapping[int, str], levels: Mapping[int, int]) -> list[Block]:
    """The blocks in their new kinds, the title first."""
    chosen = next((n for n, kind in kinds.items() if n and kind == "title"), 0)
    blocks = [
        block.as_kind(_kind_of(n, block, chosen, kinds), levels.get(n))
        for n, block in enumerate(article.blocks)
    ]
    return [blocks.pop(chosen), *blocks]


def _kind_of(n: int, block: Block, chosen: int, kinds: Mapping[int, str]) -> str:
    wanted = kinds.get(n, block.kind)
    if n == chosen:
        return "title"
    return "heading" if wanted == "title" else wanted


def _retitled(blocks: list[Block], old: str, new: str | None) -> list[Block]:
    """The blocks with the title's words replaced, if they were really changed."""
    words = collapse(readable(new or ""))
    if not words or words == collapse(old):
        return blocks
    if len(words) > LONGEST_TITLE:
        raise ImportRefused(_("The title is too long: 200 characters are the most."))
    return [Block("title", words), *blocks[1:]]
