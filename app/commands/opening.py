"""Opening the database for a command, as a server would, and finding the person it is about."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.orm import Session

from app.accounts.models import User, user_by_name
from app.database import Database
from app.errors import Refused
from app.language import _
from app.settings import Settings, prepare_data_dir
from app.storage.locking import data_in_use
from app.storage.migrating import migrate


@contextmanager
def opened(settings: Settings) -> Iterator[Database]:
    """The database, made or brought up to date first, and kept from being replaced meanwhile."""
    prepare_data_dir(settings)
    migrate(settings)
    with data_in_use(settings):
        database = Database(settings)
        try:
            yield database
        finally:
            database.close()


def person(db: Session, name: str) -> User:
    """The person who signs in with this name. Refused when there is none."""
    user = user_by_name(db, name)
    if user is None:
        raise Refused(_("Nobody here is called %(name)s.") % {"name": name})
    return user
