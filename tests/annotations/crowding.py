"""People who write at random in two classes that read one article: whatever the program lets them do."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from random import Random

from sqlalchemy import select, update

from app.annotations.crowd.recounting import differences
from app.annotations.crowd.surveying import places
from app.annotations.hands import Hand
from app.annotations.models import Annotation
from app.annotations.sharing import remove, restore, share
from app.annotations.spans import TextSpan
from app.annotations.states import MARK, Nature, state_in
from app.annotations.undoing import undo
from app.annotations.writing import annotate, revise
from app.codebook.models import Tag
from app.commands.purging import purge
from app.database import KEPT_DELETED, Database, Db, now
from app.discussion import keeping_order, posting
from app.errors import NotFound, Refused
from app.identity import new_uid
from app.library.texts import RevisionText, text_of
from app.people.keeping import erase
from app.readings.audiences import Whom
from app.readings.models import Reading

LONG = timedelta(days=1) + KEPT_DELETED
Act = Callable[[Db], None]


@dataclass
class Person:
    """Somebody, and whom they may write for in each reading."""

    id: int
    uid: str
    staff: bool
    groups: list[int] = field(default_factory=list)


class Crowding:
    """Two readings of one text, and what people do there."""

    def __init__(self, database: Database, readings: list[int], people: list[Person], seed: int) -> None:
        self.database, self.people, self.random = database, people, Random(seed)
        with database.reading() as db:
            self.readings = [db.get_one(Reading, key) for key in readings]
            self.tags = list(db.scalars(select(Tag.id).where(Tag.tagset_id == self.readings[0].tagset_id)))
        with_db = Db(database)
        self.text: RevisionText = text_of(with_db, self.readings[0].revision_id)
        with_db.close()
        self.done = Counter[str]()

    @property
    def acts(self) -> dict[Act, int]:
        """What can be done, and how often it is."""
        return {
            self.mark: 30,
            self.remark: 4,
            self.revise: 14,
            self.share: 8,
            self.remove: 10,
            self.restore: 5,
            self.undo: 8,
            self.reply: 8,
            self.hide: 8,
            self.hide_all: 1,
            self.pin: 4,
        }

    def go_on(self, times: int) -> None:
        """So many things, each by somebody, and each kind once."""
        acts = self.acts
        for act in [*acts, *self.random.choices([*acts], [*acts.values()], k=times)]:
            self.do(act)

    def do(self, act: Act) -> None:
        """One thing. What is refused is done by nobody."""
        db = Db(self.database)
        try:
            act(db)
        except (Refused, NotFound):
            self.done[f"{act.__name__}, refused"] += 1
        else:
            self.done[act.__name__] += 1
        finally:
            db.close()

    def leave(self, person: Person) -> None:
        """Somebody is erased, in whatever part."""
        self.people = [one for one in self.people if one.id != person.id]
        with self.database.writing() as db:
            erase(db, person.id, person.uid, person.id)

    # What people do

    def mark(self, db: Db) -> None:
        nature = MARK if self.random.random() < 0.9 else Nature(asks=True)
        tags = self.some_tags()
        annotate(db, self.hand(), new_uid(), self.span(), tags, self.note(), nature)

    def remark(self, db: Db) -> None:
        n = self.random.choice((None, 1, 2))
        posting.remark(db, self.hand(), self.text, new_uid(), n, "This whole paragraph.")

    def revise(self, db: Db) -> None:
        post, hand = self.own(db)
        before = state_in(db.read.connection(), post.id)
        after = replace(before, note=self.note(), tags=tuple(self.some_tags()))
        if self.random.random() < 0.3 and post.root_id is None:
            after = replace(after, span=self.span())
        db.close()
        revise(db, hand, post.id, post.version, after)

    def share(self, db: Db) -> None:
        _post, hand = self.own(db)
        others = select(Annotation.id).where(
            Annotation.author_id == hand.author_id,
            Annotation.reading_id == hand.reading_id,
            Annotation.root_id.is_(None),
            Annotation.deleted_at.is_(None),
        )
        keys = list(db.read.scalars(others))
        chosen = self.random.sample(keys, min(len(keys), self.random.randint(1, 3)))
        share(db, hand, chosen, unveils=self.random.random() < 0.5)

    def remove(self, db: Db) -> None:
        post, hand = self.own(db)
        remove(db, hand, post.id)

    def restore(self, db: Db) -> None:
        post, hand = self.own(db, deleted=True)
        restore(db, hand, post.id)

    def undo(self, db: Db) -> None:
        undo(db, self.hand())

    def reply(self, db: Db) -> None:
        parent = self.anybodys(db)
        hand = self.hand(next(r for r in self.readings if r.id == parent.reading_id))
        posting.reply(db, hand, parent, new_uid(), "But why?")

    def hide(self, db: Db) -> None:
        post = self.anybodys(db)
        keeping_order.hide(db, post, self.teacher().id, "", on=self.random.random() < 0.6)

    def hide_all(self, db: Db) -> None:
        author, reading = self.random.choice(self.people), self.random.choice(self.readings)
        keeping_order.hide_all(
            db, reading.id, author.id, self.teacher().id, "", on=self.random.random() < 0.5
        )

    def pin(self, db: Db) -> None:
        post = self.anybodys(db)
        keeping_order.pin(db, post, self.teacher().id, on=self.random.random() < 0.6)

    def purge(self) -> None:
        """What was deleted was deleted long ago."""
        with self.database.changing() as writing:
            gone = Annotation.deleted_at.is_not(None)
            writing.execute(update(Annotation.__table__).where(gone).values(deleted_at=now() - LONG))
        purge(self.database)

    # What they choose among

    def hand(self, reading: Reading | None = None, person: Person | None = None) -> Hand:
        reading, person = (
            reading or self.random.choice(self.readings),
            person or self.random.choice(self.people),
        )
        signed = "name" if person.staff else self.random.choice(("name", "name", "pseudonym"))
        return Hand(person.id, reading.id, reading.revision_id, self.whom(person), signed)

    def whom(self, person: Person) -> Whom:
        mine = [Whom("me", person.id), Whom("staff") if person.staff else Whom("to_staff", person.id)]
        mine += [Whom("class").by(staff=person.staff)] * 3
        mine += [Whom("group", None, group).by(staff=person.staff) for group in person.groups * 2]
        return self.random.choice(mine)

    def own(self, db: Db, *, deleted: bool = False) -> tuple[Annotation, Hand]:
        """An annotation and its author's hand."""
        post = self.anybodys(db, deleted=deleted)
        if post.author_id is None:
            raise NotFound
        reading = next(r for r in self.readings if r.id == post.reading_id)
        person = next(person for person in self.people if person.id == post.author_id)
        return post, self.hand(reading, person)

    def anybodys(self, db: Db, *, deleted: bool = False) -> Annotation:
        posts = select(Annotation).where(Annotation.deleted_at.is_not(None) == deleted)
        found = list(db.read.scalars(posts.order_by(Annotation.id.desc()).limit(40)))
        if not found:
            raise NotFound
        return self.random.choice(found)

    def teacher(self) -> Person:
        return next(person for person in self.people if person.staff)

    def span(self) -> TextSpan:
        """Words of the first paragraphs, often the same ones, sometimes across a border."""
        paragraphs = self.text.paragraphs[1:4]
        if self.random.random() < 0.5:
            paragraph = self.random.choice(paragraphs)
            start = paragraph.start + 10 * self.random.randint(0, 2)
            return TextSpan(start, start + self.random.choice((5, 20)))
        start = self.random.randint(paragraphs[0].start, paragraphs[-1].end - 200)
        return TextSpan(start, start + self.random.choice((5, 60, 200, 700)))

    def some_tags(self) -> list[int]:
        return self.random.sample(self.tags, self.random.choice((0, 1, 1, 1, 2, 3)))

    def note(self) -> str:
        return self.random.choice(("", "", "", "A word."))


def differing(database: Database) -> list[str]:
    """Rows that counting anew would mend, as one moment shows them."""
    found = []
    for reading_id, paragraph_id in places(database):
        with database.reader.connect() as connection:
            if rows := differences(connection, reading_id, paragraph_id).rows:
                found.append(f"reading {reading_id}, paragraph {paragraph_id}: {dict(rows)}")
    return found
