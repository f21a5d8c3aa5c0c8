"""Requests from other sites change nothing; those from our own pages work on plain HTTP and behind TLS."""

from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from app.main import create_app
from app.security import cookie_name
from tests.contracts.classroom import Lesson, busy_scene, open_classroom
from tests.contracts.endpoints import FORMS, Endpoint, every_endpoint
from tests.contracts.scene import Scene, open_scene
from tests.support.cast import BASE, Member, World
from tests.support.contents import dump

pytestmark = [pytest.mark.database, pytest.mark.grid]
UNSAFE = [endpoint for endpoint in every_endpoint() if not endpoint.is_safe]
FOREIGN: dict[str, dict[str, str]] = {
    "foreign origin": {"Origin": "https://evil.example"},
    "our name in a foreign one": {"Origin": "http://testserver.evil.example"},
    "another port": {"Origin": "http://testserver:8080"},
    "another scheme": {"Origin": "https://testserver"},
    "with a user": {"Origin": "http://testserver@evil.example"},
    "null": {"Origin": "null"},
    "empty": {"Origin": ""},
    "broken": {"Origin": "http://["},
    "no address": {"Origin": "http://"},
    "neither": {},
    "same site": {"Sec-Fetch-Site": "same-site", "Origin": BASE},
    "cross site": {"Sec-Fetch-Site": "cross-site", "Origin": BASE},
    "typed by the user": {"Sec-Fetch-Site": "none", "Origin": BASE},
    "unknown site": {"Sec-Fetch-Site": "elsewhere", "Origin": BASE},
    "own site and foreign origin": {"Sec-Fetch-Site": "same-origin", "Origin": "https://evil.example"},
}


@pytest.fixture(scope="module")
def scene(lasting_world: World) -> Scene:
    return open_scene(lasting_world, "Ada")


def form_of(endpoint: Endpoint, scene: Scene) -> dict[str, Any]:
    if str(endpoint) in FORMS:
        return FORMS[str(endpoint)](scene)
    return {"name": "Eve", "password": scene.password}


def address_of(endpoint: Endpoint, scene: Scene) -> str:
    scene.uids["token"] = "a-secret-that-nobody-has"
    return endpoint.address(scene)


@pytest.mark.parametrize("endpoint", UNSAFE, ids=lambda endpoint: str(endpoint).replace("/", "|"))
def test_foreign_requests_change_nothing(lasting_world: World, scene: Scene, endpoint: Endpoint) -> None:
    before = dump(lasting_world.database)
    for kind, answer in foreign(scene, endpoint):
        assert answer.status_code in {403, 405}, kind
        assert "set-cookie" not in answer.headers, kind
    lasting_world.app.state.places.flush()
    assert dump(lasting_world.database) == before


@pytest.fixture(scope="module")
def lesson(lasting_world: World) -> Lesson:
    return open_classroom(lasting_world).lesson().fill("O", "class", deletes=True)


@pytest.mark.parametrize(
    "endpoint", [one for one in UNSAFE if one.is_in_a_reading], ids=lambda one: str(one).replace("/", "|")
)
def test_nor_in_a_class(lasting_world: World, lesson: Lesson, endpoint: Endpoint) -> None:
    test_foreign_requests_change_nothing(lasting_world, busy_scene(lesson, endpoint.path), endpoint)


def foreign(scene: Scene, endpoint: Endpoint) -> Iterator[tuple[str, httpx2.Response]]:
    """Yield the answer to each kind of request that another site can make a browser send."""
    address, form = address_of(endpoint, scene), form_of(endpoint, scene)
    del scene.owner.http.headers["Origin"]
    try:
        for kind, headers in FOREIGN.items():
            yield kind, scene.owner.post(address, form, headers=headers)
            yield f"{kind}, htmx", scene.owner.fragment(address, form, headers=headers)
        text = {"Content-Type": "text/plain", "Origin": "https://evil.example"}
        yield "text that is JSON", scene.owner.http.post(address, content=b'{"name": "Eve"}', headers=text)
    finally:
        scene.owner.http.headers["Origin"] = BASE
    if str(endpoint).replace("POST", "GET") not in {str(one) for one in every_endpoint()}:
        yield "GET", scene.owner.get(address, params=form)


def test_without_the_check_they_do(world: World, ada: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    evil = {"Origin": "https://evil.example"}
    assert ada.post("/account/appearance", {"theme": "dark"}, headers=evil).status_code == 403
    monkeypatch.setattr("app.security.foreign_reason", lambda *_: "")
    before = dump(world.database)
    assert ada.post("/account/appearance", {"theme": "dark"}, headers=evil).status_code == 303
    assert dump(world.database) != before


def test_json_that_calls_itself_text_is_no_form_even_from_here(world: World, ada: Member) -> None:
    before = dump(world.database)
    text = {"Content-Type": "text/plain"}
    assert ada.http.post("/account", content=b'{"name": "Eve"}', headers=text).status_code == 422
    assert dump(world.database) == before


def test_own_pages_on_plain_http_send_only_an_origin(ada: Member) -> None:
    assert ada.post("/account/appearance", {"theme": "dark"}).status_code == 303


def test_own_pages_in_a_secure_context_say_so(ada: Member) -> None:
    del ada.http.headers["Origin"]
    answer = ada.post("/account/appearance", {"theme": "dark"}, headers={"Sec-Fetch-Site": "same-origin"})
    assert answer.status_code == 303


def test_a_machine_in_the_local_network(ada: Member) -> None:
    own = {"Host": "192.168.1.20:8000", "Origin": "http://192.168.1.20:8000", "Cookie": cookies(ada)}
    assert ada.post("/account/appearance", {"theme": "dark"}, headers=own).status_code == 303
    default = {"Host": "postil.local:80", "Origin": "http://postil.local", "Cookie": cookies(ada)}
    assert ada.post("/account/appearance", {"theme": "dark"}, headers=default).status_code == 303


def cookies(member: Member) -> str:
    return "; ".join(f"{name}={value}" for name, value in member.http.cookies.items())


@pytest.mark.parametrize("public_url", ["https://postil.example", "https://Postil.Example:443"])
def test_behind_a_proxy_that_speaks_tls(world: World, public_url: str) -> None:
    settings = world.settings.model_copy(update={"public_url": public_url})
    inside = World(create_app(settings, world.database), settings, world.database)
    ada = inside.member("Ada")
    ada.http.cookies.clear()
    with world.database.writing() as writing:
        from app.accounts.models import start_session

        assert ada.user is not None
        token = start_session(writing, ada.user.id, "", 30)
    proxied = {"Origin": "https://postil.example", "Cookie": f"{cookie_name(settings)}={token}"}
    assert ada.post("/account/appearance", {"theme": "dark"}, headers=proxied).status_code == 303
    evil = proxied | {"Origin": "https://evil.example"}
    assert ada.post("/account/appearance", {"theme": "dark"}, headers=evil).status_code == 403


def test_an_odd_host_is_no_error_of_ours(ada: Member) -> None:
    for host in ("[", "a b", "evil.example/..", "%00", "testserver:99999"):
        answer = ada.post("/account/appearance", {"theme": "dark"}, headers={"Host": host})
        assert answer.status_code in {303, 400, 401, 403}
