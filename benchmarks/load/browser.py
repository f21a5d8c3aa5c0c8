"""A browser without a screen: its cookie, its connections that stay open, and what it sends with each request."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from urllib.parse import urlencode

from benchmarks.dataset import Reader
from benchmarks.wire import BODILESS, CHUNKED, LENGTH, Answer, request

PATIENCE = 60.0
"""Seconds after which an answer is taken to be lost."""
_AT_ONCE = 5
_WHOLE = 8 << 20


class Browser:
    """One person's connections to a server on this machine: as many at once as a browser opens beside a stream."""

    def __init__(self, port: int, reader: Reader) -> None:
        self._port = port
        self._headers = reader.headers
        self._origin = {"origin": f"http://127.0.0.1:{port}"}
        self._idle: list[_Line] = []
        self._gate = asyncio.Semaphore(_AT_ONCE)

    async def get(self, path: str, *, htmx: bool = False, etag: str = "") -> Answer:
        """A page, or with `htmx` a piece of one; with an ETag only if it has changed."""
        headers = self._headers | ({"hx-request": "true"} if htmx else {})
        return await self._ask(self._made("GET", path, headers | ({"if-none-match": etag} if etag else {})))

    async def post(self, path: str, form: Mapping[str, object], *, htmx: bool = True) -> Answer:
        """A form, sent by htmx or (a beacon) by the page itself."""
        headers = self._headers | self._origin | ({"hx-request": "true"} if htmx else {})
        return await self._ask(self._made("POST", path, headers, urlencode(form, doseq=True).encode()))

    @asynccontextmanager
    async def stream(self, path: str) -> AsyncIterator[AsyncIterator[dict[str, str]]]:
        """Holds an event stream open and gives its messages by their fields."""
        line = await _Line.to(self._port)
        try:
            line.send(self._made("GET", path, self._headers | {"accept": "text/event-stream"}))
            head = await line.head()
            if not head.startswith(b"HTTP/1.1 200") or b"text/event-stream" not in head:
                raise ConnectionError(f"no stream: {head[:200]!r}")
            yield line.messages()
        finally:
            line.close()

    def close(self) -> None:
        """Hangs up."""
        while self._idle:
            self._idle.pop().close()

    def _made(self, method: str, path: str, headers: dict[str, str], body: bytes = b"") -> bytes:
        return request(method, path, headers, body).replace(
            b"host: 127.0.0.1\r\n", f"host: 127.0.0.1:{self._port}\r\n".encode(), 1
        )

    async def _ask(self, content: bytes) -> Answer:
        """Over a connection that is open. One that the server has ended meanwhile is replaced, as browsers do."""
        async with self._gate:
            while self._idle:
                with contextlib.suppress(_Ended):
                    return await self._over(self._idle.pop(), content)
            return await self._over(await _Line.to(self._port), content)

    async def _over(self, line: "_Line", content: bytes) -> Answer:
        try:
            async with asyncio.timeout(PATIENCE):
                answer = await line.ask(content)
        except BaseException:
            line.close()
            raise
        self._idle.append(line)
        return answer


class _Ended(EOFError):
    """The server had hung up before anything was asked."""


class _Line:
    """One connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def to(cls, port: int) -> "_Line":
        return cls(*await asyncio.open_connection("127.0.0.1", port, limit=_WHOLE))

    def close(self) -> None:
        self._writer.close()

    def send(self, content: bytes) -> None:
        self._writer.write(content)

    async def head(self) -> bytes:
        """The status line and the headers."""
        return (await self._reader.readuntil(b"\r\n\r\n"))[:-4]

    async def ask(self, content: bytes) -> Answer:
        """Sends a request and waits for the whole answer."""
        began = time.perf_counter()
        self.send(content)
        try:
            head = await self.head()
        except (asyncio.IncompleteReadError, ConnectionResetError) as error:
            if getattr(error, "partial", b""):
                raise
            raise _Ended from error
        status = int(head[9:12])
        body = b"" if status in BODILESS else await self._body(head)
        return Answer(status, head, body, time.perf_counter() - began)

    async def _body(self, head: bytes) -> bytes:
        if found := LENGTH.search(head):
            return await self._reader.readexactly(int(found[1]))
        if not CHUNKED.search(head):
            raise ConnectionError("an answer without a length")
        return b"".join([chunk async for chunk in self._chunks()])

    async def _chunks(self) -> AsyncIterator[bytes]:
        while size := int(await self._reader.readuntil(b"\r\n"), 16):
            yield (await self._reader.readexactly(size + 2))[:-2]
        await self._reader.readexactly(2)

    async def messages(self) -> AsyncIterator[dict[str, str]]:
        """The messages of an event stream (chunked, whole lines in each chunk), comments left out."""
        async for chunk in self._chunks():
            for block in chunk.decode().split("\n\n"):
                fields = dict(line.split(": ", 1) for line in block.split("\n") if ": " in line)
                if "event" in fields:
                    yield fields
