"""A campaign of mishaps: somebody marks, replies and nods while the network does what it likes. All is there once."""

import random

import pytest
from playwright.sync_api import Locator, expect
from sqlalchemy import func, select

from app.activity.models import Event
from app.annotations.models import Annotation, Target
from app.discussion.models import REACTIONS, Reaction
from app.readings.models import ME, Audience, Reading
from tests.courses.room import SetText, open_room
from tests.journeys.bad_network import MISHAPS, BadNetwork
from tests.journeys.person import PATIENCE, Person, Seats
from tests.journeys.unsent_work import line, presses, sits
from tests.support.cast import Member, World

pytestmark = pytest.mark.browser
STEPS = 24
WITHOUT_LOCKS = "Object.defineProperty(navigator, 'locks', {value: undefined})"


@pytest.fixture
def address(network: BadNetwork) -> str:
    """Everybody comes through the bad network."""
    return network.address


def press(control: Locator) -> None:
    """A click that hits, also while what is drawn above moves it."""
    control.evaluate("one => one.click()")


class Campaign:
    """What was done, and so what must be there."""

    def __init__(self, reader: Person, text: SetText, network: BadNetwork, root: str, seed: int) -> None:
        self.reader, self.text, self.network, self.root = reader, text, network, root
        self.chance = random.Random(seed)
        self.marks: list[tuple[str, str]] = []
        self.replies: list[str] = []
        self.nods: set[str] = set()
        self.done = 0

    def run(self) -> None:
        self.reader.open(self.text.address)
        for step in range(STEPS):
            self._weather()
            self.chance.choice([self._mark, self._reply, self._nod])(step)
            self.done += 1
        self.network.away = False
        self.network.clear()
        self.reader.open(self.text.address)
        expect(line(self.reader)).not_to_contain_text("Not s", timeout=3 * PATIENCE)

    def _weather(self) -> None:
        """What the network will do, and now and then a page that is left and opened again."""
        self.network.next(self.chance.choice(MISHAPS))
        if self.network.away or self.chance.random() < 0.2:
            self.network.away = not self.network.away
        # A page that loads itself anew, since more can be seen, may do so without a network.
        stranded = self.reader.page.url.startswith("chrome-error:")
        if stranded or (not self.network.away and self.chance.random() < 0.2):
            self.network.away = False
            self.reader.open(self.text.address)
        expect(self._card).to_be_visible()

    @property
    def _card(self) -> Locator:
        return self.reader.page.locator(f"#annotation-{self.root}")

    def _mark(self, step: int) -> None:
        words = " ".join(self.reader.text(step + 2).split()[:3])
        key, tag = self.chance.choice([("1", "actor"), ("2", "claim"), ("3", "hedge")])
        presses(self.reader, key, words, step + 2)
        self.reader.page.keyboard.press("Escape")
        self.marks.append((words, tag))

    def _reply(self, step: int) -> None:
        note = f"Answer {step} 🧭"
        press(self._card.locator(":scope > .annotation__talk [data-reply]"))
        self._card.locator(":scope > .reply-form textarea").fill(note)
        press(self._card.locator(":scope > .reply-form").get_by_role("button", name="Reply"))
        expect(self._card.locator(":scope > .reply-form")).to_have_count(0)
        self.replies.append(note)

    def _nod(self, step: int) -> None:
        kind = self.chance.choice(REACTIONS)
        button = self._card.locator(f":scope > .annotation__talk .reaction[value='{kind}']")
        press(button)
        self.nods ^= {kind}
        expect(button).to_have_attribute("aria-pressed", "true" if kind in self.nods else "false")


@pytest.mark.parametrize("locks", [True, False], ids=["locks", "plain HTTP"])
def test_whatever_the_network_does_all_is_there_once(
    seats: Seats, world: World, ada: Member, network: BadNetwork, *, locks: bool, prove: bool
) -> None:
    room = open_room(world)
    room.takes_in(ada)
    for seed in range(12 if prove else 1):
        text = room.sets()
        root = text.mark(room.grace, "Waiting can be a policy", note="A question")
        reader = sits(seats, ada)
        if not locks:
            reader.context.add_init_script(WITHOUT_LOCKS)
        before = events(world)
        campaign = Campaign(reader, text, network, root, seed + 100 * locks)
        campaign.run()
        assert len(set(network.posts(""))) > 2  # mishaps there were
        marks, replies, nods = there(world, ada, text)
        assert marks == sorted(words for words, _tag in campaign.marks)
        assert replies == sorted(campaign.replies)
        assert nods == sorted(campaign.nods)
        assert events(world) - before == campaign.done
        reader.context.close()


def events(world: World) -> int:
    """What happened; that its author is told of it as well, by an event for them alone, is not another thing."""
    with world.database.reading() as db:
        told = Audience.kind != ME
        return db.scalar(select(func.count()).select_from(Event).join(Audience).where(told)) or 0


def there(world: World, ada: Member, text: SetText) -> tuple[list[str], list[str], list[str]]:
    """What Ada has in a reading: the words marked, the replies, and the nods."""
    with world.database.reading() as db:
        mine = (Annotation.author_id == ada.known.id, Annotation.deleted_at.is_(None))
        posts = select(Annotation.motivation, Annotation.note, Target.exact).join(Target).join(Reading)
        rows = db.execute(posts.where(*mine, Reading.uid == text.uid)).all()
        nodded = select(Reaction.kind).join(Annotation).join(Reading)
        nods = db.scalars(nodded.where(Reaction.user_id == ada.known.id, Reading.uid == text.uid)).all()
    marks = sorted(row.exact for row in rows if row.motivation == "classifying")
    return marks, sorted(row.note for row in rows if row.motivation == "replying"), sorted(nods)
