"""The floor of streams: a raw ASGI application that hands one line to everybody who listens."""

from collections.abc import Awaitable, Callable
from typing import Any

from benchmarks.serving import serve

Message = dict[str, Any]
Send = Callable[[Message], Awaitable[None]]
Receive = Callable[[], Awaitable[Message]]
_LINE = b'event: margin\ndata: {"paragraphs": [7]}\n\n'


class Streams:
    """Those who listen: `/stream` adds one, a POST to `/say` tells them all, everything else is answered at once."""

    def __init__(self) -> None:
        self._listening: set[Send] = set()

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Serves one request."""
        if scope["type"] != "http":
            raise ValueError(scope["type"])
        if scope["path"] == "/stream":
            await self._listen(receive, send)
            return
        if scope["method"] == "POST":
            for tell in tuple(self._listening):
                await tell({"type": "http.response.body", "body": _LINE, "more_body": True})
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body", "body": b""})

    async def _listen(self, receive: Receive, send: Send) -> None:
        headers = [(b"content-type", b"text/event-stream"), (b"cache-control", b"no-store")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"retry: 2000\n\n", "more_body": True})
        self._listening.add(send)
        try:
            while (await receive())["type"] != "http.disconnect":
                pass
        finally:
            self._listening.discard(send)


if __name__ == "__main__":
    serve(Streams())
