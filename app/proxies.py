"""What a proxy says of the request that it passes on, believed from the proxies that are known."""

import re
from typing import Any

from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

# A host and perhaps a port, as they stand in a Host header (RFC 9110, 7.2).
_HOST = re.compile(rb"(?:[\w.-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?")


class ProxyHeaders(ProxyHeadersMiddleware):
    """uvicorn's, which takes address and protocol from X-Forwarded-For and -Proto; and the host from -Host."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Passes the request on as its sender made it."""
        peer = scope.get("client")
        if scope["type"] == "http" and peer and peer[0] in self.trusted_hosts:
            scope = {**scope, "headers": _at_forwarded_host(scope["headers"])}
        await super().__call__(scope, receive, send)


def _at_forwarded_host(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """The headers with the forwarded host as theirs. Of several the last counts: the nearest proxy added it."""
    hosts = [value for name, value in headers if name == b"x-forwarded-host"]
    host = hosts[-1].rpartition(b",")[2].strip() if hosts else b""
    if not _HOST.fullmatch(host):
        return headers
    return [(b"host", host), *(pair for pair in headers if pair[0] != b"host")]
