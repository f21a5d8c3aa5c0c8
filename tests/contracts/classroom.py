"""A classroom: a course with somebody for each column of the matrix, and readings with posts of every kind."""

import re
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import delete, select, update

from app.accounts.models import User
from app.courses.grouping import add_set, put_by_name
from app.courses.joining import open_course
from app.courses.models import Course, Group, GroupMember, GroupSet, Membership
from app.database import now
from app.identity import new_uid, random_uid
from app.readings.models import Prompt, Reading
from tests.contracts.scene import Scene
from tests.courses.room import Room, SetText
from tests.support.cast import Member, World

AUDIENCES = ("me", "staff", "group", "class")
# O, G and R in a group, C in another; X is in another course, J teaches elsewhere, A administers, R was removed.
IN_COURSE = {
    "O": "student",
    "G": "student",
    "C": "student",
    "T": "assistant",
    "I": "instructor",
    "R": "student",
}
GROUPS = {"O": "Group 1", "G": "Group 1", "C": "Group 2", "R": "Group 1"}
SET = "Seminars"


@dataclass
class Classroom:
    """A course K and the people of the columns."""

    world: World
    room: Room
    id: int
    set_uid: str
    members: dict[str, Member]

    def enrol(self, column: str) -> None:
        """Makes somebody, for now, what their column says, and R a member still."""
        key = self.key(column)
        with self.world.database.writing() as db:
            row = Membership(course_id=self.id, user_id=key, role=IN_COURSE[column], removed_at=None)
            db.merge(row)
            db.flush()
            if column in GROUPS:
                put_by_name(db, self.id, key, SET, GROUPS[column])

    def remove(self, column: str) -> None:
        key = self.key(column)
        with self.world.database.writing() as db:
            mine = (Membership.course_id == self.id, Membership.user_id == key)
            db.execute(update(Membership).where(*mine).values(removed_at=now()))
            db.execute(delete(GroupMember).where(GroupMember.user_id == key))

    def key(self, column: str) -> int:
        user = self.members[column].user
        assert user is not None
        return user.id

    def uid(self, column: str) -> str:
        user = self.members[column].user
        assert user is not None
        return user.uid

    def name(self, column: str) -> str:
        user = self.members[column].user
        assert user is not None
        return user.name

    def group_uid(self, name: str) -> str:
        with self.world.database.reading() as db:
            of_set = select(Group.uid).join(GroupSet, GroupSet.id == Group.set_id)
            return db.scalars(of_set.where(GroupSet.uid == self.set_uid, Group.name == name)).one()

    def group_key(self, name: str) -> int:
        with self.world.database.reading() as db:
            of_set = select(Group.id).join(GroupSet, GroupSet.id == Group.set_id)
            return db.scalars(of_set.where(GroupSet.uid == self.set_uid, Group.name == name)).one()

    def changes_course(self, **values: Any) -> None:
        with self.world.database.writing() as db:
            db.execute(update(Course).where(Course.id == self.id).values(**values))

    def lesson(self, **rules: str) -> "Lesson":
        """Sets the instructor's article for the course, with a question in it."""
        text = self.room.sets(**({"group_set": self.set_uid} | rules))
        asked = {"paragraph": "1", "words": "Why does he say so?"}
        assert self.room.grace.post(f"{text.address}/prompts", asked).status_code == 303
        return Lesson(self, text)


@dataclass
class Lesson:
    """A reading of the classroom, and the posts in it, by author's column and audience."""

    classroom: Classroom
    text: SetText
    posts: dict[tuple[str, str], str] = field(default_factory=dict)
    deleted: dict[tuple[str, str], str] = field(default_factory=dict)

    @property
    def address(self) -> str:
        return self.text.address

    def writes(self, column: str, audience: str, note: str = "", **more: str) -> str:
        """Has somebody write a note for an audience, each on words of its own; R as the member that they were."""
        member, n = self.classroom.members[column], len(self.posts) + len(self.deleted)
        paragraph = member.text.paragraphs[2 + n % 4]
        words = member.text.text[paragraph.start : paragraph.start + 24 + n]
        return self.text.mark(member, words, "claim", note=note or f"by {column}", audience=audience, **more)

    def fill(self, column: str, *audiences: str, deletes: bool = False) -> "Lesson":
        """Has somebody write for each audience, and delete another post for each."""
        if column == "R":
            self.classroom.enrol("R")
        for audience in audiences:
            self.posts[column, audience] = self.writes(column, audience)
            if deletes:
                self.deleted[column, audience] = uid = self.writes(column, audience)
                gone = self.classroom.members[column].fragment(f"/annotations/{uid}/delete", {"version": "1"})
                assert gone.status_code == 200
        if column == "R":
            self.classroom.remove("R")
        return self

    def scene(self, column: str = "O", audience: str = "class") -> Scene:
        """The scene whose annotations are those of somebody for an audience."""
        with self.classroom.world.database.reading() as db:
            here = select(Prompt.uid).join(Reading, Reading.id == Prompt.reading_id)
            prompt = db.scalars(here.where(Reading.uid == self.text.uid).limit(1)).one()
        uids = {
            "reading_uid": self.text.uid,
            "annotation_uid": self.posts.get((column, audience), random_uid()),
            "prompt_uid": prompt,
            "course_uid": self.classroom.room.uid,
            "set_uid": self.classroom.set_uid,
            "user_uid": self.classroom.uid("C"),
            "n": "2",
            "key": "csv",
        }
        gone = self.deleted.get((column, audience), random_uid())
        return Scene(self.classroom.members[column], uids=uids, deleted_annotation=gone)


def busy_scene(lesson: Lesson, path: str) -> Scene:
    """The scene of somebody who may do what a route does: a post's author changes it, staff do the rest."""
    column = "O" if re.search(r"{annotation_uid}(/edit|/delete|/restore)?$", path) else "I"
    return replace(lesson.scene(), owner=lesson.classroom.members[column])


def open_classroom(world: World) -> Classroom:
    """Makes a course with an instructor, an assistant, students, and people who are not of it."""
    members = {
        column: world.member(f"Column {column} {new_uid()}", is_admin=column == "A") for column in "OGCXTIJAR"
    }
    members["N"] = world.stranger()
    users = {column: member.user.id for column, member in members.items() if member.user}
    with world.database.writing() as db:
        course = open_course(db, users["I"], "Class K", "UTC")
        add_set(db, course.id, SET, 2, at_random=False)
        elsewhere = open_course(db, users["J"], "Elsewhere", "UTC")
        db.add(Membership(course_id=elsewhere.id, user_id=users["X"], role="student"))
        db.execute(update(User).where(User.id.in_([users["I"], users["J"]])).values(may_create_courses=True))
        set_uid = db.scalars(select(GroupSet.uid).where(GroupSet.course_id == course.id)).one()
    classroom = Classroom(world, Room(world, members["I"], course.uid), course.id, set_uid, members)
    for column in IN_COURSE:
        classroom.enrol(column)
    classroom.remove("R")
    return classroom
