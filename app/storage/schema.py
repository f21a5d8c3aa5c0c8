"""Revisions of the tables: which one a database has, which this program knows, and the way between them."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine, MetaData, inspect, select, text
from sqlalchemy.engine import Connection

from app.engines import postgresql_engine, sqlite_engine
from app.errors import Refused
from app.language import _
from app.settings import Settings

MIGRATIONS = Path(__file__).parents[2] / "migrations"
VERSION_TABLE = "alembic_version"
# Any number that no other program on the same PostgreSQL database locks.
_ADVISORY_LOCK = 0x706F7374696C


def revisions() -> list[str]:
    """The revisions this program knows, oldest first. Files are named by date, so their names tell.

    Asking Alembic would cost every start a third of a second.
    """
    return sorted(path.stem for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))


def head() -> str:
    """The revision that this program works with."""
    return revisions()[-1]


def revision_of(connection: Connection) -> str | None:
    """The revision of a database; None for an empty one. Refused when the tables are not Postil's."""
    tables = inspect(connection).get_table_names()
    if VERSION_TABLE in tables:
        found = connection.scalar(text(f"SELECT version_num FROM {VERSION_TABLE}"))  # noqa: S608 - a constant
        return str(found) if found else None
    if tables:
        raise Refused(
            _("This database holds tables of another program. Give Postil an empty database of its own.")
        )
    return None


def refuse_newer(revision: str) -> None:
    """Refused when a newer Postil has made this revision."""
    if revision not in revisions():
        raise Refused(
            _(
                "This data was written by a newer Postil (its revision is %(revision)s). "
                "Start that version, or restore a backup made by this one."
            )
            % {"revision": revision}
        )


def upgrade(connection: Connection, revision: str) -> None:
    """Takes a database up to `revision`, inside the caller's transaction."""
    from alembic import command
    from alembic.config import Config

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    command.upgrade(config, revision)


def downgrade(connection: Connection, revision: str) -> None:
    """Takes a database down to `revision` ("base" for no tables), inside the caller's transaction."""
    from alembic import command
    from alembic.config import Config

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    command.downgrade(config, revision)


def reflected(connection: Connection) -> MetaData:
    """The tables as they are in the database, whatever its revision; the version table left out."""
    metadata = MetaData()
    metadata.reflect(connection, only=lambda name, _metadata: name != VERSION_TABLE)
    return metadata


def has_people(connection: Connection) -> bool:
    """Whether anybody has an account here: everything that is worth keeping hangs on one."""
    if not inspect(connection).has_table("user"):
        return False
    user = reflected(connection).tables["user"]
    return connection.execute(select(user.c.id).limit(1)).first() is not None


def schema_engine(settings: Settings, path: Path | None = None, *, create: bool = False) -> Engine:
    """Connections that can change tables: with SQLite's foreign keys on, rebuilding one empties others."""
    if settings.database_url:
        return postgresql_engine(settings.database_url)
    return sqlite_engine(path or settings.sqlite_path, create=create, foreign_keys=False)


@contextmanager
def changing(engine: Engine) -> Iterator[Connection]:
    """One transaction for changes to tables and rows; kept only when every reference in it still holds."""
    try:
        with engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
            yield connection
            if (
                connection.dialect.name == "sqlite"
                and connection.exec_driver_sql("PRAGMA foreign_key_check").first()
            ):
                raise Refused(_("Rows refer to rows that are not there, so nothing was changed."))
    finally:
        engine.dispose()
