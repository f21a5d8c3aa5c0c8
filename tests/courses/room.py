"""A room: a course with its instructor, and ways into it."""

from dataclasses import dataclass

from sqlalchemy import select

from app.courses.models import Course, JoinCode, Membership
from app.identity import new_uid
from app.library.models import Article
from app.readings.models import Reading
from tests.support.cast import Member, World


@dataclass
class Room:
    """A course, and who opened it."""

    world: World
    grace: Member
    uid: str

    @property
    def address(self) -> str:
        return f"/courses/{self.uid}"

    @property
    def code(self) -> str:
        """The code as it is now."""
        with self.world.database.reading() as db:
            return db.scalars(select(JoinCode.code).join(Course).where(Course.uid == self.uid)).one()

    def membership(self, member: Member) -> Membership | None:
        """Somebody's row."""
        assert member.user is not None
        with self.world.database.reading() as db:
            mine = select(Membership).join(Course).where(Course.uid == self.uid)
            return db.scalar(mine.where(Membership.user_id == member.user.id))

    def person(self, member: Member) -> str:
        """The address of somebody in the course."""
        assert member.user is not None
        return f"{self.address}/people/{member.user.uid}"

    def takes_in(self, *members: Member) -> None:
        for member in members:
            assert member.post(f"/join/{self.code}").status_code == 303

    def student(self, world: World, name: str) -> Member:
        """Somebody new with an account who has joined."""
        member = world.member(name)
        self.takes_in(member)
        return member

    def form_of_a_reading(self) -> dict[str, str]:
        """What must be said to set the instructor's starter article."""
        with self.world.database.reading() as db:
            article = select(Article.uid).join(Reading, Reading.article_id == Article.id)
            return {"article": db.scalars(article.where(Reading.uid == self.grace.reading_uid)).one()}

    def sets(self, **rules: str) -> "SetText":
        """Sets the instructor's starter article for the class."""
        answer = self.grace.post(f"{self.address}/readings", self.form_of_a_reading() | rules)
        assert answer.status_code == 303, answer.text
        with self.world.database.reading() as db:
            newest = select(Reading.uid).join(Course, Course.id == Reading.course_id)
            found = newest.where(Course.uid == self.uid).order_by(Reading.id.desc()).limit(1)
            return SetText(self, db.scalars(found).one())


@dataclass
class SetText:
    """The starter article as a class reads it."""

    room: Room
    uid: str

    @property
    def address(self) -> str:
        return f"/readings/{self.uid}"

    def mark(self, member: Member, words: str, *tags: str, audience: str = "", **more: str) -> str:
        """Marks words for some audience, or as the switch stands; returns the annotation's uid."""
        uid = new_uid()
        answer = member.mark(words, *tags, uid=uid, reading=self.address, audience=audience, **more)
        assert answer.status_code == 201, answer.text
        return uid

    def reply(self, member: Member, to: str, note: str, **more: str) -> str:
        uid = new_uid()
        answer = member.fragment(f"/annotations/{to}/replies", {"uid": uid, "note": note, **more})
        assert answer.status_code == 201, answer.text
        return uid

    def seen_by(self, member: Member, query: str = "") -> str:
        """Everything that the reading's pages say to somebody: text, margin, conversation."""
        pages = ("?", "/margin?first=0&last=400&", "/annotations?")
        addresses = [f"{self.address}{page}{query}" for page in pages]
        answers = [member.get(address) for address in addresses]
        assert {answer.status_code for answer in answers} == {200}
        return "".join(answer.text for answer in answers)


def open_room(world: World, name: str = "Grace") -> Room:
    """Lets a new instructor open a class."""
    grace = world.member(name, is_admin=True)
    answer = grace.post("/courses", {"title": "POLS 210", "timezone": "Europe/Berlin"})
    assert answer.status_code == 303
    return Room(world, grace, answer.headers["location"].removeprefix("/courses/"))
