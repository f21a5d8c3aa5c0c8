"""Backups: one .postil file (a zip) with every row as a line of JSON, and a manifest of counts and hashes.

It is the same file from SQLite and from PostgreSQL and can be restored to either.
"""

import hashlib
import json
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy.engine import Connection

from app import __version__
from app.database import Database, now
from app.engines import sqlite_driver, sqlite_engine
from app.errors import Refused
from app.language import _
from app.settings import Settings
from app.storage.files import whole_file
from app.storage.rows import TableSum, counters, lines_of, summed
from app.storage.schema import reflected, revision_of

FORMAT = 1
SUFFIX = ".postil"
_MANIFEST = "manifest.json"
_MOST_MANIFEST = 10_000_000
_BLOCK = 1 << 16


@dataclass(frozen=True)
class Manifest:
    """What a backup says of itself."""

    format: int
    # The version of Postil that made it.
    program: str
    # The revision of its tables.
    revision: str
    made_at: str
    # "sqlite" or "postgresql".
    database: str
    tables: list[TableSum]
    # The highest key that a table has ever given out, where the database knew.
    counters: dict[str, int]

    @property
    def rows(self) -> int:
        """How many rows there are in all."""
        return sum(table.rows for table in self.tables)


def default_name(at: datetime) -> str:
    """Such as postil-20261123-224500.postil, in UTC."""
    return f"postil-{at:%Y%m%d-%H%M%S}{SUFFIX}"


def backup_folder(settings: Settings) -> Path:
    """Where backups go that nobody gave a place."""
    folder = settings.data_dir / "backups"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def write_backup(settings: Settings, target: Path) -> Manifest:
    """Writes one moment of the database to a new file, while others go on writing.

    The name appears only when all is on the disk. Refused when there is nothing to back up, when the database
    is damaged and when `target` is there already; OSError when it cannot be written.
    """
    if target.exists():
        raise Refused(_("There is a file %(path)s already. Choose another name.") % {"path": target})
    with whole_file(target) as part, one_moment(settings) as connection:
        return _write(connection, part)


@contextmanager
def one_moment(settings: Settings) -> Iterator[Connection]:
    """A connection that goes on seeing one moment of the database, and keeps nobody waiting."""
    if settings.database_url is None:
        with tempfile.TemporaryDirectory(dir=settings.data_dir, prefix="backup-") as folder:
            copy = Path(folder) / "copy.sqlite3"
            _copy_sqlite(settings.sqlite_path, copy)
            with _reading_sqlite(copy) as connection:
                yield connection
        return
    database = Database(settings)
    try:
        with database.reader.connect() as connection:
            yield connection
    finally:
        database.close()


@contextmanager
def opened(path: Path) -> Iterator[tuple[zipfile.ZipFile, Manifest]]:
    """A backup of which every byte has been checked.

    Refused when it is damaged, cut short or no backup at all; OSError when it cannot be read.
    """
    with path.open("rb") as file:
        try:
            archive = zipfile.ZipFile(file)
            manifest = _manifest(archive)
            _verify(archive, manifest)
        except Refused:
            raise
        except Exception as error:  # a damaged zip raises a dozen different things
            raise _damaged(path) from error
        yield archive, manifest


def lines_in(archive: zipfile.ZipFile, table: str) -> Iterator[bytes]:
    """The lines of a table, one by one."""
    with archive.open(_entry(table)) as file:
        yield from file


def _entry(table: str) -> str:
    return f"tables/{table}.jsonl"


def _write(connection: Connection, part: Path) -> Manifest:
    revision = revision_of(connection)
    if revision is None:
        raise Refused(_("There is nothing to back up yet: the database is empty."))
    tables = reflected(connection).sorted_tables
    with zipfile.ZipFile(part, "x", zipfile.ZIP_DEFLATED, compresslevel=3) as archive:
        sums = [_write_table(archive, connection, table) for table in tables]
        manifest = Manifest(
            FORMAT,
            __version__,
            revision,
            now().isoformat(timespec="seconds"),
            connection.dialect.name,
            sums,
            counters(connection, tables),
        )
        archive.writestr(_MANIFEST, json.dumps(asdict(manifest), indent=1))
    return manifest


def _write_table(archive: zipfile.ZipFile, connection: Connection, table: Any) -> TableSum:
    with archive.open(_entry(table.name), "w", force_zip64=True) as file:
        return summed(table, lines_of(connection, table), file.write)


def _copy_sqlite(source: Path, target: Path) -> None:
    """SQLite's own online backup: a plain copy of the file would miss what is in the log, or be torn."""
    driver = sqlite_driver()
    if not source.exists():
        raise Refused(_("There is no database at %(path)s.") % {"path": source})
    reading, writing = driver.connect(source), driver.connect(target)
    try:
        reading.backup(writing)
        if (found := writing.execute("PRAGMA quick_check(1)").fetchone()[0]) != "ok":
            raise driver.DatabaseError(found)
    except driver.DatabaseError as error:
        raise Refused(
            _("The database could not be copied whole (%(why)s), so no backup was made.") % {"why": error}
        ) from error
    finally:
        reading.close()
        writing.close()


@contextmanager
def _reading_sqlite(path: Path) -> Iterator[Connection]:
    engine = sqlite_engine(path, read_only=True)
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


def _manifest(archive: zipfile.ZipFile) -> Manifest:
    if archive.getinfo(_MANIFEST).file_size > _MOST_MANIFEST:
        raise ValueError("a manifest is small")
    said = json.loads(archive.read(_MANIFEST))
    if said["format"] > FORMAT:
        raise Refused(_("This backup was made by a newer Postil. Restore it with that version."))
    if not isinstance(said["revision"], str):
        raise ValueError("a revision is a name")
    return Manifest(**said | {"tables": [TableSum(**table) for table in said["tables"]]})


def _verify(archive: zipfile.ZipFile, manifest: Manifest) -> None:
    """Holds every table against the manifest; nothing else may be in the archive."""
    expected = sorted([_MANIFEST, *(_entry(table.name) for table in manifest.tables)])
    sums = ((table, _sum_of(archive, table.name)) for table in manifest.tables)
    if sorted(archive.namelist()) != expected or any((t.rows, t.sha256) != found for t, found in sums):
        raise ValueError("not what the manifest says")


def _sum_of(archive: zipfile.ZipFile, table: str) -> tuple[int, str]:
    digest, rows = hashlib.sha256(), 0
    with archive.open(_entry(table)) as file:
        while block := file.read(_BLOCK):
            digest.update(block)
            rows += block.count(b"\n")
    return rows, digest.hexdigest()


def _damaged(path: Path) -> Refused:
    return Refused(
        _(
            "%(path)s is not a whole backup of Postil: it is damaged, cut short or something else. "
            "Nothing was changed."
        )
        % {"path": path}
    )
