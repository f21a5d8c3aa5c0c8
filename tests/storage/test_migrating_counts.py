"""The migration that brings the crowd's counts fills them as the program would have kept them."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from app.annotations.models import Density, MarginCard, ParagraphCount, SpanCount, TargetParagraph
from app.database import Base, Database
from app.main import create_app
from app.settings import Settings
from app.storage.migrating import migrate
from app.storage.schema import changing, downgrade, head, schema_engine, upgrade
from tests.annotations.crowding import Crowding, differing
from tests.annotations.test_counting import crowd_of
from tests.support.cast import World
from tests.support.contents import dump
from tests.support.crowd import cards_unlike, unlike
from tests.support.emptiness import nothing_yet

pytestmark = pytest.mark.database

BEFORE = "2026_11_25_sent_mail"
FILLED: tuple[type[Base], ...] = (Density, MarginCard, ParagraphCount, SpanCount, TargetParagraph)
NEEDLESS = """
    DELETE FROM audience WHERE kind = 'staff' AND id NOT IN (SELECT audience_id FROM annotation)
    AND id NOT IN (SELECT audience_id FROM annotation_version)
"""


@pytest.fixture
def own(pytestconfig: pytest.Config, tmp_path: Path) -> Iterator[Settings]:
    """A database of its own, which can be taken back to an earlier revision."""
    with nothing_yet(str(pytestconfig.getoption("--database")), tmp_path / "own") as settings:
        migrate(settings)
        yield settings


def crowded(settings: Settings, seed: int) -> None:
    """Writes at random in two classes."""
    with (
        closing(Database(settings)) as database,
        World(create_app(settings, database), settings, database) as world,
    ):
        crowding: Crowding = crowd_of(world, seed)
        for _ in range(40):
            crowding.do(crowding.mark)
        crowding.go_on(60)
        crowding.leave(crowding.people[1])
        assert min(database_rows(database).values()) > 0


def database_rows(database: Database) -> dict[str, int]:
    with database.reading() as db:
        return {
            model.__tablename__: db.scalar(select(func.count()).select_from(model)) or 0 for model in FILLED
        }


@pytest.mark.parametrize("seed", range(3))
def test_counts_are_filled_as_they_would_have_been_kept(own: Settings, seed: int) -> None:
    crowded(own, seed)
    with closing(Database(own)) as database:
        kept = {name: rows for name, rows in dump(database).items() if name not in ("clock", "audience")}
    with changing(schema_engine(own)) as connection:
        downgrade(connection, BEFORE)
        connection.execute(text(NEEDLESS))
        upgrade(connection, head())
    with closing(Database(own)) as database:
        assert differing(database) == []
        assert unlike(database) == []
        assert cards_unlike(database) == set()
        assert database_rows(database) == {name: len(kept[name]) for name in database_rows(database)}
