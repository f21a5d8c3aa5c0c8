"""What was made of a text, shown to be corrected before it is saved."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.language import _
from app.library.importing import Block, ImportedArticle
from app.library.languages import LANGUAGES

SHOWN_BLOCKS = 300
"""Blocks that are offered for correction; the rest of a longer text is saved as it was recognised."""


@dataclass(frozen=True)
class ShownBlock:
    """A block and what it is taken for: a kind, with its level where it has one, such as heading-2."""

    n: int
    kind: str
    text: str
    value: str


@dataclass(frozen=True)
class Draft:
    """An article before it is saved, with the text that it was made of."""

    title: str
    language: str
    direction: str
    blocks: list[ShownBlock]
    total: int
    source: str
    name: str
    # Of the form, once it was sent.
    uid: str = ""


def drafted(
    imported: ImportedArticle, source: str, name: str, typed: Mapping[str, Any] | None = None
) -> Draft:
    """The draft of an imported article; after an error with the corrections as they were made."""
    typed = typed or {}
    chosen = typed.get("kind", [])
    return Draft(
        title=typed.get("title", imported.title),
        language=typed.get("language", imported.language),
        direction=typed.get("direction", imported.direction),
        blocks=[
            ShownBlock(n, block.kind, block.text, chosen[n] if n < len(chosen) else _value(block))
            for n, block in enumerate(imported.blocks[:SHOWN_BLOCKS])
        ],
        total=len(imported.blocks),
        source=source,
        name=name,
        uid=typed.get("uid", ""),
    )


def languages_for(draft: Draft) -> list[tuple[str, str]]:
    """The languages to choose from, the draft's own among them."""
    known = any(code == draft.language for code, _name in LANGUAGES)
    return LANGUAGES if known else [*LANGUAGES, (draft.language, draft.language)]


def kinds_for(draft: Draft) -> list[tuple[str, str]]:
    """The kinds to choose from, and those deeper levels that the draft has."""
    kinds = [
        ("title", _("Title")),
        ("heading-2", _("Heading")),
        ("heading-3", _("Subheading")),
        ("heading-4", _("Small heading")),
        ("paragraph", _("Paragraph")),
        ("quotation", _("Quotation")),
        ("list_item-1", _("List item")),
        ("list_item-2", _("List item, inner")),
        ("preformatted", _("As typed")),
        ("table_row", _("Table row")),
        ("caption", _("Caption")),
        ("footnote", _("Footnote")),
    ]
    further = {block.value for block in draft.blocks} - {value for value, _label in kinds}
    return kinds + [(value, value.replace("_", " ").replace("-", " ")) for value in sorted(further)]


def _value(block: Block) -> str:
    return f"{block.kind}-{block.level}" if block.level else block.kind
