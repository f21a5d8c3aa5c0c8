"""Exports over HTTP: the page, the files with their headers, and what a stranger gets."""

import csv
import io
import json
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from app.exports.catalogue import FORMATS
from app.main import create_app
from tests.exports.marking import shelved
from tests.support.cast import Member

DOCUMENTED = Path(__file__).parents[2] / "docs/exports.md"
FILES = [form.key for form in FORMATS]


@pytest.mark.parametrize("key", FILES)
def test_a_reading_comes_as_an_attachment(ada: Member, key: str) -> None:
    ada.mark("Ali Khamenei", "actor")
    answer = ada.get(f"{ada.reading}/export.{key}", headers={"Accept-Encoding": "identity"})

    assert answer.status_code == 200
    assert "Ali Khamenei" in answer.text
    assert answer.headers["content-disposition"].startswith(
        f'attachment; filename="postil-patience-as-strategy.{key}"; '
    )
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert int(answer.headers["content-length"]) == len(answer.content)


@pytest.mark.parametrize(
    ("key", "kind"),
    [
        ("csv", "text/csv; charset=utf-8; header=present"),
        ("jsonld", 'application/ld+json; profile="http://www.w3.org/ns/anno.jsonld"'),
    ],
)
def test_files_say_what_they_are(ada: Member, key: str, kind: str) -> None:
    assert ada.get(f"/notebook/export.{key}").headers["content-type"] == kind


def test_everything_holds_all_readings(ada: Member) -> None:
    shelf = shelved(ada, "Another", ["Other words"])
    ada.mark("Ali Khamenei", "actor")
    ada.post(
        f"/readings/{shelf.uid}/annotations",
        {
            "uid": "01936d3e-0000-7000-8000-00000000000a",
            "start": 8,
            "end": 13,
            "exact": "Other",
            "tag": "hedge",
        },
    )
    answer = ada.get("/notebook/export.csv")

    rows = csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert [(row["title"], row["exact"], row["tag"]) for row in rows] == [
        ("Another", "Other", "hedge"),
        ("Patience as strategy", "Ali Khamenei", "actor"),
    ]


@pytest.mark.parametrize("key", FILES)
def test_nothing_marked_is_a_file_all_the_same(ada: Member, key: str) -> None:
    answer = ada.get(f"{ada.reading}/export.{key}")

    assert answer.status_code == 200
    if key == "jsonld":
        assert json.loads(answer.content)["total"] == 0
    else:
        assert answer.content.count(b"\r\n") == 1


def test_addresses_inside_are_those_that_people_use(ada: Member) -> None:
    ada.mark("Ali Khamenei", "actor")
    found = ada.get(f"{ada.reading}/export.jsonld").json()

    assert found["id"] == f"http://testserver{ada.reading}/export.jsonld"
    (item,) = found["first"]["items"]
    assert item["target"]["source"] == f"http://testserver{ada.reading}"
    assert ada.get(item["id"].removeprefix("http://testserver")).status_code in {200, 303}


def test_the_public_address_wins(ada: Member) -> None:
    settings = ada.world.settings.model_copy(update={"public_url": "http://postil.example.org"})
    client = TestClient(create_app(settings, ada.world.database), base_url="http://testserver")
    client.cookies.update(ada.http.cookies)

    found = client.get("/notebook/export.jsonld").json()
    assert found["id"] == "http://postil.example.org/notebook/export.jsonld"


def test_somebody_elses_marks_are_in_no_file(ada: Member, ben: Member) -> None:
    ada.mark("Ali Khamenei", "actor", note="only Ada's")

    for key in FILES:
        assert ben.get(f"{ada.reading}/export.{key}").status_code == 404
        assert "only Ada" not in ben.get(f"/notebook/export.{key}").text
        assert "only Ada" in ada.get(f"/notebook/export.{key}").text
    assert "1 annotation" not in ben.get("/exports").text


@pytest.mark.parametrize("address", ["/exports", "/notebook/export.csv", "/notebook/export.jsonld"])
def test_a_stranger_is_asked_to_sign_in(stranger: Member, address: str) -> None:
    answer = stranger.get(address)

    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/sign-in?next=")


def test_a_stranger_gets_no_reading(ada: Member, stranger: Member) -> None:
    assert stranger.get(f"{ada.reading}/export.csv").status_code == 303


@pytest.mark.parametrize("key", ["pdf", "CSV", "csv.exe", "", "%2e%2e", "json%00ld"])
def test_unknown_formats_are_not_there(ada: Member, key: str) -> None:
    assert ada.get(f"{ada.reading}/export.{key}").status_code == 404
    assert ada.get(f"/notebook/export.{key}").status_code == 404


def test_the_page_offers_each_format_of_each_reading(ada: Member) -> None:
    ada.mark("Ali Khamenei", "actor")
    page = ada.get("/exports")

    assert page.status_code == 200
    for key in FILES:
        assert f'href="/notebook/export.{key}"' in page.text
        assert f'href="{ada.reading}/export.{key}"' in page.text
    assert "1 annotation<" in page.text
    for form in FORMATS:
        assert form.losses in page.text.replace("&#39;", "'")


def test_every_format_is_documented_with_its_losses() -> None:
    words = " ".join(DOCUMENTED.read_text(encoding="utf-8").split())
    for form in FORMATS:
        assert f"`{form.key}`" in words
        assert form.losses in words
