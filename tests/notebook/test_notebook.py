"""The notebook: everything one marked, narrowed by tag, article, words and days, and nobody else's."""

import re
from datetime import timedelta

import pytest

from app.database import now
from tests.library.test_library import POEM, save
from tests.support.cast import Member


def found(member: Member, query: str = "") -> list[str]:
    """The quotes that the notebook shows."""
    page = member.get(f"/notebook{query}").text
    return re.findall(r'<blockquote class="annotation__quote" dir="auto">(.*?)</blockquote>', page)


@pytest.fixture
def marked(ada: Member) -> Member:
    """Ada, with three annotations in the starter article."""
    ada.mark("Ali Khamenei", "actor")
    ada.mark("Waiting can be a policy.", "claim", note="A *strong* opening, 100%.")
    ada.mark("seem to be", "hedge")
    return ada


def test_it_gathers_everything_in_text_order(marked: Member) -> None:
    assert found(marked) == ["Waiting can be a policy.", "Ali Khamenei", "seem to be"]
    assert "3 annotations" in marked.get("/notebook").text


def test_it_shows_nobody_elses(marked: Member, ben: Member) -> None:
    assert found(ben) == []
    assert found(ben, "?q=Khamenei") == []


def test_a_stranger_signs_in_first(stranger: Member) -> None:
    assert stranger.get("/notebook").status_code == 303


def test_it_narrows_by_tag(marked: Member) -> None:
    assert found(marked, "?tag=hedge") == ["seem to be"]
    assert found(marked, "?tag=prediction") == []


@pytest.mark.parametrize(
    ("words", "quotes"),
    [
        ("khamenei", ["Ali Khamenei"]),
        ("STRONG opening", ["Waiting can be a policy."]),
        ("100%", ["Waiting can be a policy."]),
        ("%", ["Waiting can be a policy."]),
        ("policy khamenei", []),
        ("_", []),
    ],
)
def test_it_finds_words_in_quotes_and_notes(marked: Member, words: str, quotes: list[str]) -> None:
    assert found(marked, f"?q={words.replace('%', '%25')}") == quotes


def test_it_narrows_by_article(marked: Member) -> None:
    save(marked, POEM)
    page = marked.get("/notebook").text
    articles = dict(re.findall(r'<option value="([0-9a-f-]{36})">([^<]+)</option>', page))

    by_title = {title: uid for uid, title in articles.items()}
    assert len(found(marked, f"?article={by_title['Patience as strategy']}")) == 3
    assert found(marked, f"?article={by_title['On waiting']}") == []


def test_it_narrows_by_days(marked: Member) -> None:
    today, tomorrow = now().date(), (now() + timedelta(days=1)).date()

    assert len(found(marked, f"?since={today}&until={today}")) == 3
    assert found(marked, f"?since={tomorrow}") == []


def test_a_day_that_is_none_is_explained(marked: Member) -> None:
    answer = marked.get("/notebook?since=soon")

    assert answer.status_code == 422 and "2026-11-23" in answer.text


def test_entries_link_back_and_cite(marked: Member) -> None:
    page = marked.get("/notebook?tag=actor").text
    (annotation,) = [one for one in marked.annotations() if one.motivation == "classifying"][:1]

    assert f'href="/annotations/{annotation.uid}"' in page
    assert "“Ali Khamenei” (Patience as strategy, ¶1)" in page
    spot = marked.get(f"/annotations/{annotation.uid}")
    assert spot.headers["location"] == f"{marked.reading}/paragraphs/1?annotation={annotation.uid}#p1"


def test_deleted_annotations_and_articles_are_not_in_it(marked: Member) -> None:
    annotation = marked.annotations()[0]
    marked.post(f"/annotations/{annotation.uid}/delete")

    assert found(marked) == ["Waiting can be a policy.", "seem to be"]
