"""What is new for somebody: each kind, by what they may see now; unread until seen; a page at a time."""

import re
from datetime import datetime, timedelta
from html import unescape

import pytest
from sqlalchemy import update

from app.accounts.models import User
from app.annotations.models import Annotation
from app.courses.models import Course
from app.database import now
from app.identity import new_uid
from app.notices import listing
from app.people.keeping import erase
from app.readings.models import Reading, ReadingMember
from tests.contracts.test_queries import counted
from tests.courses.room import Room, SetText
from tests.support.cast import Member, World

pytestmark = pytest.mark.database
LIST = "/notices"


def told(member: Member, query: str = "") -> list[str]:
    """What the list says, the newest first, without its markup."""
    page = member.get(LIST + query)
    assert page.status_code == 200
    found = re.findall(r'class="notification__link"[^>]*>(.*?)</a>', page.text, re.DOTALL)
    return [" ".join(unescape(re.sub("<[^>]*>", "", words)).split()) for words in found]


def counted_for(member: Member) -> str:
    """What the header of a page says."""
    answer = member.fragment(f"{LIST}/count")
    if answer.status_code == 204:
        return ""
    return re.findall(r'aria-hidden="true">([^<]*)<', answer.text)[0]


def sees(member: Member) -> None:
    """Has somebody look at the list as a browser would."""
    until = re.search(r'name="until" value="([^"]*)"', member.get(LIST).text)
    assert until, "nothing is unread"
    assert member.fragment(f"{LIST}/seen", {"until": until[1]}).status_code == 204


def test_each_kind_is_told_in_its_words(room: Room, ada: Member, ben: Member) -> None:
    text = room.sets()
    mine = text.mark(ada, "Ali Khamenei", "actor", note="who?")
    text.reply(ben, mine, "canary-answer, **plainly**")
    theirs = text.mark(ben, "Waiting can be a policy", "claim")
    text.reply(room.grace, theirs, "@Ada, look")
    question = ask(text, ada)
    text.reply(ben, question, "this way")
    ada.post(f"{text.address}/follow", {"stance": "follow"})
    text.mark(ben, "does not seem", "hedge", note="hm")
    text.mark(ben, "Washington", "actor")
    assert told(ada) == [
        "Ben wrote in a reading you follow",
        "Ben answered your question",
        "Grace mentioned you",
        "Ben answered you",
    ]
    page = ada.get(LIST).text
    assert "canary-answer, plainly" in page and "Patience as strategy" in page and "POLS 210" in page
    link = re.findall(r'class="notification__link" href="([^"]*)"', page)[-1]
    spot = ada.get(link).headers["location"]
    assert spot.startswith(f"{text.address}/paragraphs/")
    assert told(ben) == ["Grace answered you"] and told(room.grace) == []


def ask(text: SetText, member: Member) -> str:
    uid = new_uid()
    form = {"uid": uid, "note": "what is meant?", "asks": "true", "audience": "class"}
    assert member.fragment(f"{text.address}/remarks?paragraph=3", form).status_code == 201
    return uid


def test_one_follows_by_oneself_what_one_began_answered_or_was_called_in(
    room: Room, ada: Member, ben: Member
) -> None:
    text, chloe = room.sets(), room.student(room.world, "Chloe")
    begun = text.mark(ada, "Ali Khamenei", "actor")
    first = text.reply(ben, begun, "an answer")
    text.reply(chloe, first, "to Ben, in Ada's thread")
    answered = text.mark(ben, "Tehran", "actor")
    text.reply(chloe, answered, "before Ada came")
    text.reply(ada, answered, "hers")
    text.reply(chloe, answered, "after Ada came")
    called = text.mark(ben, "Washington", "actor", note="@Ada?")
    text.reply(chloe, called, "where Ada was called")
    silent = text.mark(ben, "does not seem", "hedge")
    text.reply(chloe, silent, "none of hers")
    assert told(ada) == [
        "Chloe wrote in a thread you follow",
        "Ben mentioned you",
        "Chloe wrote in a thread you follow",
        "Chloe wrote in a thread you follow",
        "Ben answered you",
    ]
    assert "none of hers" not in ada.get(LIST).text and "before Ada came" not in ada.get(LIST).text


@pytest.mark.parametrize("what", ["thread", "paragraph", "reading"])
def test_what_is_muted_is_not_told_and_what_is_followed_closer_is(
    room: Room, ada: Member, ben: Member, what: str
) -> None:
    text = room.sets()
    mine = text.mark(ada, "Waiting can be a policy", "claim")
    text.reply(ben, mine, "@Ada, before")
    assert counted_for(ada) == "1"
    thread, paragraph = f"/annotations/{mine}/follow", (f"{text.address}/follow", {"paragraph": "1"})
    address, form = {
        "thread": (thread, {}),
        "paragraph": paragraph,
        "reading": (f"{text.address}/follow", {}),
    }[what]
    assert ada.post(address, form | {"stance": "mute"}).status_code == 303
    text.reply(ben, mine, "@Ada, after")
    assert told(ada) == [] and counted_for(ada) == ""
    assert ada.post(thread, {"stance": "follow"}).status_code == 303
    assert told(ada) == ["Ben answered you"] * 2, "the closest wish holds"


def test_a_paragraph_and_a_thread_are_followed_from_then_on(room: Room, ada: Member, ben: Member) -> None:
    text, chloe = room.sets(), room.student(room.world, "Chloe")
    root = text.mark(ben, "Tehran", "actor", note="beforehand")
    text.mark(ben, "Waiting can be a policy", "claim", note="beforehand, too")
    ada.post(f"{text.address}/follow", {"stance": "follow", "paragraph": "1"})
    ada.post(f"/annotations/{root}/follow", {"stance": "follow"})
    text.mark(ben, "Waiting can be", "claim", note="in it")
    text.mark(chloe, "does not seem", "hedge", note="in other words")
    text.mark(chloe, "Waiting", "claim")
    text.reply(chloe, root, "in the thread")
    assert told(ada) == ["Chloe wrote in a thread you follow", "Ben wrote in a paragraph you follow"]
    page = ada.get(LIST).text
    assert (
        "in it" in page
        and "in the thread" in page
        and "in other words" not in page
        and "beforehand" not in page
    )


def test_unread_until_it_was_seen_on_every_page_and_no_look_writes(
    room: Room, ada: Member, ben: Member
) -> None:
    text = room.sets()
    mine = text.mark(ada, "Ali Khamenei", "actor")
    assert counted_for(ada) == "" and "notification--unseen" not in ada.get(LIST).text
    for _ in range(9):
        text.reply(ben, mine, "an answer")
    assert counted_for(ada) == "9"
    text.reply(ben, mine, "a tenth")
    assert counted_for(ada) == counted_for(ada) == "9+"
    assert (
        ada.get(LIST).text.count("notification--unseen")
        == ada.get(LIST).text.count("notification--unseen")
        == 10
    )
    sees(ada)
    assert counted_for(ada) == "" and "notification--unseen" not in ada.get(LIST).text
    text.reply(ben, mine, "one more")
    assert counted_for(ada) == "1" and ada.get(LIST).text.count("notification--unseen") == 1
    assert ada.post(f"{LIST}/seen", {"until": now().isoformat()}).headers["location"] == LIST
    assert counted_for(ada) == ""


def test_seen_is_never_what_is_to_come_and_never_less_than_before(
    room: Room, ada: Member, ben: Member
) -> None:
    text = room.sets()
    mine = text.mark(ada, "Ali Khamenei", "actor")
    tomorrow, yesterday = now() + timedelta(days=1), now() - timedelta(days=1)
    text.reply(ben, mine, "an answer")
    for until in (tomorrow, yesterday):
        assert ada.fragment(f"{LIST}/seen", {"until": until.isoformat()}).status_code == 204
    assert counted_for(ada) == ""
    text.reply(ben, mine, "another")
    assert counted_for(ada) == "1"
    for odd in ("", "now", "2026-11-23T10:00", "9" * 400):
        assert ada.post(f"{LIST}/seen", {"until": odd}).status_code == 422


# By what they may see now


def test_what_is_hidden_narrowed_deleted_or_left_is_told_no_more(
    room: Room, ada: Member, ben: Member
) -> None:
    text = room.sets()
    mine = text.mark(ada, "Ali Khamenei", "actor")
    hidden, deleted = (text.reply(ben, mine, f"canary{n}") for n in range(2))
    narrowed = text.mark(ben, "Tehran", "actor", note="@Ada, canary2")
    assert counted_for(ada) == "3"
    assert room.grace.fragment(f"/annotations/{hidden}/hide", {"on": "true"}).is_success
    assert counted_for(ada) == "2"
    assert ben.fragment(f"/annotations/{deleted}/delete", {"version": "1"}).is_success
    assert counted_for(ada) == "1"
    shared = {"annotations": narrowed, "audience": "me"}
    assert ben.fragment(f"{text.address}/annotations/share", shared).is_success
    assert counted_for(ada) == "" and "canary" not in ada.get(LIST).text
    text.reply(ben, mine, "canary3")
    assert "canary3" in ada.get(LIST).text
    assert ada.post(f"{room.address}/leave").status_code == 303
    assert told(ada) == [] and counted_for(ada) == "" and "canary" not in ada.get(LIST).text


def test_a_blind_reading_tells_nothing_of_peers_until_it_opens_and_then_it_is_new(
    room: Room, ada: Member, ben: Member
) -> None:
    text = room.sets(reveal_kind="staff")
    text.mark(ben, "Tehran", "actor", note="@Ada, canary")
    ada.post(f"{text.address}/follow", {"stance": "follow"})
    text.mark(ben, "Washington", "actor", note="canary")
    text.mark(room.grace, "does not seem", "hedge", note="@Ada, from staff")
    before = ada.get(LIST).text
    assert told(ada) == ["Grace mentioned you"] and "canary" not in before
    sees(ada)
    assert room.grace.post(f"{text.address}/reveal").status_code == 303
    assert told(ada) == [
        "What others wrote is open to you now",
        "Ben mentioned you",
        "Grace mentioned you",
        "Ben wrote in a reading you follow",
    ]
    assert counted_for(ada) == "2", "what stands where one follows is told by the reveal"


@pytest.mark.parametrize("by", ["date", "count"])
def test_others_work_is_said_to_be_open_by(room: Room, ada: Member, ben: Member, by: str) -> None:
    day = timedelta(days=1)
    rules = {"reveal_at": now() + day} if by == "date" else {"reveal_n": 1}
    text = room.sets(reveal_kind="staff")
    with room.world.database.writing() as db:
        db.execute(update(Reading).values(reveal_kind="at_once"))
        here = update(Reading).where(Reading.uid == text.uid)
        db.execute(here.values(reveal_kind=by, **rules))
    assert told(ada) == []
    if by == "count":
        text.mark(ada, "Tehran", "actor")
    else:
        with room.world.database.writing() as db:
            db.execute(here.values(reveal_at=now()))
    assert told(ada) == ["What others wrote is open to you now"]
    assert "open to you now" not in room.grace.get(LIST).text


def test_a_pseudonym_stays_one_to_peers(room: Room, ada: Member, ben: Member) -> None:
    with room.world.database.writing() as db:
        db.execute(update(Course).values(anonymity="required"))
    text = room.sets()
    mine = text.mark(ada, "Ali Khamenei", "actor", signs_as="pseudonym")
    text.reply(ben, mine, "@Grace, an answer", signs_as="pseudonym")
    page = ada.get(LIST).text
    assert "answered you" in page and "Ben" not in page and str(ben.known.uid) not in page
    assert "Ben" in room.grace.get(LIST).text


def test_an_archived_class_is_told_and_an_erased_person_is_nobody(
    room: Room, ada: Member, ben: Member
) -> None:
    text = room.sets()
    text.reply(ben, text.mark(ada, "Ali Khamenei", "actor"), "canary")
    assert room.grace.post(f"{room.address}/archive").status_code == 303
    assert told(ada) == ["Ben answered you"]
    with room.world.database.writing() as db:
        erase(db, ben.known.id, ben.known.uid, ben.known.id)
    assert told(ada) == []


def test_a_hidden_post_is_told_to_its_author_with_the_word_also_where_all_is_muted(
    room: Room, ada: Member, ben: Member
) -> None:
    text = room.sets()
    mine = text.mark(ada, "Ali Khamenei", "actor", note="rude")
    assert ada.post(f"{text.address}/follow", {"stance": "mute"}).status_code == 303
    word = {"on": "true", "word": "Not <b>here</b>"}
    assert room.grace.fragment(f"/annotations/{mine}/hide", word).is_success
    assert told(ada) == ["Staff hid a post of yours from classmates"]
    assert "Not &lt;b&gt;here&lt;/b&gt;" in ada.get(LIST).text
    assert told(ben) == []
    assert room.grace.fragment(f"/annotations/{mine}/hide", {"on": "false"}).is_success
    assert told(ada) == []


# Due


def due(world: World, at: datetime) -> None:
    with world.database.writing() as db:
        db.execute(update(Reading).where(Reading.course_id.is_not(None)).values(due_at=at))


def test_a_date_is_told_a_day_ahead_and_when_it_has_passed(room: Room, ada: Member) -> None:
    room.sets()
    for hours, words in ((25, ""), (23, "Due "), (-1, "It was due ")):
        due(room.world, now() + timedelta(hours=hours))
        found = told(ada)
        assert len(found) == bool(words) and all(one.startswith(words) for one in found)
        assert counted_for(ada) == ("1" if words else "")
    assert told(room.grace) == []


@pytest.mark.parametrize(
    "own", [{"due_at": now() + timedelta(days=9)}, {"finished_at": now()}], ids=["extended", "finished"]
)
def test_no_date_is_told_to_who_has_longer_or_is_done(
    room: Room, ada: Member, own: dict[str, datetime]
) -> None:
    text = room.sets()
    due(room.world, now() - timedelta(hours=1))
    assert len(told(ada)) == 1
    ada.post(f"{text.address}/place", {"place": "0"})
    room.world.app.state.places.flush()
    with room.world.database.writing() as db:
        db.execute(update(ReadingMember).where(ReadingMember.user_id == ada.known.id).values(**own))
    assert told(ada) == []


# A page at a time


def test_it_comes_in_pages_that_miss_and_repeat_nothing(
    room: Room, ada: Member, ben: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "A_PAGE", 3)
    text = room.sets()
    mine = text.mark(ada, "Ali Khamenei", "actor")
    for n in range(8):
        text.reply(ben, mine, f"canary-{n};")
    with room.world.database.writing() as db:
        # Several at one moment.
        theirs = update(Annotation).where(Annotation.author_id == ben.known.id)
        db.execute(theirs.values(created=now() - timedelta(minutes=5)))
        db.execute(update(Annotation).where(Annotation.uid == mine).values(created=now() - timedelta(days=1)))
    assert walked(ada) == [3, 3, 2]
    assert len(set(canaries(ada))) == len(canaries(ada)) == 8


def canaries(member: Member) -> list[str]:
    return [word for page in pages(member) for word in re.findall(r"canary-\d;", page)]


def walked(member: Member) -> list[int]:
    return [page.count('class="notification__link"') for page in pages(member)]


def pages(member: Member) -> list[str]:
    address, found = LIST, []
    while address:
        found.append(member.get(address).text)
        further = re.search(r'rel="next" href="([^"]*)"', found[-1])
        address = unescape(further[1]) if further else ""
    return found


@pytest.mark.parametrize(("bound", "expected"), [("_WALKED", [0, 1, 0]), ("_TAKEN", [2, 1, 0])])
def test_a_look_ends_somewhere_and_the_next_page_goes_on_there(
    room: Room, ada: Member, ben: Member, monkeypatch: pytest.MonkeyPatch, bound: str, expected: list[int]
) -> None:
    text = room.sets()
    ada.post(f"{text.address}/follow", {"stance": "follow"})
    notes = ["1", "", "", "", ""] if bound == "_WALKED" else ["1", "2", "3", "", ""]
    for words, n in zip(
        ("Ali Khamenei", "Tehran", "Washington", "does not seem", "Waiting can be"), notes, strict=True
    ):
        text.mark(ben, words, "claim", note=f"canary-{n};" if n else "")
    monkeypatch.setattr(listing, bound, 3 if bound == "_WALKED" else 2)
    assert sorted(canaries(ada)) == [f"canary-{n};" for n in notes if n]
    assert walked(ada) == expected


@pytest.mark.parametrize("odd", ["yesterday", "0001-01-01T00:00:00+14:00", "9" * 30, "%00"])
def test_an_odd_place_in_the_list_is_refused(ada: Member, odd: str) -> None:
    assert ada.get(f"{LIST}?before={odd}&key=x").status_code == 422


# What it costs


def test_it_asks_no_more_however_many_wrote(room: Room, ada: Member, ben: Member) -> None:
    text = room.sets()
    mine = text.mark(ada, "Ali Khamenei", "actor")

    def asked(address: str) -> int:
        with counted() as statements:
            assert ada.get(address).status_code in (200, 204)
        return len(statements)

    text.reply(ben, mine, "one")
    few = [asked(LIST), asked(f"{LIST}/count")]
    for _ in range(20):
        text.reply(ben, mine, "more")
        text.mark(ben, "Tehran", "actor", note="and more")
    assert [asked(LIST), asked(f"{LIST}/count")] == few
    sees(ada)
    assert asked(f"{LIST}/count") <= 7 and few[0] <= 12, "who has seen all costs next to nothing"


def test_a_person_in_no_class_is_told_nothing(ada: Member, stranger: Member, world: World) -> None:
    alone = world.member("Dora")
    assert told(alone) == [] and counted_for(alone) == ""
    assert stranger.get(LIST).status_code == 303 and stranger.fragment(f"{LIST}/count").status_code == 401
    with world.database.reading() as db:
        assert db.get_one(User, alone.known.id).notices_seen_at is None
