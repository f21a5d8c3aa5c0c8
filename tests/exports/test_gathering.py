"""What goes into an export: one person's own, undeleted annotations, in text order, in bounded memory."""

import tracemalloc
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any, BinaryIO

import pytest
from sqlalchemy import update

from app.annotations.models import Annotation
from app.annotations.sharing import remove, restore
from app.annotations.spans import TextSpan
from app.exports.catalogue import FORMATS, Format, format_called
from app.exports.gathering import ExportedAnnotation, ExportedSet, own_annotations, own_readings
from app.exports.spooling import spool
from app.library.models import Article
from tests.exports.marking import Shelf, database_of, made_up, marked, shelved, tag_ids
from tests.support.cast import Member

ABOUT = ExportedSet("http://testserver", "/notebook", "Everything I marked")


def exported(member: Member, reading_id: int | None = None) -> list[ExportedAnnotation]:
    assert member.user is not None
    with database_of(member) as db:
        return list(own_annotations(db, member.user.id, reading_id))


@pytest.fixture
def shelf(ada: Member) -> Shelf:
    return shelved(ada, "Zebra", ["one two three", "four five"])


def test_readings_come_by_title_and_marks_in_text_order(ada: Member, shelf: Shelf) -> None:
    other = shelved(ada, "aardvark", ["first second"])
    claim = tag_ids(ada)["claim"]
    for start, end in ((20, 24), (6, 13), (0, 5), (6, 9)):
        marked(ada, shelf, TextSpan(start, end), [claim])
    marked(ada, other, TextSpan(9, 14), [claim])

    found = [(item.title, item.exact, item.paragraph) for item in exported(ada)]
    assert found == [
        ("aardvark", "first", 1),
        ("Zebra", "Zebra", 0),
        ("Zebra", "one", 1),
        ("Zebra", "one two", 1),
        ("Zebra", "four", 2),
    ]


def test_one_reading_leaves_the_others_out(ada: Member, shelf: Shelf) -> None:
    other = shelved(ada, "Other", ["first second"])
    mine = marked(ada, shelf, TextSpan(6, 9), note="here")
    marked(ada, other, TextSpan(6, 11), note="there")

    assert [item.uid for item in exported(ada, shelf.hand.reading_id)] == [mine]


def test_tags_come_in_the_order_in_which_they_were_put_on(ada: Member, shelf: Shelf) -> None:
    ids = tag_ids(ada)
    marked(ada, shelf, TextSpan(6, 9), [ids["prediction"]])
    marked(ada, shelf, TextSpan(6, 9), [ids["actor"]])

    (item,) = exported(ada)
    assert [key for key, _name in item.tags] == ["prediction", "actor"]


def test_nobody_elses(ada: Member, ben: Member, shelf: Shelf) -> None:
    marked(ada, shelf, TextSpan(6, 9), note="private")

    assert exported(ben) == []
    assert exported(ben, shelf.hand.reading_id) == []


def test_what_another_person_wrote_in_the_same_reading_stays_out(
    ada: Member, ben: Member, shelf: Shelf
) -> None:
    """No route allows it today; courses will."""
    marked(ada, shelf, TextSpan(6, 9), note="Ada's")
    assert ben.user is not None
    with ada.world.database.writing() as writing:
        writing.execute(update(Annotation).values(author_id=ben.user.id))

    assert exported(ada) == []


def test_deleted_annotations_stay_out_until_they_are_restored(ada: Member, shelf: Shelf) -> None:
    marked(ada, shelf, TextSpan(6, 9), note="gone")
    (row,) = ada.annotations()
    with database_of(ada) as db:
        remove(db, shelf.hand, row.id)
    assert exported(ada) == []

    with database_of(ada) as db:
        restore(db, shelf.hand, row.id)
    assert [item.note for item in exported(ada)] == ["gone"]


def test_deleted_articles_stay_out(ada: Member, shelf: Shelf) -> None:
    marked(ada, shelf, TextSpan(6, 9), note="gone")
    with ada.world.database.writing() as writing:
        writing.execute(update(Article).values(deleted_at=datetime.now(UTC)))

    assert exported(ada) == []


@pytest.mark.parametrize("microsecond", [0, 7, 123456])
def test_times_are_instants_in_utc(ada: Member, shelf: Shelf, microsecond: int) -> None:
    marked(ada, shelf, TextSpan(6, 9), note="when?")
    moment = datetime(2026, 3, 29, 1, 59, 59, microsecond, tzinfo=UTC)
    with ada.world.database.writing() as writing:
        writing.execute(update(Annotation).values(created=moment))

    (item,) = exported(ada)
    assert item.created == f"2026-03-29T01:59:59.{microsecond:06}Z"


def test_the_page_counts_what_the_files_hold(ada: Member, shelf: Shelf) -> None:
    marked(ada, shelf, TextSpan(6, 9), note="kept")
    marked(ada, shelf, TextSpan(0, 5), note="gone")
    assert ada.user is not None
    with database_of(ada) as db:
        remove(db, shelf.hand, ada.annotations()[-1].id)
        counts = {reading.title: reading.annotations for reading in own_readings(db, ada.user.id)}

    assert counts["Zebra"] == len(exported(ada)) == 1
    assert set(counts.values()) == {0, 1}


def written_by(form: Format, number: int) -> Callable[[BinaryIO], int]:
    def many() -> Iterator[ExportedAnnotation]:
        for n in range(number):
            yield made_up(note=f"note {n}" * 20)

    return lambda out: form.write(many(), ABOUT, out)


@pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.key)
def test_memory_stays_flat(form: Format) -> None:
    """The file goes to the disk, and neither writer keeps what it has written."""
    peaks = []
    for number in (4_000, 12_000):
        tracemalloc.start()
        spool(written_by(form, number)).close()
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.2 * peaks[0]


@pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.key)
def test_a_writer_says_how_many_it_wrote(form: Format) -> None:
    counts: list[Any] = []
    for number in (0, 1, 3):
        spool(lambda out, number=number: counts.append(written_by(form, number)(out))).close()  # type: ignore[misc]
    assert counts == [0, 1, 3]


def test_keys_name_formats() -> None:
    assert [format_called(form.key) for form in FORMATS] == list(FORMATS)


@pytest.mark.parametrize("at_once", [1, 2, 5])
def test_many_annotations_read_in_parts_come_in_the_same_order(
    ada: Member, shelf: Shelf, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    """Among them one that crosses paragraphs and so stands in two parts, and one in the title."""
    claim = tag_ids(ada)["claim"]
    for start, end in ((20, 24), (14, 29), (6, 13), (0, 5), (6, 9), (10, 24)):
        marked(ada, shelf, TextSpan(start, end), [claim])
    whole = exported(ada)
    monkeypatch.setattr("app.exports.gathering._SORTED_AT_ONCE", at_once)

    assert exported(ada) == whole
    assert len(whole) == 6
