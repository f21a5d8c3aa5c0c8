"""A room: a course with its instructor, and ways into it."""

from dataclasses import dataclass

from sqlalchemy import select

from app.courses.models import Course, JoinCode, Membership
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


def open_room(world: World, name: str = "Grace") -> Room:
    """Lets a new instructor open a class."""
    grace = world.member(name, is_admin=True)
    answer = grace.post("/courses", {"title": "POLS 210", "timezone": "Europe/Berlin"})
    assert answer.status_code == 303
    return Room(world, grace, answer.headers["location"].removeprefix("/courses/"))
