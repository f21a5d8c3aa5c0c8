"""People with an account here, whom an administrator looks after; and each his own end."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Request
from sqlalchemy import select

from app.access.viewers import administrator, enforces, or_not_found, refuse_odd, signed_in_user
from app.accounts.models import User, Viewer
from app.database import Db
from app.errors import NotFound
from app.one_thread import RequestDb, later


@dataclass(frozen=True)
class OpenPerson:
    """A person with an account, before somebody who may do something about it."""

    viewer: Viewer
    person: User


def _person(db: Db, viewer: Viewer, person_uid: str) -> OpenPerson:
    refuse_odd(person_uid)
    return OpenPerson(viewer, or_not_found(db.read.scalar(select(User).where(User.uid == person_uid))))


@enforces("user.deactivate")
def deactivatable_person(request: Request, db: RequestDb, person_uid: str) -> OpenPerson:
    """A person whom the viewer may keep from signing in."""
    return _person(db, administrator(request, db), person_uid)


@enforces("user.permit")
def permittable_person(request: Request, db: RequestDb, person_uid: str) -> OpenPerson:
    """A person whom the viewer may let open courses."""
    return _person(db, administrator(request, db), person_uid)


@enforces("user.delete")
def erasable_person(request: Request, db: RequestDb, person_uid: str) -> OpenPerson:
    """A person whom the viewer may erase: himself, or anybody for an administrator."""
    viewer = signed_in_user(request, db)
    if viewer.uid != person_uid and not viewer.is_admin:
        raise NotFound
    return _person(db, viewer, person_uid)


DeactivatablePerson = Annotated[OpenPerson, later(deactivatable_person)]
PermittablePerson = Annotated[OpenPerson, later(permittable_person)]
ErasablePerson = Annotated[OpenPerson, later(erasable_person)]
