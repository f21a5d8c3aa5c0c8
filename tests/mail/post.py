"""People who get mail: their addresses, the letters that reach them, and the links in those."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage

from sqlalchemy import select, update

from app.accounts.models import User
from app.activity.models import Task
from app.database import now
from app.mail.digests import send_due
from app.mail.models import Digest
from tests.courses.room import Room, SetText, open_room
from tests.support.cast import Member, World
from tests.support.mail_server import MailServer

PASSWORD = "a sentence is good"
ADA = "ada@example.org"


@dataclass
class Post:
    """A class whose people can be written to."""

    world: World
    server: MailServer
    room: Room
    ada: Member
    ben: Member

    def flush(self) -> list[EmailMessage]:
        """Do what the outbox would do now; return all letters that have come."""
        self.world.app.state.outbox.flush()
        return self.server.letters

    def person(self, member: Member) -> User:
        """Return somebody's row."""
        assert member.user is not None
        with self.world.database.reading() as db:
            return db.scalars(select(User).where(User.id == member.user.id)).one()

    def wants(self, member: Member, rhythm: str = "daily") -> None:
        """Choose a digest, as if a long time ago."""
        assert member.post("/account/digest", {"rhythm": rhythm}).status_code == 303
        with self.world.database.writing() as db:
            db.execute(update(Digest).values(since=now() - timedelta(hours=1)))

    def tomorrow(self) -> datetime:
        return now() + timedelta(days=1, minutes=5)

    def digests(self, at: datetime | None = None) -> list[str]:
        """Send what is due at a moment, tomorrow unless said; return the words of the letters that left then."""
        before = len(self.server.letters)
        sent = send_due(self.world.settings, self.world.database, at or self.tomorrow())
        letters = self.server.letters[before:]
        assert len(letters) == sent
        return [words(letter) for letter in letters]

    def tasks(self) -> list[Task]:
        with self.world.database.reading() as db:
            return list(db.scalars(select(Task).order_by(Task.id)))

    def sets(self, **rules: str) -> SetText:
        return self.room.sets(**rules)


def joined(world: World, server: MailServer) -> Post:
    room = open_room(world)
    ada, ben = world.member("Ada", password=PASSWORD), world.member("Ben", password=PASSWORD)
    room.takes_in(ada, ben)
    post = Post(world, server, room, ada, ben)
    confirm(world, ada, ADA)
    return post


def confirm(world: World, member: Member, email: str) -> None:
    """Give somebody a confirmed address, without the letter."""
    assert member.user is not None
    with world.database.writing() as db:
        mine = update(User).where(User.id == member.user.id)
        db.execute(mine.values(email=email, email_confirmed_at=now()))


def words(letter: EmailMessage) -> str:
    return str(letter.get_content()).replace("\r\n", "\n")


def link(letter: EmailMessage) -> str:
    """Return the only address in a letter, without where the server is."""
    found = re.findall(r"http://testserver(/\S+)", words(letter))
    assert len(found) == 1, words(letter)
    return str(found[0])
