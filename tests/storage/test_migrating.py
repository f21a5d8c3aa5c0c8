"""Migrations make what the models say, on both databases, keep every row, and never begin anew over a loss."""

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, make_url, text

from app.database import Base, Database
from app.errors import Refused
from app.settings import Settings
from app.storage import schema
from app.storage.backup import opened
from app.storage.locking import data_in_use
from app.storage.migrating import MARKER, migrate, present_revision
from app.storage.schema import changing, downgrade, head, revisions, schema_engine, upgrade
from migrations.revise import OPTIONS, import_models
from tests.support import postgres
from tests.support.emptiness import nothing_yet
from tests.support.filling import fill, rows
from tests.support.tables import described

pytestmark = pytest.mark.database
import_models()

NEXT = '''"""A column more, by building the table anew."""

import sqlalchemy as sa
from alembic import op

revision = "2999_01_01_next"
down_revision = "{head}"


def upgrade() -> None:
    """Makes the change."""
    with op.batch_alter_table("user", recreate="auto") as user:
        user.add_column(sa.Column("shoe_size", sa.Integer(), server_default="42", nullable=False))
        user.create_check_constraint("ck_user_shoe_size", "shoe_size > 0")


def downgrade() -> None:
    """Takes it back."""
    with op.batch_alter_table("user", recreate="auto") as user:
        user.drop_constraint("ck_user_shoe_size", type_="check")
        user.drop_column("shoe_size")
'''


@pytest.fixture
def kind(pytestconfig: pytest.Config) -> str:
    return str(pytestconfig.getoption("--database"))


@pytest.fixture
def empty(kind: str, tmp_path: Path) -> Iterator[Settings]:
    with nothing_yet(kind, tmp_path / "empty") as settings:
        yield settings


@pytest.fixture
def next_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Makes this the next version of the program, with a migration more."""
    folder = tmp_path / "migrations"
    shutil.copytree(schema.MIGRATIONS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "versions" / "2999_01_01_next.py").write_text(NEXT.replace("{head}", head()), "utf-8")
    monkeypatch.setattr(schema, "MIGRATIONS", folder)
    return "2999_01_01_next"


def filled(settings: Settings) -> dict[str, int]:
    database = Database(settings)
    fill(database)
    found = rows(database)
    database.close()
    return found


def counted(settings: Settings) -> dict[str, int]:
    database = Database(settings)
    try:
        return rows(database)
    finally:
        database.close()


# The revisions


def test_revisions_are_one_line_in_the_order_of_their_files() -> None:
    config = Config()
    config.set_main_option("script_location", str(schema.MIGRATIONS))
    said = [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()]
    assert said == revisions()[::-1]
    assert all(len(revision) <= 32 for revision in said), "PostgreSQL keeps 32 characters of a revision"


def test_migrations_make_what_the_models_say(empty: Settings) -> None:
    migrate(empty)
    with changing(schema_engine(empty)) as connection:
        context = MigrationContext.configure(connection, opts=OPTIONS)
        assert compare_metadata(context, Base.metadata) == []


def test_migrations_and_models_agree_in_every_detail(kind: str, empty: Settings, tmp_path: Path) -> None:
    with nothing_yet(kind, tmp_path / "models") as settings:
        with changing(schema_engine(settings, create=True)) as connection:
            Base.metadata.create_all(connection)
            by_models = described(connection)
        with changing(schema_engine(empty, create=True)) as connection:
            upgrade(connection, head())
            by_migrations = described(connection)
    assert by_migrations == by_models


def test_down_takes_everything_away_and_up_makes_it_again(empty: Settings) -> None:
    migrate(empty)
    before = filled(empty)
    assert {name for name, n in before.items() if not n} == set(), "no row was written to these"
    with changing(schema_engine(empty)) as connection:
        there = described(connection)
        downgrade(connection, "base")
        assert described(connection) == {}
        upgrade(connection, head())
        assert described(connection) == there


def test_every_step_down_and_up_keeps_the_rows(empty: Settings, next_version: str) -> None:
    present = revisions()[-2]
    with changing(schema_engine(empty, create=True)) as connection:
        upgrade(connection, next_version)
        for target in reversed(revisions()[:-1]):
            downgrade(connection, target)
        upgrade(connection, present)
    before = filled(empty)
    for target in (next_version, present, next_version):
        with changing(schema_engine(empty)) as connection:
            (upgrade if target == next_version else downgrade)(connection, target)
        assert counted(empty) == before


# Migrating


def test_the_first_start_makes_the_tables_and_later_ones_change_nothing(empty: Settings) -> None:
    assert present_revision(empty) is None
    assert migrate(empty) is None
    assert present_revision(empty) == head()
    assert migrate(empty) is None


def test_an_update_is_made_after_a_backup_and_keeps_every_row(empty: Settings, next_version: str) -> None:
    old = revisions()[-2]
    with changing(schema_engine(empty, create=True)) as connection:
        upgrade(connection, old)
    before = filled(empty)
    kept = migrate(empty)
    assert present_revision(empty) == next_version
    assert counted(empty) == before
    assert kept is not None
    with opened(kept) as (_archive, manifest):
        assert manifest.revision == old
        assert {table.name: table.rows for table in manifest.tables} == before


def test_an_update_waits_until_no_server_uses_the_data(empty: Settings, next_version: str) -> None:
    with changing(schema_engine(empty, create=True)) as connection:
        upgrade(connection, revisions()[0])
    with data_in_use(empty), pytest.raises(Refused, match="Stop it, then try again"):
        migrate(empty)
    assert present_revision(empty) == revisions()[0]


def test_an_update_that_breaks_a_reference_is_undone(empty: Settings) -> None:
    if empty.database_url:
        pytest.skip("PostgreSQL holds references by itself, also while tables change")
    migrate(empty)
    before = filled(empty)
    with pytest.raises(Refused, match="refer to rows"), changing(schema_engine(empty)) as connection:
        connection.execute(text('DELETE FROM "user"'))
    assert counted(empty) == before


def test_data_of_a_newer_version_is_refused(empty: Settings) -> None:
    migrate(empty)
    with changing(schema_engine(empty)) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '2999_12_31_future'"))
    with pytest.raises(Refused, match=r"newer Postil \(its revision is 2999_12_31_future\)"):
        migrate(empty)


def test_a_database_of_another_program_is_refused(empty: Settings) -> None:
    with changing(schema_engine(empty, create=True)) as connection:
        connection.execute(text("CREATE TABLE shop (id INTEGER)"))
    with pytest.raises(Refused, match="another program"):
        migrate(empty)


def test_two_starts_at_once_make_the_tables_once(empty: Settings) -> None:
    failed: list[BaseException] = []

    def start() -> None:
        try:
            migrate(empty)
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert present_revision(empty) == head()


# Loss


def test_a_lost_database_is_not_replaced_by_an_empty_one(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    migrate(settings)
    settings.sqlite_path.unlink()
    with pytest.raises(Refused, match=f"is gone or empty.*postil restore FILE.*remove {tmp_path / MARKER}"):
        migrate(settings)
    assert not settings.sqlite_path.exists()


def test_a_database_cut_to_nothing_is_not_filled_with_empty_tables(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    migrate(settings)
    settings.sqlite_path.write_bytes(b"")
    for _ in range(2):
        with pytest.raises(Refused, match="is gone or empty"):
            migrate(settings)


def test_whoever_removes_the_marker_begins_anew(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    migrate(settings)
    settings.sqlite_path.unlink()
    (tmp_path / MARKER).unlink()
    migrate(settings)
    assert present_revision(settings) == head()


def test_a_database_without_a_marker_gets_one(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    migrate(settings)
    (tmp_path / MARKER).unlink()
    migrate(settings)
    assert (tmp_path / MARKER).exists()


def test_a_damaged_database_is_refused_in_a_sentence(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    settings.sqlite_path.write_bytes(b"no database at all " * 500)
    with pytest.raises(Refused, match="cannot be opened"):
        migrate(settings)


def test_a_server_that_does_not_answer_is_refused_without_its_password(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, database_url="postgresql://ada:secret@127.0.0.1:1/postil")
    with pytest.raises(Refused, match="cannot be reached") as refused:
        migrate(settings)
    assert "secret" not in str(refused.value)


def test_a_postgresql_database_in_another_encoding_is_refused(kind: str, tmp_path: Path) -> None:
    if kind == "sqlite":
        pytest.skip("SQLite is always in UTF-8")
    with postgres.new_database() as url:
        engine = create_engine(url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            name = f"{make_url(url).database}_ascii"
            made = (
                f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C'"
            )
            connection.execute(text(made))
            there = make_url(url).set(database=name).render_as_string(hide_password=False)
            settings = Settings(data_dir=tmp_path, database_url=there)
            try:
                with pytest.raises(Refused, match="createdb --encoding=UTF8"):
                    migrate(settings)
            finally:
                connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        engine.dispose()
