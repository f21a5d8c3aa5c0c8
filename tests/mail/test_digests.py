"""Digests: what is new to somebody, counted when it is sent by what they may see then, once and by one process."""

import threading
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, update

from app.accounts.models import User
from app.activity.models import Task
from app.annotations.models import Annotation
from app.courses.models import Course
from app.database import Database, now
from app.identity import new_uid
from app.mail import rhythm
from app.mail.digests import send_due
from app.mail.models import Digest
from app.readings.models import Reading
from tests.courses.room import Room
from tests.mail.post import ADA, Post

pytestmark = pytest.mark.database
WEEK = timedelta(weeks=1)


def test_it_tells_numbers_and_links_and_never_what_was_written(post: Post) -> None:
    text = post.sets()
    mine = text.mark(post.ada, "Ali Khamenei", "actor", note="canary-mine")
    text.reply(post.ben, mine, "canary-answer")
    text.reply(post.room.grace, mine, "canary-second")
    hers = text.mark(post.room.grace, "Waiting can be a policy", "claim")
    text.reply(post.ben, hers, "canary @Ada, look")
    post.wants(post.ada)
    (said,) = post.digests()
    assert "Patience as strategy (POLS 210)" in said
    assert "2 new answers to you, 1 new mention of you" in said
    assert f"http://testserver/readings/{text.uid}\n" in said and "http://testserver/notices\n" in said
    assert "http://testserver/account/mail" in said
    assert "canary" not in said and "Ben" not in said and "Khamenei" not in said
    (letter,) = post.server.letters
    assert letter["To"] == ADA and "canary" not in str(letter)
    assert post.ada.get("/notices").status_code == 200


def test_nobody_gets_one_who_did_not_choose_it(post: Post) -> None:
    text = post.sets()
    text.reply(post.ben, text.mark(post.ada, "Ali Khamenei", "actor"), "an answer")
    assert post.digests() == []
    post.wants(post.ada)
    assert post.ada.post("/account/digest", {"rhythm": "off"}).status_code == 303
    assert post.digests() == []


def test_nothing_new_is_no_letter_and_told_once_is_told(post: Post) -> None:
    text = post.sets()
    post.wants(post.ada)
    assert post.digests() == []
    mine = text.mark(post.ada, "Ali Khamenei", "actor")
    text.reply(post.ben, mine, "an answer")
    when = post.tomorrow() + timedelta(days=1)
    with post.world.database.writing() as db:
        db.execute(update(Annotation).values(created=when - timedelta(hours=2)))
    assert len(post.digests(when)) == 1
    assert post.digests(when + timedelta(days=1, minutes=5)) == []


def test_it_comes_daily_or_weekly_and_not_before(post: Post) -> None:
    text = post.sets()
    text.reply(post.ben, text.mark(post.ada, "Ali Khamenei", "actor"), "an answer")
    post.wants(post.ada, "weekly")
    (task,) = post.tasks()
    monday = task.due_at.astimezone(ZoneInfo("Europe/Berlin"))
    assert (monday.weekday(), monday.time()) == (0, time(7)) and timedelta() < task.due_at - now() <= WEEK
    assert post.digests(task.due_at - timedelta(seconds=1)) == []
    assert len(post.digests(task.due_at + timedelta(minutes=5))) == 1
    (after,) = post.tasks()
    assert abs(after.due_at - task.due_at - WEEK) <= timedelta(hours=1) and after.leased_until is None


def test_it_goes_by_the_class_where_morning_comes_first_and_comes_once_a_day(post: Post) -> None:
    at = now()
    for timezone, expected in (
        ("America/New_York", "Europe/Berlin"),
        ("Asia/Tehran", "Asia/Tehran"),
        ("Pacific/Auckland", "Pacific/Auckland"),
    ):
        form = {"title": f"In {timezone}", "timezone": timezone}
        assert post.ada.post("/courses", form).status_code == 403
        answer = post.room.grace.post("/courses", form)
        Room(post.world, post.room.grace, answer.headers["location"].removeprefix("/courses/")).takes_in(
            post.ada
        )
        with post.world.database.reading() as db:
            assert rhythm.zone_of(db, post.ada.known.id, at).key == expected
    post.wants(post.ada)
    (task,) = post.tasks()
    dues = [task.due_at]
    for _ in range(3):
        post.digests(dues[-1] + timedelta(minutes=1))
        dues += [task.due_at for task in post.tasks()]
    assert {due.astimezone(ZoneInfo("Pacific/Auckland")).time() for due in dues} == {time(7)}
    assert len({due.astimezone(ZoneInfo("Pacific/Auckland")).date() for due in dues}) == 4
    with post.world.database.writing() as db:
        db.execute(update(Course).values(archived_at=at))
        assert rhythm.zone_of(db, post.ada.known.id, at).key == "UTC"


@pytest.mark.parametrize(
    ("after", "zone", "how", "morning"),
    [
        ("2026-11-25T05:59:59+00:00", "Europe/Berlin", "daily", "2026-11-25T06:00:00+00:00"),
        ("2026-11-25T06:00:00+00:00", "Europe/Berlin", "daily", "2026-11-26T06:00:00+00:00"),
        # Clocks go forward on the 28th and back on the 24th, at night.
        ("2027-03-27T12:00:00+00:00", "Europe/Berlin", "daily", "2027-03-28T05:00:00+00:00"),
        ("2026-10-24T12:00:00+00:00", "Europe/Berlin", "daily", "2026-10-25T06:00:00+00:00"),
        ("2026-10-19T05:00:00+00:00", "Europe/Berlin", "weekly", "2026-10-26T06:00:00+00:00"),
        ("2026-11-25T20:00:00+00:00", "Pacific/Auckland", "daily", "2026-11-26T18:00:00+00:00"),
        ("2026-11-29T17:59:00+00:00", "Pacific/Auckland", "weekly", "2026-11-29T18:00:00+00:00"),
        # The island that left out a Friday.
        ("2011-12-29T18:00:00+00:00", "Pacific/Apia", "daily", "2011-12-30T17:00:00+00:00"),
    ],
)
def test_mornings(after: str, zone: str, how: str, morning: str) -> None:
    found = rhythm.next_morning(datetime.fromisoformat(after), ZoneInfo(zone), how)
    assert found == datetime.fromisoformat(morning)


def test_it_also_counts_what_is_followed_asked_opened_hidden_and_due_and_nothing_muted(post: Post) -> None:
    text, quiet = post.sets(), post.sets(reveal_kind="staff")
    uid = new_uid()
    asked = {"uid": uid, "note": "what is meant?", "asks": "true", "audience": "class"}
    assert post.ada.fragment(f"{text.address}/remarks?paragraph=3", asked).status_code == 201
    text.reply(post.ben, uid, "this")
    for address, stance in ((text.address, "follow"), (quiet.address, "mute")):
        assert post.ada.post(f"{address}/follow", {"stance": stance}).status_code == 303
    muted = text.mark(post.ada, "Washington", "actor")
    assert post.ada.post(f"/annotations/{muted}/follow", {"stance": "mute"}).status_code == 303
    text.reply(post.ben, muted, "an answer that is not told")
    text.mark(post.ben, "Tehran", "actor", note="where she follows")
    text.mark(post.ben, "does not seem", "hedge", note="likewise")
    mine = text.mark(post.ada, "Ali Khamenei", "actor", note="rude")
    assert post.room.grace.fragment(f"/annotations/{mine}/hide", {"on": "true"}).is_success
    quiet.mark(post.room.grace, "Tehran", "actor", note="@Ada, not told")
    assert post.room.grace.post(f"{quiet.address}/reveal").status_code == 303
    with post.world.database.writing() as db:
        here = update(Reading).where(Reading.uid == text.uid)
        db.execute(here.values(due_at=post.tomorrow() + timedelta(hours=1)))
    post.wants(post.ada)
    (said,) = post.digests()
    assert (
        "1 new answer to your question, 2 new posts where you follow, 1 post of yours was hidden by staff, due soon\n"
        in said
    )
    assert said.count("(POLS 210)") == 2 and "(POLS 210)\nwhat others wrote is open to you now\n" in said


def test_the_list_and_the_digest_agree(post: Post) -> None:
    text = post.sets()
    mine = text.mark(post.ada, "Ali Khamenei", "actor")
    for n in range(3):
        text.reply(post.ben, mine, f"{n}")
    count = post.ada.fragment("/notices/count").text
    post.wants(post.ada)
    (said,) = post.digests()
    assert ">3<" in count and "3 new answers to you\n" in said


def test_what_one_wrote_oneself_is_not_new(post: Post) -> None:
    text = post.sets()
    text.reply(post.ada, text.mark(post.ada, "Ali Khamenei", "actor"), "to myself, @Ada")
    post.wants(post.ada)
    assert post.digests() == []


def test_an_answer_that_calls_by_name_is_told_once(post: Post) -> None:
    text = post.sets()
    text.reply(post.ben, text.mark(post.ada, "Ali Khamenei", "actor"), "@Ada, an answer")
    post.wants(post.ada)
    (said,) = post.digests()
    assert "1 new answer to you\n" in said and "mention" not in said


# By what they may see then


def test_what_was_hidden_or_deleted_meanwhile_does_not_count(post: Post) -> None:
    text = post.sets()
    mine = text.mark(post.ada, "Ali Khamenei", "actor")
    hidden, deleted = (text.reply(post.ben, mine, f"an answer {n}") for n in range(2))
    root = text.mark(post.ben, "Waiting can be a policy", "claim")
    text.reply(post.room.grace, root, "@Ada, see above")
    for uid in (hidden, root):
        assert post.room.grace.fragment(f"/annotations/{uid}/hide", {"on": "true"}).is_success
    assert post.ben.fragment(f"/annotations/{deleted}/delete", {"version": "1"}).is_success
    post.wants(post.ada)
    assert post.digests() == []


def test_a_blind_reading_says_nothing_until_it_is_opened_and_then_everything(post: Post) -> None:
    text = post.sets(reveal_kind="staff")
    theirs = text.mark(post.ben, "Waiting can be a policy", "claim")
    text.reply(post.ben, theirs, "@Ada, a secret")
    text.reply(post.ben, theirs, "@Ada, another")
    hers = text.mark(post.room.grace, "Ali Khamenei", "claim")
    text.reply(post.room.grace, hers, "@Ada, from staff")
    post.wants(post.ada)
    (said,) = post.digests()
    assert "1 new mention" in said
    assert post.room.grace.post(f"{text.address}/reveal").status_code == 303
    later = post.tomorrow() + timedelta(days=1)
    with post.world.database.writing() as db:
        db.execute(update(Digest).values(since=now() - timedelta(seconds=30)))
        before = now() - timedelta(days=1)
        db.execute(update(Annotation).values(created=before))
    (said,) = post.digests(later)
    assert "2 new mentions" in said, "what peers wrote before is new now; what staff wrote was seen all along"


def test_who_left_the_class_hears_no_more_of_it(post: Post) -> None:
    text = post.sets()
    text.reply(post.ben, text.mark(post.ada, "Ali Khamenei", "actor"), "an answer")
    post.wants(post.ada)
    assert post.ada.post(f"{post.room.address}/leave").status_code == 303
    assert post.digests() == []


def test_a_draft_and_an_archived_class_say_nothing(post: Post) -> None:
    text = post.sets()
    text.reply(post.ben, text.mark(post.ada, "Ali Khamenei", "actor"), "an answer")
    post.wants(post.ada)
    assert post.room.grace.post(f"{post.room.address}/archive").status_code == 303
    assert post.digests() == []


@pytest.mark.parametrize(
    "change", [{"email_confirmed_at": None}, {"deactivated_at": now()}], ids=["unconfirmed", "deactivated"]
)
def test_no_digest_goes_to(post: Post, change: dict[str, object]) -> None:
    text = post.sets()
    text.reply(post.ben, text.mark(post.ada, "Ali Khamenei", "actor"), "an answer")
    post.wants(post.ada)
    with post.world.database.writing() as db:
        db.execute(update(User).where(User.email == ADA).values(**change))
    assert post.digests() == []
    assert post.tasks() == []


def test_a_task_whose_person_is_gone_is_dropped(post: Post) -> None:
    with post.world.database.writing() as db:
        db.add(Task(kind=rhythm.KIND, key=rhythm.key_of(987654), due_at=now()))
    assert post.digests() == []
    assert post.tasks() == []


# Once, by one process


def due_letter(post: Post) -> None:
    text = post.sets()
    text.reply(post.ben, text.mark(post.ada, "Ali Khamenei", "actor"), "an answer")
    post.wants(post.ada)


def test_several_processes_at_once_send_one(post: Post) -> None:
    due_letter(post)
    at, start = post.tomorrow(), threading.Barrier(4)
    databases = [Database(post.world.settings) for _ in range(4)]

    def look(database: Database) -> None:
        start.wait()
        send_due(post.world.settings, database, at)

    threads = [threading.Thread(target=look, args=(database,)) for database in databases]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for database in databases:
        database.close()
    assert len(post.server.letters) == 1


def test_what_is_in_another_processs_hands_is_left_until_that_one_is_given_up(post: Post) -> None:
    due_letter(post)
    at = post.tomorrow()
    with post.world.database.writing() as db:
        assert rhythm.lease_next(db, at) == rhythm.key_of(post.ada.known.id)
        assert rhythm.lease_next(db, at) is None
    assert post.digests(at) == []
    assert len(post.digests(at + timedelta(minutes=11))) == 1


def test_a_server_that_stops_leaves_the_rest_to_others(post: Post) -> None:
    due_letter(post)
    assert send_due(post.world.settings, post.world.database, post.tomorrow(), stopping=lambda: True) == 0
    assert len(post.digests()) == 1


def test_a_letter_that_cannot_be_sent_is_tried_again_later_and_loses_nothing(post: Post) -> None:
    due_letter(post)
    at = post.tomorrow()
    post.server.refuses = True
    assert post.digests(at) == []
    assert post.digests(at + timedelta(minutes=50)) == [], "not at once"
    with post.world.database.reading() as db:
        task = db.scalars(select(Task)).one()
    assert (task.tries, task.leased_until, task.due_at - at) == (1, None, timedelta(hours=1))
    post.server.refuses = False
    (said,) = post.digests(at + timedelta(hours=1, minutes=1))
    assert "1 new answer" in said
