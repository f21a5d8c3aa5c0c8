"""What guards every request: response headers, the same-origin check, the body limit, cookies, attempt limits."""

import hashlib
import ipaddress
import logging
import threading
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import quote_from_bytes, urlsplit

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from fastapi import Request, Response

from app.base_path import header_at_base, put_under
from app.settings import Settings

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

WINDOW = 60
"""Seconds that are counted together; `attempt_windows` adds up five minutes of them."""
FAILURES_AN_ACCOUNT = 10
FAILURES_AN_ADDRESS = 1000
_SAFE = {"GET", "HEAD", "OPTIONS"}
# The longest that browsers keep a cookie. When a sign-in ends is for the server to say.
_COOKIE_SECONDS = 400 * 86400
_DEFAULT_PORTS = {"http": 80, "https": 443}
# What may stand in a query as it is; anything else is escaped before it is read.
_PLAIN = "".join(map(chr, range(0x21, 0x7F)))
_CSP = "; ".join(
    [
        "default-src 'none'",
        *(
            f"{kind}-src 'self'"
            for kind in ("script", "style", "img", "font", "connect", "manifest", "worker")
        ),
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ]
)
_HEADERS = {
    "content-security-policy": _CSP,
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
log = logging.getLogger("postil")


class BodyTooLarge(Exception):
    """More was sent than is accepted; `limit` is in bytes."""

    def __init__(self, limit: int) -> None:
        super().__init__(limit)
        self.limit = limit


class Guard:
    """ASGI middleware around everything: headers on every answer, refusals of foreign and oversized requests."""

    def __init__(
        self, app: Any, settings: Settings, on_error: Callable[[Request, Exception], Response]
    ) -> None:
        self.app = app
        self.settings = settings
        self.on_error = on_error
        self.base = settings.base_path
        headers = dict(_HEADERS)
        if settings.secure:
            headers["strict-transport-security"] = "max-age=31536000; includeSubDomains"
        self.headers = [(name.encode(), value.encode()) for name, value in headers.items()]

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Passes the request on, or answers it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = False
        bodiless = scope["method"] == "HEAD"
        scope = put_under(self.base, _plain(scope))

        async def guarded_send(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                message["headers"] = self._completed(message.get("headers", []))
            elif bodiless:
                message = {**message, "body": b""}
            await send(message)

        request = Request(scope)
        try:
            if refusal := foreign_reason(request, self.settings):
                raise ForeignRequest(refusal)
            await self.app(scope, self._limited(request, receive), guarded_send)
        except Exception as error:  # the last resort: whatever goes wrong becomes an answer
            if started:
                raise
            await self.on_error(request, error)(scope, receive, guarded_send)

    def _completed(self, headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
        if self.base:
            headers = [(name, header_at_base(self.base, name, value)) for name, value in headers]
        names = {name.lower() for name, _ in headers}
        extra = [] if b"cache-control" in names else [(b"cache-control", b"no-store")]
        return [*headers, *(pair for pair in self.headers if pair[0] not in names), *extra]

    def _limited(self, request: Request, receive: Receive) -> Receive:
        upload = request.headers.get("content-type", "").lower().startswith("multipart/form-data")
        limit = self.settings.max_upload_mib << 20 if upload else self.settings.max_body_kib << 10
        length = request.headers.get("content-length", "")
        if length.isascii() and length.isdigit() and (len(length) > 18 or int(length) > limit):
            raise BodyTooLarge(limit)
        taken = 0

        async def counted() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > limit:
                raise BodyTooLarge(limit)
            return message

        return counted


def _plain(scope: Message) -> dict[str, Any]:
    """The request as the application sees it: HEAD is GET (its body is dropped), and the query is plain ASCII."""
    method = "GET" if scope["method"] == "HEAD" else scope["method"]
    query = quote_from_bytes(scope.get("query_string", b""), safe=_PLAIN).encode()
    return {**scope, "method": method, "query_string": query}


class ForeignRequest(Exception):
    """An unsafe request that does not come from a page of this server."""


def foreign_reason(request: Request, settings: Settings) -> str:
    """Why an unsafe request is not taken for one of our own pages'; empty when it is.

    Browsers say where a request comes from in Sec-Fetch-Site (secure contexts) and Origin; one that says neither
    is refused.
    """
    if request.method in _SAFE:
        return ""
    site = request.headers.get("sec-fetch-site")
    if site is not None and site != "same-origin":
        return f"Sec-Fetch-Site is {site}"
    origin = request.headers.get("origin")
    if origin is None:
        return "" if site == "same-origin" else "it has neither Origin nor Sec-Fetch-Site"
    return "" if _is_own(origin, request, settings) else f"Origin is {origin}"


def _is_own(origin: str, request: Request, settings: Settings) -> bool:
    sent = _origin(origin)
    here = _origin(f"{request.scope['scheme']}://{request.headers.get('host', '')}")
    public = _origin(settings.public_url) if settings.public_url else None
    return sent is not None and sent in (here, public)


def _origin(url: str) -> tuple[str, str, int] | None:
    """Scheme, host and port (RFC 6454, 4); None for what is no web address."""
    try:
        parts = urlsplit(url)
        port = parts.port or _DEFAULT_PORTS[parts.scheme]
    except (ValueError, KeyError):
        return None
    return (parts.scheme, parts.hostname, port) if parts.hostname else None


def cookie_name(settings: Settings) -> str:
    """`__Host-` ties the cookie to this host and to https, where there is https.

    It is sent to the whole host then: under a base path, where others may stand beside Postil, `__Secure-` is left.
    """
    if not settings.secure:
        return "postil"
    return "__Secure-postil" if settings.base_path else "__Host-postil"


def set_cookie(response: Response, settings: Settings, token: str) -> None:
    """Gives the browser its sign-in."""
    response.set_cookie(
        cookie_name(settings),
        token,
        max_age=_COOKIE_SECONDS,
        path=settings.base_path or "/",
        secure=settings.secure,
        httponly=True,
        samesite="lax",
    )


def drop_cookie(response: Response, settings: Settings) -> None:
    """Takes the sign-in away, and what the browser has cached; never its storage, which may hold unsent work."""
    response.delete_cookie(
        cookie_name(settings),
        path=settings.base_path or "/",
        secure=settings.secure,
        httponly=True,
        samesite="lax",
    )
    response.headers["clear-site-data"] = '"cache"'


class Passwords:
    """Argon2id, a few at once, so that a rush of sign-ins does not take all the memory."""

    _AT_ONCE = 3

    def __init__(self, settings: Settings) -> None:
        self._hasher = PasswordHasher(
            time_cost=settings.password_passes, memory_cost=settings.password_memory_kib, parallelism=1
        )
        self._gate = threading.BoundedSemaphore(self._AT_ONCE)
        self._nobody = self._hasher.hash("nobody's password")

    def hash(self, password: str) -> str:
        """What is stored of a password."""
        with self._gate:
            return self._hasher.hash(password)

    def fits(self, stored: str | None, password: str) -> bool:
        """Whether the password is right. Takes as long for an unknown person (`stored` None) as for a known one."""
        with self._gate:
            try:
                self._hasher.verify(stored or self._nobody, password)
            except (VerificationError, InvalidHashError):
                return False
        return stored is not None


def attempt_windows() -> list[int]:
    """The numbers of the windows that count now, the present one first: it and the five minutes before."""
    window = int(time.time() // WINDOW)
    return [window - back for back in range(6)]


def attempt_key(kind: str, value: str) -> str:
    """What failures are counted under; hashed, since people type passwords into the name field."""
    return hashlib.sha256(f"{kind}:{value}".encode()).hexdigest()


def network_of(request: Request) -> str:
    """The caller's address; an IPv6 one by its /64, since a household holds all of it."""
    host = request.client.host if request.client else ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    if address.version == 6:
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)
