"""A class for the machine of sight: six people over one application, each with an open page, and readings to share."""

from dataclasses import dataclass

from sqlalchemy import select

from app.courses.grouping import add_set, put_by_name
from app.courses.joining import open_course
from app.courses.models import Course, Group, GroupSet, JoinCode, Membership
from app.library.models import Article
from app.readings.models import Reading as ReadingRow
from tests.contracts.model_of_sight import Person, Reading, paragraphs_of
from tests.contracts.sight_pages import Page
from tests.support.cast import Member, World

ROLES = {
    "ada": "student",
    "ben": "student",
    "chloe": "student",
    "dan": "student",
    "alan": "assistant",
    "grace": "instructor",
}
GROUPS = {"ada": "Group 1", "ben": "Group 1", "chloe": "Group 2"}
NAMES = {who: f"{who.title()} Quillfeather" for who in ROLES}
TITLE = "Six voices"
PARAGRAPHS = (
    "The old bridge stays closed until the council decides. Nobody knows when that will be.",
    "Traders on the west bank count their losses. Some of them may never open again.",
    "The mayor promised a ferry by spring. Her critics doubt every word of it.",
)
TEXT = "\n".join((TITLE, *PARAGRAPHS))
SET = "Seminars"


@dataclass
class Class:
    """The people with their browsers, and the article that they read again and again."""

    world: World
    members: dict[str, Member]
    article: str

    def key(self, who: str) -> int:
        return self.members[who].known.id

    def opens(self, **rules: str) -> "Lesson":
        """Sets the article in a course of its own, so that nothing of an earlier one is there."""
        with self.world.database.writing() as db:
            course = open_course(db, self.key("grace"), "A class", "UTC")
            course.anonymity = "allowed"
            for who, role in ROLES.items():
                if who != "grace":
                    db.add(Membership(course_id=course.id, user_id=self.key(who), role=role))
            add_set(db, course.id, SET, 2, at_random=False)
            db.flush()
            for who, group in GROUPS.items():
                put_by_name(db, course.id, self.key(who), SET, group)
            set_id, set_uid = db.execute(
                select(GroupSet.id, GroupSet.uid).where(GroupSet.course_id == course.id)
            ).one()
            of_set = select(Group.name, Group.uid).where(Group.set_id == set_id)
            groups = {row.name: row.uid for row in db.execute(of_set)}
            code = db.scalars(select(JoinCode.code).where(JoinCode.course_id == course.id)).one()
            course_uid = course.uid
        form = {"article": self.article, "group_set": set_uid, **rules}
        answer = self.members["grace"].post(f"/courses/{course_uid}/readings", form)
        assert answer.status_code == 303, answer.text
        with self.world.database.reading() as db:
            here = select(ReadingRow.uid).join(Course, Course.id == ReadingRow.course_id)
            uid = db.scalars(here.where(Course.uid == course_uid)).one()
        return Lesson(self, course_uid, uid, code, set_uid, groups)


@dataclass
class Lesson:
    """One reading of one course."""

    school: Class
    course_uid: str
    uid: str
    code: str
    set_uid: str
    groups: dict[str, str]

    @property
    def address(self) -> str:
        return f"/readings/{self.uid}"

    @property
    def course(self) -> str:
        return f"/courses/{self.course_uid}"


def model_of(**rules: str) -> Reading:
    """The model of a reading that has just been set."""
    people = {who: Person(NAMES[who], role, GROUPS.get(who, "")) for who, role in ROLES.items()}
    reveal, number = rules.get("reveal_kind", "at_once"), int(rules.get("reveal_n", "0"))
    return Reading(people, paragraphs_of(TEXT), reveal, number)


def open_class(world: World) -> Class:
    """Brings the six together."""
    members = {who: world.member(NAMES[who], is_admin=who == "grace") for who in ROLES}
    form = {"source": TEXT.replace("\n", "\n\n"), "title": TITLE, "language": "en", "direction": "ltr"}
    added = members["grace"].post("/articles", form)
    assert added.status_code == 303, added.text
    page = members["grace"].get(added.headers["location"]).text
    drawn = Page()
    drawn.takes(page)
    assert len(drawn.paragraphs) == len(PARAGRAPHS) + 1, page
    with world.database.reading() as db:
        uid = added.headers["location"].removeprefix("/readings/")
        of_reading = select(Article.uid).join(ReadingRow, ReadingRow.article_id == Article.id)
        article = db.scalars(of_reading.where(ReadingRow.uid == uid)).one()
    return Class(world, members, article)
