"""Six open pages of one reading, each held against the model after what is done: page, stream and words alike."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import httpx2

from tests.contracts.model_of_sight import Post, Reading
from tests.contracts.sight_class import ROLES, Lesson
from tests.contracts.sight_expected import conversation, differences, differing
from tests.contracts.sight_pages import WORD, Page, cards_in

TOLD = re.compile(r'data: \{"paragraphs": (\[[^]]*\])\}')
LAST = "?first=0&last=400"


@dataclass
class Open:
    """Somebody's open page, with its validators, and what happened since its cursor that they may be told of."""

    page: Page = field(default_factory=Page)
    fresh: Page = field(default_factory=Page)
    tags: dict[str, str] = field(default_factory=dict)
    # In their order: the post, and in which paragraphs it stood or stands.
    happened: list[tuple[Post, set[int]]] = field(default_factory=list)


class Watch:
    """Everybody's pages of a lesson, and the model of it."""

    def __init__(self, lesson: Lesson, model: Reading) -> None:
        self.lesson = lesson
        self.model = model
        self.pages = {who: Open() for who in ROLES}
        for who in ROLES:
            self.opens(who)

    # Asking

    def get(self, who: str, address: str, status: int = 200, **more: str) -> httpx2.Response:
        """What somebody gets, in which they meet no word and no name that is not for them."""
        return self.read(who, self.lesson.school.members[who].get(address, headers=more), status)

    def post(self, who: str, address: str, **form: object) -> httpx2.Response:
        """What a form of somebody's open page brings. What it says is read once the model knows."""
        answer = self.lesson.school.members[who].fragment(address, form)
        assert answer.status_code in (200, 201), (
            f"{who} got {answer.status_code} for {address} {form}: {answer.text}"
        )
        return answer

    def read(self, who: str, answer: httpx2.Response, *statuses: int) -> httpx2.Response:
        assert not statuses or answer.status_code in statuses, f"{who} got {answer.status_code}: {answer.url}"
        met = set(WORD.findall(answer.text)) - self.model.words_for(who)
        assert not met, f"{who} met {met} at {answer.url}"
        self._reads_names(who, answer.text, str(answer.url))
        return answer

    def _reads_names(self, who: str, text: str, where: str) -> None:
        """A name, and the key that filters use, is there only with something that was signed with it."""
        known = {self.model.called(who, post)[0] for post in self.model.seen(who)} | {
            self.model.people[who].name
        }
        for other, person in self.model.people.items():
            key = self.lesson.school.members[other].known.uid
            if person.name not in known:
                assert person.name not in text and key not in text, f"{who} met {other} at {where}"

    # What happens

    @contextmanager
    def happens(self, by: str, post: Post) -> Iterator[None]:
        """While this lasts somebody does something to a post; those who see it before or after may be told."""
        before, places, whom = self._beholders(post), self.model.paragraphs(post.place), post.now.whom
        earned = self.model.people[by].earned
        yield
        places |= self.model.paragraphs(post.place)
        if post.now.whom != whom:
            # That it is gone may also be told to those from whom it had been hidden: they knew the place before.
            before |= {who for who in self.pages if self.model.among(who, whom)}
        for who in before | self._beholders(post):
            self.pages[who].happened.append((post, places))
        if self.model.people[by].earned and not earned:
            self.opens(by)

    def _beholders(self, post: Post) -> set[str]:
        return {who for who in self.pages if self.model.sees_place(who, post)}

    def draws(self, who: str, answer: httpx2.Response) -> None:
        """Puts what an act of somebody's own drew into their page."""
        self.read(who, answer)
        self.pages[who].page.takes(answer.text)

    # Holding pages against the model

    def opens(self, who: str) -> None:
        """Somebody opens the reading anew; what their browser kept is used where the server says so."""
        here = self.lesson.address
        if not self.model.people[who].present:
            self.get(who, here, 404)
            return
        mine = self.pages[who]
        for address in (here, f"{here}/margin{LAST}"):
            kept = {"if-none-match": mine.tags[address]} if address in mine.tags else {}
            answer = self._again(who, address, kept)
            mine.tags[address] = answer.headers["etag"]
            if answer.status_code == 200:
                mine.fresh.takes(answer.text)
        self._agrees(who, mine.fresh, "anew")
        mine.page.paragraphs, mine.page.cards = dict(mine.fresh.paragraphs), dict(mine.fresh.cards)
        mine.page.more, mine.page.count, mine.page.cursor = (
            dict(mine.fresh.more),
            mine.fresh.count,
            mine.fresh.cursor,
        )
        mine.happened.clear()

    def _again(self, who: str, address: str, kept: dict[str, str]) -> httpx2.Response:
        return self.read(who, self.lesson.school.members[who].get(address, headers=kept), 200, 304)

    def catches_up(self, who: str) -> None:
        """Somebody's open page is told what happened, and fetches that and nothing else."""
        if not self.model.people[who].present:
            self.get(who, f"{self.lesson.address}/stream?once=true", 404)
            return
        mine = self.pages[who]
        told = self.told(who, mine.page.cursor)
        may = set().union(*(places for _post, places in mine.happened))
        assert told <= may, f"{who} was told of {sorted(told - may)}, where nothing happened for them"
        shown = self.lesson.school.members[who].fragment(
            f"{self.lesson.address}/news/shown?since={mine.page.cursor}"
        )
        drawn = mine.page.takes(self.read(who, shown, 200).text)
        assert drawn == told, f"{who} was told of {sorted(told)} and shown {sorted(drawn)}"
        self._agrees(who, mine.page, "kept up to date")
        mine.happened.clear()

    def told(self, who: str, cursor: str) -> set[int]:
        """The paragraphs that a stream names since a cursor."""
        answer = self.get(who, f"{self.lesson.address}/stream?since={cursor}&once=true")
        return set[int]().union(*(json.loads(found) for found in TOLD.findall(answer.text)))

    def _agrees(self, who: str, page: Page, how: str) -> None:
        wrong = list(differences(self.model, who, page))
        assert not wrong, f"{who}'s page, {how}: " + "; ".join(wrong)

    def converses(self, who: str) -> None:
        """The whole conversation is what the model says."""
        found = cards_in(self.get(who, f"{self.lesson.address}/annotations").text)
        wrong = list(differing("conversation", conversation(self.model, who), found))
        assert not wrong, f"{who}'s conversation: " + "; ".join(wrong)

    def looks_at(self, who: str, post: Post) -> None:
        """A post by its address, for those who see it and nobody else."""
        answer = self.lesson.school.members[who].fragment(f"/annotations/{post.uid}")
        self.read(who, answer, 200 if self.model.reads(who, post) else 404)
