"""What a proxy says of a request: believed from a known one, ignored from anybody else."""

import asyncio
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.commands.doctor import doctor
from app.main import create_app
from app.proxies import ProxyHeaders
from app.security import cookie_name
from app.settings import Settings
from tests.support.cast import World

SAID = {
    "X-Forwarded-For": "203.0.113.9",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Host": "postil.example",
}
KNOWN, UNKNOWN = "10.1.2.3", "192.0.2.7"


def passed_on(proxies: str, peer: str | None, said: list[tuple[str, str]]) -> tuple[Any, str, str]:
    """Return address, scheme and host as the application sees them."""
    seen: dict[str, Any] = {}

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.update(scope)

    headers = [(b"host", b"127.0.0.1:8000"), *((n.lower().encode(), v.encode()) for n, v in said)]
    client = (peer, 5000) if peer else None
    scope = {"type": "http", "scheme": "http", "client": client, "headers": headers}
    asyncio.run(ProxyHeaders(app, proxies)(scope, None, None))
    (host,) = (value.decode() for name, value in seen["headers"] if name == b"host")
    return seen["client"] and seen["client"][0], seen["scheme"], host


@pytest.mark.parametrize("peer", ["10.1.2.3", "10.255.0.1", "192.168.0.5", "fd00::7"])
def test_a_known_proxy_is_believed(peer: str) -> None:
    proxies = Settings(proxies="10.0.0.0/8, 192.168.0.5,fd00::/64").proxies
    assert passed_on(proxies, peer, list(SAID.items())) == ("203.0.113.9", "https", "postil.example")


@pytest.mark.parametrize("peer", ["11.0.0.1", "192.168.0.6", "fd01::7", "127.0.0.1", "testclient", None])
def test_anybody_else_is_not(peer: str | None) -> None:
    proxies = Settings(proxies="10.0.0.0/8, 192.168.0.5,fd00::/64").proxies
    assert passed_on(proxies, peer, list(SAID.items())) == (peer, "http", "127.0.0.1:8000")


def test_this_machine_is_believed_unless_something_else_is_said() -> None:
    for peer in ("127.0.0.1", "::1"):
        assert passed_on(Settings().proxies, peer, list(SAID.items()))[0] == "203.0.113.9"
    assert passed_on(Settings().proxies, KNOWN, list(SAID.items()))[0] == KNOWN


@pytest.mark.parametrize(
    ("forwarded", "host"),
    [
        (["evil.example, postil.example"], "postil.example"),
        (["evil.example", "postil.example:8443"], "postil.example:8443"),
        (["[fd00::1]:8000"], "[fd00::1]:8000"),
        (["postil.example/evil"], "127.0.0.1:8000"),
        (["a b"], "127.0.0.1:8000"),
        (["a@b"], "127.0.0.1:8000"),
        ([""], "127.0.0.1:8000"),
    ],
)
def test_the_nearest_proxys_host_counts_and_must_be_one(forwarded: list[str], host: str) -> None:
    said = [("X-Forwarded-Host", value) for value in forwarded]
    assert passed_on(KNOWN, KNOWN, said)[2] == host


def asked_by(world: World, peer: str) -> tuple[int, int]:
    """Post from a page at the forwarded address; return the answer's status and how often a link names that address."""
    settings = world.settings.model_copy(update={"proxies": "10.0.0.0/8"})
    grace = world.member(f"Grace behind {peer}", is_admin=True)
    client = TestClient(create_app(settings, world.database), client=(peer, 5000), follow_redirects=False)
    client.cookies.set(cookie_name(settings), grace.http.cookies[cookie_name(world.settings)])
    headers = SAID | {"Origin": "https://postil.example"}
    answer = client.post("/people", data={"name": f"Dora by {peer}"}, headers=headers)
    return answer.status_code, answer.text.count('value="https://postil.example/invitation/')


@pytest.mark.database
def test_origin_and_links_follow_a_known_proxy_alone(world: World) -> None:
    assert asked_by(world, KNOWN) == (201, 1)
    assert asked_by(world, UNKNOWN) == (403, 0)


@pytest.mark.database
def test_the_doctor_says_who_is_believed(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    doctor(settings.model_copy(update={"proxies": "10.0.0.0/8"}))
    said = capsys.readouterr().out
    assert "X-Forwarded-For, -Proto and -Host are believed from 10.0.0.0/8." in said
    assert "anybody" not in said
    assert doctor(settings.model_copy(update={"proxies": "0.0.0.0/0"})) == 1
    assert "! POSTIL_PROXIES believes anybody" in capsys.readouterr().out
