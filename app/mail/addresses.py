"""Somebody's e-mail address: asked for, confirmed by a link before it counts, and taken out again."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.accounts.joining import spend
from app.accounts.models import OneTimeAddress, User, one_time_secret
from app.activity.models import audit
from app.database import now
from app.errors import Refused
from app.language import _
from app.mail.models import Digest
from app.mail.rhythm import set_rhythm


@dataclass(frozen=True)
class Mailbox:
    """What the account page says of somebody's mail."""

    email: str | None
    confirmed_at: datetime | None
    # An address that waits to be confirmed.
    waiting: str | None
    # off, daily or weekly.
    rhythm: str


def mailbox_of(db: Session, user_id: int) -> Mailbox:
    """Somebody's address and wishes."""
    person = db.get_one(User, user_id)
    waiting = select(OneTimeAddress.email).where(
        OneTimeAddress.purpose == "email",
        OneTimeAddress.user_id == user_id,
        OneTimeAddress.expires_at > now(),
    )
    rhythm = db.scalar(select(Digest.rhythm).where(Digest.user_id == user_id))
    return Mailbox(person.email, person.email_confirmed_at, db.scalar(waiting.limit(1)), rhythm or "off")


def ask_to_confirm(db: Session, user_id: int, email: str) -> str:
    """Keeps an address waiting; returns the secret of the link that confirms it."""
    return one_time_secret(db, "email", user_id, email=email)


def confirm(db: Session, link: OneTimeAddress) -> None:
    """Makes the address that a link was sent to its owner's. Refused (409) when somebody else signs in with it."""
    spend(db, link)
    others = select(User.id).where(
        (User.email == link.email) | (User.name_key == link.email), User.id != link.user_id
    )
    taken = Refused(
        _("Another account here has that address. Sign in to that one, or choose another."), status=409
    )
    if db.scalar(others.limit(1)):
        raise taken
    mine = update(User).where(User.id == link.user_id)
    try:
        with db.begin_nested():
            db.execute(mine.values(email=link.email, email_confirmed_at=now()))
    except IntegrityError:
        raise taken from None
    audit(db, "email.confirmed", who_id=link.user_id)


def forget(db: Session, user_id: int) -> None:
    """Takes somebody's address out, with what waits to be confirmed and the digest that went there."""
    db.execute(update(User).where(User.id == user_id).values(email=None, email_confirmed_at=None))
    mine = (OneTimeAddress.purpose == "email", OneTimeAddress.user_id == user_id)
    db.execute(delete(OneTimeAddress).where(*mine))
    set_rhythm(db, user_id, "off")
    audit(db, "email.removed", who_id=user_id)
