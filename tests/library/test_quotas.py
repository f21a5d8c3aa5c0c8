"""Most articles and most text that one person keeps: refused in words, with everything that was typed still there."""

import sqlite3
from datetime import timedelta
from html import unescape
from pathlib import Path

import httpx2
import pytest
from sqlalchemy import select, update

from app import engines
from app.commands.doctor import doctor
from app.database import KEPT_DELETED, now
from app.library.models import Article, Revision
from app.library.quotas import in_words, usage_by_person
from tests.support.cast import Member, World

pytestmark = pytest.mark.database
KIB = 1024


def allow(world: World, **limits: int) -> None:
    """Lower a limit while the application runs."""
    world.app.state.settings = world.settings.model_copy(update=limits)


def bring(member: Member, text: str = "A paragraph.", title: str = "A title") -> httpx2.Response:
    data = {"source": f"{title}\n\n{text}", "title": title, "language": "en", "direction": "ltr"}
    return member.post("/articles", data | {"kind": ["title", "quotation"]})


def articles(member: Member) -> list[Article]:
    assert member.user is not None
    with member.world.database.reading() as db:
        query = select(Article).where(Article.owner_id == member.user.id, Article.deleted_at.is_(None))
        return list(db.scalars(query.order_by(Article.id)))


def test_one_article_too_many_is_refused_and_kept_on_the_page(world: World, ada: Member) -> None:
    allow(world, max_articles=2)
    assert bring(ada).status_code == 303
    answer = bring(ada, "Words that took an hour.", "My last one")
    assert answer.status_code == 409
    assert "Your library is full: 2 is the most" in answer.text and "no longer need" in answer.text
    assert "Words that took an hour." in answer.text.split('name="source"')[1].split("</textarea>")[0]
    assert 'value="My last one"' in answer.text and '<option value="quotation" selected>' in answer.text
    assert len(articles(ada)) == 2


def test_deleting_one_makes_room_and_bringing_it_back_needs_room(world: World, ada: Member) -> None:
    allow(world, max_articles=1)
    (starter,) = articles(ada)
    assert bring(ada).status_code == 409
    ada.post(f"/articles/{starter.uid}/delete")
    assert bring(ada).status_code == 303
    assert ada.post(f"/articles/{starter.uid}/restore").status_code == 409
    assert starter.uid not in {article.uid for article in articles(ada)}
    allow(world, max_articles=2)
    assert ada.post(f"/articles/{starter.uid}/restore").status_code == 303


def test_the_limit_is_each_persons_own(world: World, ada: Member, ben: Member) -> None:
    allow(world, max_articles=2)
    assert [bring(ada).status_code, bring(ada).status_code, bring(ben).status_code] == [303, 409, 303]


def test_too_much_text_is_refused_and_kept_on_the_page(world: World, ada: Member) -> None:
    allow(world, max_text_mib=1)
    assert bring(ada, "x" * 900 * KIB).status_code == 303
    words = "ش" * 100 * KIB  # two bytes each
    answer = bring(ada, words)
    assert answer.status_code == 413
    assert "This text has 201 KiB" in answer.text and "of the 1.0 MiB" in answer.text
    assert words in answer.text.split('name="source"')[1].split("</textarea>")[0]
    assert bring(ada, "x" * 90 * KIB).status_code == 303


def test_text_counts_until_it_can_no_longer_be_brought_back(world: World, ada: Member) -> None:
    allow(world, max_text_mib=1)
    assert bring(ada, "x" * 900 * KIB).status_code == 303
    large = articles(ada)[-1]
    ada.post(f"/articles/{large.uid}/delete")
    assert bring(ada, "x" * 200 * KIB).status_code == 413
    with world.database.writing() as writing:
        long_ago = now() - KEPT_DELETED - timedelta(hours=1)
        writing.execute(update(Article).where(Article.id == large.id).values(deleted_at=long_ago))
    assert bring(ada, "x" * 900 * KIB).status_code == 303


@pytest.mark.parametrize(
    ("limits", "status", "said"),
    [
        ({"max_articles": 1}, 409, "Your library is full"),
        ({"max_text_mib": 1}, 413, "This text has 2.0 MiB"),
        ({}, 200, ""),
    ],
)
def test_the_preview_says_so_before_anything_is_corrected(
    world: World, ada: Member, limits: dict[str, int], status: int, said: str
) -> None:
    allow(world, **limits)
    file = ("a.txt", b"A title\n\n" + b"x" * (2 << 20))
    answer = ada.http.post("/articles/preview", files={"file": file})
    assert answer.status_code == status and said in answer.text
    assert file[1].decode() in answer.text


def test_generous_limits_refuse_nothing(world: World, ada: Member) -> None:
    assert (world.settings.max_articles, world.settings.max_text_mib) == (500, 200)
    assert bring(ada).status_code == 303


# What is shown


def test_usage_is_what_is_stored(world: World, ada: Member, ben: Member) -> None:
    bring(ada, "صبر 😀")
    with world.database.reading() as db:
        texts = db.execute(select(Article.owner_id, Revision.text).join(Revision)).all()
        usage = usage_by_person(db)
    for member, count in ((ada, 2), (ben, 1)):
        assert member.user is not None
        size = sum(len(text.encode()) for owner, text in texts if owner == member.user.id)
        assert (usage[member.user.id].articles, usage[member.user.id].size) == (count, size)


def test_the_list_of_people_shows_what_each_keeps(grace: Member, ada: Member) -> None:
    bring(ada, "x" * 100 * KIB)
    one, two = kept(grace), kept(ada)
    assert one.startswith("1 article, ") and two.startswith("2 articles, 1")
    page = unescape(grace.get("/people").text)
    assert page.count(f"<small>{one}</small>") == page.count(f"<small>{two}</small>") == 1


def test_the_doctor_shows_who_keeps_most(
    world: World,
    ada: Member,
    ben: Member,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bring(ben, "x" * 100 * KIB)
    doctor(world.settings)
    said = capsys.readouterr().out
    assert 0 < said.index(f"  Ben: {kept(ben)}\n") < said.index(f"  Ada: {kept(ada)}\n")
    monkeypatch.setattr("app.commands.doctor._PEOPLE_SHOWN", 1)
    doctor(world.settings)
    assert "  and 1 more person\n" in capsys.readouterr().out


def kept(member: Member) -> str:
    assert member.user is not None
    with member.world.database.reading() as db:
        return str(usage_by_person(db)[member.user.id])


@pytest.mark.parametrize(
    ("size", "words"),
    [(0, "0 KiB"), (1, "1 KiB"), (1025, "2 KiB"), (1 << 20, "1.0 MiB"), (7 << 19, "3.5 MiB")],
)
def test_sizes_in_words(size: int, words: str) -> None:
    assert in_words(size) == words


def test_an_older_sqlite_counts_bytes_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The function is ours where SQLite has none of its own."""
    monkeypatch.setattr(engines, "_OCTETS_SINCE", (99, 0, 0))
    engine = engines.sqlite_engine(tmp_path / "old.sqlite3", create=True)
    with engine.connect() as connection:
        counted = connection.exec_driver_sql("SELECT octet_length('صبر'), octet_length(NULL)").one()
    engine.dispose()
    assert tuple(counted) == (6, None)
    if sqlite3.sqlite_version_info < (3, 43):
        with pytest.raises(sqlite3.OperationalError):
            sqlite3.connect(":memory:").execute("SELECT octet_length('x')")
