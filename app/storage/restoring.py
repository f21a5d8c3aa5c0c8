"""Bringing a backup back: checked first, loaded beside what is there, and only then put in its place."""

import zipfile
from pathlib import Path

from sqlalchemy import Table, inspect, text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError

from app.database import now
from app.errors import Refused
from app.language import _
from app.settings import Settings
from app.storage.backup import Manifest, backup_folder, default_name, lines_in, opened, write_backup
from app.storage.files import free_name, sync_folder
from app.storage.locking import data_alone, migrating_alone
from app.storage.migrating import mark
from app.storage.rows import lines_of, load, set_counters, summed
from app.storage.schema import (
    VERSION_TABLE,
    changing,
    has_people,
    head,
    reflected,
    refuse_newer,
    revision_of,
    schema_engine,
    upgrade,
)


def restore(settings: Settings, source: Path, *, replace: bool = False) -> tuple[Manifest, Path | None]:
    """Puts a backup in the database's place; returns its manifest, and where data that was there went.

    Refused, with nothing changed, when the backup is damaged or newer than this program, and without
    `replace` when somebody has an account here. InUse while a server runs.
    """
    with opened(source) as (archive, manifest), migrating_alone(settings), data_alone(settings):
        refuse_newer(manifest.revision)
        if settings.database_url:
            return manifest, _restore_postgresql(settings, archive, manifest, replace=replace)
        return manifest, _restore_sqlite(settings, archive, manifest, replace=replace)


def _restore_sqlite(
    settings: Settings, archive: zipfile.ZipFile, manifest: Manifest, *, replace: bool
) -> Path | None:
    present = settings.sqlite_path
    if not replace and present.exists() and _people_in(settings):
        raise _occupied()
    fresh = present.with_name("restoring.sqlite3")
    try:
        _remove(fresh)
        with changing(schema_engine(settings, fresh, create=True)) as connection:
            _fill(connection, archive, manifest)
        aside = _move_aside(present) if present.exists() else None
        fresh.rename(present)
        sync_folder(present.parent)
    finally:
        _remove(fresh)
    mark(settings)
    return aside


def _people_in(settings: Settings) -> bool:
    """Whether the SQLite database holds anything to lose; one that cannot be read may."""
    try:
        with changing(schema_engine(settings)) as connection:
            return revision_of(connection) is not None and has_people(connection)
    except DBAPIError:
        return True


def _move_aside(present: Path) -> Path:
    """Renames the database with its log: left beside another database, the log would damage that one."""
    aside = free_name(present.with_name(f"replaced-{now():%Y%m%d-%H%M%S}.sqlite3"))
    present.rename(aside)
    for ending in ("-wal", "-journal"):
        log = present.with_name(present.name + ending)
        if log.exists():
            log.rename(aside.with_name(aside.name + ending))
    present.with_name(f"{present.name}-shm").unlink(missing_ok=True)
    return aside


def _remove(path: Path) -> None:
    for ending in ("", "-wal", "-shm", "-journal"):
        path.with_name(path.name + ending).unlink(missing_ok=True)


def _restore_postgresql(
    settings: Settings, archive: zipfile.ZipFile, manifest: Manifest, *, replace: bool
) -> Path | None:
    aside = None
    with changing(schema_engine(settings)) as connection:
        _refuse_company(connection)
        occupied = revision_of(connection) is not None and has_people(connection)
    if occupied and not replace:
        raise _occupied()
    if occupied:
        aside = free_name(backup_folder(settings) / f"replaced-{default_name(now())}")
        write_backup(settings, aside)
    with changing(schema_engine(settings)) as connection:
        _refuse_company(connection)
        _drop_all(connection)
        _fill(connection, archive, manifest)
    return aside


def _refuse_company(connection: Connection) -> None:
    others = (
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
        "AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
    )
    if connection.scalar(text(others)):
        raise Refused(
            _("Somebody is connected to the database. Stop every Postil that uses it, then try again.")
        )


def _drop_all(connection: Connection) -> None:
    reflected(connection).drop_all(connection)
    connection.execute(text(f"DROP TABLE IF EXISTS {VERSION_TABLE}"))


def _fill(connection: Connection, archive: zipfile.ZipFile, manifest: Manifest) -> None:
    """Makes the backup's tables and rows, holds them against the manifest, and brings them up to date."""
    upgrade(connection, manifest.revision)
    tables = reflected(connection).tables
    if set(tables) != {entry.name for entry in manifest.tables}:
        raise Refused(_("The tables in this backup are not those of its version. Nothing was changed."))
    _wait_with_references(connection)
    for entry in manifest.tables:
        load(connection, tables[entry.name], entry.columns, lines_in(archive, entry.name))
    _check(connection, manifest, dict(tables))
    set_counters(connection, tables.values(), manifest.counters)
    _check_references(connection)
    upgrade(connection, head())


def _check(connection: Connection, manifest: Manifest, tables: dict[str, Table]) -> None:
    for entry in manifest.tables:
        if summed(tables[entry.name], lines_of(connection, tables[entry.name])) != entry:
            raise Refused(
                _("The rows of %(table)s did not come back as they were. Nothing was changed.")
                % {"table": entry.name}
            )


def _wait_with_references(connection: Connection) -> None:
    """Lets rows come in any order on PostgreSQL; on SQLite references are checked at the end anyway."""
    if connection.dialect.name == "postgresql":
        _alter_references(connection, "DEFERRABLE INITIALLY DEFERRED")


def _check_references(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
        _alter_references(connection, "NOT DEFERRABLE")


def _alter_references(connection: Connection, how: str) -> None:
    quote = connection.dialect.identifier_preparer.quote
    inspector = inspect(connection)
    for table in inspector.get_table_names():
        for key in inspector.get_foreign_keys(table):
            name = quote(str(key["name"]))
            connection.execute(text(f"ALTER TABLE {quote(table)} ALTER CONSTRAINT {name} {how}"))


def _occupied() -> Refused:
    return Refused(
        _(
            "There are accounts here already, so nothing was changed. "
            "With --replace the present data is set aside and the backup takes its place."
        )
    )
