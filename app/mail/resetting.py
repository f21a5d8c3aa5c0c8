"""A new password by mail: asked for by anybody, sent to a confirmed address alone, and the same to look at for all."""

from datetime import timedelta

from fastapi import Request
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.attempts import refuse_too_many
from app.accounts.models import OneTimeAddress, User, count_failure, name_key, one_time_secret
from app.activity.models import audit
from app.database import Database, Db, now
from app.mail.letters import Recipient, reset_letter
from app.mail.smtp import send
from app.security import attempt_key, attempt_windows, network_of
from app.settings import Settings

LIFE = timedelta(hours=2)
_NOT_AGAIN = timedelta(minutes=5)


def ask(request: Request, db: Db, typed: str) -> None:
    """Has a link sent if the address is known. Refused (429) after as many tries as signing in allows.

    What is done here does not depend on whether it is known: looking and sending are left to the outbox.
    """
    keys = [attempt_key("forgotten", name_key(typed)), attempt_key("forgotten from", network_of(request))]
    refuse_too_many(db, keys)
    with db.writing() as writing:
        for key in sorted(keys):
            count_failure(writing, key, attempt_windows()[0])
    state = request.app.state
    state.outbox.put(lambda: send_reset(state.settings, state.database, typed))


def send_reset(settings: Settings, database: Database, typed: str) -> None:
    """Sends the link, unless nobody has confirmed that address, or one was made minutes ago. Unsent when it fails."""
    with database.reading() as db:
        person = _known(db, typed)
    if person is None:
        return
    with database.writing() as db:
        secret = one_time_secret(db, "password", person.id, life=LIFE)
        audit(db, "password.reset-mail", who_id=person.id)
    address = f"{settings.base_url}/invitation/{secret}"
    send(settings, reset_letter(person, address, int(LIFE / timedelta(hours=1))))


def _known(db: Session, typed: str) -> Recipient | None:
    lately = select(OneTimeAddress.user_id).where(
        OneTimeAddress.purpose == "password",
        OneTimeAddress.user_id == User.id,
        OneTimeAddress.created_at > now() - _NOT_AGAIN,
    )
    found = db.execute(
        select(User.id, User.name, User.email, User.language).where(
            User.email == name_key(typed),
            User.email_confirmed_at.is_not(None),
            User.deactivated_at.is_(None),
            ~lately.exists(),
        )
    ).first()
    return Recipient(found.id, found.name, found.email, found.language) if found and found.email else None
