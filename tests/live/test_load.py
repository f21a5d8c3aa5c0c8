"""The load generator, small: ten people for a few seconds find nothing wrong; and it sees what is wrong."""

from dataclasses import replace
from typing import Literal

import pytest

from app.settings import Settings
from benchmarks.load import answers
from benchmarks.load.measures import Measures, Section, Wrong
from benchmarks.load.running import Plan, is_too_much, lost, run
from benchmarks.load.seminar import Stretch
from benchmarks.wire import Answer
from tests.support.cast import Member

pytestmark = pytest.mark.database
TINY = Plan(people=10, seconds=5.0, pace=10.0, step=0)


@pytest.fixture(scope="module")
def which(pytestconfig: pytest.Config) -> Literal["sqlite", "postgres"]:
    return "postgres" if pytestconfig.getoption("--database") == "postgres" else "sqlite"


def test_a_small_class_works_without_an_error(which: Literal["sqlite", "postgres"]) -> None:
    report = run(replace(TINY, database=which))
    assert report.errors == []
    done = report.work.section
    assert all(done.number(name) for name in ("create", "place", "shown", "drawn"))
    assert report.after > 0 and report.work.server > 0


def test_what_was_acknowledged_and_is_gone_is_an_error(settings: Settings, ada: Member) -> None:
    ada.mark("Ali Khamenei", "actor")
    measures = Measures()
    measures.marks.add(ada.annotations()[0].uid)
    assert lost(settings, measures) == []
    measures.replies.add("01890000-0000-7000-8000-000000000000")
    measures.reactions = 1
    assert len(lost(settings, measures)) == 2


def test_another_answer_than_the_page_is_an_error(ada: Member) -> None:
    text = ada.get(ada.reading).text
    with pytest.raises(Wrong, match="page"):
        answers.page(text, "another")
    with pytest.raises(Wrong, match="shown"):
        answers.shown(text)
    with pytest.raises(Wrong, match="503"):
        answers.good(Answer(503, b"HTTP/1.1 503", b"no", 0.0), "create", 201)
    assert not answers.holds(text, "01890000-0000-7000-8000-000000000000")


@pytest.mark.parametrize(
    ("took", "errors", "too_much"), [(0.1, [], False), (0.6, [], True), (0.1, ["x"], True)]
)
def test_the_knee_is_where_people_wait_or_something_fails(
    took: float, errors: list[str], too_much: bool
) -> None:
    section = Section(errors=errors)
    section.times["create"] += [took] * 20
    assert is_too_much(Stretch(section, 1.0, 20.0, 0.5, 0.1)) is too_much
