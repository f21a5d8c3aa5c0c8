"""While a reading is blind nothing that a student gets changes by what others do: no page, count, validator or news."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import bindparam, func, select, update

from app.annotations.authors import Wrote
from app.annotations.models import Annotation
from app.courses.models import Membership
from app.database import now, table_of
from app.discussion import news, threads
from app.discussion.margins import Margin
from app.readings.models import Reading, ReadingMember
from app.readings.seats import Standing
from tests.contracts.classroom import Classroom, Lesson, open_classroom
from tests.contracts.endpoints import every_endpoint
from tests.support.cast import HTMX, World

pytestmark = [pytest.mark.database, pytest.mark.grid]
SAFE = [one for one in every_endpoint() if one.is_safe and one.is_in_a_reading]
FORM_ID = re.compile(r'name="uid" value="[0-9a-f-]+"')


@pytest.fixture(scope="module")
def classroom(lasting_world: World) -> Classroom:
    classroom = open_classroom(lasting_world)
    classroom.changes_course(anonymity="allowed")
    return classroom


@pytest.fixture
def lesson(classroom: Classroom) -> Lesson:
    """O, who is blind, and C and T have written; G has earned to see."""
    lesson = classroom.lesson(reveal_kind="count", reveal_n="50")
    lesson.fill("O", "class", "group").fill("C", "class").fill("T", "class")
    rules(lesson)
    return lesson


def rules(lesson: Lesson, **values: Any) -> None:
    """Sets the reading's rules; G has earned to see whatever they are."""
    with lesson.classroom.world.database.writing() as db:
        if values:
            db.execute(update(Reading).where(Reading.uid == lesson.text.uid).values(**values))
    member_of(lesson, "G", revealed_at=now())


def given(lesson: Lesson, column: str = "O") -> dict[str, tuple[int, str, str]]:
    """What somebody gets: status, validator and words of every page of the reading and of their own posts."""
    member, found = lesson.classroom.members[column], {}
    address = lesson.address
    addresses = {
        endpoint.address(lesson.scene(column, audience))
        for endpoint in SAFE
        for audience in ("class", "group")
    }
    addresses |= {
        f"{address}/margin?first=0&last=400",
        f"{address}/pile?start=0&end=100000",
        f"{address}/news?since=",
        f"{address}/stream?once=true",
    }
    addresses |= {
        f"{address}/news/shown?since=",
        f"{address}/news/shown?told=1,2,3,4,5,6,7,8",
        f"{address}/annotations?order=discussed",
        f"{address}/annotations?show=to_me",
    }
    addresses |= {f"{address}/paragraphs/{n}" for n in range(1, 6)} | {
        "/",
        lesson.classroom.room.address,
        "/notebook",
        "/notices",
        "/notices/count",
    }
    for one in sorted(addresses):
        for look, headers in (("page", {}), ("fragment", HTMX)):
            answer = member.get(one, headers=headers)
            words = FORM_ID.sub("", answer.text)
            found[f"{look} {one}"] = (answer.status_code, answer.headers.get("etag", ""), words)
    return found


def changes(lesson: Lesson, act: Callable[[Lesson], Any], column: str = "O") -> set[str]:
    """Return what somebody gets differently after an act."""
    before = given(lesson, column)
    act(lesson)
    after = given(lesson, column)
    return {address for address in before if before[address] != after[address]}


def posts(lesson: Lesson, column: str, uid: str, what: str, **form: str) -> None:
    answer = lesson.classroom.members[column].fragment(f"/annotations/{uid}/{what}", {"on": "true", **form})
    assert answer.status_code in (200, 201), answer.text


def replies(column: str, to: str, audience: str = "class", **more: str) -> Callable[[Lesson], Any]:
    def act(lesson: Lesson) -> None:
        lesson.text.reply(lesson.classroom.members[column], lesson.posts[to, audience], "well", **more)

    return act


def writes(column: str, audience: str, **more: str) -> Callable[[Lesson], Any]:
    return lambda lesson: lesson.writes(column, audience, "new", **more)


def does(column: str, to: str, what: str, **form: str) -> Callable[[Lesson], Any]:
    return lambda lesson: posts(lesson, column, lesson.posts[to, "class"], what, **form)


ACTS: dict[str, Callable[[Lesson], Any]] = {
    "a peer writes for the class": writes("C", "class"),
    "a peer writes under a pseudonym": writes("C", "class", signs_as="pseudonym"),
    "a peer writes for the group": writes("G", "group"),
    "a peer writes for oneself": writes("G", "me", signs_as="pseudonym"),
    "a peer writes to the staff": writes("C", "staff"),
    "a peer calls": lambda here: here.writes("G", "class", f"@{here.classroom.name('O')} look"),
    "a peer answers the staff": replies("C", "T"),
    "a peer answers one's own": replies("G", "O"),
    "a peer answers in the group": replies("G", "O", "group"),
    "a peer nods to the staff": does("C", "T", "reactions", kind="agree"),
    "a peer nods to one's own": does("G", "O", "reactions", kind="agree"),
    "a peer reports one's own": does("G", "O", "reports", words="no"),
    "a peer edits": lambda here: edits(here),
    "a peer deletes": does("C", "C", "delete", version="1"),
    "a peer settles": does("C", "C", "resolve"),
    "a peer narrows": lambda here: narrows(here),
    "staff answer a peer": replies("T", "C"),
    "staff answer a peer alone": replies("T", "C", private="true"),
    "staff nod to a peer": does("T", "C", "reactions", kind="thanks"),
    "staff nod to a peer who answered them": lambda here: nods_beneath(here),
    "staff hide a peer's": does("T", "C", "hide", word="no"),
    "staff pin a peer's": does("T", "C", "pin"),
    "a peer reads on": lambda here: reads(here),
    "a peer earns to see": lambda here: member_of(here, "C", revealed_at=now()),
}


def nods_beneath(lesson: Lesson) -> None:
    uid = lesson.text.reply(lesson.classroom.members["C"], lesson.posts["T", "class"], "so")
    posts(lesson, "T", uid, "reactions", kind="thanks")


def edits(lesson: Lesson) -> None:
    form = {"version": "1", "note": "other words", "tags": "hedge"}
    assert (
        lesson.classroom.members["C"].post(f"/annotations/{lesson.posts['C', 'class']}", form).status_code
        == 303
    )


def narrows(lesson: Lesson) -> None:
    form = {"annotations": lesson.posts["C", "class"], "audience": "me"}
    assert lesson.classroom.members["C"].post(f"{lesson.address}/annotations/share", form).status_code == 303


def reads(lesson: Lesson) -> None:
    assert lesson.classroom.members["C"].post(f"{lesson.address}/place", {"place": "5"}).status_code == 204
    lesson.classroom.world.app.state.places.flush()


def member_of(lesson: Lesson, column: str, **values: Any) -> None:
    with lesson.classroom.world.database.writing() as db:
        reading_id = db.scalars(select(Reading.id).where(Reading.uid == lesson.text.uid)).one()
        db.merge(ReadingMember(reading_id=reading_id, user_id=lesson.classroom.key(column), **values))


@pytest.mark.parametrize("act", ACTS)
def test_the_blind_notice_nothing(lesson: Lesson, act: str) -> None:
    assert changes(lesson, ACTS[act]) == set()


SILENT = {
    "a peer writes for oneself",
    "a peer writes to the staff",
    "a peer reports one's own",
    "a peer reads on",
}
SILENT |= {"staff answer a peer alone", "a peer earns to see"}


@pytest.mark.parametrize("act", sorted(set(ACTS) - SILENT))
def test_those_who_see_do_notice(lesson: Lesson, act: str) -> None:
    """The control: what is compared does change where it should."""
    rules(lesson, reveal_kind="at_once", reveal_n=None)
    assert changes(lesson, ACTS[act])


@pytest.mark.parametrize("act", sorted(SILENT))
def test_what_concerns_no_peer_is_noticed_by_none(lesson: Lesson, act: str) -> None:
    rules(lesson, reveal_kind="at_once", reveal_n=None)
    assert changes(lesson, ACTS[act]) == set()


def test_staff_are_noticed_where_they_answer_oneself(lesson: Lesson) -> None:
    member, uid = lesson.classroom.members["T"], lesson.posts["O", "class"]
    assert changes(lesson, lambda here: here.text.reply(member, uid, "well"))
    assert changes(lesson, lambda here: posts(here, "T", uid, "reactions", kind="thanks"))
    assert changes(lesson, lambda here: here.writes("T", "class", "new"))


# With a guard taken away


def own_too(writing: Any, reading_id: int, audience_id: int, posts: Any) -> set[int]:
    return {audience_id}


def opens_all(rows: Any, *, blind: bool) -> tuple[int, ...]:
    return tuple(row.id for row in rows)


def every_pseudonym() -> Any:
    row = table_of(ReadingMember).c
    named = row.pseudonym.is_not(None)
    return select(row.user_id, row.pseudonym).where(row.reading_id == bindparam("reading"), named)


def every_member(margin: Margin) -> set[Wrote]:
    return {(user_id, "name") for user_id in margin._db.ask(select(Membership.user_id)).scalars()}


_VALUES = news._values


def every_audience(standing: Standing) -> dict[str, Any]:
    return _VALUES(standing) | {"audiences": tuple(range(1, 1000))}


def every_root() -> Any:
    post = table_of(Annotation).c
    return select(func.count()).where(post.reading_id == bindparam("reading"), post.root_id.is_(None))


GUARDS: dict[str, tuple[str, Any, str]] = {
    "audiences": ("app.access.opening.open_to", opens_all, "a peer writes for the class"),
    "reactions": ("app.discussion.threads._BLIND", threads._WHOSE, "a peer nods to the staff"),
    "clocks of reactions": ("app.readings.seats.Seat.hides_peers", False, "a peer nods to one's own"),
    "clocks of answers": ("app.annotations.writing.hearing", own_too, "staff answer a peer"),
    "names to call": ("app.discussion.posting._PSEUDONYMS", every_pseudonym(), "a peer writes under a pseudonym"),
    "validators": ("app.discussion.margins.Margin.wrote", every_member, "a peer earns to see"),
    "cursors and news": ("app.discussion.news._values", every_audience, "a peer writes for the class"),
    "counts": ("app.annotations.cards._COUNT", every_root(), "a peer writes for the class"),
}  # fmt: skip


@pytest.mark.parametrize("guard", GUARDS)
def test_without_a_guard_they_notice(lesson: Lesson, guard: str, monkeypatch: pytest.MonkeyPatch) -> None:
    where, instead, act = GUARDS[guard]
    monkeypatch.setattr(where, instead)
    assert changes(lesson, ACTS[act])
