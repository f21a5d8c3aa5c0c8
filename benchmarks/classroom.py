"""A class to be measured on: one article that everybody in it reads, and all of them signed in."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.joining import add_user
from app.accounts.models import start_session
from app.codebook.models import add_default_tagset
from app.courses.joining import join, open_course
from app.database import Database, now
from app.library.models import Article
from app.library.texts import RevisionText
from app.readings.models import Reading
from app.readings.welcome import shelve
from app.settings import Settings
from app.storage.migrating import migrate
from app.teaching.forms import ReadingForm, Rules
from app.teaching.setting import set_reading
from benchmarks.dataset import Reader, article, load_text


@dataclass(frozen=True)
class Classroom:
    """The people of a class with its reading, and the article's text."""

    instructor: Reader
    students: list[Reader]
    text: RevisionText


def open_classroom(settings: Settings, people: int) -> Classroom:
    """Makes the tables and a class of so many students, who see each other's work at once."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    migrate(settings)
    database = Database(settings)
    try:
        with database.writing() as writing:
            readers = _gather(writing, people)
        return Classroom(readers[0], readers[1:], load_text(database, readers[0]))
    finally:
        database.close()


def _gather(writing: Session, people: int) -> list[Reader]:
    """The instructor, then the students."""
    teacher = add_user(writing, "Instructor", is_admin=True)
    add_default_tagset(writing, owner_id=teacher.id)
    own = shelve(writing, teacher.id, article())
    course = open_course(writing, teacher.id, "A class", "UTC")
    form = ReadingForm(article=writing.scalars(select(Article.uid).where(Article.id == own.article_id)).one())
    rules = Rules(form, ZoneInfo("UTC"), now(), now())
    reading = set_reading(writing, course.id, teacher.id, form, rules)
    users = [teacher.id]
    for n in range(people):
        users.append(add_user(writing, f"Student {n:04}").id)
        join(writing, course.id, users[-1])
    return [_signed_in(writing, reading, user_id) for user_id in users]


def _signed_in(writing: Session, reading: Reading, user_id: int) -> Reader:
    cookie = start_session(writing, user_id, "a browser", 30)
    return Reader(cookie, user_id, reading.id, reading.uid, reading.revision_id)
