"""What is drawn once for all peers, and what for one alone: nobody meets another's own, and nobody misses theirs."""

from collections.abc import Callable

import pytest

from app.discussion.margins import Margin
from tests.contracts.classroom import open_classroom
from tests.contracts.test_queries import counted
from tests.courses.room import Room, SetText
from tests.support.cast import Member, World

pytestmark = pytest.mark.database
OWN = ("data-own", "/edit", 'aria-pressed="true"')
Act = Callable[[SetText, Member, str], object]


def marks(text: SetText, member: Member, _uid: str) -> None:
    text.mark(member, "Khamenei", "claim")


def marks_privately(text: SetText, member: Member, _uid: str) -> None:
    text.mark(member, "Khamenei", "claim", audience="me")


def answers(text: SetText, member: Member, uid: str) -> None:
    text.reply(member, uid, "And so?")


def is_answered_by_staff(text: SetText, member: Member, _uid: str) -> None:
    text.reply(text.room.grace, text.mark(member, "Khamenei", "claim", audience="staff"), "Well seen.")


def reacts(_text: SetText, member: Member, uid: str) -> None:
    assert member.fragment(f"/annotations/{uid}/reactions", {"kind": "agree"}).status_code == 200


def mutes(_text: SetText, member: Member, uid: str) -> None:
    assert member.fragment(f"/annotations/{uid}/follow", {"stance": "mute"}).status_code < 300


def is_hidden(text: SetText, member: Member, _uid: str) -> None:
    uid = text.mark(member, "Khamenei", "claim")
    assert text.room.grace.fragment(f"/annotations/{uid}/hide", {"word": "Not here."}).status_code == 200


@pytest.fixture
def eve(world: World, room: Room) -> Member:
    return room.student(world, "Eve")


@pytest.fixture
def told(room: Room, ada: Member) -> tuple[SetText, str]:
    """A text in which Ada has written."""
    text = room.sets()
    return text, text.mark(ada, "Ali Khamenei", "actor", note="Who is this?")


def margin(text: SetText, member: Member) -> str:
    return member.get(f"{text.address}/margin?first=0&last=400").text


def page(text: SetText, member: Member) -> str:
    whole = member.get(text.address).text
    return whole[whole.index('<article class="text"') : whole.index("</article>")]


@pytest.mark.parametrize("order", [(0, 1, 2), (1, 0, 2)], ids=["own first", "a peer first"])
@pytest.mark.parametrize(
    "act",
    [marks, marks_privately, answers, is_answered_by_staff, reacts, mutes, is_hidden],
    ids=lambda act: act.__name__,
)
def test_ones_own_is_drawn_for_oneself_alone(
    told: tuple[SetText, str],
    ben: Member,
    eve: Member,
    room: Room,
    world: World,
    act: Act,
    order: tuple[int, ...],
) -> None:
    text, uid = told
    people = [ben, eve, room.student(world, "Dan")]
    before = [margin(text, people[n]) for n in order]
    assert len(set(before)) == 1
    assert not any(sign in before[0] for sign in OWN)
    act(text, ben, uid)
    after = dict(zip(order, [margin(text, people[n]) for n in order], strict=True))
    assert after[1] == after[2] != after[0]
    assert any(sign in after[0] for sign in OWN)
    assert not any(sign in after[1] for sign in OWN)


@pytest.mark.parametrize("audience", ["class", "me", "staff"])
def test_a_mark_is_painted_as_own_for_its_author_alone(
    told: tuple[SetText, str], ben: Member, eve: Member, audience: str
) -> None:
    text, _uid = told
    assert page(text, ben) == page(text, eve)
    text.mark(ben, "certain conditions", "hedge", audience=audience)
    before = page(text, eve)
    assert page(text, ben) != before
    assert before.count("<mark") == (2 if audience == "class" else 1)


def test_a_new_name_is_seen_by_all_at_once(
    told: tuple[SetText, str], ada: Member, ben: Member, eve: Member
) -> None:
    text, _uid = told
    assert "Ada" in margin(text, ben)
    assert ada.post("/account", {"name": "Countess"}).status_code == 303
    for reader in (ben, eve):
        said = margin(text, reader)
        assert "Countess" in said and "Ada" not in said


def test_those_of_a_group_share_what_its_group_sees(world: World) -> None:
    classroom = open_classroom(world)
    lesson = classroom.lesson(audience="group")
    lesson.writes("O", "group", "canary-group")
    said = {column: margin(lesson.text, classroom.members[column]) for column in "CGTI"}
    assert {column for column, words in said.items() if "canary-group" in words} == set("GTI")


def test_a_newcomer_asks_little_of_what_a_peer_has_seen(
    told: tuple[SetText, str], ada: Member, ben: Member, eve: Member
) -> None:
    text, _uid = told
    for n in range(12):
        text.mark(ada, "Waiting can be a policy"[: 10 + n], "claim", note="Look")
    margin(text, ben)
    with counted() as asked:
        margin(text, eve)
    assert len(asked) <= 12
    assert not any("annotation.note" in statement for statement in asked)


def test_without_looking_for_ones_own_it_is_missed(
    told: tuple[SetText, str], ben: Member, eve: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    text, uid = told
    monkeypatch.setattr(Margin, "_own", set())
    margin(text, eve)
    answers(text, ben, uid)
    assert margin(text, ben) == margin(text, eve)
