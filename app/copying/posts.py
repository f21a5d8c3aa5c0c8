"""Annotations taken along into another class: the copier's own under his name, those of others under nobody's."""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from app.annotations.crowd.many import count_all
from app.annotations.models import Annotation, AnnotationTag, Target, TargetParagraph
from app.annotations.rows import seen_at, tick_at
from app.codebook.models import Tag
from app.copying.models import Example
from app.database import AnyRow, now, table_of
from app.identity import new_uid
from app.readings.audiences import Whom, audience_in
from app.readings.models import CLASS, NAME, PSEUDONYM

_FOR_CLASS = Whom(CLASS, by_staff=True)
"""What comes along was chosen by staff, so a blind reading shows it as it shows what they write."""


@dataclass
class Places:
    """Where things stand in the new class: its key, the old one's, and the keys of what was copied by the old ones."""

    course_id: int
    from_course_id: int
    tagset_id: int
    readings: dict[int, int] = field(default_factory=dict)
    prompts: dict[int, int] = field(default_factory=dict)


def copy_posts(db: Session, posts: list[AnyRow], places: Places, copier_id: int) -> None:
    """Adds the annotations of readings that came along, as new ones. Nobody has seen the readings yet: no events."""
    posts = [post for post in posts if post.reading_id in places.readings]
    tags = _tags(db, [post.id for post in posts], places.tagset_id)
    # One whose only tag is not in the new codebook says nothing any more.
    posts = [post for post in posts if post.note or tags[post.id] or post.motivation == "questioning"]
    if not posts:
        return
    audiences = {
        reading: audience_in(db.connection(), places.readings[reading], _FOR_CLASS)
        for reading in sorted({post.reading_id for post in posts})
    }
    rows = [_row(post, places, audiences[post.reading_id], copier_id) for post in posts]
    keys = _added(db, Annotation, rows)
    copies = {post.id: key for post, key in zip(posts, keys, strict=True)}
    _keep_whose(db, [post for post in posts if post.author_id != copier_id], copies, places.from_course_id)
    tagged = [{"annotation_id": key, "tag_id": tag} for old, key in copies.items() for tag in tags[old]]
    if tagged:
        db.execute(insert(AnnotationTag), tagged)
    _copy_targets(db, copies, {post.target_id for post in posts}, copier_id)
    count_all(db.connection(), list(copies.values()))
    tick_at(db.connection(), seen_at(db.connection(), list(copies.values())))


def _keep_whose(db: Session, posts: list[AnyRow], copies: dict[int, int], course_id: int) -> None:
    rows = [
        {"annotation_id": copies[post.id], "user_id": post.author_id, "course_id": course_id}
        for post in posts
    ]
    if rows:
        db.execute(insert(Example), rows)


def _row(post: AnyRow, places: Places, audience_id: int, copier_id: int) -> dict[str, Any]:
    uid, at, own = new_uid(), now(), post.author_id == copier_id
    return {
        "uid": uid,
        "reading_id": places.readings[post.reading_id],
        "author_id": copier_id if own else None,
        # What has no author and no name was written by somebody who is not told; what is emptied, by nobody any more.
        "signed_as": NAME if own else PSEUDONYM,
        "audience_id": audience_id,
        "prompt_id": places.prompts.get(post.prompt_id),
        "motivation": post.motivation,
        "note": post.note,
        "operation": uid,
        "version": 1,
        "created": at,
        "modified": at,
        "pinned_at": at if post.pinned_at else None,
    }


def _tags(db: Session, annotations: list[int], tagset_id: int) -> dict[int, list[int]]:
    """For each annotation the tags of the same keys in the new codebook; one that it lacks is left out."""
    new = {row.key: row.id for row in db.execute(select(Tag.key, Tag.id).where(Tag.tagset_id == tagset_id))}
    on = select(AnnotationTag.annotation_id, Tag.key).join(Tag, Tag.id == AnnotationTag.tag_id)
    found: dict[int, list[int]] = defaultdict(list)
    for old, key in db.execute(
        on.where(AnnotationTag.annotation_id.in_(annotations)).order_by(AnnotationTag.id)
    ):
        if key in new:
            found[old].append(new[key])
    return found


def _copy_targets(db: Session, copies: dict[int, int], targets: set[int], copier_id: int) -> None:
    """What each is about, in the revision that is read, and the paragraphs it touches."""
    old = db.execute(select(table_of(Target)).where(Target.id.in_(targets))).all()
    rows = [
        {name: value for name, value in target._mapping.items() if name != "id"}
        | {"annotation_id": copies[target.annotation_id], "ordinal": 0}
        for target in old
    ]
    keys = dict(zip((target.id for target in old), _added(db, Target, rows), strict=True))
    parts = select(table_of(TargetParagraph)).where(TargetParagraph.target_id.in_(keys))
    copied = [
        dict(part._mapping)
        | {
            "target_id": keys[part.target_id],
            "author_id": copier_id if part.author_id == copier_id else None,
        }
        for part in db.execute(parts.order_by("target_id"))
    ]
    if copied:
        db.execute(insert(TargetParagraph), copied)


def _added(db: Session, model: type[Annotation] | type[Target], rows: list[dict[str, Any]]) -> list[int]:
    """The keys of rows that are added all at once, in their order."""
    return list(db.scalars(insert(model).returning(model.id, sort_by_parameter_order=True), rows))
