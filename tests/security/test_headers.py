"""The headers of every answer: the content policy, what may be kept where, and HEAD."""

from pathlib import Path

import pytest

from app.identity import new_uid
from app.main import create_app
from tests.security.raw import send
from tests.support.cast import HTMX, Member, World

pytestmark = pytest.mark.database
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
ALWAYS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}


def check(headers: object) -> None:
    present = {name: headers[name] for name in ALWAYS}  # type: ignore[index]
    assert present == ALWAYS
    assert "cache-control" in headers  # type: ignore[operator]


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/", 200),
        ("/nothing-here", 404),
        ("/account/", 307),
        ("/static/app.css", 200),
        ("/static/nothing.css", 404),
        ("/static/../app/main.py", 404),
        ("/health", 200),
        ("/sign-in", 303),
        ("/people", 403),
        ("/notebook?since=soon", 422),
    ],
)
def test_answers_to_get(ada: Member, address: str, status: int) -> None:
    for headers in ({}, HTMX, {"Accept": "application/json"}):
        answer = ada.get(address, headers=headers)
        assert answer.status_code == (204 if status == 303 and headers == HTMX else status)
        check(answer.headers)


def test_pages_fragments_and_downloads(ada: Member) -> None:
    addresses = ["", "/paragraphs/2", "/margin", "/annotations", "/codebook", "/export.csv", "/export.jsonld"]
    for address in addresses:
        for headers in ({}, HTMX):
            answer = ada.get(ada.reading + address, headers=headers)
            assert answer.status_code == 200
            check(answer.headers)


def test_a_wrong_method_and_what_is_right(ada: Member) -> None:
    answer = ada.http.request("DELETE", "/account")
    assert answer.status_code == 405
    assert set(answer.headers["allow"].split(", ")) == {"GET", "POST"} or answer.headers["allow"]
    check(answer.headers)


def test_refusals(ada: Member, stranger: Member) -> None:
    too_much = ada.post("/account", {"name": "x" * 2_000_000})
    foreign = ada.post("/account", {"name": "Eve"}, headers={"Origin": "https://evil.example"})
    wrong = ada.post("/account", {"name": ""})
    signed_out = stranger.post("/account", {"name": "Eve"})
    assert [one.status_code for one in (too_much, foreign, wrong, signed_out)] == [413, 403, 422, 401]
    for answer in (too_much, foreign, wrong, signed_out):
        check(answer.headers)
        assert answer.headers["cache-control"] == "no-store"


def test_what_is_unchanged(ada: Member) -> None:
    first = ada.get(ada.reading)
    again = ada.get(ada.reading, headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304
    check(again.headers)


def test_trouble_with_the_database(world: World, ada: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.library.routes.entries", lambda *_: 1 / 0)
    answer = ada.get("/")
    assert answer.status_code == 500
    assert "ZeroDivision" not in answer.text
    check(answer.headers)


def test_a_guard_that_adds_nothing_is_noticed(ada: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.security.Guard._completed", lambda self, headers: headers)
    with pytest.raises(KeyError):
        check(ada.get("/").headers)


# Caching


def test_the_reading_is_kept_by_the_readers_browser_alone(ada: Member) -> None:
    for address in ("", "/paragraphs/2", "/margin"):
        answer = ada.fragment(ada.reading + address)
        assert answer.headers["cache-control"] == "private, no-cache"
        assert {part.strip().lower() for part in answer.headers["vary"].split(",")} >= {
            "cookie",
            "hx-request",
        }
        assert answer.headers["etag"]


def test_a_fragment_and_its_page_have_tags_of_their_own(ada: Member) -> None:
    address = f"{ada.reading}/paragraphs/2"
    page = ada.get(address).headers["etag"]
    assert ada.fragment(address, headers={"If-None-Match": page}).status_code == 200


def test_the_tag_names_the_viewer(ada: Member, ben: Member) -> None:
    mine = ada.get(ada.reading).headers["etag"]
    assert ben.get(ben.reading, headers={"If-None-Match": mine}).status_code == 200
    ada.post("/account/appearance", {"theme": "dark"})
    assert ada.get(ada.reading, headers={"If-None-Match": mine}).status_code == 200


@pytest.mark.parametrize(
    "address", ["/", "/account", "/exports", "/notebook", "/notebook/export.csv", "/notebook/export.jsonld"]
)
def test_pages_about_a_person_are_kept_nowhere(ada: Member, address: str) -> None:
    assert ada.get(address).headers["cache-control"] == "no-store"


def test_an_administrators_pages_are_kept_nowhere(grace: Member) -> None:
    assert grace.get("/people").headers["cache-control"] == "no-store"


def test_signing_out_clears_the_cache_and_nothing_else(ada: Member) -> None:
    answer = ada.post("/sign-out")
    assert answer.status_code == 303
    assert answer.headers["clear-site-data"] == '"cache"'


def test_static_files_are_kept_for_ever_at_an_address_that_names_their_content(ada: Member) -> None:
    assert "immutable" in ada.get("/static/app.js").headers["cache-control"]
    assert 'src="/static/app.js?v=' in ada.get("/").text


# HTTPS


def test_https_is_required_from_then_on_where_it_is_served(world: World, ada: Member) -> None:
    assert "strict-transport-security" not in ada.get("/").headers
    world.app.state.settings = secure = world.settings.model_copy(
        update={"public_url": "https://postil.example"}
    )
    stranger = World(create_app(secure, world.database), secure, world.database).stranger()
    assert stranger.get("/sign-in").headers["strict-transport-security"].startswith("max-age=31536000")


# HEAD


@pytest.mark.parametrize(
    "address", ["/", "/account", "/nothing", "/people", "/static/app.css", "/health", "/notebook/export.csv"]
)
def test_head_is_get_without_a_body(ada: Member, address: str) -> None:
    plain = {"Accept-Encoding": "identity"}
    got, asked = ada.get(address, headers=plain), ada.http.head(address, headers=plain)
    assert asked.status_code == got.status_code
    assert asked.content == b""
    same = {name: value for name, value in got.headers.items() if name != "vary"}  # packing looks at the body
    assert {name: asked.headers.get(name) for name in same} == same


def test_head_changes_nothing_and_needs_the_same_rights(ada: Member, ben: Member, stranger: Member) -> None:
    assert ben.http.head(ada.reading).status_code == 404
    assert stranger.http.head(ada.reading).status_code == 303
    assert ada.http.head("/sign-out").status_code == 405
    assert ada.get("/account").status_code == 200


def test_a_method_is_not_overridden(ada: Member) -> None:
    for override in ({"X-HTTP-Method-Override": "POST"}, {"X-Method-Override": "POST"}):
        assert ada.get("/sign-out?_method=POST", headers=override).status_code == 405
    assert ada.get("/account").status_code == 200


@pytest.mark.parametrize("method", ["OPTIONS", "TRACE", "PUT", "PATCH", "CONNECT", "BREW", "get"])
def test_other_methods_are_refused_in_words(ada: Member, method: str) -> None:
    answer = send(ada, method, b"/account", headers=[(b"origin", b"http://testserver")])
    assert answer.status == 405
    check(answer.headers)


def test_nothing_outside_the_folder_of_static_files_is_served(ada: Member) -> None:
    assert Path("app/main.py").exists()
    for path in (
        b"/static/../app/main.py",
        b"/static/%2e%2e/app/main.py",
        b"/static//etc/passwd",
        b"/static/js/",
    ):
        assert send(ada, "GET", path).status == 404


def test_an_unknown_annotation_says_no_more_than_an_unknown_page(ada: Member) -> None:
    uid = new_uid()
    assert ada.get(f"/annotations/{uid}").text.replace(uid, "") == ada.get("/annotations/x-x").text.replace(
        "x-x", ""
    )
