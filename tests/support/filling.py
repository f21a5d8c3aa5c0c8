"""A row in every table, as the program itself would write it where that is easy."""

from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.joining import add_user, invite
from app.accounts.models import User, count_failure, start_session
from app.activity.models import Task, audit, record
from app.annotations.models import (
    Annotation,
    AnnotationTag,
    AnnotationVersion,
    Density,
    MarginCard,
    ParagraphCount,
    SpanCount,
    Target,
    TargetParagraph,
)
from app.codebook.models import Tag
from app.copying.models import Example
from app.courses.grouping import put_by_name
from app.courses.joining import open_course
from app.database import Base, Database, now
from app.discussion.models import Mention, Reaction, Report
from app.identity import new_uid
from app.library.models import InlineRange, Paragraph
from app.live.models import Presence
from app.mail.rhythm import set_rhythm
from app.readings.audiences import Whom, audience_in
from app.readings.models import ME, Clock, Prompt, Reading
from app.readings.welcome import welcome

NOTE = 'He says: "آرام" – e\u0301, 🧭, \\ and a line\nbreak'


def fill(database: Database, name: str = "Ada") -> None:
    """Adds a person with one annotated article."""
    with database.writing() as db:
        user = add_user(db, name, is_admin=True)
        reading = welcome(db, user.id)
        audience = audience_in(db.connection(), reading.id, Whom(ME, user.id))
        annotation = _annotate(db, user, reading.id, reading.revision_id, audience)
        record(
            db.connection(),
            reading_id=reading.id,
            kind="annotation.created",
            actor_id=user.id,
            subject_id=annotation,
        )
        _talk(db, user, reading.id, annotation)
        db.add(Presence(reading_id=reading.id, user_id=user.id, process="one", until=now()))
        _around(db, user, reading.revision_id)


def rows(database: Database) -> dict[str, int]:
    """How many rows each table has."""
    with database.reading() as db:
        tables = Base.metadata.sorted_tables
        return {table.name: db.scalar(select(func.count()).select_from(table)) or 0 for table in tables}


def _annotate(db: Session, user: User, reading: int, revision: int, audience: int) -> int:
    at = now()
    annotation = Annotation(
        uid=new_uid(),
        reading_id=reading,
        author_id=user.id,
        audience_id=audience,
        motivation="commenting",
        note=NOTE,
        operation=new_uid(),
        version=2,
        created=at,
        modified=at,
    )
    db.add(annotation)
    db.flush()
    paragraph = db.scalars(select(Paragraph).where(Paragraph.revision_id == revision).limit(1)).one()
    where = {"start": paragraph.start, "end": paragraph.end}
    target = Target(
        annotation_id=annotation.id,
        ordinal=0,
        revision_id=revision,
        kind="span",
        exact="…",
        prefix="",
        suffix="",
        status="exact",
        **where,
    )
    tag = db.scalars(select(Tag.id).limit(1)).one()
    before = AnnotationVersion(
        annotation_id=annotation.id,
        version=1,
        audience_id=audience,
        note="",
        tags=[tag],
        targets=[where],
        deleted=False,
        by_id=user.id,
        at=at,
        reason="edit",
    )
    db.add_all([target, AnnotationTag(annotation_id=annotation.id, tag_id=tag), before])
    db.add(Clock(audience_id=audience, paragraph_id=paragraph.id, version=1))
    db.flush()
    db.add(TargetParagraph(target_id=target.id, paragraph_id=paragraph.id, author_id=user.id, **where))
    _count(db, audience, paragraph, tag)
    db.add(
        MarginCard(
            annotation_id=annotation.id,
            reading_id=reading,
            audience_id=audience,
            paragraph_id=paragraph.id,
            **where,
        )
    )
    return annotation.id


def _count(db: Session, audience: int, paragraph: Paragraph, tag: int) -> None:
    """Rows of a crowd, although nobody else is there."""
    here = {"audience_id": audience, "paragraph_id": paragraph.id, "people": 1}
    db.add_all(
        [
            ParagraphCount(annotations=1, **here),
            Density(sentence=0, tag_id=tag, also_id=0, **here),
            SpanCount(start=paragraph.start, end=paragraph.end, tag_id=tag, **here),
        ]
    )


def _talk(db: Session, user: User, reading: int, annotation: int) -> None:
    its_own = select(Paragraph.id).join(Reading, Reading.revision_id == Paragraph.revision_id)
    paragraph = db.scalars(its_own.where(Reading.id == reading).limit(1)).one()
    db.add_all(
        [
            Prompt(reading_id=reading, paragraph_id=paragraph, words=NOTE),
            Reaction(annotation_id=annotation, user_id=user.id, kind="agree"),
            Mention(annotation_id=annotation, user_id=user.id),
            Report(annotation_id=annotation, reporter_id=user.id, words=NOTE),
            Example(annotation_id=annotation, user_id=user.id),
        ]
    )


def _around(db: Session, user: User, revision: int) -> None:
    course = open_course(db, user.id, NOTE[:20], "Europe/Berlin")
    put_by_name(db, course.id, user.id, "Seminars", "Monday")
    start_session(db, user.id, "Firefox", 30)
    invite(db, user)
    count_failure(db, "somebody", 1)
    set_rhythm(db, user.id, "daily")
    audit(db, "user.added", who_id=None, to_what=user.uid)
    db.add(InlineRange(revision_id=revision, start=0, end=1, kind="link", value="https://example.org/?a=b&c"))
    db.add(Task(kind="test", key=new_uid(), due_at=now() + timedelta(days=1)))
