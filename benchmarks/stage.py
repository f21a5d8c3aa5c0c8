"""The stage: one folder with a filled database, and both servers over it."""

import gzip
import re
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from app.database import Database
from app.library.texts import RevisionText
from app.settings import Settings
from app.storage.migrating import migrate
from benchmarks import dataset
from benchmarks.dataset import Reader
from benchmarks.servers import Server, running
from benchmarks.wire import Connection, request

SIZES = (0, 100, 1_000, 10_000)
_WRITERS = 17
_ARTICLE = re.compile(r'(<article class="text"[^>]*>).*(</article>)', re.DOTALL)


@dataclass
class Stage:
    """Readers by the number of their annotations, others who write, and the folder it is all in."""

    folder: Path
    quick: bool
    readers: dict[int, Reader] = field(default_factory=dict)
    writers: list[Reader] = field(default_factory=list)
    texts: dict[str, RevisionText] = field(default_factory=dict)

    @property
    def data(self) -> Path:
        """The data folder."""
        return self.folder / "data"

    def writing_forms(self, reader: Reader) -> Iterator[bytes]:
        """See `dataset.forms`."""
        return dataset.forms(reader, self.texts[reader.uid])

    def ours(self, database_url: str | None = None) -> AbstractContextManager[Server]:
        """Postil over the filled database."""
        return running("-m", "benchmarks.ours", path="/health", environment=self._environment(database_url))

    def floor(self, database_url: str | None = None) -> AbstractContextManager[Server]:
        """The bare routes over it."""
        environment = self._environment(database_url) | {"BENCH_FOLDER": str(self.folder)}
        return running("-m", "benchmarks.floor", path="/sign-in", environment=environment)

    @contextmanager
    def both(self, database_url: str | None = None) -> Iterator[tuple[Server, Server]]:
        """Ours and the floor, side by side."""
        with ExitStack() as stack:
            yield stack.enter_context(self.ours(database_url)), stack.enter_context(self.floor(database_url))

    def _environment(self, database_url: str | None) -> dict[str, str]:
        own = {"POSTIL_DATA_DIR": str(self.data)}
        return own | ({"POSTIL_DATABASE_URL": database_url} if database_url else {})


@contextmanager
def stage(*, quick: bool, sizes: Sequence[int] = SIZES) -> Iterator[Stage]:
    """Fills a folder that is gone in the end."""
    with TemporaryDirectory(prefix="postil-bench-") as name:
        built = Stage(Path(name), quick)
        fill(built, Settings(data_dir=built.data), sizes)
        _fixed_parts(built)
        yield built


def fill(built: Stage, settings: Settings, sizes: Sequence[int]) -> None:
    """Makes the database and everybody in it."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    migrate(settings)
    database = Database(settings)
    try:
        for number in sizes:
            built.readers[number], text = dataset.add_reader(database, f"Reader of {number}", number)
            built.texts[built.readers[number].uid] = text
        for n in range(_WRITERS):
            writer, text = dataset.add_reader(database, f"Writer {n}")
            built.writers.append(writer)
            built.texts[writer.uid] = text
    finally:
        database.close()


def _fixed_parts(built: Stage) -> None:
    """Takes from our own page what stands around the paragraphs, for the floor to send as well."""
    reader = next(iter(built.readers.values()))
    with built.ours() as server, Connection(server.port) as connection:
        page = connection.ask(request("GET", reader.address, reader.headers)).text
    around = _ARTICLE.sub(lambda found: f"{found[1]}BENCH-TEXT{found[2]}", page)
    template = "{% raw %}" + around.replace("BENCH-TEXT", "{% endraw %}{{ text }}{% raw %}") + "{% endraw %}"
    (built.folder / "page.html").write_text(template, "utf-8")
    (built.folder / "page.gz").write_bytes(gzip.compress(page.encode(), 4))
