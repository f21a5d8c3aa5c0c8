"""Who sees what of a reading, in plain Python: the rules of the design documents over a list of posts in memory.

Nothing here knows how Postil is built. Offsets are half-open code points of the text.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import pairwise

STAFF = ("assistant", "instructor")
# Who is meant by the switch, those of fewer people first: an answer is for the fewer of those above it.
FEWER = ("me", "staff", "to_staff", "group", "class")
Span = tuple[int, int]


@dataclass
class Person:
    """A member: their role, their group, whether they are there, and whether they have earned to see."""

    name: str
    role: str = "student"
    group: str = ""
    present: bool = True
    earned: bool = False
    # What peers call them; known once they have hidden their name.
    alias: str = ""

    @property
    def is_staff(self) -> bool:
        return self.role in STAFF


@dataclass(frozen=True)
class Whom:
    """Whom a post is for: its author, one student and the staff, the staff, a group, the class."""

    kind: str
    person: str = ""
    group: str = ""
    by_staff: bool = False

    @property
    def choice(self) -> str:
        """What the switch calls it."""
        return "staff" if self.kind == "to_staff" else self.kind

    @property
    def is_of_peers(self) -> bool:
        return self.kind in ("group", "class") and not self.by_staff


@dataclass(frozen=True)
class State:
    """What of a post changes by its author's hand, and is kept with each version."""

    span: Span
    whom: Whom
    note: str = ""
    tags: frozenset[str] = frozenset()
    veiled: bool = False
    deleted: bool = False


@dataclass(eq=False)
class Post:
    """An annotation or a reply, with every state that it had."""

    uid: str
    author: str
    states: list[State]
    kind: str = "span"
    asks: bool = False
    root: "Post | None" = None
    parent: "Post | None" = None
    hidden: bool = False
    word: str = ""
    pinned: bool = False
    resolved: bool = False
    reactions: set[tuple[str, str]] = field(default_factory=set)

    @property
    def now(self) -> State:
        return self.states[-1]

    @property
    def place(self) -> Span:
        """The words that it stands on: a reply stands where its thread does."""
        return (self.root or self).now.span


@dataclass
class Reading:
    """A text with its people and their posts. `ends` are where its paragraphs begin, and where the last one ends."""

    people: dict[str, Person]
    ends: list[Span]
    reveal: str = "at_once"
    reveal_n: int = 0
    revealed: bool = False
    posts: list[Post] = field(default_factory=list)
    # Each person's changes that are not taken back: the post, and which of its states came before.
    done: dict[str, list[tuple[Post, int]]] = field(default_factory=dict)

    # Who sees what

    def is_blind(self, who: str) -> bool:
        """Whether the work of other students is hidden from somebody. Once earned it stays open."""
        person = self.people[who]
        if self.reveal == "at_once" or self.revealed or person.is_staff:
            return False
        return not person.earned

    def belongs(self, who: str, whom: Whom) -> bool:
        """Whether somebody is one of those whom a post is for."""
        person = self.people[who]
        if not person.present:
            return False
        if whom.kind == "me":
            return whom.person == who
        if whom.kind == "to_staff":
            return whom.person == who or person.is_staff
        if whom.kind == "group":
            return person.is_staff or (bool(whom.group) and person.group == whom.group)
        return whom.kind == "class" or person.is_staff

    def among(self, who: str, whom: Whom) -> bool:
        """The same, as long as a blind reading does not hide it."""
        return self.belongs(who, whom) and not (whom.is_of_peers and self.is_blind(who))

    def sees_place(self, who: str, post: Post) -> bool:
        """Whether somebody may know of a post, be it deleted: of those it is for, or its own; not what is hidden."""
        person, own = self.people[who], post.author == who
        if not person.present or not (own or self.among(who, post.now.whom)):
            return False
        if post.hidden and not (own or person.is_staff):
            return False
        return post.root is None or self.sees_place(who, post.root)

    def sees(self, who: str, post: Post) -> bool:
        return self.sees_place(who, post) and not post.now.deleted

    def reads(self, who: str, post: Post) -> bool:
        """Whether somebody can open a post by its address: what they see, and their own wherever they are."""
        return not post.now.deleted and (post.author == who or self.sees(who, post))

    def answers(self, who: str, root: Post) -> list[Post]:
        return [post for post in self.posts if post.root is root and self.sees(who, post)]

    def thread(self, who: str, root: Post) -> list[Post]:
        """What is shown under a root: answers, and the places of deleted ones that were answered."""
        there = [post for post in self.posts if post.root is root and self.sees_place(who, post)]
        answered = {id(post.parent) for post in there if not post.now.deleted}
        return [post for post in there if not post.now.deleted or id(post) in answered]

    def shows(self, who: str, root: Post) -> bool:
        """Whether somebody is shown a root: it, or while they see an answer its place."""
        return self.sees(who, root) or (self.sees_place(who, root) and bool(self.answers(who, root)))

    def roots(self) -> Iterator[Post]:
        return (post for post in self.posts if post.root is None)

    def seen(self, who: str) -> list[Post]:
        return [post for post in self.posts if self.sees(who, post)]

    def words_for(self, who: str) -> set[str]:
        """Every word that somebody may meet: of what they see, all of their own, and what staff said of it."""
        known = {post.now.note for post in self.seen(who)}
        for post in self.posts:
            if post.author == who:
                known |= {state.note for state in post.states}
            if post.author == who or self.people[who].is_staff:
                known.add(post.word)
        return known

    def called(self, who: str, post: Post) -> tuple[str, str, bool]:
        """The author's name as somebody knows it, the pseudonym if that is told beside it, and whether of the staff."""
        author = self.people[post.author]
        knows = post.author == who or self.people[who].is_staff
        if post.now.veiled and not knows:
            return author.alias, "", False
        return author.name, author.alias if post.now.veiled else "", author.is_staff

    def reactions_to(self, who: str, post: Post) -> dict[str, tuple[int, bool]]:
        """How many reacted how, and whether somebody did so: while blind not what other students think."""
        found: dict[str, tuple[int, bool]] = {}
        for person, kind in post.reactions:
            if person == who or self.people[person].is_staff or not self.is_blind(who):
                people, mine = found.get(kind, (0, False))
                found[kind] = people + 1, mine or person == who
        return found

    # Where it stands

    def paragraphs(self, span: Span) -> set[int]:
        return {n for n, (start, end) in enumerate(self.ends) if start < span[1] and span[0] < end}

    def on(self, who: str, n: int) -> list[Post]:
        """The annotations in a paragraph that somebody sees."""
        return [p for p in self.roots() if n in self.paragraphs(p.now.span) and self.sees(who, p)]

    def person_in(self, who: str, post: Post) -> tuple[str, bool]:
        """Who is counted: to peers a name and a pseudonym are two people."""
        one = post.author == who or self.people[who].is_staff
        return post.author, post.now.veiled and not one

    def people_on(self, who: str, n: int) -> int:
        """What the number beside a paragraph tells somebody."""
        return len({self.person_in(who, post) for post in self.on(who, n)})

    def begins(self, who: str, n: int) -> tuple[list[Post], int]:
        """What begins in a paragraph: those that have a card for somebody, and how many more have none."""
        cards, bare = [], 0
        for post in self.roots():
            if min(self.paragraphs(post.now.span)) == n and self.shows(who, post):
                if self._has_card(who, post):
                    cards.append(post)
                else:
                    bare += 1
        return cards, bare

    def _has_card(self, who: str, post: Post) -> bool:
        says = post.now.note or post.asks or post.pinned or post.kind != "span"
        return bool(post.author == who or post.now.deleted or says or self.answers(who, post))

    # What people do

    def whom(self, who: str, choice: str) -> Whom:
        """Whom somebody writes for at a switch that stands so."""
        person = self.people[who]
        if choice == "staff":
            return Whom("staff") if person.is_staff else Whom("to_staff", who)
        if choice == "me":
            return Whom("me", who)
        return Whom(choice, "", person.group if choice == "group" else "", person.is_staff)

    def choices(self, who: str) -> list[str]:
        return ["me", "staff", "class"] + (["group"] if self.people[who].group else [])

    def answer_whom(self, who: str, post: Post, *, private: bool) -> Whom:
        """Whom an answer is for: the author alone, or those who see both the post and what began its thread."""
        if private:
            return Whom("to_staff", post.author)
        above = [replace(one.now.whom, by_staff=False) for one in (post.root or post, post)]
        fewest = min(above, key=lambda whom: FEWER.index(whom.kind))
        if any(whom.kind == fewest.kind and whom != fewest for whom in above):
            # Of two groups, or of two students, only the staff see both.
            fewest = self.whom(who, "staff")
        by_staff = self.people[who].is_staff and fewest.kind in ("group", "class")
        return replace(fewest, by_staff=by_staff)

    def may_answer(self, who: str, post: Post) -> bool:
        return self.sees(who, post) and self.belongs(who, (post.root or post).now.whom)

    def add(self, post: Post) -> None:
        self.posts.append(post)
        self.done.setdefault(post.author, []).append((post, -1))
        self._earn(post.author)

    def change(self, post: Post, state: State) -> None:
        """Takes a post to its next state by its author's hand, who may undo it."""
        self.done.setdefault(post.author, []).append((post, len(post.states) - 1))
        post.states.append(state)
        self._earn(post.author)

    def undo(self, who: str) -> Post | None:
        """Takes back somebody's latest change that stands; what was made is deleted."""
        if not self.done.get(who):
            return None
        post, before = self.done[who].pop()
        state = replace(post.now, deleted=True) if before < 0 else post.states[before]
        post.states.append(state)
        self._earn(who)
        return post

    def leave(self, who: str) -> None:
        self.people[who].present, self.people[who].group = False, ""

    def _earn(self, who: str) -> None:
        """Opens a blind reading to who has marked enough different words that others will see."""
        if self.reveal != "count":
            return
        peers = ("group", "class")
        mine = (p for p in self.roots() if p.author == who and p.now.whom.kind in peers)
        spans = {post.now.span for post in mine if not post.now.deleted and not post.hidden}
        if self.people[who].present and len(spans) >= self.reveal_n:
            self.people[who].earned = True

    def same_words(self, who: str, span: Span, whom: Whom, *, veiled: bool) -> list[Post]:
        """Somebody's marks on the very same words, for the same people and signed alike, to which a tag is added."""
        wanted = (who, "span", (span, whom, veiled, False))
        return [
            post
            for post in self.roots()
            if (post.author, post.kind, (post.now.span, post.now.whom, post.now.veiled, post.now.deleted))
            == wanted
        ]


def paragraphs_of(text: str) -> list[Span]:
    """Where the blocks of a text begin and end, its title first; the line ends between belong to none."""
    starts = [0] + [n + 1 for n, letter in enumerate(text) if letter == "\n"] + [len(text) + 1]
    return [(start, after - 1) for start, after in pairwise(starts)]
