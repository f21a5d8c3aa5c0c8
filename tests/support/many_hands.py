"""Many people who mark a paragraph at once, with what their writes would have left behind."""

from dataclasses import dataclass

from sqlalchemy import select

from app.accounts.joining import add_user
from app.activity.models import record
from app.annotations.crowd.surveying import recount
from app.annotations.models import Annotation, AnnotationTag, Target, TargetParagraph
from app.codebook.models import Tag
from app.courses.joining import join
from app.database import Database, now
from app.identity import new_uid
from app.library.models import Paragraph
from app.readings.audiences import Whom, audience_in
from app.readings.models import CLASS, Reading


@dataclass(frozen=True)
class Hands:
    """A class, the reading in it, and as many people who mark the same paragraph of it."""

    database: Database
    reading_uid: str
    people: list[int]

    @classmethod
    def of(cls, database: Database, reading_uid: str, number: int) -> "Hands":
        """New students, who are let in at once."""
        with database.writing() as db:
            course = db.scalars(select(Reading.course_id).where(Reading.uid == reading_uid)).one()
            assert course is not None
            people = [add_user(db, f"Somebody {new_uid()}").id for _ in range(number)]
            for user_id in people:
                join(db, course, user_id)
        return cls(database, reading_uid, people)

    def mark(
        self, number: int, *, paragraph: int = 2, spans: int = 10, note: str = "", length: int = 5
    ) -> None:
        """So many marks by one after the other, each on one of so many spans. They count, and they are news."""
        with self.database.writing() as db:
            reading = db.scalars(select(Reading).where(Reading.uid == self.reading_uid)).one()
            place = db.scalars(
                select(Paragraph).where(
                    Paragraph.revision_id == reading.revision_id, Paragraph.ordinal == paragraph
                )
            ).one()
            tag = db.scalars(select(Tag.id).where(Tag.tagset_id == reading.tagset_id).limit(1)).one()
            audience = audience_in(db.connection(), reading.id, Whom(CLASS))
            for n in range(number):
                start = place.start + n % spans
                one = _mark(reading, self.people[n % len(self.people)], audience, note)
                db.add(one)
                db.flush()
                db.add(AnnotationTag(annotation_id=one.id, tag_id=tag))
                target = _target(one.id, reading.revision_id, start, start + length)
                db.add(target)
                db.flush()
                part = {"target_id": target.id, "paragraph_id": place.id, "author_id": one.author_id}
                db.add(TargetParagraph(**part, start=start, end=start + length))
                record(
                    db.connection(),
                    reading_id=reading.id,
                    kind="annotation.created",
                    actor_id=one.author_id,
                    audience_id=audience,
                    subject_id=one.id,
                    version=1,
                )
        recount(self.database)


def _mark(reading: Reading, author_id: int, audience_id: int, note: str) -> Annotation:
    uid = new_uid()
    return Annotation(
        uid=uid,
        reading_id=reading.id,
        author_id=author_id,
        audience_id=audience_id,
        motivation="classifying",
        note=note,
        operation=uid,
        version=1,
        created=now(),
        modified=now(),
    )


def _target(annotation_id: int, revision_id: int, start: int, end: int) -> Target:
    words = {"exact": "…", "prefix": "", "suffix": "", "status": "exact"}
    span = {"kind": "span", "start": start, "end": end, "ordinal": 0, "revision_id": revision_id}
    return Target(annotation_id=annotation_id, **span, **words)
