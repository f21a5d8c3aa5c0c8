"""Staging the demo class: everything is written as its people would write it, then moved back to its day."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import insert, select, update

from app.accounts.joining import add_user
from app.annotations.hands import Hand
from app.annotations.models import Annotation
from app.annotations.spans import TextSpan
from app.annotations.states import MARK, Nature
from app.annotations.writing import annotate
from app.codebook.models import offered_keys
from app.courses.grouping import put_by_name
from app.courses.joining import join, open_course
from app.courses.models import INSTRUCTOR, STAFF, STUDENT, Course, Group, GroupMember, GroupSet, Membership
from app.database import Database, Db, now
from app.demo.script import Answer, Root, Script
from app.discussion import keeping_order, posting
from app.discussion.finding import answering, root_of
from app.discussion.models import Reaction
from app.identity import new_uid
from app.library.models import Article
from app.library.texts import RevisionText, text_of
from app.readings.audiences import chosen_whom
from app.readings.members import keep_member
from app.readings.models import NAME, PSEUDONYM, Prompt, Reading
from app.readings.welcome import welcome
from app.teaching.forms import ReadingForm, Rules
from app.teaching.setting import ask, set_reading

_BLIND_AFTER = 3
_OPEN = (
    "Read to the end before Thursday. Mark who acts, what is claimed, what is hedged and what is predicted."
)
_BLIND = "On your own first: mark **three** passages; then you see what the others marked."


@dataclass
class Stage:
    """The class while it is being put together: keys by what the script calls them."""

    database: Database
    script: Script
    password_hash: str
    people: dict[str, int] = field(default_factory=dict)
    roles: dict[str, str] = field(default_factory=dict)
    groups: dict[int, int] = field(default_factory=dict)
    course_id: int = 0
    posts: dict[str, int] = field(default_factory=dict)
    prompts: dict[str, int] = field(default_factory=dict)
    last: dict[int, datetime] = field(default_factory=dict)

    def hand(self, reading: Reading, by: str, audience: str, *, veiled: bool = False) -> Hand:
        """Somebody of the class, who writes for some audience."""
        user_id, staff = self.people[by], self.roles[by] in STAFF
        whom = chosen_whom(audience, user_id, self.groups.get(user_id), staff=staff)
        assert whom is not None
        return Hand(user_id, reading.id, reading.revision_id, whom, PSEUDONYM if veiled else NAME)


def stage(database: Database, script: Script, password_hash: str) -> dict[str, int]:
    """Puts the class on, all with one password; returns its people's user keys by name, staff first."""
    here = Stage(database, script, password_hash)
    _gather(here)
    first = _set(here, ReadingForm(instructions=_OPEN), due=timedelta(days=3))
    rules = ReadingForm(instructions=_BLIND, reveal_kind="count", reveal_n=_BLIND_AFTER)
    blind = _set(here, rules, due=timedelta(days=10))
    with database.writing() as db:
        text = _text(database, first)
        for asked in script.prompt:
            ask(db, first.id, text.paragraphs[asked.paragraph].id, asked.words)
            db.flush()
            here.prompts[asked.key] = db.scalars(select(Prompt.id).order_by(Prompt.id.desc()).limit(1)).one()
    for root in script.annotation:
        _write(here, first, root)
    for answer in script.reply:
        _answer(here, first, answer)
    for root in script.blind:
        _write(here, blind, root, earning=_BLIND_AFTER)
    _react(here)
    _read(here, first)
    return {person.name: here.people[person.key] for person in script.person}


def _gather(here: Stage) -> None:
    """People, the class, and two groups."""
    with here.database.writing() as db:
        for person in here.script.person:
            user = add_user(
                db, person.name, password_hash=here.password_hash, is_admin=person.role == INSTRUCTOR
            )
            welcome(db, user.id)
            here.people[person.key], here.roles[person.key] = user.id, person.role
        instructor = next(p.key for p in here.script.person if p.role == INSTRUCTOR)
        course = open_course(db, here.people[instructor], here.script.title, here.script.timezone)
        here.course_id = course.id
        db.execute(update(Course).where(Course.id == course.id).values(anonymity="allowed"))
        for person in here.script.person:
            if person.role == INSTRUCTOR:
                continue
            join(db, course.id, here.people[person.key])
            mine = (Membership.course_id == course.id, Membership.user_id == here.people[person.key])
            db.execute(update(Membership).where(*mine).values(role=person.role))
            if person.group:
                put_by_name(db, course.id, here.people[person.key], "Seminars", f"Seminar {person.group}")
        found = db.execute(
            select(GroupMember.user_id, Group.id).join(Group, Group.id == GroupMember.group_id)
        )
        here.groups = {row.user_id: row.id for row in found}


def _set(here: Stage, form: ReadingForm, due: timedelta) -> Reading:
    instructor = next(p.key for p in here.script.person if p.role == INSTRUCTOR)
    with here.database.writing() as db:
        owner = here.people[instructor]
        form.article = db.scalars(select(Article.uid).where(Article.owner_id == owner).limit(1)).one()
        form.group_set = db.scalars(select(GroupSet.uid).where(GroupSet.course_id == here.course_id)).one()
        form.due_at = (now() + due).replace(hour=18, minute=0, second=0, microsecond=0, tzinfo=None)
        rules = Rules(form, ZoneInfo(here.script.timezone), now() - timedelta(days=7), now())
        return set_reading(db, here.course_id, owner, form, rules)


def _text(database: Database, reading: Reading) -> RevisionText:
    db = Db(database)
    try:
        return text_of(db, reading.revision_id)
    finally:
        db.close()


def _write(here: Stage, reading: Reading, root: Root, earning: int | None = None) -> None:
    db = Db(here.database)
    try:
        text = text_of(db, reading.revision_id)
        hand = here.hand(reading, root.by, root.audience, veiled=root.pseudonym)
        if earning and here.roles[root.by] == STUDENT:
            hand = replace(hand, earning=earning)
        uid = new_uid()
        if root.prompt or root.whole:
            n = None if root.whole == "article" else root.paragraph
            prompt_id = here.prompts.get(root.prompt)
            written = posting.remark(
                db, hand, text, uid, n, root.note, asks=root.question, prompt_id=prompt_id
            )
        else:
            tags = offered_keys(db, reading.tagset_id)
            nature = Nature(asks=True) if root.question else MARK
            span = _found(text, root)
            written = annotate(db, hand, uid, span, [tags[key] for key in root.tags], root.note, nature)
        here.posts[root.key] = written.id
        _mention(here, db, reading, written.id, hand.author_id, root.note)
        post = db.read.get_one(Annotation, written.id)
        if root.pinned:
            keeping_order.pin(db, post, hand.author_id, on=True)
        if root.resolved:
            keeping_order.resolve(db, post, hand.author_id, on=True)
    finally:
        db.close()
    _move_back(here, written.id, root.day)


def _found(text: RevisionText, root: Root) -> TextSpan:
    paragraph = text.paragraphs[root.paragraph]
    start = text.text.index(root.quote, paragraph.start)
    return TextSpan(start, start + len(root.quote))


def _answer(here: Stage, reading: Reading, answer: Answer) -> None:
    db = Db(here.database)
    try:
        parent = db.read.get_one(Annotation, here.posts[answer.to])
        root = root_of(db, parent)
        hand = here.hand(reading, answer.by, "class")
        hand = answering(db, hand, root, staff=here.roles[answer.by] in STAFF, private=answer.private)
        written = posting.reply(db, hand, parent, new_uid(), answer.note)
        here.posts[answer.key] = written.id
        _mention(here, db, reading, written.id, hand.author_id, answer.note)
        after = here.last[parent.id]
    finally:
        db.close()
    _move_back(here, written.id, answer.day, after)


def _mention(here: Stage, db: Db, reading: Reading, post: int, author: int, note: str) -> None:
    called = posting.mentioned(note, posting.mentionable(db, here.course_id, reading.id, author))
    if called:
        with db.changing() as writing:
            posting.keep_mentions(writing, post, called)


def _move_back(here: Stage, post: int, day: int, after: datetime | None = None) -> None:
    """A post stands at its day, after what it answers."""
    at = now() - timedelta(days=day, minutes=600 - len(here.last))
    if after and at <= after:
        at = after + timedelta(minutes=7)
    here.last[post] = at
    with here.database.writing() as db:
        db.execute(update(Annotation).where(Annotation.id == post).values(created=at, modified=at))


def _react(here: Stage) -> None:
    rows = [
        {"annotation_id": here.posts[nod.to], "user_id": here.people[nod.by], "kind": nod.kind, "at": now()}
        for nod in here.script.reaction
    ]
    with here.database.writing() as db:
        db.execute(insert(Reaction), rows)


def _read(here: Stage, reading: Reading) -> None:
    """Some have read to the end, some are on the way."""
    text = _text(here.database, reading)
    last = len(text.paragraphs) - 1
    students = [here.people[p.key] for p in here.script.person if p.role == STUDENT]
    with here.database.writing() as db:
        for number, user_id in enumerate(students):
            place = last if number % 3 else 4 + 2 * number
            values = {"place": place, "opened_at": now() - timedelta(days=5)}
            if place == last:
                values["finished_at"] = now() - timedelta(days=2)
            keep_member(db.connection(), reading.id, user_id, **values)
