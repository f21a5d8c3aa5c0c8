"""A bad network: a small proxy before the application that delays, cuts, loses and forges answers, and goes away."""

import asyncio
import re
import threading
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Literal
from urllib.parse import urlsplit

Mishap = Literal["fine", "cut before", "lost answer", "broken answer", "bad gateway", "late"]
MISHAPS: tuple[Mishap, ...] = ("fine", "cut before", "lost answer", "broken answer", "bad gateway", "late")
LATE = 0.3  # seconds
_BAD_GATEWAY = (
    b"HTTP/1.1 502 Bad Gateway\r\ncontent-type: text/html\r\ncontent-length: 38\r\nconnection: close\r\n\r\n"
    b"<html><body>Bad gateway</body></html>\n"
)


@dataclass
class BadNetwork:
    """The way to a server at `behind`: `next` says what happens to the coming POSTs; while `away` nothing passes."""

    behind: str
    away: bool = False
    # What became of each POST that came: its path and what happened to it.
    seen: list[tuple[str, str]] = field(default_factory=list)
    address: str = ""
    _under_way: set[asyncio.Task[None]] = field(default_factory=set)
    _coming: deque[tuple[str, Mishap]] = field(default_factory=deque)

    def next(self, *mishaps: Mishap, path: str = "") -> None:
        """What happens to the next POSTs whose path holds this pattern, in order."""
        self._coming.extend((path, mishap) for mishap in mishaps)

    def clear(self) -> None:
        """Nothing more is to happen."""
        self._coming.clear()

    def posts(self, pattern: str) -> list[str]:
        """What became of the POSTs to paths with this pattern."""
        return [fate for path, fate in self.seen if re.search(pattern, path)]

    def __enter__(self) -> "BadNetwork":
        ready = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(ready,), daemon=True)
        self._thread.start()
        ready.wait()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._ended.set)
        self._thread.join()

    def _run(self, ready: threading.Event) -> None:
        with asyncio.Runner() as runner:
            runner.run(self._listen(ready))

    async def _listen(self, ready: threading.Event) -> None:
        self._loop, self._ended = asyncio.get_running_loop(), asyncio.Event()
        self._loop.set_exception_handler(lambda *_: None)  # connections that were cut complain
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        ready.set()
        await self._ended.wait()
        for listening in server.sockets:
            self._loop.remove_reader(listening.fileno())
        # Those that were accepted begin, so that they can be ended: a closed server leaves them open.
        await _turns()
        server.close()
        while under_way := list(self._under_way):
            for task in under_way:
                task.cancel()
            await asyncio.gather(*under_way, return_exceptions=True)
        await _turns()  # their sockets go

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One request a connection: a browser repeats by itself what fails on one that it has used before."""
        task = asyncio.current_task()
        assert task
        self._under_way.add(task)  # nobody else holds it once its connection is gone
        try:
            request = await _request(reader)
            await self._answer(request, writer)
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            await _closed(writer)
            self._under_way.discard(task)

    async def _answer(self, request: bytes, writer: asyncio.StreamWriter) -> None:
        method, path = request.split(b" ", 2)[:2]
        fate = "fine" if method != b"POST" else self._fate(path.decode())
        if self.away or fate == "cut before":
            writer.transport.abort()
        elif fate == "bad gateway":
            writer.write(_BAD_GATEWAY)
            await writer.drain()
        elif fate in {"lost answer", "broken answer"}:
            answer = await self._whole(request)
            if fate == "broken answer":
                writer.write(answer[: answer.index(b"\r\n\r\n") + 8])
                await writer.drain()
            writer.transport.abort()
        else:
            await asyncio.sleep(LATE if fate == "late" else 0)
            await self._through(request, writer)

    def _fate(self, path: str) -> str:
        fate: str = "away" if self.away else "fine"
        if not self.away and self._coming and re.search(self._coming[0][0], path):
            fate = self._coming.popleft()[1]
        self.seen.append((path, fate))
        return fate

    async def _whole(self, request: bytes) -> bytes:
        reader, writer = await self._open(request)
        try:
            return await reader.read(-1)
        finally:
            await _closed(writer)

    async def _through(self, request: bytes, writer: asyncio.StreamWriter) -> None:
        """Piece by piece, so that a stream flows."""
        reader, server = await self._open(request)
        try:
            while piece := await reader.read(1 << 16):
                writer.write(piece)
                await writer.drain()
        finally:
            await _closed(server)

    async def _open(self, request: bytes) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        parts = urlsplit(self.behind)
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        writer.write(request)
        await writer.drain()
        return reader, writer


async def _turns() -> None:
    """Lets the loop do what it has put off."""
    for _ in range(20):
        await asyncio.sleep(0)


async def _closed(writer: asyncio.StreamWriter) -> None:
    """Ends a connection once it has sent what it holds, or has no more time for it, and its socket with it."""
    writer.close()
    try:
        with suppress(OSError, TimeoutError):
            await asyncio.wait_for(writer.wait_closed(), LATE)
    finally:
        # Also when the network goes while it waits.
        writer.transport.abort()


async def _request(reader: asyncio.StreamReader) -> bytes:
    """Head and body, asking the server to close after it."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
    body = await reader.readexactly(int(length[1])) if length else b""
    head = re.sub(rb"(?i)\r\nconnection:[^\r]*", b"", head)
    return head[:-2] + b"connection: close\r\n\r\n" + body
