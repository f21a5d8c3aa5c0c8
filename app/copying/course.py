"""A class made anew from another: all of it in one write, so that there is never half a class."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from app.activity.models import audit, open_stream
from app.codebook.models import Tag, Tagset, add_default_tagset
from app.copying.forms import CopyForm
from app.copying.offering import posts_wanted, readings_wanted
from app.copying.posts import Places, copy_posts
from app.courses.joining import open_course
from app.courses.models import Course, Group, GroupSet
from app.database import AnyRow, table_of
from app.language import _
from app.readings.models import Prompt, Reading
from app.teaching.forms import instant


def copy_course(db: Session, course_id: int, zone: ZoneInfo, copier_id: int, form: CopyForm) -> str:
    """Makes the class; returns its uid. The copier is its only member. Refused for dates beyond all calendars."""
    made = open_course(db, copier_id, form.title, form.timezone)
    rules = select(Course.anonymity, Course.shows_presence).where(Course.id == course_id)
    made.anonymity, made.shows_presence = db.execute(rules).one()
    audit(db, "course.copied", who_id=copier_id, to_what=made.uid)
    sets = _copy_groups(db, course_id, made.id) if form.groups else {}
    tagset = _copy_codebook(db, course_id, made.id) if form.codebook else None
    rows = readings_wanted(db, course_id, form.readings)
    if not rows:
        return made.uid
    places = Places(made.id, course_id, tagset or add_default_tagset(db, course_id=made.id))
    move = _Move(zone, ZoneInfo(form.timezone), form.days or 0 if form.dates == "move" else None)
    posts = posts_wanted(db, course_id, form.posts, form.examples)
    with_examples = {post.reading_id for post in posts if post.author_id != copier_id}
    for row in rows:
        reading = _copied_reading(row, places, sets, move, has_examples=row.id in with_examples)
        db.add(reading)
        db.flush()
        open_stream(db, reading_id=reading.id)
        places.readings[row.id] = reading.id
        places.prompts |= _copy_prompts(db, row.id, reading.id)
    copy_posts(db, posts, places, copier_id)
    return made.uid


class _Move:
    """Dates taken from one class's clock to the same time of day on another's; left out when `days` is None."""

    def __init__(self, old: ZoneInfo, new: ZoneInfo, days: int | None) -> None:
        self._old, self._new, self._days = old, new, days

    def __call__(self, at: datetime | None) -> datetime | None:
        if at is None or self._days is None:
            return None
        return instant(at.astimezone(self._old).replace(tzinfo=None) + timedelta(days=self._days), self._new)


def _copied_reading(
    row: AnyRow, places: Places, sets: dict[int, int], move: _Move, *, has_examples: bool
) -> Reading:
    """A draft. Where nobody's annotations come along, the instructions say what they are."""
    words = [row.instructions] if row.instructions else []
    if has_examples:
        words.append(
            _("Some annotations are examples from an earlier class. They do not say who wrote them.")
        )
    return Reading(
        article_id=row.article_id,
        revision_id=row.revision_id,
        course_id=places.course_id,
        tagset_id=places.tagset_id,
        group_set_id=sets.get(row.group_set_id),
        instructions="\n\n".join(words),
        opens_at=None,
        due_at=move(row.due_at),
        reveal_kind=row.reveal_kind,
        reveal_at=move(row.reveal_at),
        reveal_n=row.reveal_n,
        audience=row.audience,
    )


def _copy_groups(db: Session, course_id: int, new_id: int) -> dict[int, int]:
    """The sets with their groups, empty; returns the new set's key by the old one's."""
    keys: dict[int, int] = {}
    for old_id, name in db.execute(select(GroupSet.id, GroupSet.name).where(GroupSet.course_id == course_id)):
        made = GroupSet(course_id=new_id, name=name)
        db.add(made)
        db.flush()
        keys[old_id] = made.id
    groups = select(Group.set_id, Group.name).where(Group.set_id.in_(keys)).order_by(Group.id)
    db.add_all(Group(set_id=keys[set_id], name=name) for set_id, name in db.execute(groups).all())
    return keys


def _copy_codebook(db: Session, course_id: int, new_id: int) -> int | None:
    """The tagset with every tag, also those no longer on offer; None when the class has none."""
    old = db.scalar(select(Tagset.id).where(Tagset.course_id == course_id).order_by(Tagset.id).limit(1))
    if old is None:
        return None
    made = Tagset(course_id=new_id)
    db.add(made)
    db.flush()
    tags = db.execute(select(table_of(Tag)).where(Tag.tagset_id == old).order_by(Tag.id)).all()
    new = {"tagset_id": made.id, "merged_into_id": None}
    rows = [{name: value for name, value in tag._mapping.items() if name != "id"} | new for tag in tags]
    if not rows:
        return made.id
    added = db.scalars(insert(Tag).returning(Tag.id, sort_by_parameter_order=True), rows).all()
    keys = dict(zip((tag.id for tag in tags), added, strict=True))
    for tag in tags:
        if tag.merged_into_id in keys:
            db.get_one(Tag, keys[tag.id]).merged_into_id = keys[tag.merged_into_id]
    return made.id


def _copy_prompts(db: Session, reading_id: int, new_id: int) -> dict[int, int]:
    """The questions that are still asked; returns the new one's key by the old one's."""
    asked = select(Prompt).where(Prompt.reading_id == reading_id, Prompt.retired_at.is_(None))
    keys: dict[int, int] = {}
    for old in db.scalars(asked.order_by(Prompt.id)).all():
        made = Prompt(reading_id=new_id, paragraph_id=old.paragraph_id, words=old.words)
        db.add(made)
        db.flush()
        keys[old.id] = made.id
    return keys
