"""A class copied for the next term: what comes along, and what does not."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, update

from app.activity.models import Audit, Stream
from app.annotations.models import AnnotationTag, SpanCount, Target, TargetParagraph
from app.codebook.models import Tag, Tagset
from app.copying.offering import days_until
from app.courses.models import Course, Group, GroupMember, GroupSet, Membership
from app.readings.models import Audience, Prompt, Reading
from tests.annotations.crowding import differing
from tests.copying.term import PASSWORD, Term
from tests.courses.room import Room
from tests.support.cast import Member, World
from tests.support.contents import dump
from tests.support.crowd import cards_unlike, unlike

pytestmark = pytest.mark.database


def course_of(world: World, room: Room) -> Course:
    with world.database.reading() as db:
        return db.scalars(select(Course).where(Course.uid == room.uid)).one()


# The class


def test_the_copier_is_the_only_member_and_there_is_a_new_code(term: Term, world: World) -> None:
    made = term.copied()
    course = course_of(world, made)
    assert (course.title, course.timezone, course.archived_at) == ("POLS 210, autumn", "Europe/Berlin", None)
    with world.database.reading() as db:
        members = db.scalars(select(Membership).where(Membership.course_id == course.id)).all()
        said = list(db.scalars(select(Audit.did).where(Audit.to_what == made.uid)))
    assert [(member.user_id, member.role) for member in members] == [(term.room.grace.known.id, "instructor")]
    assert made.code != term.room.code
    assert {"course.created", "course.copied"} <= set(said)
    assert term.ada.get(made.address).status_code == 404


def test_an_archived_class_can_be_copied_and_the_rule_on_names_comes_along(term: Term, world: World) -> None:
    rules = {"title": "POLS 210", "timezone": "Europe/Berlin", "anonymity": "required"}
    assert term.room.grace.post(f"{term.room.address}/settings", rules).status_code == 303
    assert term.room.grace.post(f"{term.room.address}/archive").status_code == 303
    assert "Copy for the next term" in term.room.grace.get(f"{term.room.address}/settings").text
    assert term.room.grace.get(term.address).status_code == 200
    course = course_of(world, term.copied())
    assert (course.anonymity, course.archived_at) == ("required", None)


def test_only_an_instructor_who_may_open_classes_copies_one(
    term: Term, world: World, stranger: Member
) -> None:
    elsewhere = world.member("Olga", is_admin=True)
    before = dump(world.database)
    for member, status in ((term.alan, 403), (term.ada, 403), (elsewhere, 404)):
        assert member.get(term.address).status_code == status
        assert member.post(term.address, term.form()).status_code == status
    assert stranger.post(term.address, term.form()).status_code == 401
    assert dump(world.database) == before
    term.room.grace.post(f"{term.room.person(term.alan)}/role", {"role": "instructor"})
    assert term.alan.post(term.address, term.form()).status_code == 403
    assert "Copy for" not in term.alan.get(f"{term.room.address}/settings").text


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"title": " "}, "visible"),
        ({"timezone": "Mars/Olympus"}, "time zone"),
        ({"days": "soon"}, "whole number"),
        ({"days": "99999"}, "field__error"),
    ],
)
def test_what_cannot_be_copied_says_why_and_keeps_what_was_chosen(
    term: Term, world: World, wrong: dict[str, str], words: str
) -> None:
    before = dump(world.database)
    answer = term.room.grace.post(term.address, term.form(posts=[], **wrong))
    assert answer.status_code == 422 and words in answer.text
    assert f'value="{term.marks["ada"]}" checked' in answer.text
    assert f'value="{term.marks["grace"]}" checked' not in answer.text
    assert dump(world.database) == before


def test_a_date_beyond_all_calendars_leaves_nothing_half_done(term: Term, world: World) -> None:
    with world.database.writing() as db:
        late = datetime(9999, 12, 1, tzinfo=UTC)
        db.execute(update(Reading).where(Reading.uid == term.text.uid).values(due_at=late))
    before = dump(world.database)
    assert term.room.grace.post(term.address, term.form()).status_code == 422
    assert dump(world.database) == before


# Readings


def test_readings_come_as_drafts_with_their_rules_and_questions(term: Term, world: World) -> None:
    made = term.copied(examples=[], posts=[])
    reading = term.reading_of(made)
    assert (reading.opens_at, reading.revealed_at, reading.instructions) == (None, None, "Read it *twice*.")
    assert (reading.reveal_kind, reading.reveal_n) == ("count", 3)
    with world.database.reading() as db:
        asked = db.scalars(select(Prompt.words).where(Prompt.reading_id == reading.id)).all()
        assert db.scalar(select(Stream.seq).where(Stream.reading_id == reading.id)) == 0
    assert asked == ["Who is meant?"]
    made.takes_in(term.ada)
    assert term.ada.get(f"/readings/{reading.uid}").status_code == 404
    assert made.grace.get(f"/readings/{reading.uid}").status_code == 200


def test_dates_keep_their_time_of_day_on_the_new_clock_across_summer_time(term: Term) -> None:
    reading = term.reading_of(term.copied(timezone="America/New_York"))
    assert reading.due_at == datetime(2026, 9, 3, 18, tzinfo=ZoneInfo("America/New_York"))


def test_dates_can_be_left_out(term: Term) -> None:
    reading = term.reading_of(term.copied(dates="leave"))
    assert (reading.due_at, reading.reveal_at) == (None, None)


def test_the_form_offers_days_that_keep_the_weekday_and_lead_past_today(term: Term) -> None:
    page = term.room.grace.get(term.address).text
    found = re.search(r'name="days"[^>]* value="(\d+)"', page)
    assert found
    days = int(found[1])
    assert days % 7 == 0
    moved = datetime(2026, 3, 5, tzinfo=ZoneInfo("Europe/Berlin")) + timedelta(days=days)
    assert timedelta(0) < moved - datetime.now(UTC) <= timedelta(days=183)


@pytest.mark.parametrize(
    ("first", "today", "days"),
    [
        ("2026-03-05", "2026-03-05", 182),
        ("2026-03-05", "2026-09-02", 182),
        ("2026-03-05", "2026-09-03", 364),
        ("2026-03-05", "2025-01-01", 182),
    ],
)
def test_days_until(first: str, today: str, days: int) -> None:
    at = (datetime.fromisoformat(day).replace(tzinfo=UTC) for day in (first, today))
    assert days_until(*at) == days


def test_a_reading_that_is_not_chosen_stays_behind_with_what_was_written_in_it(
    term: Term, world: World
) -> None:
    made = term.copied(readings=[])
    with world.database.reading() as db:
        course = db.scalars(select(Course.id).where(Course.uid == made.uid)).one()
        assert db.scalars(select(Reading.id).where(Reading.course_id == course)).all() == []
    assert term.posts_of(made) == {}


def test_readings_of_another_class_do_not_come_along(term: Term, world: World) -> None:
    other = term.copied(examples=[], posts=[])
    theirs = term.reading_of(other).uid
    assert term.posts_of(term.copied(readings=[theirs])) == {}


# Codebook and groups


def test_the_codebook_comes_along_as_it_is(term: Term, world: World) -> None:
    with world.database.writing() as db:
        course = db.scalars(select(Course.id).where(Course.uid == term.room.uid)).one()
        tagset = db.scalars(select(Tagset.id).where(Tagset.course_id == course)).one()
        hedge = db.scalars(select(Tag).where(Tag.tagset_id == tagset, Tag.key == "hedge")).one()
        claim = db.scalars(select(Tag).where(Tag.tagset_id == tagset, Tag.key == "claim")).one()
        claim.name, hedge.merged_into_id = "Assertion", claim.id
    made = term.copied()
    with world.database.reading() as db:
        new = db.get_one(Tagset, term.reading_of(made).tagset_id)
        tags = {tag.key: tag for tag in db.scalars(select(Tag).where(Tag.tagset_id == new.id))}
        assert db.get_one(Course, new.course_id).uid == made.uid
    assert tags["claim"].name == "Assertion" and tags["claim"].id != claim.id
    assert tags["hedge"].merged_into_id == tags["claim"].id


def test_without_the_codebook_the_new_class_begins_with_the_four(term: Term, world: World) -> None:
    with world.database.writing() as db:
        db.execute(update(Tag).where(Tag.key == "claim").values(name="Assertion"))
    made = term.copied(codebook="false")
    with world.database.reading() as db:
        names = db.scalars(select(Tag.name).where(Tag.tagset_id == term.reading_of(made).tagset_id)).all()
    assert "claim" in names and "Assertion" not in names


def test_groups_come_along_without_their_people(term: Term, world: World) -> None:
    term.room.grace.post(f"{term.room.address}/groups", {"name": "Pairs", "number": "2", "random": "true"})
    with world.database.writing() as db:
        pairs = db.scalars(select(GroupSet.id)).one()
        db.execute(update(Reading).where(Reading.uid == term.text.uid).values(group_set_id=pairs))
    reading = term.reading_of(term.copied())
    with world.database.reading() as db:
        made = db.get_one(GroupSet, reading.group_set_id)
        groups = db.scalars(select(Group.name).where(Group.set_id == made.id).order_by(Group.id)).all()
        people = db.scalars(select(GroupMember.user_id).where(GroupMember.set_id == made.id)).all()
    assert (made.name, groups, people) == ("Pairs", ["Group 1", "Group 2"], [])
    assert made.id != pairs
    assert term.reading_of(term.copied(groups="false")).group_set_id is None


# Annotations


def test_what_comes_along_stands_on_its_words_with_its_tags_for_the_class(term: Term, world: World) -> None:
    made = term.copied()
    post = term.posts_of(made)["from Grace"]
    assert post.author_id == made.grace.known.id
    with world.database.reading() as db:
        target = db.scalars(select(Target).where(Target.annotation_id == post.id)).one()
        parts = db.scalars(select(TargetParagraph).where(TargetParagraph.target_id == target.id)).all()
        tag = db.scalars(select(Tag).join(AnnotationTag).where(AnnotationTag.annotation_id == post.id)).one()
        audience = db.get_one(Audience, post.audience_id)
    assert (target.exact, len(parts)) == ("Ali Khamenei", 1)
    assert (tag.key, tag.tagset_id) == ("actor", term.reading_of(made).tagset_id)
    assert (audience.kind, audience.by_staff, audience.reading_id) == ("class", True, post.reading_id)


def test_students_come_along_by_nobody_and_only_those_who_said_yes(term: Term) -> None:
    posts = term.posts_of(
        term.copied(examples=[term.marks["ada"], term.marks["ben"], term.marks["ada alone"]])
    )
    assert sorted(posts) == ["from Ada", "from Alan", "from Grace"]
    nobody, own = (None, "pseudonym"), (term.room.grace.known.id, "name")
    signed = {note: (post.author_id, post.signed_as) for note, post in posts.items()}
    assert signed == {"from Ada": nobody, "from Alan": nobody, "from Grace": own}


def test_staffs_box_does_not_bring_students(term: Term) -> None:
    marks = [term.marks["ada"], term.marks["ben"]]
    assert term.posts_of(term.copied(posts=marks, examples=[])) == {}


def test_a_student_of_the_new_class_sees_examples_without_a_name(term: Term, world: World) -> None:
    made = term.copied()
    reading = term.reading_of(made)
    assert "examples from an earlier class" in reading.instructions
    opened = {"opens": "now", "reveal_kind": "count", "reveal_n": "3", "instructions": reading.instructions}
    assert made.grace.post(f"/readings/{reading.uid}/settings", opened).status_code == 303
    dora = world.member("Dora")
    made.takes_in(dora)
    seen = "".join(
        dora.get(f"/readings/{reading.uid}{part}").text
        for part in ("", "/margin?first=0&last=400", "/annotations")
    )
    assert {"from Ada", "from Alan", "from Grace"} <= set(re.findall(r"from \w+", seen))
    assert ">Ada<" not in seen and ">Alan<" not in seen and "from Ben" not in seen
    assert "examples from an earlier class" in seen


def test_the_form_offers_pinned_ones_of_staff_and_nobody_who_did_not_say_yes(term: Term) -> None:
    assert term.room.grace.fragment(f"/annotations/{term.marks['alan']}/pin", {"on": "true"}).is_success
    page = term.room.grace.get(term.address).text
    assert f'value="{term.marks["alan"]}" checked' in page
    assert f'value="{term.marks["grace"]}">' in page and f'value="{term.marks["ada"]}">' in page
    assert term.marks["ben"] not in page and term.marks["ada alone"] not in page


def test_what_was_hidden_or_deleted_is_not_offered(term: Term) -> None:
    hidden = term.room.grace.fragment(f"/annotations/{term.marks['ada']}/hide", {"on": "true", "word": "No."})
    assert hidden.is_success
    assert term.alan.fragment(f"/annotations/{term.marks['alan']}/delete", {"version": "1"}).is_success
    page = term.room.grace.get(term.address).text
    assert term.marks["ada"] not in page and term.marks["alan"] not in page
    assert sorted(term.posts_of(term.copied())) == ["from Grace"]


# Taking words back


def test_copies_are_counted_and_no_longer_once_they_are_taken_back(term: Term, world: World) -> None:
    copy = term.copied()
    assert counts_of(term, copy) == {1, 2}, "the copier, and nobody in particular who was Alan; who was Ada"
    assert (differing(world.database), unlike(world.database), cards_unlike(world.database)) == (
        [],
        [],
        set(),
    )
    term.ada.post(f"{term.room.address}/consent", {"consent": "false"})
    assert counts_of(term, copy) == {2}
    assert (differing(world.database), unlike(world.database), cards_unlike(world.database)) == (
        [],
        [],
        set(),
    )


def counts_of(term: Term, room: Room) -> set[int]:
    """How many people marked the same words of a copy, as staff see it."""
    with term.world.database.reading() as db:
        shared = select(SpanCount.people).join(Audience, Audience.id == SpanCount.audience_id)
        here = (Audience.reading_id == term.reading_of(room).id, Audience.kind == "staff")
        return set(db.scalars(shared.where(*here)))


def test_a_consent_taken_back_takes_the_examples_out_and_draws_the_page_anew(term: Term) -> None:
    made = term.copied()
    address = f"/readings/{term.reading_of(made).uid}"
    before = made.grace.get(address)
    assert "from Ada" in made.grace.get(f"{address}/annotations").text
    assert term.ada.post(f"{term.room.address}/consent", {"consent": "false"}).status_code == 303
    assert sorted(term.posts_of(made)) == ["from Alan", "from Grace"]
    assert made.grace.get(address).headers["etag"] != before.headers["etag"]
    assert term.ada.annotations(), "what she wrote herself stays"


def test_who_is_erased_is_erased_from_copies_too(term: Term) -> None:
    made = term.copied()
    assert term.ada.user is not None
    answer = term.ada.post(f"/people/{term.ada.user.uid}/erase", {"password": PASSWORD})
    assert answer.status_code == 303, answer.text
    assert sorted(term.posts_of(made)) == ["from Alan", "from Grace"]
