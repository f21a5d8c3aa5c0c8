"""Everything that is kept of a person, as files for him to take along: a zip of JSON, nothing left out but secrets."""

import json
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from typing import Any, BinaryIO

from sqlalchemy import FromClause, select

from app.access.opening import reading_numbered
from app.accounts.models import SignIn, User, Viewer
from app.activity.models import Audit
from app.annotations.models import Annotation, AnnotationTag, AnnotationVersion, Target
from app.annotations.seeing import seen_in_thread
from app.codebook.models import Tag, Tagset
from app.copying.models import Example
from app.courses.models import Course, Group, GroupMember, Membership
from app.database import AnySelect, Db, table_of
from app.discussion.models import Follow, Mention, Reaction, Report
from app.library.models import Article, Paragraph, Revision
from app.mail.models import Digest
from app.readings.models import Reading, ReadingMember

_SECRET = {"password_hash", "token_hash", "id", "user_id", "owner_id", "author_id", "reporter_id"}


def write_my_data(db: Db, viewer: Viewer, out: BinaryIO) -> None:
    """Writes the zip. Keys of tables are kept where one file refers to another, hashes of secrets never."""
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, query in _queries(viewer.id, mentions_seen(db, viewer)).items():
            rows = [_plain(row._mapping) for row in db.ask(query)]
            archive.writestr(f"{name}.json", json.dumps(rows, ensure_ascii=False, indent=1))


def mentions_seen(db: Db, viewer: Viewer) -> list[int]:
    """Keys of the posts that call somebody and that they may see now: what staff say among themselves is not told."""
    calls = select(Annotation.id, Annotation.reading_id).join(Mention, Mention.annotation_id == Annotation.id)
    by_reading = defaultdict(list)
    for key, reading_id in db.ask(calls.where(Mention.user_id == viewer.id)).all():
        by_reading[reading_id].append(key)
    post, root = table_of(Annotation), table_of(Annotation).alias("root")
    query = select(post.c.id).outerjoin(root, root.c.id == post.c.root_id).where(seen_in_thread(post, root))
    found: list[int] = []
    for reading_id, keys in by_reading.items():
        if within := reading_numbered(db, viewer, reading_id):
            found += db.ask(query.where(post.c.id.in_(keys)), within.sight.values).scalars()
    return found


def _queries(user_id: int, mentions: list[int]) -> dict[str, AnySelect]:
    mine = Annotation.author_id == user_id
    own = select(Annotation.id).where(mine)
    return {
        "account": select(*_columns(User)).where(User.id == user_id),
        "devices": select(*_columns(SignIn)).where(SignIn.user_id == user_id),
        "classes": select(Course.uid, Course.title, *_columns(Membership))
        .join(Membership, Membership.course_id == Course.id)
        .where(Membership.user_id == user_id),
        "groups": select(Group.name, Group.uid)
        .join(GroupMember, GroupMember.group_id == Group.id)
        .where(GroupMember.user_id == user_id),
        "articles": select(Article.uid, Article.created_at, Article.deleted_at, *_columns(Revision))
        .join(Revision, Revision.article_id == Article.id)
        .where(Article.owner_id == user_id),
        "codebooks": select(Tag.tagset_id, *_columns(Tag))
        .join(Tagset, Tagset.id == Tag.tagset_id)
        .where(Tagset.owner_id == user_id),
        "readings": select(Reading.uid, *_columns(ReadingMember))
        .join(ReadingMember, ReadingMember.reading_id == Reading.id)
        .where(ReadingMember.user_id == user_id),
        "annotations": select(Annotation.id.label("annotation_id"), *_columns(Annotation)).where(mine),
        "words": select(Target.annotation_id, *_columns(Target)).where(Target.annotation_id.in_(own)),
        "tags": select(AnnotationTag.annotation_id, Tag.key, Tag.name)
        .join(Tag, Tag.id == AnnotationTag.tag_id)
        .where(AnnotationTag.annotation_id.in_(own)),
        "reactions": select(Annotation.uid.label("to"), *_columns(Reaction))
        .join(Reaction, Reaction.annotation_id == Annotation.id)
        .where(Reaction.user_id == user_id),
        "mentions": select(Annotation.uid.label("in_post"), Mention.annotation_id)
        .join(Mention, Mention.annotation_id == Annotation.id)
        .where(Mention.user_id == user_id, Mention.annotation_id.in_(mentions)),
        "followed": _followed(user_id),
        "reports": select(*_columns(Report)).where(Report.reporter_id == user_id),
        "earlier_versions": select(*_columns(AnnotationVersion)).where(
            AnnotationVersion.annotation_id.in_(own)
        ),
        # Words of theirs that a later class is shown without their name.
        "examples": select(Annotation.uid, Annotation.note, Annotation.created, *_columns(Example))
        .join(Example, Example.annotation_id == Annotation.id)
        .where(Example.user_id == user_id),
        "digest": select(*_columns(Digest)).where(Digest.user_id == user_id),
        "acts": select(*_columns(Audit)).where(Audit.who_id == user_id),
    }


def _followed(user_id: int) -> AnySelect:
    """What they follow and mute: a whole reading, a paragraph of it by its number, or the thread of a post."""
    about = (
        Reading.uid.label("reading"),
        Paragraph.ordinal.label("paragraph"),
        Annotation.uid.label("thread"),
    )
    return (
        select(*about, Follow.stance, Follow.at)
        .join(Reading, Reading.id == Follow.reading_id)
        .outerjoin(Paragraph, Paragraph.id == Follow.paragraph_id)
        .outerjoin(Annotation, Annotation.id == Follow.root_id)
        .where(Follow.user_id == user_id)
        .order_by(Follow.id)
    )


def _columns(model: Any) -> Iterator[Any]:
    table: FromClause = table_of(model)
    return (column for column in table.c if column.name not in _SECRET)


def _plain(row: Any) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in row.items()}
