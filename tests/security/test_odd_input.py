"""Odd input of every kind to every field, query and path: never an answer of 5xx, never a change that was not asked."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote_from_bytes, urlencode
from zlib import crc32

import pytest
from fastapi.routing import APIRoute, iter_route_contexts

from app.accounts.models import User
from app.main import create_app
from app.settings import Settings
from tests.contracts.classroom import Classroom, Lesson, busy_scene, open_classroom
from tests.contracts.endpoints import FORMS, Endpoint, every_endpoint
from tests.contracts.matrix import ROOT
from tests.contracts.scene import Scene, open_scene
from tests.security.raw import send
from tests.support.cast import HTMX, World

pytestmark = [pytest.mark.database, pytest.mark.grid]
NAUGHTY = ROOT.parent / "shared" / "corpora" / "naughty-strings" / "blns.json"
ENDPOINTS = every_endpoint()
UNSAFE = [endpoint for endpoint in ENDPOINTS if not endpoint.is_safe]
SAFE = [endpoint for endpoint in ENDPOINTS if endpoint.is_safe]
ODD = [
    b"\x00",
    b"before\x00after",
    b"\xff\xfe",
    b"\xc0\x80",
    b"\xed\xa0\x80",  # a lone surrogate, as UTF-8 would have it
    b"\xed\xa0\xbd",
    b"\xf4\x90\x80\x80",
    "\ufffe\uffff\ufdd0".encode(),
    "\u202e\u2066\u200b\u00ad".encode(),
    b"1e400",
    b"-1e400",
    b"NaN",
    b"1" * 31,
    b"9223372036854775808",
    b"-9223372036854775809",
    b"2147483648",
    b"1" * 5000,
    b"-1",
    b"0x10",
    "١٢".encode(),
    "²".encode(),
    b"1_000",
    b"[" * 100_000,
    b"{" * 100_000,
    b"> " * 30_000,
    b"*" * 100_000,
    "ﷺ".encode() * 2000,
    b"\r\n",
    b"a\r\nSet-Cookie: a=b",
    b"../../../etc/passwd",
    b"{{ 7 * 7 }}{% raw %}",
    b"%s%n%d",
    b"' OR 1=1; --",
    b"",
]
FIELDS = [
    b"name", b"password", b"current", b"next", b"theme", b"size", b"leading", b"measure", b"text", b"file", b"source",
    b"title", b"language", b"direction", b"kind", b"uid", b"exact", b"start", b"end", b"paragraph", b"tag", b"tags",
    b"note", b"version", b"move", b"only", b"annotation", b"place", b"audience", b"signs_as", b"annotations", b"asks",
    b"prompt", b"on", b"word", b"words", b"private", b"article", b"instructions", b"opens", b"opens_at", b"due_at",
    b"group_set", b"reveal_kind", b"reveal_at", b"reveal_n",
]  # fmt: skip
ORIGIN = (b"origin", b"http://testserver")
URLENCODED = (b"content-type", b"application/x-www-form-urlencoded")
FRAGMENT = (b"hx-request", b"true")


def named(endpoint: Endpoint) -> str:
    return str(endpoint).replace("/", "|")


@pytest.fixture(scope="module")
def scene(lasting_world: World) -> Scene:
    scene = open_scene(lasting_world, "Ada")
    assert scene.owner.user is not None
    with lasting_world.database.writing() as writing:
        writing.get_one(User, scene.owner.user.id).is_admin = True
    return scene


@pytest.fixture(scope="module")
def classroom(lasting_world: World) -> Classroom:
    return open_classroom(lasting_world)


@pytest.fixture
def lesson(classroom: Classroom) -> Lesson:
    """A reading of a class, to be spoilt."""
    return classroom.lesson().fill("O", "class", deletes=True)


IN_CLASS = [endpoint for endpoint in ENDPOINTS if endpoint.is_in_a_reading]
UNSAFE_IN_CLASS = [endpoint for endpoint in IN_CLASS if not endpoint.is_safe]
SAFE_IN_CLASS = [endpoint for endpoint in IN_CLASS if endpoint.is_safe]


def address_of(endpoint: Endpoint, scene: Scene) -> str:
    scene.uids |= {"token": "a-secret-that-nobody-has", "name": "app.css"}
    return endpoint.address(scene)


def fields_of(endpoint: Endpoint, scene: Scene) -> dict[str, Any]:
    form = FORMS.get(str(endpoint), lambda _: {"name": "Eve", "password": "a sentence is good"})
    return {name: str(value) for name, value in form(scene).items()}


def encoded(fields: dict[str, Any]) -> bytes:
    return b"&".join(
        name.encode() + b"=" + quote_from_bytes(value.encode()).encode() for name, value in fields.items()
    )


def post(scene: Scene, endpoint: Endpoint, body: bytes, *more: tuple[bytes, bytes]) -> int:
    """Post as somebody who stays signed in: what ends sign-ins is tried as a stranger."""
    ends = endpoint.path in {"/sign-out", "/account/password"} or "sessions" in endpoint.path
    member = scene.owner.world.stranger() if ends else scene.owner
    headers = (
        [ORIGIN, *more] if any(name == b"content-type" for name, _ in more) else [ORIGIN, URLENCODED, *more]
    )
    return send(member, "POST", address_of(endpoint, scene).encode(), headers=headers, chunks=[body]).status


@pytest.fixture
def odds(request: pytest.FixtureRequest, prove: bool) -> list[bytes]:
    """The odd values that a case tries: one in six, which ones depends on its name; with --prove all."""
    return ODD if prove else ODD[crc32(request.node.name.encode()) % 6 :: 6]


# Fields


@pytest.mark.parametrize("endpoint", UNSAFE, ids=named)
def test_odd_values_in_fields(scene: Scene, odds: list[bytes], endpoint: Endpoint) -> None:
    fields = fields_of(endpoint, scene)
    for odd in odds:
        value = quote_from_bytes(odd).encode()
        for name in {
            *map(str.encode, fields),
            b"next",
            b"kind",
            b"tag",
            b"move",
            b"only",
            b"annotation",
            b"version",
        }:
            rest = encoded({key: text for key, text in fields.items() if key.encode() != name})
            assert post(scene, endpoint, rest + b"&" + name + b"=" + value) < 500, (name, odd[:40])
        everywhere = b"&".join(name + b"=" + value for name in FIELDS)
        if len(everywhere) < 1 << 20:
            assert post(scene, endpoint, everywhere, FRAGMENT) < 500, odd[:40]


@pytest.mark.parametrize("endpoint", UNSAFE, ids=named)
def test_odd_forms(scene: Scene, endpoint: Endpoint) -> None:
    fields = encoded(fields_of(endpoint, scene))
    for body in odd_bodies(fields):
        for look in ([], [FRAGMENT]):
            assert post(scene, endpoint, body, *look) < 500, body[:60]
    for kind in CONTENT_TYPES:
        assert post(scene, endpoint, fields, (b"content-type", kind)) < 500, kind
        assert post(scene, endpoint, MULTIPART, (b"content-type", kind)) < 500, kind


@pytest.mark.parametrize("endpoint", UNSAFE_IN_CLASS, ids=named)
def test_odd_values_in_a_class(lesson: Lesson, odds: list[bytes], endpoint: Endpoint) -> None:
    test_odd_values_in_fields(busy_scene(lesson, endpoint.path), odds, endpoint)


@pytest.mark.parametrize("endpoint", UNSAFE_IN_CLASS, ids=named)
def test_what_is_odd_reaches_a_class_at_all(lesson: Lesson, endpoint: Endpoint) -> None:
    """The control: with its own form each route answers as it should."""
    scene = busy_scene(lesson, endpoint.path)
    if endpoint.path.endswith("/undo"):
        lesson.writes("I", "class")
    assert post(scene, endpoint, encoded(fields_of(endpoint, scene))) in {200, 201, 204, 303}


def odd_bodies(fields: bytes) -> Iterator[bytes]:
    yield from (b"", b"&", b"=", b"&&&&====", b"\x00", b"%", b"%zz=%zz", b"\xff=\xff", b"[" * 100_000)
    yield fields + b"&" + fields
    yield b";".join([fields, fields])
    yield b"&".join(b"name=%d&tag=claim&tag=claim" % n for n in range(2000))
    yield b"a=&" * 50_000
    yield b"tag=claim&" * 50_000
    yield json.dumps({"name": ["x"] * 10, "deep": [[[]]]}).encode()


CONTENT_TYPES = [
    b"",
    b"application/json",
    b"text/plain",
    b"text/html",
    b"multipart/form-data",
    b"multipart/form-data; boundary=",
    b'multipart/form-data; boundary="',
    b"multipart/form-data; boundary=" + b"x" * 500,
    b"multipart/form-data; boundary=\xff\xfe",
    b"multipart/form-data; boundary=b",
    b"multipart/form-data; boundary=b; charset=utf-16",
    b"multipart/form-data; boundary=b; charset=raw_unicode_escape",
    b"multipart/form-data; boundary=b; charset=utf-7",
    b"multipart/form-data; boundary=b; charset=hex",
    b"multipart/form-data; boundary=b; charset=no-such-thing",
    b"multipart/mixed; boundary=b",
    b"Application/X-WWW-Form-UrlEncoded; charset=utf-16",
    b"application/x-www-form-urlencoded; charset=\xff",
    b"\xff\xfe",
]
MULTIPART = (
    b'--b\r\nContent-Disposition: form-data; name="name"\r\n\r\nE\\ud800ve +2AA-\r\n'
    b'--b\r\nContent-Disposition: form-data; name="note"; filename="n.txt"\r\n\r\nfile for text\r\n'
    b'--b\r\nContent-Disposition: form-data; name="text"\r\nContent-Transfer-Encoding: base64\r\n\r\n\\ud800\r\n'
    b'--b\r\nContent-Disposition: form-data; name="source"\r\n\r\n\\ud83d Title\\udc00\r\n'
    b'--b\r\nContent-Disposition: form-data; name="next"\r\n\r\n/\\ud800\r\n'
    b"--b\r\nContent-Disposition: form-data; name=\"tag\"; filename*=utf-8''%ed%a0%80\r\n\r\nclaim\r\n"
    b"--b\r\nContent-Disposition: form-data\r\n\r\nnameless\r\n"
    b"--b\r\n\r\nno disposition\r\n--b--\r\n"
)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x00" * 100,
        b"\xff\xfe\x00",
        b"\xed\xa0\x80",
        bytes(range(256)) * 50,
        b"[" * 100_000,
        b"\n" * 9999,
    ],
)
@pytest.mark.parametrize(
    "name", ["a.txt", "a.md", "", "../../x.md", "\x00.txt", "ﷺ" * 300, "a.exe", 'a"b\r\nc.txt']
)
def test_odd_files(scene: Scene, data: bytes, name: str) -> None:
    files = {"file": (name, data, "text/plain")}
    assert scene.owner.http.post("/articles/preview", files=files).status_code < 500


# Bodies that are too large


def test_a_form_over_the_limit_is_refused_whether_or_not_it_says_so(scene: Scene) -> None:
    headers = [ORIGIN, URLENCODED]
    chunks = [b"name=" + b"x" * 65_536] + [b"x" * 65_536] * 40
    assert send(scene.owner, "POST", b"/account", headers=headers, chunks=chunks).status == 413
    for length in (b"2000000", b"9" * 30):
        told = [*headers, (b"content-length", length)]
        assert send(scene.owner, "POST", b"/account", headers=told, chunks=[b"name=x"]).status == 413
    for length in (b"\xb2", b"-1", b"", b"12a"):
        told = [*headers, (b"content-length", length)]
        assert send(scene.owner, "POST", b"/account", headers=told, chunks=[b"name=Ada"]).status < 500


def test_an_upload_over_the_limit_is_refused(scene: Scene) -> None:
    kind = (b"content-type", b"multipart/form-data; boundary=b")
    head = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\n'
    chunks = [head] + [b"x" * (1 << 20)] * 21
    assert (
        send(scene.owner, "POST", b"/articles/preview", headers=[ORIGIN, kind], chunks=chunks).status == 413
    )


def test_a_sender_who_goes_away_is_no_error(scene: Scene, caplog: pytest.LogCaptureFixture) -> None:
    headers = [ORIGIN, URLENCODED, (b"content-length", b"100")]
    answer = send(scene.owner, "POST", b"/account", headers=headers, chunks=[])
    assert answer.status == 400
    assert caplog.records == []


# Addresses


def ending(endpoint: Endpoint) -> dict[str, str]:
    """Return what makes an answer end: a stream does only when it is asked to."""
    return {"once": "true"} if endpoint.path.endswith("/stream") else {}


@pytest.mark.parametrize("endpoint", SAFE, ids=named)
def test_odd_values_in_queries(scene: Scene, odds: list[bytes], endpoint: Endpoint) -> None:
    path = address_of(endpoint, scene).split("?")[0].encode()
    end = f"&{urlencode(ending(endpoint))}".encode()
    for odd in odds:
        value = quote_from_bytes(odd).encode()
        for name in QUERY_FIELDS[str(endpoint)]:
            for headers in ([], [FRAGMENT]):
                query = name.encode() + b"=" + value + end
                answer = send(scene.owner, "GET", path, query=query, headers=headers)
                assert answer.status < 500, (name, odd[:40])
    for query in (b"\xff\xfe=\xff", b"%", b"=&=", b"a[]=1", "q=é".encode(), b"q=\x00", b"q=a b", b"?" * 100):
        assert send(scene.owner, "GET", path, query=query + end).status < 500, query


@pytest.mark.parametrize("endpoint", SAFE_IN_CLASS, ids=named)
def test_odd_values_in_queries_of_a_class(lesson: Lesson, odds: list[bytes], endpoint: Endpoint) -> None:
    test_odd_values_in_queries(busy_scene(lesson, endpoint.path), odds, endpoint)


def query_fields() -> dict[str, list[str]]:
    """Return what each GET route takes from its query, as its signature says; `next` and `q` at least."""
    found = {}
    for context in iter_route_contexts(create_app(Settings(data_dir=Path("nowhere"))).routes):
        route = context.original_route
        assert isinstance(route, APIRoute)
        taken = [field.alias for field in route.dependant.query_params]
        found[f"GET {context.path}"] = [*taken, "anything"]
    return found


QUERY_FIELDS = query_fields()


@pytest.mark.parametrize("endpoint", [one for one in ENDPOINTS if "{" in one.path], ids=named)
def test_odd_values_in_paths(scene: Scene, odds: list[bytes], endpoint: Endpoint) -> None:
    for odd in odds:
        value = quote_from_bytes(odd[:5000], safe="").encode()
        path = re.sub(rb"{\w+(:\w+)?}", lambda _, value=value: value, endpoint.path.encode())
        for look in ([], [FRAGMENT]):
            answer = send(scene.owner, endpoint.method, path, headers=[ORIGIN, URLENCODED, *look])
            assert answer.status < 500, odd[:40]


@pytest.mark.parametrize(
    "header", ["Accept", "Cookie", "If-None-Match", "HX-Request", "User-Agent", "Accept-Encoding"]
)
def test_odd_headers(scene: Scene, header: str) -> None:
    for odd in ODD:
        value = re.sub(rb"[\r\n\x00]", b"", odd)[:8000]
        headers = [(header.lower().encode(), value), ORIGIN, URLENCODED]
        for method, path in (
            ("GET", b"/"),
            ("GET", scene.owner.reading.encode()),
            ("POST", b"/account/appearance"),
        ):
            assert send(scene.owner, method, path, headers=headers).status < 500, odd[:40]


# The list of naughty strings


@pytest.fixture(scope="module")
def naughty(prove: bool) -> list[str]:
    if not NAUGHTY.exists():
        pytest.skip("the list of naughty strings is not at hand: it lies beside the project where it is made")
    strings = json.loads(NAUGHTY.read_text("utf-8"))
    return strings if prove else strings[::24]


@pytest.mark.parametrize("endpoint", UNSAFE, ids=named)
def test_naughty_strings_in_fields(scene: Scene, naughty: list[str], endpoint: Endpoint) -> None:
    fields = fields_of(endpoint, scene)
    for text in naughty:
        for name in fields:
            assert post(scene, endpoint, encoded(fields | {name: text})) < 500, (name, text)


@pytest.mark.parametrize("endpoint", IN_CLASS, ids=named)
def test_naughty_strings_in_a_class(lesson: Lesson, naughty: list[str], endpoint: Endpoint) -> None:
    scene = busy_scene(lesson, endpoint.path)
    in_its_place = test_naughty_strings_in_addresses if endpoint.is_safe else test_naughty_strings_in_fields
    in_its_place(scene, naughty, endpoint)


@pytest.mark.parametrize("endpoint", SAFE, ids=named)
def test_naughty_strings_in_addresses(scene: Scene, naughty: list[str], endpoint: Endpoint) -> None:
    path = address_of(endpoint, scene).split("?")[0]
    for text in naughty:
        for name in QUERY_FIELDS[str(endpoint)][:-1]:
            assert scene.owner.get(path, params=ending(endpoint) | {name: text}).status_code < 500, (
                name,
                text,
            )
        if "{" in endpoint.path:
            odd = re.sub(
                r"{\w+(:\w+)?}", lambda _, text=text: quote_from_bytes(text.encode(), safe=""), endpoint.path
            )
            assert scene.owner.get(odd, headers=HTMX).status_code < 500, text


def test_without_its_net_an_odd_number_is_an_error_of_the_server(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = f"{scene.owner.reading}/margin".encode()
    monkeypatch.setattr("app.web._explained_for", lambda error: (500, "", ""))
    statuses = {send(scene.owner, "GET", address, query=b"first=" + b"1" * 31).status}
    statuses |= {send(scene.owner, "GET", b"/notebook", query=b"tag=%00").status}
    statuses |= {send(scene.owner, "GET", b"/nothing").status}
    assert 500 in statuses
