"""The crowd's counts are kept by every write: what is kept is what counting anew finds, row for row."""

import re
import threading

import pytest
from sqlalchemy import select, update

from app.accounts.models import User
from app.annotations.crowd.surveying import recount
from app.annotations.hands import Hand
from app.annotations.models import Annotation, MarginCard, ParagraphCount, SpanCount
from app.annotations.spans import TextSpan
from app.annotations.writing import annotate
from app.commands.purging import purge
from app.courses.models import Group
from app.database import KEPT_DELETED, Db, now
from app.identity import new_uid
from app.readings.audiences import Whom
from app.readings.models import Reading
from tests.annotations.crowding import Crowding, Person, differing
from tests.contracts.test_queries import counted
from tests.courses.room import Room, open_room
from tests.support.cast import Member, World
from tests.support.crowd import cards_unlike, unlike

pytestmark = pytest.mark.database
TABLES = "paragraph_count|density|span_count|margin_card"


def opened(grace: Member) -> str:
    """Another class of the same instructor's."""
    answer = grace.post("/courses", {"title": "POLS 211", "timezone": "Europe/Berlin"})
    return answer.headers["location"].removeprefix("/courses/")


def crowd_of(world: World, seed: int) -> Crowding:
    room = open_room(world)
    students = [room.student(world, name) for name in ("Ada", "Ben", "Chloe", "Dan", "Eve")]
    room.grace.post(f"{room.address}/groups", {"name": "Pairs", "number": "2", "random": "true"})
    texts = [room.sets(), Room(world, room.grace, opened(room.grace)).sets()]
    with world.database.reading() as db:
        groups = list(db.scalars(select(Group.id).order_by(Group.id)))
        readings = [db.scalars(select(Reading.id).where(Reading.uid == text.uid)).one() for text in texts]
        users = [db.get_one(User, member.known.id) for member in [*students, room.grace]]
    people = [Person(user.id, user.uid, False, [groups[n % 2]]) for n, user in enumerate(users)]
    people[0].groups, people[-1].staff, people[-1].groups = groups, True, groups
    # Somebody who was a student and now teaches, too.
    people.append(Person(users[0].id, users[0].uid, True))
    return Crowding(world.database, readings, people, seed)


def all_is_counted(crowding: Crowding) -> None:
    assert differing(crowding.database) == [], crowding.done
    assert unlike(crowding.database) == [], crowding.done
    assert cards_unlike(crowding.database) == set(), crowding.done


@pytest.mark.parametrize("seed", range(3))
def test_whatever_people_do_the_counts_are_what_is_seen(world: World, prove: bool, seed: int) -> None:
    crowding = crowd_of(world, seed)
    for _ in range(20 if prove else 3):
        crowding.go_on(200 if prove else 60)
        all_is_counted(crowding)
    assert min(crowding.done[act.__name__] for act in crowding.acts) > 0, crowding.done
    crowding.purge()
    all_is_counted(crowding)
    crowding.leave(crowding.people[1])
    all_is_counted(crowding)
    crowding.go_on(60)
    crowding.purge()
    all_is_counted(crowding)


def test_two_tabs_and_several_people_at_once_count_right(world: World, prove: bool) -> None:
    """Everybody is everywhere: each thread is a tab of whomever it acts for."""
    crowding, failed = crowd_of(world, 0), list[BaseException]()
    crowding.go_on(20)

    def act(seed: int) -> None:
        tab = Crowding(world.database, [one.id for one in crowding.readings], crowding.people, seed)
        try:
            tab.go_on(400 if prove else 50)
        except BaseException as error:
            failed.append(error)

    tabs = [threading.Thread(target=act, args=[seed]) for seed in range(8)]
    for tab in tabs:
        tab.start()
    for tab in tabs:
        tab.join()
    assert failed == []
    all_is_counted(crowding)


def test_the_same_words_marked_in_two_tabs_at_once_are_one_person(world: World) -> None:
    crowding = crowd_of(world, 0)
    person, reading = crowding.people[1], crowding.readings[0]
    span, start = (
        TextSpan(crowding.text.paragraphs[1].start, crowding.text.paragraphs[1].end),
        threading.Barrier(4),
    )

    def mark(tag: int) -> None:
        hand = Hand(person.id, reading.id, reading.revision_id, Whom("class"))
        db = Db(world.database)
        start.wait()
        annotate(db, hand, new_uid(), span, [tag], "a note of its own")
        db.close()

    tabs = [threading.Thread(target=mark, args=[tag]) for tag in [crowding.tags[0]] * 4]
    for tab in tabs:
        tab.start()
    for tab in tabs:
        tab.join()
    all_is_counted(crowding)
    with world.database.reading() as db:
        assert set(db.scalars(select(SpanCount.people))) == {1}
        assert set(db.scalars(select(ParagraphCount.annotations))) == {4}


@pytest.mark.parametrize("course", [True, False])
def test_nothing_is_counted_nor_asked_where_one_reads_alone(world: World, ada: Member, course: bool) -> None:
    if course:
        text = open_room(world)
        text.takes_in(ada)
        address, more = text.sets().address, {"audience": "me"}
    else:
        address, more = ada.reading, {}
    ada.mark("Waiting can be a policy", "claim", note="mine", reading=address, **more)
    uid = ada.annotations()[0].uid
    with counted() as asked:
        ada.fragment(f"/annotations/{uid}", {"version": "1", "note": "still mine", "tags": "hedge"})
        ada.mark("patience", "claim", reading=address, **more)
        ada.fragment(f"/annotations/{uid}/delete", {"version": "2"})
    writes = [one for one in asked if not one.startswith("SELECT")]
    assert writes and [one for one in writes if re.search(TABLES, one)] == []
    assert places_of(world) == []


def places_of(world: World) -> list[int]:
    with world.database.reading() as db:
        return [*db.scalars(select(ParagraphCount.people)), *db.scalars(select(MarginCard.annotation_id))]


def test_a_card_comes_with_the_first_answer_and_goes_when_the_last_is_gone_for_good(world: World) -> None:
    room = open_room(world)
    ada, ben = (room.student(world, name) for name in ("Ada", "Ben"))
    text = room.sets()
    bare = text.mark(ada, "Waiting can be a policy", "claim")
    assert cards(world) == set()
    answer = text.reply(ben, bare, "Why?")
    assert cards(world) == {bare}
    ben.fragment(f"/annotations/{answer}/delete", {"version": "1"})
    assert cards(world) == {bare}, "whoever answers is asked when it is drawn"
    with world.database.changing() as writing:
        of_reply = Annotation.root_id.is_not(None)
        writing.execute(
            update(Annotation.__table__).where(of_reply).values(deleted_at=now() - 2 * KEPT_DELETED)
        )
    purge(world.database)
    assert cards(world) == set() == cards_unlike(world.database)


def test_a_pin_makes_a_card_and_whoever_keeps_it_for_himself_takes_it_away(world: World) -> None:
    room = open_room(world)
    ada = room.student(world, "Ada")
    text = room.sets()
    bare = text.mark(ada, "Waiting can be a policy", "claim")
    for on, there in (("true", {bare}), ("false", set()), ("true", {bare})):
        assert room.grace.fragment(f"/annotations/{bare}/pin", {"on": on}).status_code == 200
        assert cards(world) == there
    ada.fragment(f"{text.address}/annotations/share", {"annotations": bare, "audience": "me"})
    assert cards(world) == set() == cards_unlike(world.database)


def cards(world: World) -> set[str]:
    """The uids of the annotations that are in the list."""
    with world.database.reading() as db:
        listed = select(Annotation.uid).join(MarginCard, MarginCard.annotation_id == Annotation.id)
        return set(db.scalars(listed))


# The checks themselves are seen to fail

GUARDS = {
    "a new mark": ("app.annotations.writing.count_added", "mark"),
    "an edit": ("app.annotations.writing.count_changed", "revise"),
    "sharing": ("app.annotations.writing.count_changed", "share"),
    "deleting": ("app.annotations.writing.count_changed", "remove"),
    "undoing": ("app.annotations.writing.count_changed", "undo"),
    "hiding": ("app.discussion.keeping_order.count_hidden", "hide"),
}
CARDS = {
    "a note": ("app.annotations.crowd.counting.add_cards", "remark"),
    "a reply": ("app.annotations.crowd.counting.add_cards", "reply"),
    "an edit": ("app.annotations.crowd.counting.keep_cards", "remove"),
    "a pin": ("app.discussion.keeping_order.keep_cards", "pin"),
}


def busy_crowd(world: World) -> Crowding:
    crowding = crowd_of(world, 0)
    for _ in range(25):
        crowding.do(crowding.mark)
    crowding.go_on(20)
    return crowding


def act_without(guard: str, act: str, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Has a busy crowd do something while what counts it does nothing."""
    crowding = busy_crowd(world)
    monkeypatch.setattr(guard, lambda *_, **__: None)
    for _ in range(12):
        crowding.do(getattr(crowding, act))


@pytest.mark.parametrize(("guard", "act"), GUARDS.values(), ids=GUARDS)
def test_a_write_that_does_not_count_is_found(
    world: World, monkeypatch: pytest.MonkeyPatch, guard: str, act: str
) -> None:
    act_without(guard, act, world, monkeypatch)
    assert differing(world.database) and unlike(world.database)
    recount(world.database)
    assert not differing(world.database) and not unlike(world.database)


@pytest.mark.parametrize(("guard", "act"), CARDS.values(), ids=CARDS)
def test_a_write_that_lists_no_card_is_found(
    world: World, monkeypatch: pytest.MonkeyPatch, guard: str, act: str
) -> None:
    act_without(guard, act, world, monkeypatch)
    assert differing(world.database) and cards_unlike(world.database)
    assert recount(world.database)["margin_card"] > 0
    assert not differing(world.database) and not cards_unlike(world.database)


def test_somebody_erased_without_counting_is_found(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    crowding = busy_crowd(world)
    monkeypatch.setattr("app.discussion.removing.uncount", lambda *_: None)
    crowding.leave(crowding.people[1])
    assert differing(world.database) and unlike(world.database)


# As requests


def test_whatever_a_class_does_on_its_pages_is_counted(world: World) -> None:
    room = open_room(world)
    ada, ben = (room.student(world, name) for name in ("Ada", "Ben"))
    text = room.sets()
    words = ("Waiting can be a policy", "Ali Khamenei", "can be a policy. For")
    marks = [text.mark(member, word, "claim") for member in (ada, ben, room.grace) for word in words]
    # Another tag on the same words, and a tag taken off again.
    for word, tag in ((words[0], "hedge"), (words[1], "claim")):
        assert ada.mark(word, tag, reading=text.address).status_code == 200
    text.mark(ben, words[0], "hedge", note="mine", audience="staff")
    for address, form in {
        f"/annotations/{marks[3]}": {"version": "1", "tags": ["hedge", "actor"], "note": "Why?"},
        f"/annotations/{marks[4]}": {"version": "1", "move": "end-back", "only": "span"},
        f"{text.address}/annotations/share": {"annotations": marks[5], "audience": "me"},
    }.items():
        assert ben.fragment(address, form).status_code == 200, address
    text.reply(ada, marks[6], "Because.")
    assert room.grace.fragment(f"/annotations/{marks[3]}/hide", {"on": "true", "word": ""}).status_code == 200
    assert ada.fragment(f"{text.address}/undo", {}).status_code == 200
    assert ada.fragment(f"/annotations/{marks[2]}/delete", {"version": "1"}).status_code == 200
    assert ada.fragment(f"/annotations/{marks[2]}/restore", {}).status_code == 200
    assert (differing(world.database), unlike(world.database), cards_unlike(world.database)) == (
        [],
        [],
        set(),
    )
    with world.database.reading() as db:
        assert max(db.scalars(select(SpanCount.people))) == 2


def test_counting_writes_thrice_however_many_marked_it(world: World) -> None:
    """Once in each table; and what its author has there is asked once, besides what the answer is drawn from."""
    room = open_room(world)
    ada = room.student(world, "Ada")
    text = room.sets()
    text.mark(ada, "Ali Khamenei", "claim")
    for n in range(6):
        text.mark(room.student(world, f"Ben {n}"), "Waiting can be a policy", "claim")
    with counted() as asked:
        text.mark(ada, "Waiting can be a policy", "claim")
    written = [
        one for one in asked if re.search("(INTO|FROM|UPDATE) (span_count|density|paragraph_count)", one)
    ]
    assert [one.split()[0] for one in written if not one.startswith("SELECT")] == ["INSERT"] * 3
    assert sum("of_staff" in one for one in asked) <= 2
