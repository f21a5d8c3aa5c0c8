"""A scene: somebody's things, one of each kind that a route can be about."""

from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import select, update

from app.accounts.joining import add_user
from app.accounts.models import SignIn, start_session
from app.courses.grouping import add_set, put_by_name
from app.courses.joining import join, open_course
from app.courses.models import GroupSet, JoinCode, Membership
from app.database import now
from app.identity import new_uid, random_uid
from app.library.models import Article
from app.readings.models import Reading
from app.readings.welcome import shelve, starter
from tests.support.cast import Member, World

PASSWORD = "a sentence is good"


@dataclass
class Scene:
    """What an owner has. Everything is made as its owner would, except what no page makes."""

    owner: Member
    password: str = PASSWORD
    uids: dict[str, str] = field(default_factory=dict)
    deleted_annotation: str = ""
    deleted_article: str = ""
    course_id: int = 0

    def with_owner_as_subject(self) -> "Scene":
        """Return the scene in which what is done to somebody of the course is done to the owner."""
        return replace(self, uids=self.uids | {"user_uid": self.uids["person_uid"]})

    def new_annotation(self) -> dict[str, Any]:
        """Return the form that marks words standing once in the starter article."""
        title = self.owner.text.paragraphs[0]
        words = self.owner.text.text[title.start : title.end]
        return {
            "uid": new_uid(),
            "start": str(title.start),
            "end": str(title.end),
            "exact": words,
            "tag": "claim",
            "note": "",
            "paragraph": "0",
        }


def open_scene(world: World, name: str) -> Scene:
    """Make somebody called `name` with one of everything, newest last: an annotation, so that undo finds it."""
    owner = world.member(f"{name} {new_uid()}", password=PASSWORD)
    assert owner.user is not None
    scene = Scene(owner)
    words = owner.text.text[owner.text.paragraphs[2].start :].split()[0]
    scene.deleted_annotation, annotation_uid = new_uid(), new_uid()
    start = owner.text.paragraphs[2].start
    for uid, end in (
        (scene.deleted_annotation, start + len(words)),
        (annotation_uid, start + len(words) + 3),
    ):
        exact = owner.text.text[start:end]
        data = {"uid": uid, "start": start, "end": end, "exact": exact, "tag": "claim"}
        assert owner.fragment(f"{owner.reading}/annotations", data).status_code == 201
        if uid == scene.deleted_annotation:
            assert owner.fragment(f"/annotations/{uid}/delete", {"version": "1"}).status_code == 200
    with world.database.writing() as writing:
        start_session(writing, owner.user.id, "another browser", 30)
        teacher, student = (add_user(writing, f"{who} {new_uid()}") for who in ("Teacher", "Student"))
        course = open_course(writing, teacher.id, f"Class of {name}", "UTC")
        join(writing, course.id, student.id)
        join(writing, course.id, owner.user.id)
        add_set(writing, course.id, "Seminars", 2, at_random=False)
        scene.course_id, course_uid, student_uid = course.id, course.uid, student.uid
        code = writing.scalars(select(JoinCode.code).where(JoinCode.course_id == course.id)).one()
        set_uid = writing.scalars(select(GroupSet.uid).where(GroupSet.course_id == course.id)).one()
        deleted = shelve(writing, owner.user.id, starter()).article_id
        writing.execute(update(Article).where(Article.id == deleted).values(deleted_at=now()))
    with world.database.reading() as db:
        articles = select(Article.uid, Article.id == deleted).where(Article.owner_id == owner.user.id)
        found = {bool(gone): uid for uid, gone in db.execute(articles)}
        sessions = db.scalars(select(SignIn.uid).where(SignIn.user_id == owner.user.id).order_by(SignIn.id))
        newest = list(sessions)[-1]
        assert db.scalar(select(Reading.uid).where(Reading.uid == owner.reading_uid))
    scene.deleted_article = found[True]
    scene.uids = {
        "reading_uid": owner.reading_uid,
        "annotation_uid": annotation_uid,
        "article_uid": found[False],
        "session_uid": newest,
        "course_uid": course_uid,
        "user_uid": student_uid,
        "set_uid": set_uid,
        "code": code,
        "person_uid": owner.user.uid,
        "n": "2",
        "key": "csv",
        # Questions are asked in readings of courses; nobody finds one in an own reading.
        "prompt_uid": random_uid(),
    }
    return scene


COURSE_ROLES = {"G": "student", "C": "student", "T": "assistant", "I": "instructor", "R": "student"}


def enrol(world: World, scene: Scene, member: Member, role: str) -> None:
    """Make somebody what a column of the matrix says they are in the scene's course: G in a group, R a former one."""
    assert member.user is not None
    at = now() if role == "R" else None
    with world.database.writing() as writing:
        writing.merge(
            Membership(
                course_id=scene.course_id, user_id=member.user.id, role=COURSE_ROLES[role], removed_at=at
            )
        )
        writing.flush()
        if role == "G":
            put_by_name(writing, scene.course_id, member.user.id, "Seminars", "Group 1")
