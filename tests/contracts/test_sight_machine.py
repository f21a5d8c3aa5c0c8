"""People of a class do whatever they can, and everybody's pages say at each moment what the model of sight says."""

import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from app.database import AnyRow, Db
from app.discussion.news import touched_since
from app.readings.audiences import audiences_of, counted_for
from app.readings.seats import Standing
from tests.contracts.model_of_sight import Post, Span
from tests.contracts.sight_acts import Acts, new_word
from tests.contracts.sight_class import ROLES, TEXT, Class, model_of, open_class
from tests.support.cast import World

pytestmark = pytest.mark.database
STEPS = 40
PARTS = 5
"""Each kind's runs are so many tests, so that they can be shared out."""
RUNS = {"sqlite": 100, "postgres": 15}
"""Of each of two kinds of readings: two hundred on SQLite, a sample on PostgreSQL; with --prove a thousand on each."""
RUNS_IN_FULL = 1000
STUDENTS = [who for who, role in ROLES.items() if role == "student"]
STAFF = [who for who in ROLES if who not in STUDENTS]


def _spans() -> list[Span]:
    """Stretches of words that are met again: nested, overlapping, across paragraphs, and whole sentences."""
    words, found = [match.span() for match in re.finditer(r"\w+", TEXT)], []
    for first, last in ((2, 3), (2, 5), (4, 5), (9, 11), (16, 19), (19, 21), (20, 21), (31, 33)):
        found.append((words[first][0], words[last][1]))
    return found


def anyone() -> st.SearchStrategy[str]:
    return st.sampled_from(list(ROLES))


PICK = st.integers(0, 99)
TAGS = st.lists(st.sampled_from(("actor", "claim", "hedge")), max_size=2, unique=True)
CHOICE = st.sampled_from(("class", "class", "group", "staff", "me"))
SPAN = st.sampled_from(_spans())
RARELY = st.sampled_from((False, False, False, True))


class Sight(RuleBasedStateMachine):
    """An open page for each of six people, and whatever they do."""

    school: Class
    kinds: tuple[dict[str, str], ...]
    acts: Acts

    @initialize(n=st.integers(0, 9))
    def begins(self, n: int) -> None:
        rules = self.kinds[n % len(self.kinds)]
        self.steps, self.sound = 0, False
        self.acts = Acts(self.school.opens(**rules), model_of(**rules))
        self.model, self.sound = self.acts.model, True

    def _picked(self, posts: list[Post], n: int) -> Post | None:
        return posts[n % len(posts)] if posts else None

    def _here(self) -> list[Post]:
        """What its author is there to change."""
        return [post for post in self.model.posts if self._there(post.author) and not post.now.deleted]

    def _veiled(self, who: str, wanted: bool) -> bool:
        return wanted and not self.model.people[who].is_staff

    def _choice(self, who: str, wanted: str) -> str:
        return wanted if wanted in self.model.choices(who) else "class"

    def _there(self, who: str) -> bool:
        return self.model.people[who].present

    # Writing

    @rule(
        who=anyone(),
        span=SPAN,
        tags=TAGS,
        says=st.booleans(),
        choice=CHOICE,
        veiled=st.booleans(),
        asks=RARELY,
    )
    def marks(
        self, who: str, span: Span, tags: list[str], says: bool, choice: str, veiled: bool, asks: bool
    ) -> None:
        choice, veiled = self._choice(who, choice), self._veiled(who, veiled)
        same = self.model.same_words(who, span, self.model.whom(who, choice), veiled=veiled)
        if self._there(who) and len(same) < 2:
            words = new_word() if says or not (tags or asks) else ""
            self.acts.marks(who, span, tags, words, choice, veiled=veiled, asks=asks)

    @rule(who=anyone(), n=st.sampled_from((None, 1, 2)), choice=CHOICE, veiled=st.booleans(), asks=RARELY)
    def remarks(self, who: str, n: int | None, choice: str, veiled: bool, asks: bool) -> None:
        if self._there(who):
            veiled = self._veiled(who, veiled)
            self.acts.remarks(who, n, new_word(), self._choice(who, choice), veiled=veiled, asks=asks)

    @precondition(lambda self: self.model.posts)
    @rule(who=anyone(), n=PICK, private=st.booleans(), veiled=st.booleans())
    def replies(self, who: str, n: int, private: bool, veiled: bool) -> None:
        to = self._picked([post for post in self.model.posts if self.model.may_answer(who, post)], n)
        if to:
            private, veiled = private and self.model.people[who].is_staff, self._veiled(who, veiled)
            self.acts.replies(who, to, new_word(), private=private, veiled=veiled)

    @precondition(lambda self: self.model.posts)
    @rule(n=PICK, tags=TAGS, says=st.booleans(), choice=st.sampled_from(("", "", "class", "group", "me")))
    def edits(self, n: int, tags: list[str], says: bool, choice: str) -> None:
        if post := self._picked(self._here(), n):
            may = post.root is None and choice in self.model.choices(post.author)
            tags = [] if post.root else tags
            words = new_word() if says or not tags else ""
            self.acts.edits(post.author, post, words, tags, choice if may else "")

    @precondition(lambda self: self.model.posts)
    @rule(n=PICK, span=SPAN)
    def moves(self, n: int, span: Span) -> None:
        marks = [post for post in self._here() if post.root is None and post.kind == "span"]
        if post := self._picked(marks, n):
            self.acts.moves(post.author, post, span)

    @precondition(lambda self: self.model.posts)
    @rule(n=PICK, choice=CHOICE, signs_as=st.sampled_from(("", "", "name", "pseudonym")))
    def shares(self, n: int, choice: str, signs_as: str) -> None:
        if post := self._picked([post for post in self._here() if post.root is None], n):
            who = post.author
            signs_as = "" if self.model.people[who].is_staff else signs_as
            self.acts.shares(who, post, self._choice(who, choice), signs_as)

    @precondition(lambda self: self.model.posts)
    @rule(n=PICK)
    def deletes(self, n: int) -> None:
        """Also by somebody who has left."""
        if post := self._picked([post for post in self.model.posts if not post.now.deleted], n):
            self.acts.deletes(post.author, post)

    @precondition(lambda self: any(post.now.deleted for post in self.model.posts))
    @rule(n=PICK)
    def restores(self, n: int) -> None:
        if post := self._picked([post for post in self.model.posts if post.now.deleted], n):
            self.acts.restores(post.author, post)

    @precondition(lambda self: self.model.posts)
    @rule(who=anyone())
    def undoes(self, who: str) -> None:
        if self._there(who):
            self.acts.undoes(who)

    # Keeping order

    @precondition(lambda self: self.model.posts)
    @rule(who=anyone(), n=PICK, kind=st.sampled_from(("agree", "thanks")))
    def reacts(self, who: str, n: int, kind: str) -> None:
        if post := self._picked(self.model.seen(who), n):
            self.acts.stamps(who, post, "reactions", kind=kind)

    @precondition(lambda self: self.model.posts)
    @rule(who=st.sampled_from(STAFF), n=PICK)
    def hides(self, who: str, n: int) -> None:
        if post := self._picked(self.model.seen(who), n):
            self.acts.stamps(who, post, "hide", on="false" if post.hidden else "true", word=new_word())

    @precondition(lambda self: self.model.posts)
    @rule(who=st.sampled_from(STAFF), n=PICK, what=st.sampled_from(("pin", "resolve")))
    def orders(self, who: str, n: int, what: str) -> None:
        if post := self._picked([post for post in self.model.seen(who) if post.root is None], n):
            is_on = post.pinned if what == "pin" else post.resolved
            self.acts.stamps(who, post, what, on="false" if is_on else "true")

    # Coming and going

    @rule(who=st.sampled_from([*STUDENTS, "alan"]))
    def leaves_or_comes_back(self, who: str) -> None:
        if self._there(who):
            self.acts.leaves(who)
        else:
            self.acts.comes_back(who)

    @rule(who=st.sampled_from(STUDENTS), group=st.sampled_from(("Group 1", "Group 2", "")))
    def regroups(self, who: str, group: str) -> None:
        if self._there(who):
            self.acts.regroups(who, group, "grace")

    @precondition(
        lambda self: self.model.reveal == "staff" and self.steps > STEPS // 2 and not self.model.revealed
    )
    @rule()
    def reveals(self) -> None:
        self.acts.reveals("grace")

    # Looking

    @rule(who=anyone())
    def opens(self, who: str) -> None:
        self.acts.opens(who)

    @precondition(lambda self: self.model.posts)
    @rule(who=anyone(), n=PICK)
    def looks_at(self, who: str, n: int) -> None:
        self.acts.looks_at(who, self.model.posts[n % len(self.model.posts)])

    @invariant()
    def pages_say_so(self) -> None:
        """One after the other their pages catch up with what was done meanwhile."""
        if self.steps:
            self.acts.catches_up(list(ROLES)[self.steps % len(ROLES)])
        self.steps, self.sound = self.steps + 1, True

    def check_invariants(self, *args: object) -> None:
        self.sound = False
        super().check_invariants(*args)

    def teardown(self) -> None:
        """In the end everything is held against the model, unless something was found before."""
        if self.sound and self.steps > 1:
            for who in ROLES:
                if self._there(who):
                    self.acts.converses(who)
                self.acts.opens(who)


@pytest.fixture(scope="module")
def school(lasting_world: World) -> Class:
    return open_class(lasting_world)


def run(school: Class, runs: int, *kinds: dict[str, str], **more: Any) -> None:
    """Runs the machine in readings of these kinds. It prints its steps when it fails."""
    machine = type("Sight", (Sight,), {"school": school, "kinds": kinds})
    # Nothing is explained line by line: that asks the application a hundred times more and says less than the steps.
    phases = [phase for phase in Phase if phase is not Phase.explain]
    chosen = {"phases": phases, "suppress_health_check": list(HealthCheck), "deadline": None, **more}
    run_state_machine_as_test(
        machine,
        settings=settings(max_examples=runs, stateful_step_count=STEPS, report_multiple_bugs=False, **chosen),
    )


OPEN: tuple[dict[str, str], ...] = ({},)
BLIND = ({"reveal_kind": "staff"}, {"reveal_kind": "count", "reveal_n": "2"})


@pytest.fixture(scope="module")
def runs(pytestconfig: pytest.Config, prove: bool) -> int:
    """How many there are in each part."""
    return (RUNS_IN_FULL if prove else RUNS[str(pytestconfig.getoption("--database"))]) // PARTS


@pytest.mark.parametrize("part", range(PARTS))
def test_an_open_reading(school: Class, runs: int, part: int) -> None:
    run(school, runs, *OPEN)


@pytest.mark.parametrize("part", range(PARTS))
def test_a_blind_reading(school: Class, runs: int, part: int) -> None:
    run(school, runs, *BLIND)


# With a guard taken away


def every_audience(
    db: Db, reading_id: int, viewer_id: int, group_id: int | None, *, staff: bool
) -> list[AnyRow]:
    return audiences_of(db, reading_id, viewer_id, group_id, staff=True)


def counts_all(rows: list[AnyRow], seen: tuple[int, ...], *, staff: bool) -> tuple[int, ...]:
    return counted_for(rows, [row.id for row in rows], staff=staff)


def tells_of_what_is_hidden(db: Db, standing: Standing, cursor: str) -> set[int]:
    return touched_since(db, replace(standing, sight=replace(standing.sight, sees_hidden=True)), cursor)


# The guard, what stands in its place, in which readings, and how the machine says what it found.
DEFECTS: dict[str, tuple[str, Any, tuple[dict[str, str], ...], str]] = {
    "whom a post is for": (
        "app.access.opening.audiences_of",
        every_audience,
        OPEN,
        "where nothing happened|'s page|'s conversation|met",
    ),
    "what is hidden, in the stream": (
        "app.live.routes.touched_since",
        tells_of_what_is_hidden,
        OPEN,
        "was told of .* where nothing happened",
    ),
    "what is blind, in the counts": (
        "app.access.opening.counted_for",
        counts_all,
        BLIND,
        "people, not|annotations in all, not",
    ),
}


@pytest.mark.grid
@pytest.mark.parametrize("guard", DEFECTS)
def test_it_finds_that_nobody_asks(school: Class, guard: str, monkeypatch: pytest.MonkeyPatch) -> None:
    where, instead, kinds, words = DEFECTS[guard]
    monkeypatch.setattr(where, instead)
    with pytest.raises(AssertionError, match=words):
        run(school, RUNS["sqlite"], *kinds, phases=[Phase.generate], database=None)
