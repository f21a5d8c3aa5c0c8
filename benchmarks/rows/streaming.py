"""Live: what each open stream holds of memory, and how long a write takes to reach the first and the last of them."""

import selectors
import time
from collections.abc import Iterator
from contextlib import ExitStack

from app.settings import Settings
from benchmarks.classroom import Classroom, open_classroom
from benchmarks.dataset import forms
from benchmarks.figures import Figure, p50
from benchmarks.servers import Server, allow_open_files, running
from benchmarks.stage import Stage
from benchmarks.wire import Connection, request

_STREAMS = 500
_PATIENCE = 60.0
# Seconds of rest between two rounds, so that what the last one still costs is not measured with the next.
_QUIET = 0.3
# Seconds in which nothing happens: what is measured then is what waiting costs, so it is waited for.
_IDLE = 10.0
_WARM = 40


def measure(stage: Stage) -> Iterator[Figure]:
    """A class of 500 with its reading open, beside a bare event stream with 500 connections."""
    allow_open_files(4 * _STREAMS)
    own = Stage(stage.folder / "class", stage.quick)
    room = open_classroom(Settings(data_dir=own.data), _STREAMS + 1)
    with (
        own.ours() as ours,
        running("-m", "benchmarks.bare_streams", path="/ready") as floor,
        ExitStack() as stack,
    ):
        _warm(ours, room)
        streams = [request("GET", f"{one.address}/stream", one.headers) for one in room.students[1:]]
        before = ours.resident, floor.resident
        mine = stack.enter_context(_Listening(ours.port, streams))
        bare = stack.enter_context(_Listening(floor.port, [request("GET", "/stream")] * _STREAMS))
        each = [(s.resident - b) / _STREAMS for s, b in zip((ours, floor), before, strict=True)]
        yield Figure(f"{_STREAMS} streams, memory of each", "KiB", each[0], limit=50 << 10)
        yield Figure(f"{_STREAMS} streams, memory of each, beside the floor", "KiB", each[0], each[1])
        yield Figure(f"{_STREAMS} streams that hear nothing, share of one processor", "%", _idle(stage, ours))
        yield from _told(stage, room, mine, bare)


def _warm(ours: Server, room: Classroom) -> None:
    """Lets the server start its threads and connections, which are not the streams'."""
    with ExitStack() as stack:
        open_ = [stack.enter_context(Connection(ours.port)) for _ in range(_WARM)]
        for connection, reader in zip(open_, room.students, strict=False):
            connection.send(request("GET", reader.address, reader.headers))
        for connection in open_:
            while connection.take(0) is None:
                pass


def _idle(stage: Stage, ours: Server) -> float:
    """The share of one processor that is taken while nothing happens (the floor takes none)."""
    seconds = _IDLE / 3 if stage.quick else _IDLE
    before = ours.worked
    time.sleep(seconds)
    return (ours.worked - before) / seconds


def _told(stage: Stage, room: Classroom, mine: "_Listening", bare: "_Listening") -> Iterator[Figure]:
    """From the first byte of a write to the event at the first and at the last of the streams; in turns."""
    writer = room.students[0]
    headers = writer.headers | {"hx-request": "true", "origin": "http://127.0.0.1"}
    writes = (
        request("POST", f"{writer.address}/annotations", headers, form) for form in forms(writer, room.text)
    )
    say = request("POST", "/say")
    for _ in range(3):
        mine.hear(next(writes))
        bare.hear(say)
    rounds = [(mine.hear(next(writes)), bare.hear(say)) for _ in range(8 if stage.quick else 40)]
    for n, name in enumerate(("first", "last")):
        ours, floor = ([pair[side][n] for pair in rounds] for side in (0, 1))
        limit = 3 if name == "last" else None
        yield Figure(
            f"write → event at the {name} of {_STREAMS}, p50", "ms", p50(ours), p50(floor), limit=limit
        )


class _Listening:
    """Many streams, read by one thread."""

    def __init__(self, port: int, streams: list[bytes]) -> None:
        self._port = port
        self._stack = ExitStack()
        self._selector = self._stack.enter_context(selectors.DefaultSelector())
        self._streams = [self._stack.enter_context(Connection(port)) for _ in streams]
        for stream, asked in zip(self._streams, streams, strict=True):
            stream.send(asked)
        for stream in self._streams:
            _until(stream, b"retry: ")
            self._selector.register(stream.socket, selectors.EVENT_READ, stream)

    def __enter__(self) -> "_Listening":
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def hear(self, write: bytes) -> tuple[float, float]:
        """Writes, and returns the seconds until the first and until the last stream had the event.

        RuntimeError unless the write is a 2xx and each stream is told once.
        """
        with Connection(self._port) as writer:
            self._selector.register(writer.socket, selectors.EVENT_READ, writer)
            began = time.perf_counter()
            writer.send(write)
            told, is_done = dict[Connection, float](), False
            while len(told) < len(self._streams) or not is_done:
                seconds = time.perf_counter() - began
                if seconds > _PATIENCE:
                    raise RuntimeError(f"{len(told)} of {len(self._streams)} streams were told")
                for key, _ in self._selector.select(_PATIENCE):
                    if key.data is writer:
                        is_done = _answered(writer)
                    else:
                        _took(key.data, told, time.perf_counter() - began)
            self._selector.unregister(writer.socket)
        time.sleep(_QUIET)
        return min(told.values()), max(told.values())


def _answered(writer: Connection) -> bool:
    answer = writer.take(0)
    if answer and not 200 <= answer.status < 300:
        raise RuntimeError(f"{answer.status}: {answer.text[:500]}")
    return answer is not None


def _took(stream: Connection, told: dict[Connection, float], seconds: float) -> None:
    """Notes when an event came; a stream says other things too."""
    got = stream.socket.recv(1 << 16)
    if not got or b"event: end" in got:
        raise ConnectionError(f"the stream ended: {got!r}")
    if b"event: margin" in got:
        if stream in told:
            raise RuntimeError("a stream was told twice")
        told[stream] = seconds


def _until(stream: Connection, wanted: bytes) -> None:
    """Receives until the stream has said something."""
    got = b""
    while wanted not in got:
        if not (more := stream.socket.recv(1 << 16)):
            raise ConnectionError(f"the stream ended: {got!r}")
        got += more
