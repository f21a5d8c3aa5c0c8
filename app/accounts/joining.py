"""Making accounts: the first one, those an administrator adds, and first aid from the command line."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.accounts.models import OneTimeAddress, User, name_key, one_time_secret
from app.errors import Refused
from app.language import _


def add_user(db: Session, name: str, *, password_hash: str | None = None, is_admin: bool = False) -> User:
    """Adds a person. Refused when somebody here signs in with that name already."""
    key = name_key(name)
    if db.scalar(select(User.id).where((User.name_key == key) | (User.email == key))):
        raise _name_taken()
    user = User(
        name=name, name_key=key, password_hash=password_hash, is_admin=is_admin, may_create_courses=is_admin
    )
    with _unless_taken():
        db.add(user)
        db.flush()
    return user


def rename(db: Session, user_id: int, name: str) -> None:
    """Changes a person's name. Refused when somebody else signs in with it."""
    key = name_key(name)
    others = select(User.id).where((User.name_key == key) | (User.email == key), User.id != user_id)
    if db.scalar(others):
        raise _name_taken()
    with _unless_taken():
        db.execute(update(User).where(User.id == user_id).values(name=name, name_key=key))


@contextmanager
def _unless_taken() -> Iterator[None]:
    """Two who take a name at once both find it free; the database lets one of them have it."""
    try:
        yield
    except IntegrityError as error:
        raise _name_taken() from error


def _name_taken() -> Refused:
    words = _("Somebody here already has that name. Add a family name or an initial.")
    return Refused(words, field="name", status=409)


def invite(db: Session, user: User) -> str:
    """The secret of a link with which this person chooses a password."""
    return one_time_secret(db, "password", user.id)


def spend(db: Session, address: OneTimeAddress) -> None:
    """A one-time address works once. Refused when another request was faster."""
    unspent = OneTimeAddress.id == address.id
    if db.scalar(delete(OneTimeAddress).where(unspent).returning(OneTimeAddress.id)) is None:
        raise Refused(_("This address has been used already."), status=409)
