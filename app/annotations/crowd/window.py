"""A window of paragraphs, as the queries that draw it ask for it: put together once, on tables and not on classes."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import BindParameter, bindparam

from app.database import table_of
from app.library.models import Paragraph
from app.library.texts import ParagraphText
from app.readings.seats import Standing

_paragraph = table_of(Paragraph).c
COUNTED: BindParameter[Any] = bindparam("counted", expanding=True)
"""The audiences whose counts add up to what a `Sight` sees."""
IN_WINDOW = (
    (_paragraph.revision_id == bindparam("revision"))
    & _paragraph.ordinal.between(bindparam("first"), bindparam("last"))
)  # fmt: skip


def window(revision_id: int, standing: Standing, paragraphs: Sequence[ParagraphText]) -> dict[str, Any]:
    """What `IN_WINDOW`, `seen` and `COUNTED` are asked with for these paragraphs and all between them."""
    return standing.sight.values | {
        "revision": revision_id,
        "reading": standing.reading_id,
        "first": paragraphs[0].ordinal,
        "last": paragraphs[-1].ordinal,
        "counted": standing.sight.counted,
    }
