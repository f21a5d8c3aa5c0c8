"""Counting the crowd anew: what is wrong is found, mended and told, also while people write."""

import threading

import pytest
from sqlalchemy import insert, text, update

from app.annotations.crowd.surveying import recount
from app.annotations.models import Density, MarginCard, ParagraphCount, SpanCount, TargetParagraph
from app.commands.doctor import doctor, recount_crowd
from app.database import table_of
from tests.annotations.crowding import Crowding, differing
from tests.annotations.test_counting import crowd_of
from tests.courses.room import open_room
from tests.support.cast import Member, World
from tests.support.crowd import cards_unlike, unlike

pytestmark = pytest.mark.database

WRONGS = {
    "density": "UPDATE density SET people = people + 3",
    "paragraph_count": "DELETE FROM paragraph_count",
    "span_count": 'UPDATE span_count SET "end" = "end" + 1',
    "margin_card": "UPDATE margin_card SET start = start + 1",
    "target_paragraph": "UPDATE target_paragraph SET author_id = NULL",
}


@pytest.fixture
def crowd(world: World) -> World:
    """A class in which two people marked."""
    room = open_room(world)
    chloe, dan = (room.student(world, name) for name in ("Chloe", "Dan"))
    read = room.sets()
    read.mark(chloe, "Waiting can be a policy", "claim", note="so it is")
    read.mark(dan, "Waiting can be a policy", "claim", "hedge")
    return world


@pytest.mark.parametrize(("table", "wrong"), WRONGS.items(), ids=WRONGS)
def test_what_is_wrong_is_told_by_the_doctor_and_mended(
    crowd: World, capsys: pytest.CaptureFixture[str], table: str, wrong: str
) -> None:
    assert doctor(crowd.settings) == 0
    with crowd.database.changing() as writing:
        writing.execute(text(wrong))
    capsys.readouterr()
    assert doctor(crowd.settings) == 1
    assert "! Some counts of marks are wrong: run postil doctor --recount." in capsys.readouterr().out
    recount_crowd(crowd.settings)
    said = capsys.readouterr().out
    assert said.startswith(f"{table}: ") and said.endswith(" differed\nWhat differed was mended.\n")
    assert doctor(crowd.settings) == 0
    assert (differing(crowd.database), unlike(crowd.database), cards_unlike(crowd.database)) == (
        [],
        [],
        set(),
    )
    recount_crowd(crowd.settings)
    assert capsys.readouterr().out.endswith("Every count was right.\n")


def test_rows_where_nothing_stands_are_taken_away(crowd: World, ada: Member) -> None:
    """In somebody's own reading, too, where nothing is counted."""
    ada.mark("Waiting can be a policy", "claim")
    mine = ada.annotations()[0].audience_id
    paragraph = ada.text.paragraphs[1].id
    here = {"audience_id": mine, "paragraph_id": paragraph, "people": 1}
    with crowd.database.changing() as writing:
        writing.execute(insert(table_of(ParagraphCount)), here | {"annotations": 1})
        writing.execute(insert(table_of(Density)), here | {"sentence": 7, "tag_id": 0, "also_id": 0})
        writing.execute(insert(table_of(SpanCount)), here | {"start": 1, "end": 2, "tag_id": 9})
    assert recount(crowd.database) == {"paragraph_count": 1, "density": 1, "span_count": 1}
    assert unlike(crowd.database) == []


def test_a_page_is_drawn_anew_where_counts_were_mended(crowd: World) -> None:
    with crowd.database.changing() as writing:
        writing.execute(update(table_of(MarginCard)).values(start=0))
        writing.execute(update(table_of(TargetParagraph)).values(author_id=None))
        before = writing.execute(text("SELECT sum(version) FROM clock")).scalar_one()
    recount(crowd.database)
    with crowd.database.changing() as writing:
        assert writing.execute(text("SELECT sum(version) FROM clock")).scalar_one() > before


def test_counting_anew_while_people_write_leaves_nothing_wrong(world: World) -> None:
    """Rows are spoilt, then mended while several people go on: neither undoes what the other did."""
    crowding, failed = crowd_of(world, 0), list[BaseException]()
    for _ in range(25):
        crowding.do(crowding.mark)
    with world.database.changing() as writing:
        for wrong in WRONGS.values():
            writing.execute(text(wrong))
    begun = threading.Barrier(4)

    def act(seed: int) -> None:
        tab = Crowding(world.database, [one.id for one in crowding.readings], crowding.people, seed)
        try:
            begun.wait()
            for _ in range(25):
                tab.do(tab.mark)
        except BaseException as error:
            failed.append(error)

    tabs = [threading.Thread(target=act, args=[seed]) for seed in range(3)]
    for tab in tabs:
        tab.start()
    begun.wait()
    recount(world.database)
    for tab in tabs:
        tab.join()
    recount(world.database)
    assert failed == []
    assert (differing(world.database), unlike(world.database), cards_unlike(world.database)) == (
        [],
        [],
        set(),
    )
