"""Requests that no well-behaved client sends, straight to the application: any bytes as path, query, headers, body."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_to_bytes

from tests.support.cast import Member, event_loop

Headers = list[tuple[bytes, bytes]]


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes


def send(
    member: Member,
    method: str,
    path: bytes = b"/",
    *,
    query: bytes = b"",
    headers: Headers | None = None,
    chunks: Iterable[bytes] = (b"",),
    scheme: str = "http",
    client: str = "127.0.0.1",
) -> Answer:
    """Send one request as a server would hand it over, with the member's cookies; no length is announced.
    Without any chunks the sender goes away before the body.
    """
    sent = [(b"host", b"testserver"), *(headers or [])]
    if member.http.cookies:
        cookies = "; ".join(f"{name}={value}" for name, value in member.http.cookies.items())
        sent.append((b"cookie", cookies.encode()))
    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": method,
        "scheme": scheme,
        "path": unquote_to_bytes(path).decode("utf-8", "replace"),
        "raw_path": path,
        "query_string": query,
        "root_path": "",
        "headers": _last_of_each(sent),
        "client": (client, 50000),
        "server": ("127.0.0.1", 8000),
        "state": {},
    }
    return event_loop().call(_exchange, member.world.app, scope, list(chunks))


def _last_of_each(headers: Headers) -> Headers:
    """Return the headers with `host` only once: the last that was given."""
    host = [header for header in headers if header[0] == b"host"][-1]
    return [host, *(header for header in headers if header[0] != b"host")]


async def _exchange(app: Any, scope: dict[str, Any], chunks: list[bytes]) -> Answer:
    messages: list[dict[str, Any]] = []
    left = list(chunks)

    async def receive() -> dict[str, Any]:
        if not chunks:
            return {"type": "http.disconnect"}
        if not left:
            await asyncio.Event().wait()  # the sender waits for the answer
        body = left.pop(0)
        return {"type": "http.request", "body": body, "more_body": bool(left)}

    async def reply(message: dict[str, Any]) -> None:
        messages.append(message)

    await app(scope, receive, reply)
    start = next(message for message in messages if message["type"] == "http.response.start")
    body = b"".join(message.get("body", b"") for message in messages[1:])
    return Answer(
        start["status"], {key.decode(): value.decode("latin-1") for key, value in start["headers"]}, body
    )
