"""Groups of a course: a set made at random, by hand or from a roster, and who is in which."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import cycle
from random import SystemRandom

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.courses.models import STUDENT, Group, GroupMember, GroupSet, Membership
from app.database import Db
from app.errors import Refused
from app.language import _
from app.once import made_by, named_by

MOST_GROUPS = 60


@dataclass
class GroupSetView:
    """A set with its groups, and who of the students is in each, by user key."""

    uid: str
    name: str
    groups: list[tuple[str, str]] = field(default_factory=list)
    # The group's uid of each student in one.
    members: dict[int, str] = field(default_factory=dict)


def group_sets(db: Db, course_id: int) -> list[GroupSetView]:
    """The sets of a course by name, with their groups."""
    found: dict[int, GroupSetView] = {}
    sets = select(GroupSet.id, GroupSet.uid, GroupSet.name).where(GroupSet.course_id == course_id)
    for set_id, uid, name in db.ask(sets.order_by(GroupSet.name)):
        found[set_id] = GroupSetView(uid, name)
    groups = select(Group.set_id, Group.uid, Group.name).where(Group.set_id.in_(found)).order_by(Group.id)
    for set_id, uid, name in db.ask(groups):
        found[set_id].groups.append((uid, name))
    members = select(GroupMember.set_id, GroupMember.user_id, Group.uid).join(
        Group, Group.id == GroupMember.group_id
    )
    for set_id, user_id, uid in db.ask(members.where(GroupMember.set_id.in_(found))):
        found[set_id].members[user_id] = uid
    return list(found.values())


def add_set(
    db: Session, course_id: int, name: str, number: int, *, at_random: bool, form_id: str = ""
) -> None:
    """Makes a set of `number` groups, empty or with all students dealt out at random. Refused for a name in use.

    A form that comes again makes nothing more.
    """
    if made_by(db, GroupSet, form_id, course_id=course_id):
        return
    taken = select(GroupSet.id).where(GroupSet.course_id == course_id, GroupSet.name == name)
    if db.scalar(taken):
        raise Refused(_("There are groups of that name already."), field="name", status=409)
    made = GroupSet(uid=named_by(form_id), course_id=course_id, name=name)
    db.add(made)
    db.flush()
    groups = [Group(set_id=made.id, name=_("Group %(n)d") % {"n": n}) for n in range(1, number + 1)]
    db.add_all(groups)
    db.flush()
    if at_random:
        _deal(db, made.id, [group.id for group in groups], students_of(db, course_id))


def students_of(db: Session, course_id: int) -> list[int]:
    """Keys of the students who are in the course now."""
    there = select(Membership.user_id).where(
        Membership.course_id == course_id,
        Membership.role == STUDENT,
        Membership.left_at.is_(None),
        Membership.removed_at.is_(None),
    )
    return list(db.scalars(there.order_by(Membership.user_id)))


def _deal(db: Session, set_id: int, groups: Sequence[int], students: list[int]) -> None:
    """Groups whose sizes differ by one at most."""
    SystemRandom().shuffle(students)
    db.add_all(
        GroupMember(set_id=set_id, user_id=user_id, group_id=group)
        for user_id, group in zip(students, cycle(groups), strict=False)
    )


def put(db: Session, set_id: int, user_id: int, group_id: int | None) -> None:
    """Moves a student to a group of the set, or out of all."""
    db.execute(delete(GroupMember).where(GroupMember.set_id == set_id, GroupMember.user_id == user_id))
    if group_id is not None:
        db.add(GroupMember(set_id=set_id, user_id=user_id, group_id=group_id))


def put_by_name(db: Session, course_id: int, user_id: int, set_name: str, group_name: str) -> None:
    """Puts a student into a group by its name; set and group are made when they are not there."""
    found = db.scalar(select(GroupSet).where(GroupSet.course_id == course_id, GroupSet.name == set_name))
    if found is None:
        found = GroupSet(course_id=course_id, name=set_name)
        db.add(found)
        db.flush()
    group = db.scalar(select(Group).where(Group.set_id == found.id, Group.name == group_name))
    if group is None:
        group = Group(set_id=found.id, name=group_name)
        db.add(group)
        db.flush()
    put(db, found.id, user_id, group.id)
