"""Bringing the tables to what this program expects: one process at a time, and after a backup."""

from pathlib import Path

from sqlalchemy import make_url, text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError

from app.database import Database, now
from app.errors import Refused
from app.identity import random_uid
from app.language import _
from app.settings import Settings
from app.storage.backup import backup_folder, default_name, write_backup
from app.storage.files import free_name
from app.storage.locking import InUse, data_alone, migrating_alone
from app.storage.schema import changing, has_people, head, refuse_newer, revision_of, schema_engine, upgrade

MARKER = "postil.id"


def migrate(settings: Settings) -> Path | None:
    """Makes or updates the tables; returns the backup made before, if there was anything to lose.

    Refused, with nothing changed, when the database is newer than this program, cannot be reached, belongs to
    another program, has disappeared, or needs a change while a server works with it.
    """
    with migrating_alone(settings):
        present = present_revision(settings)
        kept = _update(settings, present) if present != head() else None
        mark(settings)
        return kept


def present_revision(settings: Settings) -> str | None:
    """The revision of the database; None where there is none yet. Refused as `migrate` says."""
    if settings.database_url is None and not settings.sqlite_path.exists():
        _refuse_lost(settings)
        return None
    found = _reached(settings)
    if found is None and settings.database_url is None:
        _refuse_lost(settings)
    if found is not None:
        refuse_newer(found)
    return found


def mark(settings: Settings) -> None:
    """Notes in the data folder that a SQLite database was made in it, so that its loss is noticed."""
    marker = settings.data_dir / MARKER
    if settings.database_url is None and not marker.exists():
        marker.write_text(f"{random_uid()}\n", "utf-8")


def _update(settings: Settings, present: str | None) -> Path | None:
    try:
        with data_alone(settings):
            kept = _backed_up(settings) if present is not None else None
            with changing(schema_engine(settings, create=present is None)) as connection:
                _refuse_encoding(connection)
                if revision_of(connection) != head():
                    upgrade(connection, head())
            return kept
    except InUse:
        raise Refused(
            _("The tables must be brought up to date, and a server is using them. Stop it, then try again.")
        ) from None


def _reached(settings: Settings) -> str | None:
    database = Database(settings)
    try:
        with database.reader.connect() as connection:
            return revision_of(connection)
    except DBAPIError as error:
        raise Refused(_unreachable(settings, str(error.orig).strip())) from error
    finally:
        database.close()


def _unreachable(settings: Settings, why: str) -> str:
    if settings.database_url is None:
        return _(
            "The database %(path)s cannot be opened (%(why)s). Look at the disk; if the file is damaged, "
            "bring a backup back with postil restore FILE --replace."
        ) % {"path": settings.sqlite_path, "why": why}
    return _(
        "PostgreSQL at %(where)s cannot be reached (%(why)s). Start it, or mend POSTIL_DATABASE_URL."
    ) % {"where": where(settings), "why": why}


def where(settings: Settings) -> str:
    """The database's address without its password."""
    if settings.database_url is None:
        return str(settings.sqlite_path)
    return make_url(settings.database_url).set(query={}).render_as_string(hide_password=True)


def _refuse_lost(settings: Settings) -> None:
    """A fresh, empty database in the place of a lost one would hide the loss until nobody can mend it."""
    marker = settings.data_dir / MARKER
    if marker.exists():
        raise Refused(
            _(
                "The database %(path)s is gone or empty, though there was one. Put the file back, or bring "
                "back a backup with postil restore FILE; to begin anew with nothing, remove %(marker)s."
            )
            % {"path": settings.sqlite_path, "marker": marker}
        )


def _refuse_encoding(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        encoding = connection.scalar(text("SHOW server_encoding"))
        if encoding != "UTF8":
            raise Refused(
                _("This PostgreSQL database is in %(encoding)s. Make one with createdb --encoding=UTF8.")
                % {"encoding": encoding}
            )


def _backed_up(settings: Settings) -> Path | None:
    """A backup of what is there before it is changed; None when nobody has an account yet."""
    database = Database(settings)
    try:
        with database.reader.connect() as connection:
            if not has_people(connection):
                return None
    finally:
        database.close()
    target = free_name(backup_folder(settings) / f"before-update-{default_name(now())}")
    write_backup(settings, target)
    return target
