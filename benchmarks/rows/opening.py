"""Opening the article: nothing cached, and from the cache; its bytes; one paragraph alone."""

from collections.abc import Callable, Iterator

from benchmarks.figures import Figure, p50, p99
from benchmarks.ours import FORGET
from benchmarks.stage import Stage
from benchmarks.wire import Answer, Connection, request

Ask = Callable[[], Answer]
_LIMITS = {1_000: 2.5, 10_000: 2.5}
_BYTES_LIMITED = {1_000: 1.4, 10_000: 1.4}
_ONE = 7


def measure(stage: Stage) -> Iterator[Figure]:
    """Every size of article on both servers."""
    with (
        stage.both() as (ours, floor),
        Connection(ours.port) as our_wire,
        Connection(floor.port) as floor_wire,
    ):
        for number, reader in stage.readers.items():
            rounds = _rounds(stage, number)
            page = request("GET", reader.address, reader.headers)
            one = request(
                "GET", f"{reader.address}/paragraphs/{_ONE}", reader.headers | {"hx-request": "true"}
            )
            bare_page = request("GET", f"/open/{reader.reading_id}")
            bare_one = request("GET", f"/paragraph/{reader.reading_id}/{_ONE}")
            yield from _opened(number, our_wire, floor_wire, page, bare_page, rounds)
            yield from _from_cache(number, our_wire, floor_wire, page, rounds * 2)
            yield from _paragraph(number, our_wire, floor_wire, one, bare_one, rounds * 2)


def _rounds(stage: Stage, number: int) -> int:
    rounds = 30 if number >= 10_000 else 100
    return max(8, rounds // 5) if stage.quick else rounds


def _opened(
    number: int, ours: Connection, floor: Connection, page: bytes, bare: bytes, rounds: int
) -> Iterator[Figure]:
    forget = request("GET", FORGET)

    def drawn_anew() -> Answer:
        ours.ask(forget)
        return ours.ask(page)

    mine, base = interleaved(drawn_anew, lambda: floor.ask(bare), rounds)
    name = f"open, {number:,} annotations, nothing cached"
    yield Figure(f"{name}, p50", "ms", p50(times(mine)), p50(times(base)), limit=_LIMITS.get(number))
    yield Figure(f"{name}, p99", "ms", p99(times(mine)), p99(times(base)))
    limit = _BYTES_LIMITED.get(number)
    size, bare_size = len(mine[0].text.encode()), len(base[0].text.encode())
    yield Figure(f"bytes of its HTML at {number:,}", "KB", size, bare_size, limit=limit)
    yield Figure(f"the same on the wire at {number:,}", "KB", len(mine[0].body), len(base[0].body))


def _from_cache(
    number: int, ours: Connection, floor: Connection, page: bytes, rounds: int
) -> Iterator[Figure]:
    tag = ours.ask(page).header("etag")
    known = page[:-2] + f"if-none-match: {tag}\r\n\r\n".encode()
    bare = request("GET", "/cached")
    bare_known = request("GET", "/cached", {"if-none-match": 'W/"1"'})
    mine, base = interleaved(lambda: ours.ask(page), lambda: floor.ask(bare), rounds)
    name = f"open, {number:,} annotations, from cache"
    yield Figure(f"{name}, 200, p50", "ms", p50(times(mine)), p50(times(base)), limit=5)
    mine, base = interleaved(lambda: ours.ask(known), lambda: floor.ask(bare_known), rounds)
    if {answer.status for answer in [*mine, *base]} != {304}:
        raise RuntimeError("an unchanged page was sent again")
    yield Figure(f"{name}, 304, p50", "ms", p50(times(mine)), p50(times(base)), limit=5)


def _paragraph(
    number: int, ours: Connection, floor: Connection, one: bytes, bare: bytes, rounds: int
) -> Iterator[Figure]:
    mine, base = interleaved(lambda: ours.ask(one), lambda: floor.ask(bare), rounds)
    yield Figure(f"one paragraph at {number:,}, p50", "ms", p50(times(mine)), p50(times(base)), limit=4)


def interleaved(ours: Ask, floor: Ask, rounds: int) -> tuple[list[Answer], list[Answer]]:
    """Both sides in turn, so that whatever else the machine does meets both. All answers must be good."""
    for _ in range(3):
        ours()
        floor()
    pairs = [(ours(), floor()) for _ in range(rounds)]
    for answer in (answer for pair in pairs for answer in pair):
        if answer.status not in {200, 304}:
            raise RuntimeError(f"{answer.status}: {answer.text[:500]}")
    return [mine for mine, _ in pairs], [base for _, base in pairs]


def times(answers: list[Answer]) -> list[float]:
    """How long each took, in seconds."""
    return [answer.seconds for answer in answers]
