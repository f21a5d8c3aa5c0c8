"""Digests by the clock: each counted when it is sent, and sent by whichever process holds its task."""

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from app.accounts.models import User, Viewer
from app.database import AnyRow, Database, Db, now, table_of
from app.mail import rhythm
from app.mail.counting import news_for
from app.mail.letters import Recipient, digest_letter
from app.mail.models import Digest
from app.mail.smtp import Unsent, send
from app.settings import Settings
from app.ticking import Ticker
from app.writer import CommitFailed

_LOOK_EVERY = 60.0  # seconds
_SETTLED = timedelta(minutes=1)
"""What was written this shortly ago may not be committed yet, so it is left for the next time."""
_user = table_of(User).c
log = logging.getLogger("postil")


def digests_by_the_clock(settings: Settings, database: Database) -> AbstractContextManager[object]:
    """Looks every minute while the server runs; never when there is no mail."""

    def look() -> None:
        try:
            send_due(settings, database, now(), stopping=lambda: ticker.stopping)
        except (DBAPIError, CommitFailed) as error:
            log.warning("Digests were not sent this time: %s", type(error).__name__)

    ticker = Ticker("digests", _LOOK_EVERY, look)
    return ticker if settings.sends_mail else nullcontext()


def send_due(
    settings: Settings, database: Database, at: datetime, *, stopping: Callable[[], bool] = lambda: False
) -> int:
    """Sends every digest that is due and not in another process's hands; returns how many letters left."""
    sent = 0
    while not stopping():
        with database.writing() as db:
            key = rhythm.lease_next(db, at)
        if key is None:
            break
        sent += _send(settings, database, key, at)
    return sent


def _send(settings: Settings, database: Database, key: str, at: datetime) -> bool:
    wish = _wish(database, key)
    if wish is None:
        with database.writing() as db:
            rhythm.drop(db, key)
        return False
    until = at - _SETTLED
    reading = Db(database)
    try:
        news = news_for(reading, _viewer(wish), wish.since, until)
    finally:
        reading.close()
    try:
        if news:
            to = Recipient(wish.id, wish.name, wish.email, wish.language)
            send(settings, digest_letter(to, news, settings.base_url))
    except Unsent:
        with database.writing() as writing:
            rhythm.failed(writing, key, at)
        return False
    with database.writing() as writing:
        rhythm.done(writing, key, wish.id, until, at)
    return bool(news)


def _wish(database: Database, key: str) -> AnyRow | None:
    """Who wants it; None when they are gone, deactivated, or have no confirmed address any more."""
    with database.reading() as db:
        return db.execute(
            select(table_of(User), Digest.since)
            .join(Digest, Digest.user_id == _user.id)
            .where(
                _user.id == int(key.partition(":")[2]),
                _user.deactivated_at.is_(None),
                _user.email_confirmed_at.is_not(None),
            )
        ).first()


def _viewer(person: AnyRow) -> Viewer:
    """The person as one who looks, from no browser."""
    known = {name: getattr(person, name) for name in Viewer.__slots__[:-2]}
    return Viewer(**known, session_id=0, last_seen_at=person.since)
