"""Backups: one moment, whole or not at all; restoring: checked first, and never at the cost of what is there."""

import json
import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, func, select

from app.accounts.models import User, name_key
from app.activity.models import audit
from app.annotations.models import Annotation
from app.database import Database
from app.errors import Refused
from app.settings import Settings
from app.storage.backup import lines_in, one_moment, opened, write_backup
from app.storage.locking import InUse, data_in_use
from app.storage.migrating import migrate, present_revision
from app.storage.restoring import restore
from app.storage.rows import TableSum, lines_of, summed
from app.storage.schema import head, reflected
from tests.support.emptiness import nothing_yet
from tests.support.filling import NOTE, fill

ROOT = Path(__file__).parents[2]
Tamper = Callable[[dict[str, bytes]], dict[str, bytes]]


@pytest.fixture
def target(settings: Settings) -> Path:
    """A backup of a database with a row in every table."""
    add(settings, "Ada")
    path = settings.data_dir / "one.postil"
    write_backup(settings, path)
    return path


@pytest.fixture
def other(pytestconfig: pytest.Config, tmp_path: Path) -> Iterator[Settings]:
    """An empty database of the kind that the suite runs on."""
    with nothing_yet(str(pytestconfig.getoption("--database")), tmp_path / "other") as settings:
        yield settings


def add(settings: Settings, name: str) -> None:
    database = Database(settings)
    fill(database, name)
    database.close()


def sums(settings: Settings) -> list[TableSum]:
    """The number and the hash of every table's rows."""
    with one_moment(settings) as connection:
        return [summed(table, lines_of(connection, table)) for table in reflected(connection).sorted_tables]


def rewritten(path: Path, change: Tamper) -> None:
    """The same backup with other contents."""
    with zipfile.ZipFile(path) as archive:
        contents = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in change(contents).items():
            archive.writestr(name, content)


def manifest_with(**changes: Any) -> Tamper:
    def change(contents: dict[str, bytes]) -> dict[str, bytes]:
        said = json.loads(contents["manifest.json"]) | changes
        return contents | {"manifest.json": json.dumps(said).encode()}

    return change


# Round trips


def test_everything_comes_back(settings: Settings, other: Settings, target: Path) -> None:
    manifest, aside = restore(other, target)
    assert sums(other) == sums(settings) == manifest.tables
    assert aside is None
    assert present_revision(other) == head()
    assert migrate(other) is None


def test_a_backup_moves_between_the_databases(settings: Settings, target: Path, tmp_path: Path) -> None:
    try:
        with nothing_yet("sqlite" if settings.database_url else "postgres", tmp_path / "moved") as moved:
            restore(moved, target)
            assert sums(moved) == sums(settings)
            back = tmp_path / "back.postil"
            write_backup(moved, back)
        restore(settings, back, replace=True)
        assert sums(settings) == sums_in(target)
    except RuntimeError as missing:
        pytest.skip(str(missing))


def sums_in(path: Path) -> list[TableSum]:
    with opened(path) as (_archive, manifest):
        return manifest.tables


def test_what_people_wrote_can_be_read_in_the_file_itself(target: Path) -> None:
    with opened(target) as (archive, manifest):
        columns = next(table.columns for table in manifest.tables if table.name == "annotation")
        row = json.loads(next(lines_in(archive, "annotation")))
    assert dict(zip(columns, row, strict=True))["note"] == NOTE


def test_keys_of_deleted_rows_stay_unused_after_a_restore(settings: Settings, other: Settings) -> None:
    add(settings, "Ada")
    database = Database(settings)
    with database.writing() as db:
        used = db.scalars(select(Annotation.id)).one()
        db.execute(delete(Annotation))
    database.close()
    path = settings.data_dir / "two.postil"
    write_backup(settings, path)
    restore(other, path)
    add(other, "Ben")
    database = Database(other)
    with database.reading() as db:
        assert db.scalars(select(Annotation.id)).one() > used
    database.close()


def test_the_restored_database_can_be_written_to(other: Settings, target: Path) -> None:
    restore(other, target)
    add(other, "Ben")
    assert people(other) == ["Ada", "Ben"]


def people(settings: Settings) -> list[str]:
    database = Database(settings)
    try:
        with database.reading() as db:
            return list(db.scalars(select(User.name).order_by(User.id)))
    finally:
        database.close()


# While others write


def test_a_backup_shows_one_moment_while_others_write(settings: Settings, other: Settings) -> None:
    add(settings, "Ada")
    database, stop, numbers = Database(settings), threading.Event(), count()

    def write() -> None:
        while not stop.is_set():
            name = f"Person {next(numbers)}"
            with database.writing() as db:
                db.add(User(name=name, name_key=name_key(name)))
                audit(db, name, who_id=None)

    threads = [threading.Thread(target=write) for _ in range(3)]
    for thread in threads:
        thread.start()
    paths = [settings.data_dir / f"{n}.postil" for n in range(3)]
    found = [write_backup(settings, path) for path in paths]
    stop.set()
    for thread in threads:
        thread.join()
    database.close()
    counts = [{table.name: table.rows for table in manifest.tables} for manifest in found]
    assert len({n["audit"] - n["user"] for n in counts}) == 1
    assert [n["user"] for n in counts] == sorted(n["user"] for n in counts)
    restore(other, paths[-1])
    assert sums(other) == found[-1].tables


def test_a_plain_copy_would_not_do(settings: Settings, tmp_path: Path) -> None:
    """The negative control: what is in the log is missing from a copy of the file alone."""
    if settings.database_url:
        pytest.skip("PostgreSQL has no one file")
    database = Database(settings)
    with database.writing() as db:
        db.add(User(name="Ada", name_key="ada"))
    copied = Settings(data_dir=tmp_path / "copied")
    copied.data_dir.mkdir()
    copied.sqlite_path.write_bytes(settings.sqlite_path.read_bytes())
    backed_up = write_backup(settings, tmp_path / "x.postil")
    database.close()
    assert people(copied) == []
    assert {table.name: table.rows for table in backed_up.tables}["user"] == 1


# Whole or not at all


def test_a_file_that_is_there_is_not_overwritten(settings: Settings, target: Path) -> None:
    before = target.read_bytes()
    with pytest.raises(Refused, match="Choose another name"):
        write_backup(settings, target)
    assert target.read_bytes() == before


def test_a_backup_that_cannot_be_finished_leaves_nothing(settings: Settings, target: Path) -> None:
    """The system lets the process write no file larger than a few kilobytes: the disk is full, as it were."""
    folder = settings.data_dir / "small"
    folder.mkdir()
    limited = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096)); "
        "from app.cli import main; sys.exit(main(['backup', sys.argv[1]]))"
    )
    environment = {
        "POSTIL_DATA_DIR": str(settings.data_dir),
        "POSTIL_DATABASE_URL": settings.database_url or "",
        "PYTHONDONTWRITEBYTECODE": "1",  # else Python's own cache would be cut short, too
    }
    answer = subprocess.run(
        [sys.executable, "-c", limited, str(folder)],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert (answer.returncode, answer.stdout) == (2, "")
    assert answer.stderr.startswith("postil: ")
    assert "Traceback" not in answer.stderr
    assert list(folder.iterdir()) == []
    assert list(settings.data_dir.glob("backup-*")) == []


def test_there_is_no_backup_of_nothing(other: Settings) -> None:
    with pytest.raises(Refused, match=r"no database|nothing to back up"):
        write_backup(other, other.data_dir / "x.postil")
    assert list(other.data_dir.glob("*.postil")) == []


def test_a_damaged_database_is_not_backed_up(settings: Settings, target: Path) -> None:
    if settings.database_url:
        pytest.skip("PostgreSQL looks after its own files")
    size = settings.sqlite_path.stat().st_size
    with settings.sqlite_path.open("rb+") as file:
        file.seek(size // 2)
        file.write(b"\x5a" * (size // 4))
    with pytest.raises(Refused, match="could not be copied whole"):
        write_backup(settings, settings.data_dir / "two.postil")
    assert not (settings.data_dir / "two.postil").exists()


# What is refused


def other_words(contents: dict[str, bytes]) -> dict[str, bytes]:
    name = "tables/annotation.jsonl"
    return contents | {name: contents[name].replace(b"He says", b"He lied")}


def without_a_row(contents: dict[str, bytes]) -> dict[str, bytes]:
    name = "tables/sentence.jsonl"
    return contents | {name: contents[name].split(b"\n", 1)[1]}


def without_a_table(contents: dict[str, bytes]) -> dict[str, bytes]:
    return {name: content for name, content in contents.items() if name != "tables/event.jsonl"}


def with_a_way_out(contents: dict[str, bytes]) -> dict[str, bytes]:
    return contents | {"../../outside": b"x"}


def with_an_unknown_table(contents: dict[str, bytes]) -> dict[str, bytes]:
    said = json.loads(contents["manifest.json"])
    added = replace(summed_nothing(), name="shop").__dict__
    return contents | {
        "manifest.json": json.dumps(said | {"tables": [*said["tables"], added]}).encode(),
        "tables/shop.jsonl": b"",
    }


def summed_nothing() -> TableSum:
    return TableSum("", [], 0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")


TAMPERED: dict[str, tuple[Tamper, str]] = {
    "other words": (other_words, "not a whole backup"),
    "a row less": (without_a_row, "not a whole backup"),
    "a table less": (without_a_table, "not a whole backup"),
    "a name that leads out": (with_a_way_out, "not a whole backup"),
    "a table that nobody knows": (with_an_unknown_table, "tables in this backup"),
    "no manifest": (lambda contents: contents | {"manifest.json": b"{}"}, "not a whole backup"),
    "a manifest that is no JSON": (
        lambda contents: contents | {"manifest.json": b"\xff"},
        "not a whole backup",
    ),
    "a newer format": (manifest_with(format=2), "newer Postil"),
    "a newer revision": (manifest_with(revision="2999_12_31_future"), "newer Postil"),
    "a revision of no text": (manifest_with(revision=None), "not a whole backup"),
}


@pytest.mark.grid
@pytest.mark.parametrize("how", TAMPERED)
@pytest.mark.parametrize("replace_present", [False, True])
def test_a_tampered_backup_is_refused_and_changes_nothing(
    settings: Settings, target: Path, how: str, replace_present: bool
) -> None:
    change, said = TAMPERED[how]
    rewritten(target, change)
    before = sums(settings)
    with pytest.raises(
        Refused, match=said if replace_present or "newer" in said or "whole" in said else "accounts"
    ):
        restore(settings, target, replace=replace_present)
    assert sums(settings) == before
    assert not (target.parent.parent / "outside").exists()


@pytest.mark.grid
@pytest.mark.parametrize("kept", [0.0, 0.1, 0.5, 0.9, 0.999])
def test_a_cut_backup_is_refused(settings: Settings, target: Path, kept: float) -> None:
    whole = target.read_bytes()
    target.write_bytes(whole[: int(len(whole) * kept)])
    before = sums(settings)
    with pytest.raises(Refused, match="not a whole backup"):
        restore(settings, target, replace=True)
    assert sums(settings) == before


def test_a_flipped_bit_anywhere_never_gets_in(settings: Settings, target: Path) -> None:
    whole = target.read_bytes()
    said = sums_in(target)
    for position in range(0, len(whole), max(1, len(whole) // 60)):
        target.write_bytes(whole[:position] + bytes([whole[position] ^ 4]) + whole[position + 1 :])
        try:
            with opened(target) as (archive, manifest):
                assert manifest.tables == said
                assert [sum(1 for _ in lines_in(archive, table.name)) for table in said] == [
                    t.rows for t in said
                ]
        except Refused as refused:
            assert "not a whole backup" in str(refused)


def test_a_database_with_accounts_is_not_overwritten(settings: Settings, target: Path) -> None:
    add(settings, "Ben")
    before = sums(settings)
    with pytest.raises(Refused, match="--replace"):
        restore(settings, target)
    assert sums(settings) == before


def test_replacing_sets_the_present_data_aside(settings: Settings, target: Path, tmp_path: Path) -> None:
    add(settings, "Ben")
    before = sums(settings)
    _manifest, aside = restore(settings, target, replace=True)
    assert people(settings) == ["Ada"]
    assert aside is not None
    if settings.database_url:
        assert sums_in(aside) == before
    else:
        old = Settings(data_dir=tmp_path / "old")
        old.data_dir.mkdir()
        aside.rename(old.sqlite_path)
        assert sums(old) == before


def test_a_log_left_by_a_killed_server_goes_with_its_database(settings: Settings, target: Path) -> None:
    if settings.database_url:
        pytest.skip("PostgreSQL has no log beside the database")
    killed = (
        "import os, sys; from app.settings import Settings; from app.database import Database; "
        "from tests.support.filling import fill; from pathlib import Path; "
        "fill(Database(Settings(data_dir=Path(sys.argv[1]))), 'Ben'); os._exit(9)"
    )
    subprocess.run([sys.executable, "-c", killed, str(settings.data_dir)], cwd=ROOT, check=False)
    log = settings.sqlite_path.with_name("postil.sqlite3-wal")
    _manifest, aside = restore(settings, target, replace=True)
    assert people(settings) == ["Ada"]
    assert aside is not None
    assert not log.exists() or log.stat().st_size == 0
    assert people_in_file(aside) == ["Ada", "Ben"]


def people_in_file(path: Path) -> list[str]:
    from app.database import sqlite_engine

    engine = sqlite_engine(path, read_only=True)
    try:
        with engine.connect() as connection:
            return list(connection.scalars(select(User.name).order_by(User.id)))
    finally:
        engine.dispose()


def test_a_lost_database_can_be_brought_back(settings: Settings, target: Path) -> None:
    if settings.database_url:
        pytest.skip("on PostgreSQL there is no file to lose")
    before = sums(settings)
    settings.sqlite_path.unlink()
    restore(settings, target)
    assert sums(settings) == before
    assert migrate(settings) is None


def test_a_damaged_database_can_be_replaced(settings: Settings, target: Path) -> None:
    if settings.database_url:
        pytest.skip("PostgreSQL looks after its own files")
    before = sums(settings)
    settings.sqlite_path.write_bytes(b"no database at all " * 500)
    with pytest.raises(Refused, match="--replace"):
        restore(settings, target)
    restore(settings, target, replace=True)
    assert sums(settings) == before


def test_nothing_is_restored_under_a_running_server(settings: Settings, target: Path) -> None:
    before = sums(settings)
    with data_in_use(settings), pytest.raises(InUse):
        restore(settings, target, replace=True)
    assert sums(settings) == before


def test_nothing_is_restored_while_somebody_is_connected_to_postgresql(
    settings: Settings, target: Path
) -> None:
    if settings.database_url is None:
        pytest.skip("on SQLite the lock tells")
    database = Database(settings)
    with database.reading() as db:
        db.scalar(select(func.count()).select_from(User))
        with pytest.raises(Refused, match="Somebody is connected"):
            restore(settings, target, replace=True)
    database.close()
