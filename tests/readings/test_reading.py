"""Reading: the page, a paragraph at its own address, windows of a book, the place kept, and caching."""

import re

from app.library.importing import Block, ImportedArticle
from app.library.models import Shelved
from app.readings.models import ReadingMember
from app.readings.welcome import shelve
from tests.support.cast import HTMX, Member


def book(member: Member, paragraphs: int, title: str = "A long book") -> str:
    """A long text in somebody's library; returns its address."""
    blocks = [Block("title", title)] + [
        Block("paragraph", f"This is paragraph {n} of {title}.") for n in range(paragraphs)
    ]
    shelved = Shelved(ImportedArticle(title, "en", "ltr", tuple(blocks)))
    assert member.user is not None
    with member.world.database.writing() as writing:
        return f"/readings/{shelve(writing, member.user.id, shelved).uid}"


def numbers(page: str) -> list[int]:
    return [int(n) for n in re.findall(r'<section class="block[^"]*" id="p(\d+)"', page)]


def test_an_article_comes_whole_with_nothing_but_its_text(ada: Member) -> None:
    page = ada.get(ada.reading).text
    text = ada.text

    assert numbers(page) == [paragraph.ordinal for paragraph in text.paragraphs]
    for paragraph in text.paragraphs:
        found = re.search(rf'id="t{paragraph.ordinal}">(.*?)</(?:p|h\d|pre)>', page, re.DOTALL)
        assert found
        assert found[1].replace("&#39;", "'") == text.text[paragraph.start : paragraph.end]


def test_a_stranger_and_another_reader_do_not_get_it(ada: Member, ben: Member, stranger: Member) -> None:
    assert ben.get(ada.reading).status_code == 404
    assert stranger.get(ada.reading).status_code == 303
    assert stranger.fragment(f"{ada.reading}/paragraphs/1").status_code == 401


def test_texts_of_the_same_shape_are_not_taken_for_each_other(ada: Member) -> None:
    one, other = book(ada, 3, "The harbour"), book(ada, 3, "The strait")
    for path in ("", "/paragraphs/2"):
        first, second = ada.get(one + path), ada.get(other + path)
        assert "2 of The harbour" in first.text and "2 of The strait" in second.text
        assert first.headers["etag"] != second.headers["etag"]
    fragments = [ada.fragment(f"{reading}/paragraphs/2").text for reading in (one, other)]
    assert "of The harbour" in fragments[0] and "of The strait" in fragments[1]


def test_a_paragraph_has_its_own_address_whole_or_as_a_fragment(ada: Member) -> None:
    fragment = ada.fragment(f"{ada.reading}/paragraphs/3").text
    page = ada.get(f"{ada.reading}/paragraphs/3").text

    assert numbers(fragment) == [3] and "<html" not in fragment
    assert numbers(page) == numbers(ada.get(ada.reading).text)
    assert 'data-place="3"' in page


def test_a_paragraph_that_is_not_there(ada: Member) -> None:
    assert ada.get(f"{ada.reading}/paragraphs/999").status_code == 404
    assert ada.get(f"{ada.reading}/paragraphs/-1").status_code == 404


def test_a_book_comes_in_windows_with_plain_links(ada: Member) -> None:
    address = book(ada, 2_000)
    page = ada.get(address).text

    assert numbers(page) == list(range(120))
    assert f'href="{address}?from=120"' in page
    following = ada.get(f"{address}?from=120").text
    assert numbers(following) == list(range(120, 240))
    assert f'href="{address}?from=0"' in following


def test_a_scrolled_to_window_is_a_fragment(ada: Member) -> None:
    answer = ada.fragment(f"{book(ada, 2_000)}?from=120")

    assert numbers(answer.text) == list(range(120, 240))
    assert "<html" not in answer.text


def test_a_paragraph_far_into_a_book_opens_its_window(ada: Member) -> None:
    page = ada.get(f"{book(ada, 2_000)}/paragraphs/1500").text

    assert 1500 in numbers(page) and len(numbers(page)) == 120


def test_an_odd_window_is_brought_into_bounds(ada: Member) -> None:
    address = book(ada, 400)

    assert numbers(ada.get(f"{address}?from=-5").text)[0] == 0
    assert numbers(ada.get(f"{address}?from=99999").text) == [400]


def test_the_place_is_kept_between_visits(ada: Member) -> None:
    assert ada.post(f"{ada.reading}/place", {"place": 12}).status_code == 204
    assert 'data-place="12"' in ada.get(ada.reading).text

    ada.world.app.state.places.flush()
    with ada.world.database.reading() as db:
        member = db.query(ReadingMember).one()
    assert (member.place, member.finished_at) == (12, None) and member.opened_at


def test_reaching_the_end_is_noted_once(ada: Member) -> None:
    ada.post(f"{ada.reading}/place", {"place": 10_000})
    ada.world.app.state.places.flush()

    with ada.world.database.reading() as db:
        assert db.query(ReadingMember).one().finished_at


def test_nobody_moves_somebody_elses_place(ada: Member, ben: Member) -> None:
    assert ben.post(f"{ada.reading}/place", {"place": 5}).status_code == 404
    assert 'data-place="0"' in ada.get(ada.reading).text


def test_an_unchanged_page_is_not_sent_again_and_a_mark_changes_it(ada: Member) -> None:
    first = ada.get(ada.reading)
    assert first.headers["cache-control"] == "private, no-cache"
    assert first.headers["vary"].startswith("Cookie, HX-Request")
    again = ada.get(ada.reading, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")

    ada.mark("Ali Khamenei", "actor")
    changed = ada.get(ada.reading, headers={"If-None-Match": first.headers["etag"]})
    assert changed.status_code == 200 and "<mark" in changed.text


def test_a_validator_is_good_for_its_viewer_alone(ada: Member, ben: Member) -> None:
    assert ada.get(ada.reading).headers["etag"] != ben.get(ben.reading).headers["etag"]


def test_a_paragraphs_own_validator_does_not_change_with_another_paragraph(ada: Member) -> None:
    address = f"{ada.reading}/paragraphs/9"
    before = ada.fragment(address).headers["etag"]
    ada.mark("Ali Khamenei", "actor")

    assert ada.fragment(address, headers=HTMX).headers["etag"] == before


def test_the_margin_has_a_group_for_every_paragraph(ada: Member) -> None:
    ada.mark("Ali Khamenei", "actor", note="Who?")
    margin = ada.fragment(f"{ada.reading}/margin?first=0&last=5").text

    assert re.findall(r'id="margin-(\d+)"', margin) == ["0", "1", "2", "3", "4", "5"]
    assert margin.count('<article class="annotation"') == 1 and "Who?" in margin


def test_the_margin_is_bounded_and_says_how_many_more(ada: Member) -> None:
    for n in range(15):
        ada.mark("Ali Khamenei", note=f"Note {n}.")
    margin = ada.fragment(f"{ada.reading}/margin?first=0&last=3").text

    assert margin.count('<article class="annotation"') == 12
    assert "3 more" in margin


def test_a_pile_lists_everything_there_narrowest_first(ada: Member, ben: Member) -> None:
    ada.mark("Ali Khamenei, Iran’s Supreme Leader", "claim")
    ada.mark("Ali Khamenei", "actor")
    start = ada.text.text.index("Ali Khamenei")
    pile = ada.fragment(f"{ada.reading}/pile?start={start}&end={start + 1}").text

    assert pile.index(">actor<") < pile.index(">claim<")
    assert ben.fragment(f"{ada.reading}/pile?start={start}&end={start + 1}").status_code == 404


def test_the_codebook_is_at_hand(ada: Member) -> None:
    answer = ada.fragment(f"{ada.reading}/codebook")

    for name in ("actor", "claim", "hedge", "prediction"):
        assert f">{name}<" in answer.text
    assert "<mark" in answer.text and "**" not in answer.text
