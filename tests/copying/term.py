"""A term that is over: a class with a reading, what its staff and students wrote there, and its copy."""

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from app.annotations.models import Annotation
from app.courses.models import Course
from app.readings.models import Reading
from tests.courses.room import Room, SetText, open_room
from tests.support.cast import Member, World

PASSWORD = "a sentence is good"
DUE = "2026-03-05T18:00"


@dataclass
class Term:
    """Grace teaches with Alan; Ada said yes to research, Ben said nothing."""

    world: World
    room: Room
    text: SetText
    ada: Member
    ben: Member
    alan: Member
    marks: dict[str, str] = field(default_factory=dict)

    @property
    def address(self) -> str:
        return f"{self.room.address}/copy"

    def form(self, **more: Any) -> dict[str, Any]:
        """Return a form that takes everything along that may be."""
        return {
            "title": "POLS 210, autumn",
            "timezone": "Europe/Berlin",
            "readings": [self.text.uid],
            "dates": "move",
            "days": "182",
            "codebook": "true",
            "groups": "true",
            "posts": [self.marks["grace"], self.marks["alan"]],
            "examples": [self.marks["ada"], self.marks["ben"]],
        } | more

    def copied(self, **more: Any) -> Room:
        """Send the form; return the new class."""
        answer = self.room.grace.post(self.address, self.form(**more))
        assert answer.status_code == 303, answer.text
        return Room(self.world, self.room.grace, answer.headers["location"].removeprefix("/courses/"))

    def reading_of(self, room: Room) -> Reading:
        """Return the only reading of a class."""
        with self.world.database.reading() as db:
            return db.scalars(select(Reading).join(Course).where(Course.uid == room.uid)).one()

    def posts_of(self, room: Room) -> dict[str, Annotation]:
        """Return what came along, by its note."""
        with self.world.database.reading() as db:
            of_class = select(Annotation).join(Reading, Reading.id == Annotation.reading_id).join(Course)
            return {post.note: post for post in db.scalars(of_class.where(Course.uid == room.uid))}


def last_term(world: World) -> Term:
    room = open_room(world)
    ada = world.member("Ada", password=PASSWORD)
    ben, alan = world.member("Ben"), world.member("Alan")
    room.takes_in(ada, ben, alan)
    assert room.grace.post(f"{room.person(alan)}/role", {"role": "assistant"}).status_code == 303
    assert ada.post(f"{room.address}/consent", {"consent": "true"}).status_code == 303
    text = room.sets(
        opens="date",
        opens_at="2026-02-01T08:00",
        due_at=DUE,
        instructions="Read it *twice*.",
        reveal_kind="count",
        reveal_n="3",
    )
    asked = room.grace.post(f"{text.address}/prompts", {"paragraph": "2", "words": "Who is meant?"})
    assert asked.status_code == 303
    term = Term(world, room, text, ada, ben, alan)
    term.marks = {
        "grace": text.mark(room.grace, "Ali Khamenei", "actor", note="from Grace"),
        "alan": text.mark(alan, "Ali Khamenei", "actor", note="from Alan"),
        "ada": text.mark(ada, "Ali Khamenei", "claim", note="from Ada"),
        "ben": text.mark(ben, "Ali Khamenei", "claim", note="from Ben"),
        "ada alone": text.mark(ada, "Ali Khamenei", "hedge", note="for Ada alone", audience="me"),
    }
    return term
