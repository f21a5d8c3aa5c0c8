"""Backups by the clock: one when the newest is old enough, the oldest let go of; made by a process of their own."""

import logging
import subprocess
import sys
import threading
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType

from app.database import now
from app.settings import Settings
from app.storage.backup import SUFFIX, backup_folder
from app.storage.locking import InUse, backing_up_alone

_LOOK_EVERY = 600.0  # seconds
_NAME = f"automatic-*{SUFFIX}"
_POSTIL = "import sys; from app.cli import main; sys.exit(main(sys.argv[1:]))"
log = logging.getLogger("postil")


class BackupKeeper:
    """Looks every ten minutes while the server runs. The first backup of new data comes at the first look."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def __enter__(self) -> "BackupKeeper":
        if self._settings.backup_hours:
            self._stop.clear()
            self._thread = threading.Thread(target=self._run, name="backups", daemon=True)
            self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        if self._thread:
            self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(_LOOK_EVERY):
            try:
                back_up_if_due(self._settings, now())
            except InUse:
                continue
            except (OSError, subprocess.SubprocessError) as error:
                log.error("The backup by the clock was not made: %s", error)


def back_up_if_due(settings: Settings, at: datetime) -> Path | None:
    """Makes a backup when the newest automatic one is `backup_hours` old; keeps the newest `backups_kept`.

    Returns the new one. InUse while another process does it; SubprocessError with nothing removed when it fails.
    Backups that somebody made by hand are not touched.
    """
    with backing_up_alone(settings):
        made = automatic(settings)
        if made and at - _made_at(made[-1]) < timedelta(hours=settings.backup_hours):
            return None
        target = backup_folder(settings) / f"automatic-{at:%Y%m%d-%H%M%S}{SUFFIX}"
        subprocess.run(
            [sys.executable, "-c", _POSTIL, "backup", str(target.absolute())],
            cwd=Path(__file__).parents[2],
            env=settings.as_environment(),
            check=True,
            capture_output=True,
        )
        for old in automatic(settings)[: -settings.backups_kept]:
            old.unlink()
        return target


def automatic(settings: Settings) -> list[Path]:
    """The automatic backups, oldest first: their names begin with their time."""
    return sorted(backup_folder(settings).glob(_NAME))


def _made_at(path: Path) -> datetime:
    return datetime.strptime(f"{path.stem.removeprefix('automatic-')}+0000", "%Y%m%d-%H%M%S%z")
