"""Making annotations: one client and sixteen, on SQLite and on PostgreSQL, committed with full durability."""

from collections.abc import Iterator
from itertools import chain

from app.settings import Settings
from benchmarks.dataset import Reader
from benchmarks.figures import Figure, p50, p99
from benchmarks.postgresql import durable_postgresql
from benchmarks.servers import Server
from benchmarks.stage import Stage, fill
from benchmarks.wire import Load, load, request

_ROUNDS = 3
_MANY = 16


def measure(stage: Stage) -> Iterator[Figure]:
    """SQLite, then PostgreSQL."""
    with stage.both() as servers:
        yield from _measured("SQLite", stage, *servers, limit_many=0.3, limit_one=3)
    with durable_postgresql() as url:
        other = Stage(stage.folder, stage.quick)
        fill(other, Settings(data_dir=stage.folder / "other", database_url=url), ())
        with other.both(url) as servers:
            yield from _measured("PostgreSQL", other, *servers, limit_many=0.85)


def _measured(
    where: str,
    stage: Stage,
    ours: Server,
    floor: Server,
    *,
    limit_many: float,
    limit_one: float | None = None,
) -> Iterator[Figure]:
    alone, crowd = stage.writers[:1], stage.writers[1 : _MANY + 1]
    mine, base = _compared(stage, ours, floor, alone)
    name = f"create on {where}"
    yield Figure(f"{name}, 1 client, p50", "ms", p50(mine[0]), p50(base[0]), limit=limit_one)
    yield Figure(f"{name}, 1 client, p99", "ms", p99(mine[0]), p99(base[0]))
    mine, base = _compared(stage, ours, floor, crowd)
    yield Figure(f"{name}, {_MANY} clients", "/s", mine[1], base[1], "at least", limit_many)
    yield Figure(f"{name}, {_MANY} clients, p50", "ms", p50(mine[0]), p50(base[0]))
    yield Figure(f"{name}, {_MANY} clients, p99", "ms", p99(mine[0]), p99(base[0]))


def _compared(
    stage: Stage, ours: Server, floor: Server, writers: list[Reader]
) -> tuple[tuple[list[float], float], tuple[list[float], float]]:
    """Latencies and answers a second of both sides, in turns."""
    seconds = 0.7 if stage.quick else 2.0
    posts = [_posts(stage, writer, ours.port) for writer in writers]
    bare = [_bare_posts(stage, writer) for writer in writers]
    load(ours.port, len(writers), posts.__getitem__, 0.3)
    load(floor.port, len(writers), bare.__getitem__, 0.3)
    mine, base = [], []
    for _ in range(_ROUNDS):
        mine.append(load(ours.port, len(writers), posts.__getitem__, seconds))
        base.append(load(floor.port, len(writers), bare.__getitem__, seconds))
    return _together(mine), _together(base)


def _together(loads: list[Load]) -> tuple[list[float], float]:
    latencies = list(chain.from_iterable(one.latencies for one in loads))
    return latencies, len(latencies) / sum(one.seconds for one in loads)


def _posts(stage: Stage, writer: Reader, port: int) -> Iterator[bytes]:
    headers = writer.headers | {"hx-request": "true", "origin": "http://127.0.0.1"}
    for form in stage.writing_forms(writer):
        yield request("POST", f"{writer.address}/annotations", headers, form)


def _bare_posts(stage: Stage, writer: Reader) -> Iterator[bytes]:
    for form in stage.writing_forms(writer):
        yield request("POST", "/create", {}, form)
