"""Making accounts: the first one, those an administrator adds, and first aid from the command line."""


from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import OneTimeAddress, User, name_key, one_time_secret
from app.errors import Refused
from app.language import _



def add_user(db: Session, name: str, *, password_hash: str | None = None, is_admin: bool = False) -> User:
    """Adds a person. Refused when somebody here signs in with that name already."""
    key = name_key(name)
    if db.scalar(select(User.id).where((User.name_key == key) | (User.email == key))):
        raise Refused(
            _("Somebody here already has that name. Add a family name or an initial."), field="name", status=409
        )
    user = User(
        name=name, name_key=key, password_hash=password_hash, is_admin=is_admin, may_create_courses=is_admin
    )
    db.add(user)
    db.flush()
    return user


def invite(db: Session, user: User) -> str:
    """The secret of a link with which this person chooses a password."""
    return one_time_secret(db, "password", user.id)


def spend(db: Session, address: OneTimeAddress) -> None:
    """A one-time address works once. Refused when another request was faster."""
    taken = db.get(OneTimeAddress, address.id)
    if taken is None:
        raise Refused(_("This address has been used already."), status=409)
    db.delete(taken)
    db.flush()
