"""Prompts: the instructor's questions, pinned to paragraphs and answered in the margin."""

from collections import defaultdict
from dataclasses import dataclass

from sqlalchemy import bindparam, select

from app.database import Db, table_of
from app.library.texts import RevisionText
from app.readings.models import Prompt
from app.readings.seats import Standing

_prompt = table_of(Prompt).c
_ASKED = (
    select(_prompt.id, _prompt.uid, _prompt.paragraph_id, _prompt.words)
    .where(_prompt.reading_id == bindparam("reading"), _prompt.retired_at.is_(None))
    .order_by(_prompt.id)
)


@dataclass(frozen=True)
class PromptView:
    """A question, and the ordinal of the paragraph that it is pinned to."""

    id: int
    uid: str
    n: int
    words: str


def prompts_of(db: Db, standing: Standing, text: RevisionText) -> dict[int, list[PromptView]]:
    """The questions of a reading, by the ordinal of their paragraph."""
    ordinals = {paragraph.id: paragraph.ordinal for paragraph in text.paragraphs}
    found: dict[int, list[PromptView]] = defaultdict(list)
    for key, uid, paragraph_id, words in db.ask(_ASKED, {"reading": standing.reading_id}):
        n = ordinals[paragraph_id]
        found[n].append(PromptView(key, uid, n, words))
    return found
