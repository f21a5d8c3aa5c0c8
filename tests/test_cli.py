"""The command line: what each command leaves in the database, and how it refuses."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, update

from app import __version__
from app.accounts.models import OneTimeAddress, User, find_one_time, one_time_secret
from app.annotations.models import Annotation
from app.cli import main
from app.database import KEPT_DELETED, Database, now
from app.library.models import Article, Revision
from app.readings.models import Reading
from app.security import Passwords
from app.settings import Settings
from tests.support.filling import fill

ROOT = Path(__file__).parents[1]
SERVE = [sys.executable, "-c", "import sys; from app.cli import main; sys.exit(main(['serve']))"]


@dataclass
class Answer:
    """What a command said."""

    status: int
    out: str
    err: str


Command = Callable[..., Answer]


@pytest.fixture
def environment(settings: Settings) -> dict[str, str]:
    """The variables that make a process work with the test's database."""
    found = {
        "POSTIL_DATA_DIR": str(settings.data_dir),
        "POSTIL_PASSWORD_MEMORY_KIB": str(settings.password_memory_kib),
        "POSTIL_PASSWORD_PASSES": str(settings.password_passes),
    }
    return found | ({"POSTIL_DATABASE_URL": settings.database_url} if settings.database_url else {})


@pytest.fixture
def postil(
    environment: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Command]:
    """Runs a command in this process, with `typed` on its standard input."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    def run(*arguments: str | Path, typed: str = "") -> Answer:
        monkeypatch.setattr(sys, "stdin", iter_lines(typed))
        try:
            status = main([str(argument) for argument in arguments])
        except SystemExit as left:
            status = int(left.code or 0)
        said = capsys.readouterr()
        return Answer(status, said.out, said.err)

    mask = os.umask(0o022)
    yield run
    os.umask(mask)


def iter_lines(typed: str) -> Any:
    import io

    return io.StringIO(typed)


def scalar(database: Database, query: Any) -> Any:
    with database.reading() as db:
        return db.scalar(query)


# Wrong usage


@pytest.mark.parametrize("arguments", [[], ["dance"], ["import", "x.txt"], ["restore"], ["create-admin"]])
def test_wrong_usage_is_refused(postil: Command, arguments: list[str]) -> None:
    answer = postil(*arguments)
    assert (answer.status, answer.out) == (2, "")
    assert "usage: postil" in answer.err


def test_a_bad_setting_is_refused_in_one_line(postil: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POSTIL_PORT", "abc")
    answer = postil("serve")
    assert answer.status == 2
    assert answer.err == "postil: POSTIL_PORT must be a whole number from 0 to 65535 (it is 'abc').\n"


def test_a_port_in_use_is_refused_before_anything_is_made(
    postil: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        monkeypatch.setenv("POSTIL_PORT", str(taken.getsockname()[1]))
        monkeypatch.setenv("POSTIL_DATA_DIR", str(tmp_path / "fresh"))
        answer = postil("serve")
    assert answer.status == 2
    assert re.fullmatch(r"postil: Port \d+ is in use\. .*POSTIL_PORT\.\n", answer.err)
    assert list((tmp_path / "fresh").iterdir()) == []


def test_an_unusable_folder_is_refused(
    postil: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("POSTIL_DATA_DIR", str(tmp_path / "file" / "data"))
    answer = postil("migrate")
    assert answer.status == 2
    assert "set POSTIL_DATA_DIR" in answer.err
    assert answer.err.count("\n") == 1


def test_the_version(postil: Command) -> None:
    assert postil("--version").out == f"Postil {__version__}\n"


# People


def test_an_administrator_made_on_the_command_line_ends_claim_addresses(
    postil: Command, database: Database, settings: Settings
) -> None:
    with database.writing() as db:
        one_time_secret(db, "claim")
    answer = postil("create-admin", "Grace  Hopper", "--password-stdin", typed="correct horse\n")
    assert (answer.status, answer.err) == (0, "")
    assert "Grace Hopper can sign in at http://" in answer.out
    with database.reading() as db:
        grace = db.scalars(select(User)).one()
        assert grace.is_admin and Passwords(settings).fits(grace.password_hash, "correct horse")
        assert db.scalar(select(func.count()).select_from(OneTimeAddress)) == 0
        assert db.scalar(select(func.count()).select_from(Reading).where(Reading.owner_id == grace.id)) == 1


@pytest.mark.parametrize(
    ("name", "password", "said"),
    [
        ("Grace", "short", "8 to 1,000 characters"),
        ("\u200b", "long enough", "visible"),
        (" ", "long enough", "visible"),
    ],
)
def test_an_administrator_needs_a_name_and_a_password(
    postil: Command, database: Database, name: str, password: str, said: str
) -> None:
    answer = postil("create-admin", name, "--password-stdin", typed=f"{password}\n")
    assert answer.status == 2
    assert said in answer.err
    assert scalar(database, select(func.count()).select_from(User)) == 0


def test_a_name_is_given_once(postil: Command, database: Database) -> None:
    fill(database, "Ada")
    answer = postil("create-admin", "ADA", "--password-stdin", typed="correct horse\n")
    assert answer.status == 2
    assert "already has that name" in answer.err
    assert scalar(database, select(func.count()).select_from(User)) == 1


def test_a_forgotten_password_gets_an_address_that_works(postil: Command, database: Database) -> None:
    fill(database, "Ada")
    answer = postil("reset-password", "ada")
    secret = re.search(r"http://127\.0\.0\.1:8000/invitation/(\S+)", answer.out)
    assert secret is not None
    with database.reading() as db:
        address = find_one_time(db, "password", secret[1])
        assert address is not None
        assert address.user_id == db.scalar(select(User.id))


def test_nobody_is_said_to_be_nobody(postil: Command) -> None:
    answer = postil("reset-password", "Nemo")
    assert (answer.status, answer.out, answer.err) == (2, "", "postil: Nobody here is called Nemo.\n")


# Texts


def test_a_file_comes_into_the_library(postil: Command, database: Database, tmp_path: Path) -> None:
    fill(database, "Ada")
    path = tmp_path / "patience.md"
    path.write_text("# Patience\n\nOne paragraph.\n\nAnother one.\n", "utf-8")
    answer = postil("import", path, "--for", "Ada")
    assert (answer.status, answer.err) == (0, "")
    assert "Patience (2 paragraphs): http://127.0.0.1:8000/readings/" in answer.out
    newest = select(Revision.title).order_by(Revision.id.desc()).limit(1)
    assert scalar(database, newest) == "Patience"


def test_either_all_files_come_in_or_none(postil: Command, database: Database, tmp_path: Path) -> None:
    fill(database, "Ada")
    (tmp_path / "good.txt").write_text("Title\n\nA paragraph.\n", "utf-8")
    (tmp_path / "bad.pdf").write_bytes(b"%PDF")
    before = scalar(database, select(func.count()).select_from(Article))
    answer = postil("import", tmp_path / "good.txt", tmp_path / "bad.pdf", "--for", "Ada")
    assert answer.status == 2
    assert "bad.pdf: " in answer.err
    assert scalar(database, select(func.count()).select_from(Article)) == before


def test_a_file_that_is_not_there_is_named(postil: Command, database: Database, tmp_path: Path) -> None:
    fill(database, "Ada")
    answer = postil("import", tmp_path / "nothing.txt", "--for", "Ada")
    assert (answer.status, answer.err) == (
        2,
        f"postil: {tmp_path / 'nothing.txt'}: No such file or directory.\n",
    )


@pytest.mark.parametrize("key", ["csv", "jsonld"])
def test_annotations_are_taken_home(postil: Command, database: Database, tmp_path: Path, key: str) -> None:
    fill(database, "Ada")
    fill(database, "Ben")
    path = tmp_path / "mine"
    answer = postil("export", "--for", "Ada", "--format", key, "-o", path)
    assert (answer.status, answer.err) == (0, "")
    assert path.read_text("utf-8-sig").count(scalar(database, select(Annotation.uid).limit(1))) >= 1
    assert scalar(database, select(Annotation.uid).offset(1)) not in path.read_text("utf-8-sig")
    if key == "jsonld":
        assert json.loads(path.read_bytes())["type"] == "AnnotationCollection"


def test_only_one_s_own_reading_is_exported(postil: Command, database: Database, tmp_path: Path) -> None:
    fill(database, "Ada")
    fill(database, "Ben")
    hers = scalar(database, select(Reading.uid).order_by(Reading.id).limit(1))
    assert postil("export", "--for", "Ada", "--reading", hers, "-o", tmp_path / "hers.csv").status == 0
    answer = postil("export", "--for", "Ben", "--reading", hers)
    assert (answer.status, answer.out) == (2, "")
    assert "no such reading" in answer.err


def test_an_unknown_format_is_refused_with_those_there_are(postil: Command, database: Database) -> None:
    fill(database, "Ada")
    answer = postil("export", "--for", "Ada", "--format", "docx")
    assert (answer.status, answer.err) == (2, "postil: There is no format docx. There are: csv, jsonld.\n")


# Data


def test_backup_and_restore(postil: Command, database: Database, tmp_path: Path) -> None:
    fill(database, "Ada")
    database.close()
    answer = postil("backup", tmp_path)
    assert answer.status == 0
    path = next(tmp_path.glob("postil-*.postil"))
    assert answer.out.endswith(f": {path}\n")
    assert path.stat().st_mode & 0o077 == 0
    assert postil("restore", path).status == 2
    answer = postil("restore", path, "--replace")
    assert (answer.status, answer.err) == (0, "")
    assert "What was there is kept in" in answer.out


def test_migrate_says_where_the_data_is(postil: Command, settings: Settings) -> None:
    answer = postil("migrate")
    assert answer.status == 0
    assert re.search(r" is at revision \d{4}_\d\d_\d\d_\w+\.", answer.out)


def test_the_doctor_finds_nothing_wrong(postil: Command, database: Database) -> None:
    fill(database, "Ada")
    answer = postil("doctor")
    assert (answer.status, answer.err) == (0, "")
    assert "  annotation: 1\n" in answer.out
    assert answer.out.endswith("All is well.\n")


def test_the_doctor_shows_no_password(
    postil: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("POSTIL_DATABASE_URL", "postgresql://ada:secret@127.0.0.1:1/postil")
    answer = postil("doctor")
    assert answer.status == 1
    assert "! PostgreSQL at postgresql+psycopg://ada:***@127.0.0.1:1/postil cannot be reached" in answer.out
    assert "secret" not in answer.out + answer.err


def test_the_doctor_names_settings_that_are_none(postil: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POSTIL_PROT", "1")
    answer = postil("doctor")
    assert answer.status == 1
    assert "! There is no setting POSTIL_PROT." in answer.out


def test_purging_removes_only_what_was_deleted_long_ago(postil: Command, database: Database) -> None:
    for name in ("Ada", "Ben", "Chloe", "Dan"):
        fill(database, name)
    long_ago, lately = now() - KEPT_DELETED - timedelta(hours=1), now() - KEPT_DELETED + timedelta(hours=1)
    with database.writing() as db:
        people = db.scalars(select(User.id).order_by(User.id)).all()
        db.execute(update(Annotation).where(Annotation.author_id == people[0]).values(deleted_at=long_ago))
        db.execute(update(Annotation).where(Annotation.author_id == people[1]).values(deleted_at=lately))
        db.execute(update(Article).where(Article.owner_id == people[2]).values(deleted_at=long_ago))
        db.execute(update(Article).where(Article.owner_id == people[3]).values(deleted_at=lately))
    answer = postil("doctor", "--purge")
    assert (answer.status, answer.err) == (0, "")
    assert "Gone for good: 1 annotations, 1 articles." in answer.out
    with database.reading() as db:
        assert set(db.scalars(select(Annotation.author_id))) == {people[1], people[3]}
        assert set(db.scalars(select(Article.owner_id))) == {people[0], people[1], people[3]}


# Serving


@pytest.fixture
def serving(environment: dict[str, str]) -> Iterator[Callable[[], tuple[subprocess.Popen[str], str, str]]]:
    """Starts servers on free ports; gives each with its address and its claim address."""
    started: list[subprocess.Popen[str]] = []

    def start() -> tuple[subprocess.Popen[str], str, str]:
        server = subprocess.Popen(
            SERVE,
            cwd=ROOT,
            env=os.environ | environment | {"POSTIL_PORT": "0"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(server)
        assert server.stdout is not None
        address = server.stdout.readline().removeprefix("Postil is at ").strip()
        assert address.startswith("http://127.0.0.1:"), server.communicate()
        claim = server.stdout.readline() and server.stdout.readline().strip()
        return server, address, claim

    yield start
    for server in started:
        server.kill()
        server.communicate()


def test_the_first_start_prints_an_address_and_a_later_one_ends_it(
    serving: Callable[[], tuple[subprocess.Popen[str], str, str]], postil: Command, settings: Settings
) -> None:
    server, address, claim = serving()
    assert claim.startswith(f"{address}/setup/")
    with urllib.request.urlopen(claim) as page:
        assert page.status == 200
        assert page.headers.get("server") is None
    backup = settings.data_dir / "x.postil"
    assert postil("backup", backup).status == 0
    answer = postil("restore", backup)
    assert (answer.status, answer.out) == (2, "")
    assert "Another Postil is at work" in answer.err
    server.send_signal(signal.SIGTERM)
    assert "Traceback" not in server.communicate()[1]
    _again, address, fresh = serving()
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(f"{address}/setup/{claim.rpartition('/')[2]}")
    with urllib.request.urlopen(fresh) as page:
        assert page.status == 200


def test_every_command_is_in_the_handbook(postil: Command) -> None:
    named = re.search(r"\{([\w,-]+)\}|COMMAND", postil("--help").out)
    assert named is not None
    handbook = (ROOT / "docs" / "operations.md").read_text("utf-8")
    for command in re.findall(r"^    ([a-z-]+) ", postil("--help").out, re.MULTILINE):
        assert f"postil {command}" in handbook
