"""Setting an article for a course, changing how it is read, asking questions in it, revealing and extending."""

from datetime import datetime
from typing import Any

from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session

from app.activity.models import audit, open_stream
from app.codebook.models import Tagset, add_default_tagset
from app.courses.models import GroupSet
from app.database import now, table_of
from app.errors import Refused
from app.language import _
from app.library.models import Article, Revision
from app.once import made_by, named_by
from app.readings.members import keep_member
from app.readings.models import Prompt, Reading
from app.stale import hold_against
from app.teaching.forms import ReadingForm, Rules

MOST_PROMPTS = 50
"""Questions of one reading."""


def set_reading(db: Session, course_id: int, setter_id: int, form: ReadingForm, rules: Rules) -> Reading:
    """Sets an own article for a course. Refused when it is not the setter's, or there are no such groups.

    A form that comes again finds the reading that it made.
    """
    if already := made_by(db, Reading, form.uid, course_id=course_id):
        return already
    revision = db.execute(
        select(Revision.id, Revision.article_id)
        .join(Article, Article.id == Revision.article_id)
        .where(Article.uid == form.article, Article.owner_id == setter_id, Article.deleted_at.is_(None))
        .order_by(Revision.n.desc())
        .limit(1)
    ).first()
    if revision is None:
        raise Refused(_("Choose an article from your library."), field="article")
    reading = Reading(
        uid=named_by(form.uid),
        article_id=revision.article_id,
        revision_id=revision.id,
        course_id=course_id,
        tagset_id=_codebook(db, course_id),
        **_values(db, course_id, form, rules),
    )
    db.add(reading)
    db.flush()
    open_stream(db, reading_id=reading.id)
    audit(db, "reading.set", who_id=setter_id, to_what=reading.uid)
    return reading


def change_reading(db: Session, course_id: int, reading_id: int, form: ReadingForm, rules: Rules) -> None:
    """Gives a reading other rules. What students have earned to see stays seen.

    ChangedMeanwhile (409) when the form was drawn from other rules than those that stand now.
    """
    values = _values(db, course_id, form, rules)
    standing = db.execute(rules_of(reading_id).with_for_update()).one()._asdict()
    hold_against(form.seal, standing, values)
    db.execute(update(Reading).where(Reading.id == reading_id).values(**values))


def rules_of(reading_id: int) -> Select[Any]:
    """The query for all that one form says of a reading."""
    rules = table_of(Reading).c
    names = (
        "group_set_id",
        "instructions",
        "opens_at",
        "due_at",
        "audience",
        "reveal_kind",
        "reveal_at",
        "reveal_n",
    )
    return select(*(rules[name] for name in names)).where(rules.id == reading_id)


def reveal(db: Session, reading_id: int, reading_uid: str, by_id: int) -> None:
    """Shows everybody's work to everybody, for good."""
    unrevealed = (Reading.id == reading_id, Reading.revealed_at.is_(None))
    db.execute(update(Reading).where(*unrevealed).values(revealed_at=now()))
    audit(db, "reading.revealed", who_id=by_id, to_what=reading_uid)


def extend(db: Session, reading_id: int, user_id: int, due_at: datetime | None) -> None:
    """Gives one student another due date, or the reading's own again."""
    keep_member(db.connection(), reading_id, user_id, due_at=due_at)


def remove_reading(db: Session, reading_id: int, reading_uid: str, by_id: int) -> None:
    """Deletes a reading softly; what people wrote in it stays theirs."""
    db.execute(update(Reading).where(Reading.id == reading_id).values(deleted_at=now()))
    audit(db, "reading.deleted", who_id=by_id, to_what=reading_uid)


def ask(db: Session, reading_id: int, paragraph_id: int, words: str, form_id: str = "") -> None:
    """Pins a question to a paragraph. Refused when there are too many. A form that comes again asks nothing more."""
    if made_by(db, Prompt, form_id, reading_id=reading_id):
        return
    here = (Prompt.reading_id == reading_id, Prompt.retired_at.is_(None))
    if len(db.scalars(select(Prompt.id).where(*here)).all()) >= MOST_PROMPTS:
        raise Refused(_("A reading has at most %(n)d questions.") % {"n": MOST_PROMPTS}, field="words")
    db.add(Prompt(uid=named_by(form_id), reading_id=reading_id, paragraph_id=paragraph_id, words=words))


def retire(db: Session, prompt_id: int) -> None:
    """Asks a question no longer; what was answered stays."""
    asked = (Prompt.id == prompt_id, Prompt.retired_at.is_(None))
    db.execute(update(Prompt).where(*asked).values(retired_at=now()))


def _values(db: Session, course_id: int, form: ReadingForm, rules: Rules) -> dict[str, object]:
    group_set = None
    if form.group_set:
        chosen = select(GroupSet.id).where(GroupSet.uid == form.group_set, GroupSet.course_id == course_id)
        group_set = db.scalar(chosen)
        if group_set is None:
            raise Refused(_("Those groups are not there any more."), field="group_set")
    return {
        "group_set_id": group_set,
        "instructions": form.instructions,
        "opens_at": rules.opens_at,
        "due_at": rules.due_at,
        "audience": form.audience,
        "reveal_kind": form.reveal_kind,
        "reveal_at": rules.reveal_at,
        "reveal_n": rules.reveal_n,
    }


def _codebook(db: Session, course_id: int) -> int:
    """The course's tagset; it gets the four tags with its first reading."""
    found = db.scalar(select(Tagset.id).where(Tagset.course_id == course_id).order_by(Tagset.id).limit(1))
    return found or add_default_tagset(db, course_id=course_id)
