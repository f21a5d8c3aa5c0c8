"""Taking 10,000 annotations home."""

from collections.abc import Iterator
from functools import partial

from benchmarks.figures import Figure, p50
from benchmarks.rows.opening import interleaved, times
from benchmarks.stage import Stage
from benchmarks.wire import Connection, request

_NUMBER = 10_000


def measure(stage: Stage) -> Iterator[Figure]:
    """Rows a second of each format beside bare sqlite3 and csv."""
    reader = stage.readers[_NUMBER]
    with (
        stage.both() as (ours, floor),
        Connection(ours.port) as our_wire,
        Connection(floor.port) as floor_wire,
    ):
        bare = request("GET", f"/export/{reader.reading_id}")
        for key, name in (("csv", "CSV"), ("jsonld", "JSON-LD")):
            wanted = request("GET", f"{reader.address}/export.{key}", reader.headers)
            rounds = 4 if stage.quick else 12
            mine, base = interleaved(partial(our_wire.ask, wanted), partial(floor_wire.ask, bare), rounds)
            rate, bare_rate = _NUMBER / p50(times(mine)), _NUMBER / p50(times(base))
            yield Figure(f"export {_NUMBER:,} as {name}, rows", "/s", rate, bare_rate, "at least", 0.6)
