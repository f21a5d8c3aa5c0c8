"""Crowds to be measured on: classes that read the article, each with a number of annotations, in one SQLite database.

What is marked is dealt out here; the rows, and the counts that writes would have kept, are made of it by SQL.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random
from zoneinfo import ZoneInfo

from sqlalchemy import insert, select
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session

from app.accounts.joining import add_user
from app.accounts.models import start_session
from app.annotations.spans import CONTEXT, TextSpan, cut
from app.codebook.models import Tag, add_default_tagset
from app.courses.joining import open_course
from app.courses.models import STUDENT, Membership
from app.database import Database, now
from app.library.models import add_article
from app.library.texts import RevisionText
from app.readings.audiences import Whom, audience_in
from app.readings.models import CLASS, STAFF_ONLY, Reading
from app.teaching.forms import ReadingForm, Rules
from app.teaching.setting import set_reading
from benchmarks.dataset import LENGTHS, Reader, article, load_text

PEOPLE = 1000
OWN = 12
"""Annotations of the reader who is measured: the same few in every class."""
_AGREED = 600
"""Stretches of words that readers tend to mark: half of all marks are on these, half are anywhere."""
_SEED = 21
_PREPARE = (
    "CREATE TEMP TABLE IF NOT EXISTS words (id INTEGER PRIMARY KEY, start, stop, exact, prefix, suffix)",
    "CREATE TEMP TABLE IF NOT EXISTS part (words, paragraph, start, stop)",
    "CREATE INDEX IF NOT EXISTS temp.part_words ON part (words)",
    "CREATE TEMP TABLE IF NOT EXISTS mark (id INTEGER PRIMARY KEY, author, words, tag)",
    "CREATE TEMP TABLE IF NOT EXISTS marked (paragraph, sentence, author, tag)",
    *(f"DELETE FROM temp.{table}" for table in ("words", "part", "mark", "marked")),
)
# Every fifth has a note. Keys are the same in all tables, above all that were taken before.
_FILL = (
    """INSERT INTO annotation (id, uid, reading_id, author_id, audience_id, motivation, note, operation, version,
         created, modified)
       SELECT :base + id, printf('%032x', :base + id), :reading, author, :class,
         CASE id % 5 WHEN 0 THEN 'commenting' ELSE 'classifying' END,
         CASE id % 5 WHEN 0 THEN 'A *note* on what is said here, number ' || id || '.' ELSE '' END,
         printf('%032x', :base + id), 1, :at, :at FROM mark""",
    """INSERT INTO target (id, annotation_id, ordinal, revision_id, kind, start, "end", exact, prefix, suffix, status)
       SELECT :base + mark.id, :base + mark.id, 0, :revision, 'span', start, stop, exact, prefix, suffix, 'exact'
       FROM mark JOIN words ON words.id = words""",
    """INSERT INTO target_paragraph (target_id, paragraph_id, author_id, start, "end")
       SELECT :base + id, paragraph, author, start, stop FROM mark JOIN part USING (words)""",
    "INSERT INTO annotation_tag (id, annotation_id, tag_id) SELECT :base + id, :base + id, tag FROM mark",
    """INSERT INTO margin_card (annotation_id, reading_id, audience_id, paragraph_id, start, "end")
       SELECT :base + mark.id, :reading, :class, paragraph, words.start, words.stop
       FROM mark JOIN words ON words.id = mark.words
       JOIN part ON part.words = mark.words AND part.start = words.start WHERE mark.id % 5 = 0""",
    """INSERT INTO event (stream_id, seq, uid, audience_id, kind, subject_id, version, actor_id, at)
       SELECT stream.id, mark.id, printf('%032x', :base + mark.id), :class, 'annotation.created', :base + mark.id, 1,
         author, :at FROM mark JOIN stream ON stream.reading_id = :reading""",
    "UPDATE stream SET seq = (SELECT count(*) FROM mark) WHERE reading_id = :reading",
    """INSERT INTO clock (audience_id, paragraph_id, version)
       SELECT :class, paragraph, count(*) FROM mark JOIN part USING (words) GROUP BY paragraph""",
)
# For the class. What staff see is the same here, since all is for the class and nobody hides.
_COUNT = (
    """INSERT INTO marked SELECT DISTINCT paragraph, sentence.n, author, tag FROM mark JOIN part USING (words)
       JOIN sentence ON paragraph_id = paragraph AND sentence.start < part.stop AND sentence."end" > part.start""",
    "CREATE INDEX IF NOT EXISTS temp.marked_by ON marked (paragraph, sentence, author, tag)",
    """INSERT INTO paragraph_count (audience_id, paragraph_id, annotations, people)
       SELECT :class, paragraph, sum(part.start = words.start), count(DISTINCT author)
       FROM mark JOIN part USING (words) JOIN words ON words.id = mark.words GROUP BY paragraph""",
    """INSERT INTO span_count (audience_id, paragraph_id, start, "end", tag_id, people)
       SELECT :class, paragraph, start, stop, tag, count(DISTINCT author) FROM mark JOIN part USING (words)
       GROUP BY paragraph, start, stop, tag""",
    """INSERT INTO density (audience_id, paragraph_id, sentence, tag_id, also_id, people)
       SELECT :class, paragraph, sentence, 0, 0, count(DISTINCT author) FROM marked GROUP BY paragraph, sentence
       UNION ALL SELECT :class, paragraph, sentence, tag, 0, count(*) FROM marked GROUP BY paragraph, sentence, tag
       UNION ALL SELECT :class, one.paragraph, one.sentence, one.tag, other.tag, count(*)
       FROM marked AS one JOIN marked AS other USING (paragraph, sentence, author)
       WHERE one.tag < other.tag GROUP BY one.paragraph, one.sentence, one.tag, other.tag""",
    """INSERT INTO paragraph_count SELECT :staff, paragraph_id, annotations, people FROM paragraph_count
       WHERE audience_id = :class""",
    """INSERT INTO span_count SELECT :staff, paragraph_id, start, "end", tag_id, people FROM span_count
       WHERE audience_id = :class""",
    """INSERT INTO density SELECT :staff, paragraph_id, sentence, tag_id, also_id, people FROM density
       WHERE audience_id = :class""",
)


@dataclass(frozen=True)
class Crowd:
    """A class that was filled: the reader who is measured, and the text."""

    reader: Reader
    text: RevisionText


def add_crowds(database: Database, sizes: Sequence[int]) -> list[Crowd]:
    """Adds a class for each size, all of the same people, of whom in a small class as many write as half its size."""
    with database.writing() as writing:
        people = [add_user(writing, f"Somebody {n}").id for n in range(PEOPLE)]
        cookie = start_session(writing, people[0], "a browser", 30)
        teacher = add_user(writing, "Teacher").id
        add_default_tagset(writing, owner_id=teacher)
    return [_add_crowd(database, teacher, people, cookie, size) for size in sizes]


def _add_crowd(database: Database, teacher: int, people: list[int], cookie: str, size: int) -> Crowd:
    with database.writing() as writing:
        reading = _add_class(writing, teacher, people)
        reader = Reader(cookie, people[0], reading.id, reading.uid, reading.revision_id)
    crowd = Crowd(reader, load_text(database, reader))
    writers = people[1 : min(PEOPLE, max(2, size // 2))]
    with database.changing() as writing:
        for statement in _PREPARE:
            writing.exec_driver_sql(statement)
        _deal(writing, crowd, [*[people[0]] * OWN, *(writers[n % len(writers)] for n in range(size - OWN))])
        _fill(writing, reader)
    return crowd


def _add_class(writing: Session, teacher: int, people: list[int]) -> Reading:
    course = open_course(writing, teacher, "A class", "UTC")
    writing.execute(
        insert(Membership),
        [{"course_id": course.id, "user_id": user_id, "role": STUDENT} for user_id in people],
    )
    shelved, _revision = add_article(writing, teacher, article())
    form = ReadingForm(article=shelved.uid)
    return set_reading(writing, course.id, teacher, form, Rules(form, ZoneInfo("UTC"), None, now()))


def _deal(writing: Connection, crowd: Crowd, authors: Sequence[int]) -> None:
    """Lets each author in turn mark something."""
    tags = _tags(writing, crowd.reader)
    keys: dict[TextSpan, int] = {}
    marks = [
        (n, author, keys.setdefault(span, len(keys)), tags[tag])
        for n, (author, (tag, span)) in enumerate(zip(authors, spans(crowd.text), strict=False), start=1)
    ]
    words = [(key, span.start, span.end, *_quoted(crowd.text.text, span)) for span, key in keys.items()]
    parts = [
        (key, paragraph.id, part.start, part.end)
        for span, key in keys.items()
        for paragraph, part in cut(span, crowd.text.blocks)
    ]
    writing.exec_driver_sql("INSERT INTO words VALUES (?, ?, ?, ?, ?, ?)", words)
    writing.exec_driver_sql("INSERT INTO part VALUES (?, ?, ?, ?)", parts)
    writing.exec_driver_sql("INSERT INTO mark VALUES (?, ?, ?, ?)", marks)


def _tags(writing: Connection, reader: Reader) -> dict[str, int]:
    own = select(Tag.key, Tag.id).join(Reading, Reading.tagset_id == Tag.tagset_id)
    return {str(key): int(tag) for key, tag in writing.execute(own.where(Reading.id == reader.reading_id))}


def _quoted(text: str, span: TextSpan) -> tuple[str, str, str]:
    before, after = text[max(0, span.start - CONTEXT) : span.start], text[span.end : span.end + CONTEXT]
    return span.of(text), before, after


def spans(text: RevisionText) -> Iterator[tuple[str, TextSpan]]:
    """Tags on stretches of words without end: half of them on stretches that readers agree on, half anywhere."""
    chance = Random(_SEED)
    words = [match.span() for match in re.finditer(r"\w[\w’-]*", text.text)]

    def anywhere() -> tuple[str, TextSpan]:
        tag = chance.choice(list(LENGTHS))
        first = chance.randrange(len(words))
        last = min(len(words), first + chance.randint(*LENGTHS[tag])) - 1
        return tag, TextSpan(words[first][0], words[last][1])

    agreed = [anywhere() for _ in range(_AGREED)]
    while True:
        yield chance.choice(agreed)
        yield anywhere()


def _fill(writing: Connection, reader: Reader) -> None:
    """Makes the rows and the counts of what was dealt."""
    taken = (
        "SELECT max(coalesce((SELECT max(id) FROM annotation), 0), coalesce((SELECT max(id) FROM target), 0))"
    )
    values = {
        "base": writing.exec_driver_sql(taken).scalar_one(),
        "reading": reader.reading_id,
        "revision": reader.revision_id,
        "class": audience_in(writing, reader.reading_id, Whom(CLASS)),
        "staff": audience_in(writing, reader.reading_id, Whom(STAFF_ONLY)),
        "at": now().strftime("%Y-%m-%d %H:%M:%S.%f"),
    }
    for statement in (*_FILL, *_COUNT):
        writing.exec_driver_sql(statement, values)
