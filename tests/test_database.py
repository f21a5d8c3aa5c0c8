"""Reading and writing on both databases, and what SQLite needs."""

import threading
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import delete, func, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

from app import engines
from app.accounts.models import User
from app.activity.models import Audit, Task
from app.database import Database, Db, now
from app.engines import sqlite_engine, wal_is_safe
from app.settings import Settings


def person(name: str) -> User:
    return User(name=name, name_key=name.lower())


def names(database: Database) -> list[str]:
    with database.reading() as db:
        return list(db.scalars(select(User.name).order_by(User.id)))


def test_what_is_written_can_be_read(database: Database) -> None:
    with database.writing() as db:
        db.add(person("Ada"))
    assert names(database) == ["Ada"]


def test_nothing_is_kept_of_a_write_that_fails(database: Database) -> None:
    with pytest.raises(KeyError), database.writing() as db:
        db.add(person("Ada"))
        db.flush()
        raise KeyError
    assert names(database) == []


def test_a_reader_cannot_write(database: Database) -> None:
    with database.reading() as db, pytest.raises(DBAPIError):
        db.execute(delete(User))


def test_a_reader_sees_one_moment(database: Database) -> None:
    with database.reading() as db:
        assert db.scalar(select(func.count()).select_from(User)) == 0
        with database.writing() as writing:
            writing.add(person("Ada"))
        assert db.scalar(select(func.count()).select_from(User)) == 0
    assert names(database) == ["Ada"]


def test_a_request_sees_what_it_wrote(database: Database) -> None:
    db = Db(database)
    assert db.read.scalar(select(User.name)) is None
    with db.writing() as writing:
        writing.add(person("Ada"))
    assert db.read.scalar(select(User.name)) == "Ada"
    db.close()


def test_objects_of_a_write_are_no_part_of_later_ones(database: Database) -> None:
    with database.writing() as db:
        ada = person("Ada")
        db.add(ada)
    assert ada not in db


def test_no_count_is_lost_between_threads(database: Database) -> None:
    with database.writing() as db:
        db.add(Task(kind="count", key="count", due_at=now()))

    def count() -> None:
        for _ in range(20):
            with database.writing() as db:
                db.execute(update(Task).values(tries=Task.tries + 1))

    threads = [threading.Thread(target=count) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.reading() as db:
        assert db.scalar(select(Task.tries)) == 120


def test_times_come_back_aware_and_in_utc(database: Database) -> None:
    tehran = datetime(2026, 11, 23, 12, 0, 0, 123456, tzinfo=timezone(timedelta(hours=3, minutes=30)))
    with database.writing() as db:
        db.add(Audit(who_id=None, did="test", at=tehran))
    with database.reading() as db:
        found = db.scalars(select(Audit.at)).one()
    assert (found, found.tzinfo) == (tehran, UTC)


def test_a_time_without_a_zone_is_refused(database: Database) -> None:
    with pytest.raises(Exception, match="times are stored with a zone"), database.writing() as db:
        db.add(Audit(who_id=None, did="test", at=datetime(2026, 11, 23)))


def test_errors_do_not_tell_what_people_wrote(database: Database) -> None:
    with database.writing() as db:
        db.add(person("Ada"))
    with pytest.raises(IntegrityError) as error, database.writing() as db:
        db.add(User(name="a private matter", name_key="ada"))
    assert "a private matter" not in str(error.value)


def test_references_hold(database: Database) -> None:
    with pytest.raises(IntegrityError), database.writing() as db:
        db.add(Audit(who_id=4711, did="test", at=now()))


def test_a_missing_database_is_not_made_by_opening_it(tmp_path: Path) -> None:
    database = Database(Settings(data_dir=tmp_path))
    with pytest.raises(OperationalError), database.reading() as db:
        db.scalar(select(User.name))
    with pytest.raises(OperationalError), database.writing() as db:
        db.add(person("Ada"))
    database.close()
    assert list(tmp_path.iterdir()) == []


def test_a_folder_may_be_called_anything(tmp_path: Path) -> None:
    folder = tmp_path / "with space, 100% & ?mode=memory#é"
    folder.mkdir()
    engine = sqlite_engine(folder / "x.sqlite3", create=True)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (x)")
    engine.dispose()
    assert [path.name for path in folder.iterdir()] == ["x.sqlite3"]


def test_sqlite_is_fully_durable_and_holds_references(tmp_path: Path) -> None:
    engine = sqlite_engine(tmp_path / "x.sqlite3", create=True)
    with engine.connect() as connection:
        asked = ["synchronous", "foreign_keys"]
        assert [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in asked] == [2, 1]
    engine.dispose()


@pytest.mark.parametrize(
    ("version", "safe"),
    [
        ((3, 40, 1), False),
        ((3, 44, 5), False),
        ((3, 44, 6), True),
        ((3, 45, 9), False),
        ((3, 50, 6), False),
        ((3, 50, 7), True),
        ((3, 51, 2), False),
        ((3, 51, 3), True),
        ((3, 52, 0), True),
        ((4, 0, 0), True),
    ],
)
def test_the_write_ahead_log_is_used_only_where_it_is_mended(
    version: tuple[int, int, int], safe: bool
) -> None:
    assert wal_is_safe(version) is safe


@pytest.mark.parametrize("rested", [True, False], ids=["rested", "control: believed"])
def test_a_connection_that_died_while_it_rested_is_replaced(
    database: Database, monkeypatch: pytest.MonkeyPatch, rested: bool
) -> None:
    if database.is_sqlite:
        pytest.skip("SQLite's connections are files: nothing ends them from outside")
    monkeypatch.setattr(engines, "RESTED_SECONDS", 0.0 if rested else 3600.0)
    with database.writing() as db:
        db.add(person("Ada"))
    killer = engines.postgresql_engine(database.engine.url.render_as_string(hide_password=False))
    others = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    with killer.connect() as connection:
        # Waits up to so many milliseconds for each to be gone.
        assert all(connection.scalars(text(f"SELECT pg_terminate_backend(pid, 5000) {others}")))
    killer.dispose()
    if rested:
        assert names(database) == ["Ada"]
    else:
        with pytest.raises(OperationalError):
            names(database)
