"""Postil under a path of its own: whatever it writes, and whatever it is asked for, stands under that path.

The crawl opens all that can be got and collects every address that an answer holds, in markup, headers and files.
"""

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urljoin, urlsplit

import pytest
from fastapi.testclient import TestClient
from jinja2.exceptions import TemplateSyntaxError

from app import base_path
from app.assets import Assets
from app.base_path import AddressesAtBase, at_base
from app.identity import new_uid
from app.main import create_app
from app.settings import Settings, SettingsRefused
from app.web import TEMPLATES, make_environment
from tests.contracts.endpoints import endpoints_of
from tests.contracts.scene import PASSWORD, Scene, open_scene
from tests.support.cast import BASE, HTMX, Member, World

UNDER = "/postil"
STATIC = Path(__file__).parents[2] / "static"
ATTRIBUTE = re.compile(r"""([\w:-]+)=["'](/[^"'>]*)["']""")
WHOLE = re.compile(rf"{BASE}(/[^\s\"'<>&)]*)?")
UID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|[0-9A-Z]{10}(?=$|\?)|\?v=\w+")


def under(settings: Settings, base: str) -> World:
    """The application under a base path, over the database that `settings` name."""
    settings = settings.model_copy(update={"base_path": base})
    app = create_app(settings)
    return World(app, settings, app.state.database)


@pytest.fixture(params=["", UNDER], ids=["at the root", "under a path"])
def base(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def placed(settings: Settings, base: str) -> Iterator[World]:
    with under(settings, base) as world:
        yield world
    world.database.close()


# Templates


def sources() -> Iterator[tuple[str, str]]:
    for path in sorted(TEMPLATES.rglob("*.html")):
        yield str(path.relative_to(TEMPLATES)), path.read_text("utf-8")


def test_without_a_base_path_templates_are_compiled_as_they_are_written() -> None:
    plain, placed = make_environment(Assets()), make_environment(Assets(), UNDER)
    assert not any(isinstance(one, AddressesAtBase) for one in plain.extensions.values())
    for name, source in sources():
        assert plain.preprocess(source, name) == source
    assert any(placed.preprocess(source, name) != source for name, source in sources())


def test_under_a_base_path_every_template_can_be_compiled() -> None:
    placed = make_environment(Assets(), UNDER)
    for name, _source in sources():
        placed.get_template(name)


@pytest.mark.parametrize(
    ("written", "drawn"),
    [
        ('<a href="/">', '<a href="/postil/">'),
        ("<a href='/x'>", "<a href='/postil/x'>"),
        ('<form action="/x" hx-post="/x">', '<form action="/postil/x" hx-post="/postil/x">'),
        ('<p hx-get:inherited="/x">', '<p hx-get:inherited="/postil/x">'),
        ('<a href="{{ made }}#there">', '<a href="/postil/a?b&amp;c#there">'),
        ('<a href="{{ made if made else other }}">', '<a href="/postil/a?b&amp;c">'),
        ('<a href="{{ made|upper }}">', '<a href="/postil/A?B&amp;C">'),
        ('<a href="{{ outside }}">', '<a href="https://example.org/x">'),
        ('<a href="{{ complete }}">', '<a href="/postil/x">'),
        ('<a href="//example.org/x">', '<a href="//example.org/x">'),
        ('<a href="#here">', '<a href="#here">'),
        ('<p title="/x" data-href="/x">', '<p title="/x" data-href="/x">'),
    ],
)
def test_what_templates_write(written: str, drawn: str) -> None:
    words = {"made": "/a?b&c", "outside": "https://example.org/x", "complete": "/postil/x"}
    assert make_environment(Assets(), UNDER).from_string(written).render(words) == drawn


def test_an_address_that_begins_with_a_block_is_refused() -> None:
    with pytest.raises(TemplateSyntaxError, match="must not begin with a block"):
        make_environment(Assets(), UNDER).from_string('<a href="{% if a %}/x{% else %}/y{% endif %}">')


def test_no_address_stands_in_a_translated_sentence() -> None:
    """It would become part of the words that a catalogue is asked for."""
    sentence = re.compile(r"{%-?\s*trans\b.*?{%-?\s*endtrans", re.DOTALL)
    found = [
        name
        for name, source in sources()
        for words in sentence.findall(source)
        if base_path._ADDRESS.search(words)
    ]
    assert found == []


def test_scripts_and_styles_write_no_address_from_the_root() -> None:
    rooted = re.compile(r"""(?<![$*^]=)["'`(]/[a-z]""")
    files = [*(STATIC / "js").glob("*.js"), *(STATIC / "css").glob("*.css")]
    assert [path.name for path in files if rooted.search(path.read_text("utf-8"))] == []
    assert rooted.search('fetch("/readings")') and rooted.search("url(/static/x)")


# Settings


@pytest.mark.parametrize(
    ("given", "kept"), [("", ""), ("/", ""), ("postil", UNDER), ("/postil/", UNDER), ("/a/b.c", "/a/b.c")]
)
def test_how_a_base_path_may_be_written(given: str, kept: str) -> None:
    assert Settings(base_path=given).base_path == kept


def test_the_public_address_may_name_the_base_path_or_leave_it_out() -> None:
    for public in ("https://example.org", "https://example.org/", "https://example.org/postil/"):
        settings = Settings(base_path=UNDER, public_url=public)
        assert settings.public_url == settings.base_url == "https://example.org/postil"
    assert Settings(base_path=UNDER).base_url == "http://127.0.0.1:8000/postil"


@pytest.mark.parametrize("base", ["/static", "/readings/mine", "/health"])
def test_a_base_path_that_is_an_address_of_postils_own_is_refused(tmp_path: Path, base: str) -> None:
    with pytest.raises(SettingsRefused, match=f"begins with /{base.split('/')[1]}, which"):
        create_app(Settings(data_dir=tmp_path, base_path=base))


def test_addresses_that_only_begin_alike_are_told_apart() -> None:
    assert at_base(UNDER, "/postilion") == "/postil/postilion"
    assert at_base(UNDER, "/postil?x") == "/postil?x"
    assert at_base("", "/postil") == "/postil"


# The crawl


def addresses(answer: Any) -> Iterator[str]:
    """Every address on this server that an answer holds; one in `next` counts as well."""
    for name in ("location", "hx-redirect", "hx-location", "hx-push-url", "hx-replace-url"):
        if name in answer.headers:
            yield answer.headers[name]
    for whole in WHOLE.findall(unescape(answer.text)):
        yield whole or "/"
    for name, value in ATTRIBUTE.findall(answer.text):
        if name not in {"value", "title"} and not value.startswith("//"):
            yield unescape(value)


def local(address: str) -> str:
    parts = urlsplit(urljoin(f"{BASE}/", address))
    return parts._replace(scheme="", netloc="", fragment="").geturl()


def crawl(world: World, base: str) -> dict[str, str]:
    """Open everything that its owner, an administrator and a stranger can get; return each address and where it was."""
    scene = open_scene(world, "Ada")
    grace = world.member(f"Grace {new_uid()}", is_admin=True)
    start = seeds(world, scene)
    met: dict[str, str] = {}
    for reader in (scene.owner, grace, world.stranger()):
        waiting, known = [base + address for address in start], set()
        while waiting:
            here = waiting.pop()
            if here in known or "/static/" in here:
                continue
            known.add(here)
            for headers in ({}, HTMX):
                answer = reader.get(here, headers=headers)
                assert answer.status_code < 500, here
                for address in map(local, addresses(answer)):
                    met.setdefault(address, here)
                    if base == "" or address.startswith(base):
                        waiting.append(address)
    for address, answer in posts(scene, base):
        met |= {local(found): address for found in addresses(answer)}
    return met


def seeds(world: World, scene: Scene) -> list[str]:
    safe = [one for one in endpoints_of(world.app) if one.is_safe and "/static/" not in one.path]
    uids = scene.uids | {"token": "none", "article_uid": scene.uids["article_uid"], "key": "jsonld"}
    scene = Scene(scene.owner, uids=uids)
    more = ["/nothing", "/readings/", "/account/", "/notebook?q=a", f"{scene.owner.reading}?from=0"]
    return [*(one.address(scene) for one in safe), *more]


def posts(scene: Scene, base: str) -> Iterator[tuple[str, Any]]:
    """Answers to what is sent: a redirect, a fragment with an undo, a form drawn again, a link to hand on."""
    owner = scene.owner
    new = scene.new_annotation()
    for address, form in (
        (f"{owner.reading}/annotations", new),
        (f"/annotations/{new['uid']}/delete", {"version": "1"}),
        (f"/annotations/{scene.uids['annotation_uid']}", {"version": "9", "note": "stale"}),
        ("/account", {"name": ""}),
        ("/courses", {"title": "A class", "timezone": "UTC"}),
        ("/account/appearance", {"theme": "dark", "next": "/notebook"}),
        ("/account/appearance", {"theme": "dark", "next": f"{base}/notebook"}),
    ):
        yield address, owner.post(base + address, form)
        yield address, owner.fragment(base + address, form)
    yield "/account, signed out", owner.world.stranger().post(f"{base}/account", {"name": "x"})


def outside(base: str, met: dict[str, str]) -> dict[str, str]:
    return {address: here for address, here in met.items() if not (address + "/").startswith(base + "/")}


@pytest.mark.database
@pytest.mark.grid
def test_every_address_stands_under_the_base_path(placed: World, base: str) -> None:
    met = crawl(placed, base)
    assert len(met) > 60
    assert outside(base, met) == {}
    if not base:
        assert not any(address.startswith(UNDER) for address in met)


@pytest.mark.database
@pytest.mark.grid
def test_the_same_addresses_are_written_with_a_base_path_as_without(settings: Settings) -> None:
    shapes = []
    for base in ("", UNDER):
        with under(settings, base) as world:
            met = crawl(world, base)
        world.database.close()
        paths = {UID.sub("…", urlsplit(address).path.removeprefix(base)) for address in met}
        shapes.append({path or "/" for path in paths if "/join/" not in path and "/invitation/" not in path})
    assert shapes[0] == shapes[1]


@pytest.mark.database
@pytest.mark.grid
def test_without_the_extension_the_crawl_finds_what_is_outside(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.base_path.install", lambda environment, base: None)
    # What other tests' templates were compiled to has it still.
    monkeypatch.setattr("app.main.make_environment", make_environment)
    with under(settings, UNDER) as world:
        assert {"/notebook", "/account"} <= set(outside(UNDER, crawl(world, UNDER)))
    world.database.close()


@pytest.mark.database
@pytest.mark.grid
def test_without_the_header_rule_the_crawl_finds_what_is_outside(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.security.header_at_base", lambda base, name, value: value)
    with under(settings, UNDER) as world:
        assert any(urlsplit(found).path == "/sign-in" for found in outside(UNDER, crawl(world, UNDER)))
    world.database.close()


# A journey that types one address and follows what it is shown


class Follower:
    """A browser without scripts, that asks only for addresses which it was given."""

    def __init__(self, app: Any) -> None:
        self.http = TestClient(app, base_url=BASE, follow_redirects=True)
        self.http.headers["Origin"] = BASE
        self.asked: list[str] = []
        self.page = ""

    def open(self, address: str) -> str:
        return self._took(self.http.get(address))

    def follow(self, pattern: str) -> str:
        """Opens the link whose address matches."""
        return self.open(next(link for link in self._attributes("href") if re.search(pattern, link)))

    def send(self, pattern: str, **fields: str) -> str:
        """Sends the form whose action matches, with its hidden fields."""
        for form in re.findall(r"<form\b.*?</form>", self.page, re.DOTALL):
            action = re.search(r'action="([^"]*)"', form)
            if action and re.search(pattern, action[1]):
                hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form))
                return self._took(self.http.post(unescape(action[1]), data=hidden | fields))
        raise AssertionError(f"there is no form for {pattern}")

    def _attributes(self, name: str) -> list[str]:
        return [unescape(value) for value in re.findall(rf'{name}="([^"]*)"', self.page)]

    def _took(self, answer: Any) -> str:
        assert answer.status_code < 400, f"{answer.url}: {answer.status_code}"
        self.asked += [str(one.url) for one in (*answer.history, answer)]
        self.page = answer.text
        return self.page


def taking_the_path_off(app: Any) -> Any:
    """A proxy that passes on what stands after the base path."""

    async def proxy(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            assert scope["path"].startswith(UNDER)
            scope = {**scope, "path": scope["path"].removeprefix(UNDER) or "/"}
        await app(scope, receive, send)

    return proxy


@pytest.mark.database
@pytest.mark.parametrize("stripped", [False, True], ids=["left on", "taken off"])
def test_a_whole_journey(settings: Settings, stripped: bool) -> None:
    with under(settings, UNDER) as world:
        ada = world.member("Ada", password=PASSWORD)
        browser = Follower(taking_the_path_off(world.app) if stripped else world.app)
        walk(browser, ada)
        assert [one for one in browser.asked if not (one + "/").startswith(f"{BASE}{UNDER}/")] == []
    world.database.close()


def walk(browser: Follower, ada: Member) -> None:
    words = ada.text.text[ada.text.paragraphs[1].start :][:20]
    browser.open(f"{UNDER}/notebook?q=patience")
    browser.send("/sign-in$", name="Ada", password=PASSWORD)
    assert dict(parse_qsl(urlsplit(browser.asked[-1]).query)) == {"q": "patience"}
    cookie = next(one for one in browser.http.cookies.jar if one.name == "postil")
    assert cookie.path == UNDER
    browser.follow(rf"^{UNDER}/$")
    browser.follow("/readings/[^/]+$")
    browser.follow("/annotations/new$")
    browser.send("/annotations$", exact=words, tag="claim")
    assert [one.author_id for one in ada.annotations()] == [ada.known.id]
    browser.follow("/readings/[^/]+/annotations")
    assert words in unescape(browser.page)
    browser.open(f"{UNDER}{ada.reading}")
    browser.send("/undo$")
    assert ada.annotations() == []
    browser.follow("/export.jsonld$")
    assert f'"id":"{BASE}{UNDER}{ada.reading}/export.jsonld"' in browser.page
    for asset in ("app.css", "app.js"):
        browser.open(f"{UNDER}/static/{asset}")
    browser.open(UNDER)
    browser.send("/sign-out$")
    assert not any(one.name == "postil" for one in browser.http.cookies.jar)


@pytest.mark.database
def test_under_https_the_cookie_is_for_the_base_path_alone(settings: Settings) -> None:
    secure = settings.model_copy(update={"public_url": f"https://postil.example{UNDER}"})
    with under(secure, UNDER) as world:
        world.member("Ada", password=PASSWORD)
        form = {"name": "Ada", "password": PASSWORD}
        origin = {"Origin": "https://postil.example"}
        given = world.stranger().post(f"{UNDER}/sign-in", form, headers=origin).headers["set-cookie"]
    world.database.close()
    assert given.startswith("__Secure-postil=") and f"Path={UNDER};" in given and "Secure" in given


@pytest.mark.database
def test_health_answers_with_and_without_the_base_path(placed: World, base: str) -> None:
    for address in ("/health", f"{base}/health"):
        assert placed.stranger().get(address).json() == {"status": "ok"}
