"""The load generator, small: ten people for a few seconds find nothing wrong, and it sees what is wrong."""

from dataclasses import replace
from typing import Literal

import pytest

from benchmarks.load.running import Plan, run

pytestmark = pytest.mark.database
TINY = Plan(people=10, seconds=5.0, pace=10.0, step=0)


@pytest.fixture(scope="module")
def database(pytestconfig: pytest.Config) -> Literal["sqlite", "postgres"]:
    return "postgres" if pytestconfig.getoption("--database") == "postgres" else "sqlite"


def test_a_small_class_works_without_an_error(database: Literal["sqlite", "postgres"]) -> None:
    report = run(replace(TINY, database=database))
    assert report.errors == []
    done = report.work.section
    assert all(done.number(name) for name in ("create", "place", "shown", "drawn"))
    assert report.after > 0 and report.work.server > 0
