"""Real processes of `postil serve` over one database, and a balancer before them whose connections can be cut."""

import asyncio
import os
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Coroutine
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any

import httpx2

from app.settings import Settings

ROOT = Path(__file__).parents[2]
_SERVE = "import sys; from app.cli import main; sys.exit(main(['serve']))"
PATIENCE = 60.0


class Server:
    """One process. `before` is Python that it runs first: what a negative control takes away."""

    def __init__(self, settings: Settings, before: str = "", **environment: str) -> None:
        self._settings = settings
        self._code = f"{before}\n{_SERVE}"
        self._more = environment | {"POSTIL_PORT": "0"}
        self.port = 0
        self.start()

    def start(self) -> None:
        """Starts it, anew on another port; `ready` says when it serves."""
        self._process = subprocess.Popen(
            [sys.executable, "-c", self._code],
            cwd=ROOT,
            env=os.environ | self._settings.as_environment() | self._more,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def ready(self) -> None:
        """Waits until it serves."""
        assert self._process.stdout is not None
        said = self._process.stdout.readline()
        assert "http://127.0.0.1:" in said, said
        self.port = int(said.strip().rpartition(":")[2])
        httpx2.get(f"http://127.0.0.1:{self.port}/health", timeout=PATIENCE).raise_for_status()

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Sends the signal and waits for the end; returns the exit status."""
        self._process.send_signal(how)
        self._process.communicate(timeout=PATIENCE)
        return self._process.returncode

    def close(self) -> None:
        """Ends it whatever it does."""
        self._process.kill()
        self._process.communicate()


class Balancer:
    """Passes each connection on to a server that is in good health, in turn, as nginx would with a health check."""

    def __init__(self, servers: list[Server]) -> None:
        self._servers = servers
        self._healthy: list[Server] = list(servers)
        self._next = 0
        self._open: set[asyncio.StreamWriter] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> "Balancer":
        self._thread.start()
        self._server = self._do(asyncio.start_server(self._pass_on, "127.0.0.1", 0))
        port = self._server.sockets[0].getsockname()[1]
        self.address = f"http://127.0.0.1:{port}"
        self._watching = asyncio.run_coroutine_threadsafe(self._watch(), self._loop)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._do(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def knows(self, server: Server) -> bool:
        """Whether it comes to pass connections on to a server."""
        for _ in range(int(PATIENCE / 0.1)):
            if server in self._healthy:
                return True
            self._do(asyncio.sleep(0.1))
        return False

    def cut(self, share: float) -> None:
        """Breaks so many of the open connections off, in the middle of whatever they say."""
        self._do(self._cut(share))

    def _do(self, act: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(act, self._loop).result(PATIENCE)

    async def _cut(self, share: float) -> None:
        for writer in list(self._open):
            if random.random() < share:
                writer.transport.abort()

    async def _end(self) -> None:
        self._watching.cancel()
        self._server.close()
        for writer in list(self._open):
            writer.transport.abort()
        if others := asyncio.all_tasks() - {asyncio.current_task()}:
            await asyncio.wait(others, timeout=PATIENCE)
        # What was aborted is closed in the loop's next turn.
        await asyncio.sleep(0)

    async def _watch(self) -> None:
        while True:
            well = [await self._is_well(server) for server in self._servers]
            self._healthy = [server for server, is_well in zip(self._servers, well, strict=True) if is_well]
            await asyncio.sleep(0.1)

    async def _is_well(self, server: Server) -> bool:
        with suppress(OSError, TimeoutError):
            async with asyncio.timeout(5):
                reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
                try:
                    writer.write(b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
                    return b" 200 " in await reader.readline()
                finally:
                    writer.transport.abort()
        return False

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Whichever server can be reached gets the connection; none that is known to be stopping or gone."""
        self._open.add(writer)
        try:
            there = await self._reached()
            if there:
                far_reader, far_writer = there
                self._open.add(far_writer)
                await asyncio.gather(_pour(reader, far_writer), _pour(far_reader, writer))
                far_writer.transport.abort()
                self._open.discard(far_writer)
        finally:
            writer.transport.abort()
            self._open.discard(writer)

    async def _reached(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
        for server in [*self._turn(), *self._servers]:
            with suppress(OSError):
                return await asyncio.open_connection("127.0.0.1", server.port)
        return None

    def _turn(self) -> list[Server]:
        self._next += 1
        first = self._next % max(1, len(self._healthy))
        return [*self._healthy[first:], *self._healthy[:first]]


async def _pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while part := await reader.read(65536):
            writer.write(part)
            await writer.drain()
    with suppress(OSError, RuntimeError):
        writer.close()
