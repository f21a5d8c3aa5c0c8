"""First aid for accounts: an administrator made on the command line, and a way back in for the forgetful."""

from sqlalchemy import delete

from app.accounts.joining import add_user, invite
from app.accounts.models import OneTimeAddress, anybody_here, one_time_secret
from app.activity.models import audit
from app.commands.console import ask_password, good_name, say
from app.commands.opening import opened, person
from app.database import Database
from app.language import _
from app.readings.welcome import starter, welcome
from app.security import Passwords
from app.settings import Settings


def create_admin(settings: Settings, typed: str, *, password_from_stdin: bool) -> None:
    """Adds an administrator; the server counts as claimed from then on."""
    name = good_name(typed)
    password = Passwords(settings).hash(ask_password(from_stdin=password_from_stdin))
    starter()
    with opened(settings) as database, database.writing() as db:
        user = add_user(db, name, password_hash=password, is_admin=True)
        welcome(db, user.id)
        db.execute(delete(OneTimeAddress).where(OneTimeAddress.purpose == "claim"))
        audit(db, "admin.created", who_id=None, to_what=user.uid)
    say(_("%(name)s can sign in at %(address)s.") % {"name": name, "address": settings.base_url})


def reset_password(settings: Settings, name: str) -> None:
    """Prints an address at which a person chooses a new password."""
    with opened(settings) as database, database.writing() as db:
        user = person(db, name)
        secret = invite(db, user)
        audit(db, "password.reset", who_id=None, to_what=user.uid)
    say(_("Whoever opens this address within seven days chooses the new password; it works once:"))
    say(f"{settings.base_url}/invitation/{secret}")


def claim_address(settings: Settings, database: Database) -> str | None:
    """A fresh address at which the first account is made, older ones ended; None when somebody is here."""
    with database.reading() as db:
        if anybody_here(db):
            return None
    with database.writing() as db:
        return f"{settings.base_url}/setup/{one_time_secret(db, 'claim')}"
