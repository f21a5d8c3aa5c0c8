"""Notes: Markdown in, HTML out that is safe to show to anybody."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import nh3
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markupsafe import Markup, escape

LONGEST = 20_000
"""Code points of a note. A longer one is shown as it was typed."""

DEEPEST = 40
"""Levels of lists and quotations (a list item is two). A deeper note is shown as it was typed."""

BRACKETS = 400
"""Opening square brackets: the parser works long on each. A note with more is shown as it was typed."""

_SHORT = 2_000

_CLEANER = nh3.Cleaner(
    tags={"p", "br", "hr", "em", "strong", "del", "code", "pre", "blockquote", "ul", "ol", "li", "a"},
    clean_content_tags=set(),
    attributes={"a": {"href"}, "ol": {"start"}},
    link_rel="noopener noreferrer nofollow ugc",
    url_schemes={"http", "https", "mailto"},
    url_relative="deny",
)


class _NoteMarkdown(MarkdownIt):
    def validateLink(self, url: str) -> bool:
        """Links that lead to the web or a mailbox; any other stays as it was typed."""
        return url.lower().startswith(("http://", "https://", "mailto:"))


class _NoteRenderer(RendererHTML):
    """Headings as strong paragraphs and images as their words: a note is no page and fetches nothing."""

    def heading_open(self, *_: Any) -> str:
        return "<p><strong>"

    def heading_close(self, *_: Any) -> str:
        return "</strong></p>\n"

    def s_open(self, *_: Any) -> str:
        return "<del>"

    def s_close(self, *_: Any) -> str:
        return "</del>"

    def image(self, tokens: Sequence[Token], at: int, options: Any, env: Any) -> str:
        words = self.renderInlineAsText(tokens[at].children or [], options, env)
        return escape(words or tokens[at].attrGet("src") or "")


_MARKDOWN = _NoteMarkdown("commonmark", {"html": False, "maxNesting": DEEPEST}, renderer_cls=_NoteRenderer)
_MARKDOWN.enable("strikethrough").disable(["html_block", "html_inline"])


def render_note(markdown: str) -> Markup:
    """The note as HTML from a short allow list. It never fails, and nothing of what was typed is lost."""
    return (_short if len(markdown) <= _SHORT else _long)(markdown)


def _render(markdown: str) -> Markup:
    readable = markdown.encode("utf-8", "replace").decode()
    if len(readable) > LONGEST or readable.count("[") > BRACKETS:
        return _as_typed(readable)
    env: dict[str, Any] = {}
    tokens = _MARKDOWN.parse(readable, env)
    if any(token.level >= DEEPEST - 1 for token in tokens):
        return _as_typed(readable)
    return Markup(_CLEANER.clean(_MARKDOWN.renderer.render(tokens, _MARKDOWN.options, env)))


# Two caches, so that a few long notes cannot crowd out the many short ones nor fill the memory.
_short = lru_cache(maxsize=2048)(_render)
_long = lru_cache(maxsize=64)(_render)


def _as_typed(markdown: str) -> Markup:
    lines = escape("\n".join(markdown.splitlines())).replace("\n", Markup("<br>"))
    return Markup("<p>{}</p>").format(lines)
