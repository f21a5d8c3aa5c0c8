"""What the whole suite stands on: a database of either kind, the application over it, and a cast of people."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from zlib import crc32

import pytest
from hypothesis import settings as hypothesis_settings
from playwright.sync_api import Browser, sync_playwright

from app.database import Database
from app.main import create_app
from app.settings import Settings
from app.storage.migrating import migrate
from tests.support import made_once, postgres, proof
from tests.support.cast import Member, World
from tests.support.chromium import LAUNCH_ARGS, ChromiumMissing, find_chromium
from tests.support.contents import clear
from tests.support.emptiness import CHEAP
from tests.support.scratch import scratch

ONE_IN = 24
"""Of the cases of a grid and of journeys one in so many is tried on PostgreSQL: SQLite tries all, and --prove too."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--database", choices=("sqlite", "postgres"), default="sqlite", help="which database to test"
    )
    parser.addoption("--prove", action="store_true", help="run the long campaigns in full")


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    if not config.option.basetemp and not hasattr(config, "workerinput"):
        folder = tempfile.mkdtemp(prefix="postil-tests-", dir=scratch())
        config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))
        config.option.basetemp = f"{folder}/run"
    hypothesis_settings.register_profile("unhurried", deadline=None)
    hypothesis_settings.load_profile("unhurried")
    if config.getoption("--database") == "postgres" and not hasattr(config, "workerinput"):
        postgres.server_url()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        if "_template" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.database)
    if config.getoption("--database") == "postgres" and not config.getoption("--prove"):
        left_out = [item for item in items if _is_left_out(item)]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if not _is_left_out(item)]


def _is_left_out(item: pytest.Item) -> bool:
    """Whether a sample does not hold it: of the cases of a grid, and of what is seen in a browser, it holds a part."""
    of_many = item.get_closest_marker("grid") or item.get_closest_marker("browser")
    return bool(of_many) and crc32(item.nodeid.encode()) % ONE_IN != 0


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """After the long campaigns, writes what ran and how it went to docs/proof/."""
    if config.getoption("--prove"):
        proof.write(terminalreporter.stats, str(config.getoption("--database")))


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("POSTIL_")]:
        monkeypatch.delenv(name)


@pytest.fixture(scope="session", autouse=True)
def _made_once() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        made_once.share(patch)
        yield


@pytest.fixture(scope="session")
def prove(pytestconfig: pytest.Config) -> bool:
    """Whether the long campaigns run in full."""
    return bool(pytestconfig.getoption("--prove"))


@pytest.fixture(scope="session")
def _template(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """A migrated, empty database: on SQLite to be copied, on PostgreSQL to be emptied after each test."""
    folder = tmp_path_factory.mktemp("template")
    if pytestconfig.getoption("--database") == "sqlite":
        settings = Settings(data_dir=folder, **CHEAP)
        migrate(settings)
        yield settings
    else:
        with postgres.new_database() as url:
            settings = Settings(data_dir=folder, database_url=url, **CHEAP)
            migrate(settings)
            yield settings


@pytest.fixture
def settings(_template: Settings, tmp_path: Path) -> Iterator[Settings]:
    """Settings over a clean, migrated database."""
    if _template.database_url is None:
        shutil.copytree(_template.data_dir, tmp_path / "data")
        yield _template.model_copy(update={"data_dir": tmp_path / "data"})
        return
    yield _template.model_copy(update={"data_dir": tmp_path})
    with closing(Database(_template)) as database:
        clear(database)


@pytest.fixture
def database(settings: Settings) -> Iterator[Database]:
    """The clean database, opened."""
    database = Database(settings)
    yield database
    database.close()


@pytest.fixture
def world(settings: Settings, database: Database) -> Iterator[World]:
    """The application in process, and the cast."""
    with World(create_app(settings, database), settings, database) as world:
        yield world


@pytest.fixture
def ada(world: World) -> Member:
    """A student with the starter article in her library."""
    return world.member("Ada")


@pytest.fixture
def ben(world: World) -> Member:
    """Another student, who must not see what is Ada's."""
    return world.member("Ben")


@pytest.fixture
def grace(world: World) -> Member:
    """The administrator."""
    return world.member("Grace", is_admin=True)


@pytest.fixture
def stranger(world: World) -> Member:
    """Somebody who is not signed in."""
    return world.stranger()


@pytest.fixture(scope="module")
def lasting_world(_template: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A world for a whole module: what is refused changes nothing, so many refusals share one."""
    settings = _template
    if settings.database_url is None:
        folder = tmp_path_factory.mktemp("lasting") / "data"
        shutil.copytree(settings.data_dir, folder)
        settings = settings.model_copy(update={"data_dir": folder})
    database = Database(settings)
    with World(create_app(settings, database), settings, database) as world:
        yield world
    if settings.database_url is not None:
        clear(database)
    database.close()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A real browser. Closed after each module: two of Playwright's loops cannot run in one thread."""
    try:
        path = find_chromium()
    except ChromiumMissing as missing:
        pytest.skip(str(missing))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(LAUNCH_ARGS))
        yield browser
        browser.close()
