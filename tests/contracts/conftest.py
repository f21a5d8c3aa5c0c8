"""A world for a whole module: what is refused changes nothing, so many refusals share one."""

import shutil
from collections.abc import Iterator

import pytest

from app.database import Database
from app.main import create_app
from app.settings import Settings
from tests.contracts.tables import clear
from tests.support.cast import World


@pytest.fixture(scope="module")
def lasting_world(_template: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The application over a database that lasts as long as the module's tests."""
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
