"""What the class sees on the wall: the text, what all of them marked, and numbers; no names and no words of notes."""

from dataclasses import dataclass

from markupsafe import Markup
from sqlalchemy import and_, bindparam, func, select

from app.annotations.models import Annotation
from app.annotations.painting import Inline, draw
from app.annotations.segments import segments
from app.courses.models import STUDENT, Membership
from app.database import Db, table_of
from app.library.texts import ParagraphText, RevisionText
from app.live.warmth import Warmth, warmth
from app.readings.models import ReadingMember
from app.readings.seats import Seat

_membership, _member, _post = table_of(Membership), table_of(ReadingMember), table_of(Annotation)
_FINISHED = (
    select(func.count(_member.c.finished_at), func.count())
    .select_from(_membership)
    .outerjoin(
        _member,
        and_(_member.c.user_id == _membership.c.user_id, _member.c.reading_id == bindparam("reading")),
    )
    .where(
        _membership.c.course_id == bindparam("course"),
        _membership.c.role == STUDENT,
        _membership.c.left_at.is_(None),
        _membership.c.removed_at.is_(None),
    )
)
# Students must not learn from a number that a name and a pseudonym are one: to them these are two voices.
_VOICES = (
    select(_post.c.author_id, _post.c.signed_as)
    .distinct()
    .where(
        _post.c.reading_id == bindparam("reading"),
        _post.c.audience_id == bindparam("audience"),
        _post.c.deleted_at.is_(None),
        _post.c.hidden_at.is_(None),
    )
)
_NUMBER = select(func.count()).select_from(_VOICES.subquery())


@dataclass(frozen=True)
class SentenceOnWall:
    """A sentence as it is drawn, and where it stands."""

    html: Markup
    warmth: Warmth


@dataclass(frozen=True)
class ParagraphOnWall:
    """A paragraph as it is drawn."""

    n: int
    kind: str
    level: int
    sentences: list[SentenceOnWall]


@dataclass(frozen=True)
class Wall:
    """All of it. While students do not see each other's work, it holds nothing that comes of that work."""

    paragraphs: list[ParagraphOnWall]
    # Code points of the whole text: what the strip is measured in.
    length: int
    # How many students have read to the end, and of how many.
    finished: int
    students: int
    # How many names and pseudonyms have written for the class; None while that is not shown.
    voices: int | None


def wall(db: Db, text: RevisionText, reading_id: int, seat: Seat, of_class: int | None) -> Wall:
    """What is on the wall now. `of_class` is the audience that students write for when they write for the class."""
    shown = None if seat.hides_peers else of_class
    warm = warmth(db, text, shown)
    finished, students = db.ask(_FINISHED, {"reading": reading_id, "course": seat.course_id}).one()
    voices = None
    if not seat.hides_peers:
        voices = db.ask(_NUMBER, {"reading": reading_id, "audience": of_class or 0}).scalar() or 0
    paragraphs = [_paragraph(text, one, warm[one.id]) for one in text.paragraphs]
    return Wall(paragraphs, len(text.text), finished, students, voices)


def _paragraph(text: RevisionText, paragraph: ParagraphText, sentences: list[Warmth]) -> ParagraphOnWall:
    drawn = [SentenceOnWall(_words(text, paragraph, one), one) for one in sentences]
    return ParagraphOnWall(paragraph.ordinal, paragraph.kind, paragraph.level, drawn)


def _words(text: RevisionText, paragraph: ParagraphText, sentence: Warmth) -> Markup:
    start, end = sentence.start, sentence.end
    inline = [
        Inline(max(first, start), min(last, end), kind, value or "")
        for first, last, kind, value in text.inline_in(paragraph)
        if first < end and last > start
    ]
    return draw(text.text[start:end], segments(start, end, []), inline)
