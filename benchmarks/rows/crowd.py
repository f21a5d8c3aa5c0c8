"""The same article in classes of ever more annotations: what one reader waits for, against a class with a hundred."""

from collections.abc import Iterator

from app.database import Database
from app.settings import Settings
from app.storage.migrating import migrate
from benchmarks.crowd import Crowd, add_crowds
from benchmarks.dataset import forms
from benchmarks.figures import Figure, p50
from benchmarks.ours import FORGET
from benchmarks.servers import running
from benchmarks.stage import Stage
from benchmarks.wire import Answer, Connection, request

SMALL, MILLION = 100, 1_000_000
SIZES, FEW_SIZES = (10_000, 100_000, MILLION), (100_000,)
_SLOWER, _LARGER = 1.5, 1.2
_HOT = 7
_GOOD = {200, 201, 304}
_FORGET = request("GET", FORGET)


def measure(stage: Stage) -> Iterator[Figure]:
    """One server and one database for all classes; requests to a class and to a small one of its own take turns."""
    folder = stage.folder / "crowd"
    sizes = FEW_SIZES if stage.quick else SIZES
    crowds = _filled(Settings(data_dir=folder), [*sizes, *(SMALL for _ in sizes)])
    server = running("-m", "benchmarks.ours", path="/health", environment={"POSTIL_DATA_DIR": str(folder)})
    with server as running_server, Connection(running_server.port) as wire:
        for size, crowd, small in zip(sizes, crowds, crowds[len(sizes) :], strict=False):
            yield from _Against(wire, 8 if stage.quick else 40, size).figures(crowd, small)


def _filled(settings: Settings, sizes: list[int]) -> list[Crowd]:
    settings.data_dir.mkdir()
    migrate(settings)
    database = Database(settings)
    try:
        return add_crowds(database, sizes)
    finally:
        database.close()


class _Against:
    """Figures of a class of some size, and of a small one."""

    def __init__(self, wire: Connection, rounds: int, size: int) -> None:
        self.wire = wire
        self.rounds = rounds
        self.size = size

    def figures(self, crowd: Crowd, small: Crowd) -> Iterator[Figure]:
        """What the reader of each does: opens the article, looks at a paragraph and the margin, marks something."""
        page, margin = "", "/margin?first=0&last=40"
        yield from self._pair("open, nothing cached", _get(crowd, page), _get(small, page), size_too=True)
        yield from self._pair("open, from cache", _get(crowd, page), _get(small, page), forget=False)
        hot = f"/paragraphs/{_HOT}"
        yield from self._pair("a hot paragraph, nothing cached", _get(crowd, hot), _get(small, hot))
        yield from self._pair(
            "margin, nothing cached", _get(crowd, margin), _get(small, margin), size_too=True, barred=False
        )
        yield from self._pair("margin, from cache", _get(crowd, margin), _get(small, margin), forget=False)
        yield from self._pair("create", _posts(crowd), _posts(small), forget=False)

    def _pair(
        self,
        work: str,
        mine: Iterator[bytes],
        base: Iterator[bytes],
        *,
        forget: bool = True,
        size_too: bool = False,
        barred: bool = True,
    ) -> Iterator[Figure]:
        pairs = [
            (self._ask(next(mine), forget), self._ask(next(base), forget)) for _ in range(self.rounds + 3)
        ]
        ours, small = zip(*pairs[3:], strict=True)
        is_last = self.size == MILLION and barred
        name = f"{work}, {self.size:,} against {SMALL} in a class"
        slower = _SLOWER if is_last else None
        yield Figure(f"{name}, p50", "ms", _p50(ours), _p50(small), limit=slower)
        if size_too:
            larger = _LARGER if is_last else None
            yield Figure(f"{name}, bytes", "KB", _bytes(ours), _bytes(small), limit=larger)

    def _ask(self, wanted: bytes, forget: bool) -> Answer:
        if forget:
            self.wire.ask(_FORGET)
        answer = self.wire.ask(wanted)
        if answer.status not in _GOOD:
            raise RuntimeError(f"{answer.status}: {answer.text[:500]}")
        return answer


def _get(crowd: Crowd, path: str) -> Iterator[bytes]:
    headers = crowd.reader.headers | ({"hx-request": "true"} if path else {})
    while True:
        yield request("GET", f"{crowd.reader.address}{path}", headers)


def _posts(crowd: Crowd) -> Iterator[bytes]:
    headers = crowd.reader.headers | {"hx-request": "true", "origin": "http://127.0.0.1"}
    for form in forms(crowd.reader, crowd.text):
        yield request("POST", f"{crowd.reader.address}/annotations", headers, form)


def _p50(answers: tuple[Answer, ...]) -> float:
    return p50([answer.seconds for answer in answers])


def _bytes(answers: tuple[Answer, ...]) -> int:
    return len(answers[0].text.encode())
