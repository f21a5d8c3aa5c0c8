"""One's own account: the name, the list of devices, how pages look; and the list of people."""

import struct
from pathlib import Path

import pytest
from sqlalchemy import select

from app.accounts.models import User
from tests.support.cast import Member, World

pytestmark = pytest.mark.database


def row(world: World, member: Member) -> User:
    assert member.user is not None
    with world.database.reading() as db:
        return db.scalars(select(User).where(User.id == member.user.id)).one()


def test_the_account_page_shows_who_one_is(ada: Member, stranger: Member) -> None:
    page = ada.get("/account").text
    assert 'value="Ada"' in page
    assert "a test&#39;s browser" in page
    assert "token" not in page
    assert stranger.get("/account").status_code == 303


@pytest.mark.parametrize(
    ("name", "kept", "key"),
    [
        ("Ada Lovelace", "Ada Lovelace", "ada lovelace"),
        ("  Ada   King ", "Ada King", "ada king"),
        ("ادا", "ادا", "ادا"),
        ("ada", "ada", "ada"),
    ],
)
def test_a_new_name(world: World, ada: Member, name: str, kept: str, key: str) -> None:
    assert ada.post("/account", {"name": name}).status_code == 303
    assert (row(world, ada).name, row(world, ada).name_key) == (kept, key)


@pytest.mark.parametrize("name", ["", " ", "\u200b", "\u2066Ada", "Ben", "BEN ", "x" * 101])
def test_a_name_that_cannot_be(world: World, ada: Member, ben: Member, name: str) -> None:
    answer = ada.post("/account", {"name": name})
    assert answer.status_code == 422
    assert 'id="name-error"' in answer.text
    assert row(world, ada).name == "Ada"


def test_somebody_elses_account_has_no_address(ada: Member, ben: Member, world: World) -> None:
    assert ada.user is not None
    ben.post("/account", {"name": "Benjamin", "uid": ada.user.uid, "id": str(ada.user.id), "is_admin": "1"})
    assert (row(world, ada).name, row(world, ben).name, row(world, ben).is_admin) == (
        "Ada",
        "Benjamin",
        False,
    )


def test_appearance_is_kept_field_by_field(world: World, ada: Member) -> None:
    answer = ada.post("/account/appearance", {"theme": "sepia", "size": "7", "next": "/notebook"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/notebook")
    assert ada.fragment("/account/appearance", {"leading": "4"}).status_code == 204
    changed = row(world, ada)
    assert (changed.theme, changed.size, changed.leading, changed.measure) == ("sepia", 7, 4, 2)
    assert 'data-theme="sepia"' in ada.get("/").text


@pytest.mark.parametrize(
    "wrong",
    [{"theme": "neon"}, {"size": "0"}, {"size": "8"}, {"leading": "9"}, {"measure": "-1"}, {"size": "big"}],
)
def test_an_appearance_that_there_is_not(world: World, ada: Member, wrong: dict[str, str]) -> None:
    assert ada.post("/account/appearance", wrong).status_code == 422
    assert (row(world, ada).theme, row(world, ada).size, row(world, ada).leading) == ("auto", 3, 2)


def test_nothing_to_change_is_no_error(ada: Member, stranger: Member) -> None:
    assert ada.fragment("/account/appearance", {"next": "/"}).status_code == 204
    assert stranger.fragment("/account/appearance", {"theme": "dark"}).status_code == 401


def test_the_list_of_people_is_for_administrators(grace: Member, ada: Member, stranger: Member) -> None:
    assert "<bdi>Ada</bdi>" in grace.get("/people").text
    assert ada.get("/people").status_code == 403
    assert stranger.get("/people").status_code == 303


def test_the_interface_speaks_the_language_that_is_chosen(
    ada: Member, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "qaa" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "postil.mo").write_bytes(
        catalogue({"": "Content-Type: text/plain; charset=UTF-8\n", "Account": "Konto"})
    )
    monkeypatch.setattr("app.language.LOCALES", tmp_path)
    assert '<option value="qaa"' in ada.get("/account").text
    assert ada.post("/account", {"name": "Ada", "language": "qaa"}).status_code == 303
    page = ada.get("/account").text
    assert "<h1>Konto</h1>" in page and '<html lang="qaa"' in page
    refused = ada.post("/account", {"name": "Ada", "language": "tlh"})
    assert refused.status_code == 422 and '<html lang="qaa"' in ada.get("/account").text
    assert ada.post("/account", {"name": "Ada", "language": "en"}).status_code == 303
    assert "<h1>Account</h1>" in ada.get("/account").text


def catalogue(messages: dict[str, str]) -> bytes:
    """A GNU message catalogue, as gettext reads it: two tables of lengths and places, then the strings."""
    keys = sorted(messages)
    texts = [key.encode() for key in keys] + [messages[key].encode() for key in keys]
    place, table = 28 + 16 * len(keys), b""
    for text in texts:
        table += struct.pack("<II", len(text), place)
        place += len(text) + 1
    head = struct.pack("<IIIIIII", 0x950412DE, 0, len(keys), 28, 28 + 8 * len(keys), 0, 0)
    return head + table + b"\0".join(texts) + b"\0"
