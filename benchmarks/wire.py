"""A bare HTTP/1.1 client over sockets that stay open: its own cost must not blur what it measures."""

import re
import selectors
import socket
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from types import TracebackType

LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
CHUNKED = re.compile(rb"\r\ntransfer-encoding: *chunked", re.IGNORECASE)
BODILESS = {204, 304}


@dataclass(frozen=True)
class Answer:
    """An answer as it came over the wire; `seconds` from the first byte sent to the last one received."""

    status: int
    head: bytes
    body: bytes
    seconds: float

    @property
    def text(self) -> str:
        """The body, unpacked if it was compressed."""
        packed = b"content-encoding: gzip" in self.head.lower()
        return (zlib.decompress(self.body, 31) if packed else self.body).decode()

    def header(self, name: str) -> str:
        """The value of a header. ValueError when there is none."""
        found = re.search(rb"\r\n" + name.encode() + rb": *([^\r]*)", self.head, re.IGNORECASE)
        if not found:
            raise ValueError(name)
        return found[1].decode()


class Connection:
    """One keep-alive connection to a server on this machine."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=60)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._got = b""

    def __enter__(self) -> "Connection":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.socket.close()

    def ask(self, request: bytes) -> Answer:
        """Sends a request (see `request`) and waits for the whole answer."""
        began = time.perf_counter()
        self.send(request)
        while (answer := self.take(began)) is None:
            pass
        return answer

    def send(self, request: bytes) -> None:
        """Sends a request and does not wait."""
        self._got = b""
        self.socket.sendall(request)

    def take(self, began: float) -> Answer | None:
        """Receives once; the answer when it is complete."""
        got = self.socket.recv(1 << 20)
        if not got:
            raise ConnectionError("the server hung up")
        self._got += got
        return _parsed(self._got, began)


def _parsed(got: bytes, began: float) -> Answer | None:
    head, gap, rest = got.partition(b"\r\n\r\n")
    if not gap:
        return None
    status = int(head[9:12])
    if status in BODILESS:
        body = b""
    elif length := LENGTH.search(head):
        if len(rest) < int(length[1]):
            return None
        body = rest
    elif CHUNKED.search(head):
        if not rest.endswith(b"0\r\n\r\n"):
            return None
        body = b"".join(_chunks(rest))
    else:
        raise ValueError("an answer without a length")
    return Answer(status, head, body, time.perf_counter() - began)


def _chunks(rest: bytes) -> Iterator[bytes]:
    while True:
        size, _, rest = rest.partition(b"\r\n")
        if not (length := int(size, 16)):
            return
        yield rest[:length]
        rest = rest[length + 2 :]


def request(method: str, path: str, headers: dict[str, str] | None = None, body: bytes = b"") -> bytes:
    """A request as bytes, asking for compression as every browser does."""
    lines = [f"{method} {path} HTTP/1.1", "host: 127.0.0.1", "accept-encoding: gzip"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    if method == "POST":
        lines += ["content-type: application/x-www-form-urlencoded", f"content-length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode() + body


@dataclass(frozen=True)
class Load:
    """What clients that ask one thing after another measured."""

    latencies: list[float]
    seconds: float


def load(port: int, clients: int, each: Callable[[int], Iterator[bytes]], seconds: float) -> Load:
    """Lets clients send without pause for a while; `each(client)` makes a client's requests.

    RuntimeError unless every answer is a 2xx.
    """
    with ExitStack() as stack:
        connections = [stack.enter_context(Connection(port)) for _ in range(clients)]
        return _Loading(connections, [each(n) for n in range(clients)], seconds).run()


class _Loading:
    """One thread for all clients, so that they take as little of the machine as can be."""

    def __init__(self, connections: list[Connection], todo: list[Iterator[bytes]], seconds: float) -> None:
        self.connections = connections
        self.todo = todo
        self.began = [0.0] * len(connections)
        self.latencies: list[float] = []
        self.until = time.perf_counter() + seconds

    def run(self) -> Load:
        """Sends until the time is over and the last answer has come."""
        started = time.perf_counter()
        with selectors.DefaultSelector() as selector:
            for n, connection in enumerate(self.connections):
                selector.register(connection.socket, selectors.EVENT_READ, n)
                self._send(n)
            under_way = len(self.connections)
            while under_way:
                under_way -= sum(self._ended(key.data) for key, _ in selector.select())
        return Load(self.latencies, time.perf_counter() - started)

    def _send(self, n: int) -> None:
        content = next(self.todo[n])
        self.began[n] = time.perf_counter()
        self.connections[n].send(content)

    def _ended(self, n: int) -> bool:
        """Takes what has come for a client; whether that was its last answer."""
        answer = self.connections[n].take(self.began[n])
        if answer is None:
            return False
        if not 200 <= answer.status < 300:
            raise RuntimeError(f"{answer.status}: {answer.text[:500]}")
        self.latencies.append(answer.seconds)
        if time.perf_counter() >= self.until:
            return True
        self._send(n)
        return False
