"""Posts that mark no words: remarks on a paragraph or the article, answers to prompts, and replies with mentions."""

import re
from collections.abc import Iterable

from sqlalchemy import bindparam, delete, insert, select
from sqlalchemy.engine import Connection

from app.accounts.models import User
from app.annotations.hands import Hand
from app.annotations.models import ANNOTATION, ARTICLE, PARAGRAPH, Annotation
from app.annotations.spans import TextSpan
from app.annotations.states import Nature, state_in
from app.annotations.writing import Written, annotate
from app.courses.models import Membership
from app.database import AnyRow, Db, table_of
from app.discussion.models import Mention
from app.errors import Refused
from app.language import _
from app.library.texts import ParagraphText, RevisionText
from app.readings.models import Prompt, ReadingMember

_user, _membership, _member = table_of(User).c, table_of(Membership).c, table_of(ReadingMember).c
_NAMES = (
    select(_user.id, _user.name)
    .join(table_of(Membership), _membership.user_id == _user.id)
    .where(
        _membership.course_id == bindparam("course"),
        _membership.left_at.is_(None),
        _membership.removed_at.is_(None),
    )
)
_PSEUDONYMS = select(_member.user_id, _member.pseudonym).where(
    _member.reading_id == bindparam("reading"), _member.pseudonym.is_not(None)
)
MOST_MENTIONED = 20


def remark(
    db: Db,
    hand: Hand,
    text: RevisionText,
    uid: str,
    n: int | None,
    note: str,
    *,
    asks: bool = False,
    prompt_id: int | None = None,
) -> Written:
    """Says something of a whole paragraph (its ordinal), or of the article when none is named."""
    if not note.strip() and not asks:
        raise Refused(_("Write something first."), field="note")
    paragraph = text.paragraphs[n or 0]
    span = TextSpan(paragraph.start, max(paragraph.end, paragraph.start + 1))
    nature = Nature(ARTICLE if n is None else PARAGRAPH, asks, prompt_id=prompt_id)
    return annotate(db, hand, uid, span, [], note, nature)


def reply(db: Db, hand: Hand, parent: Annotation, uid: str, note: str) -> Written:
    """Answers a post. The reply stands in the parent's thread, on the words that the thread is about."""
    if not note.strip():
        raise Refused(_("Write something first."), field="note")
    root_id = parent.root_id or parent.id
    span = state_in(db.read.connection(), root_id).span
    nature = Nature(ANNOTATION, root_id=root_id, parent_id=parent.id)
    return annotate(db, hand, uid, span, [], note, nature)


def pinned_at(db: Db, reading_id: int, prompt_uid: str, text: RevisionText) -> tuple[int, ParagraphText]:
    """A question asked in a reading: its key and its paragraph. Refused (409) when it is asked no longer."""
    row = _prompt_called(db, reading_id, prompt_uid)
    if row is None or row.retired_at:
        raise Refused(
            _("That question is not asked any more. Your words are kept: save them as a note instead."),
            status=409,
        )
    return row.id, next(p for p in text.paragraphs if p.id == row.paragraph_id)


def prompt_words(db: Db, reading_id: int, prompt_uid: str) -> str:
    """The words of a question while it is asked; none afterwards."""
    row = _prompt_called(db, reading_id, prompt_uid)
    return row.words if row and not row.retired_at else ""


def _prompt_called(db: Db, reading_id: int, prompt_uid: str) -> AnyRow | None:
    called = (Prompt.uid == prompt_uid, Prompt.reading_id == reading_id)
    columns = (Prompt.id, Prompt.paragraph_id, Prompt.words, Prompt.retired_at)
    return db.ask(select(*columns).where(*called)).first()


def mentionable(db: Db, course_id: int, reading_id: int, viewer_id: int) -> dict[str, int]:
    """Whom a post in a reading can call: members by name, and those who hide it by their pseudonym."""
    found = {row.name: row.id for row in db.ask(_NAMES, {"course": course_id}) if row.id != viewer_id}
    veiled = db.ask(_PSEUDONYMS, {"reading": reading_id})
    return found | {row.pseudonym: row.user_id for row in veiled if row.user_id != viewer_id}


def mentioned(note: str, names: dict[str, int]) -> set[int]:
    """Keys of the people whom a note calls by `@` and their name, the longest name first."""
    if "@" not in note or not names:
        return set()
    longest = sorted(names, key=len, reverse=True)
    called = re.compile(r"(?<!\w)@(" + "|".join(map(re.escape, longest)) + r")(?!\w)", re.IGNORECASE)
    by_folded = {name.casefold(): key for name, key in names.items()}
    found = (by_folded.get(match.casefold()) for match in called.findall(note))
    return set(list(dict.fromkeys(key for key in found if key))[:MOST_MENTIONED])


def call_people(db: Db, course_id: int, reading_id: int, author_id: int, written: Written, note: str) -> None:
    """Remembers whom a note that was just written calls, and nobody any more whom an earlier one called."""
    if written.did == "unchanged":
        return
    people = mentioned(note, mentionable(db, course_id, reading_id, author_id)) if "@" in note else set[int]()
    if people or written.version > 1:
        with db.changing() as writing:
            keep_mentions(writing, written.id, people)


def keep_mentions(writing: Connection, annotation_id: int, people: Iterable[int]) -> None:
    """Remembers whom a post calls."""
    table = table_of(Mention)
    writing.execute(delete(table).where(table.c.annotation_id == annotation_id))
    if rows := [{"annotation_id": annotation_id, "user_id": key} for key in sorted(people)]:
        writing.execute(insert(table), rows)
