"""Backups by the clock: one when the newest is old enough, the oldest let go of; made by a process of their own."""

import logging
import subprocess
import sys
from contextlib import AbstractContextManager, nullcontext, suppress
from datetime import datetime, timedelta
from pathlib import Path

from app.database import now
from app.settings import Settings
from app.storage.backup import SUFFIX, backup_folder
from app.storage.locking import InUse, backing_up_alone
from app.ticking import Ticker

_LOOK_EVERY = 600.0  # seconds
_NAME = f"automatic-*{SUFFIX}"
_POSTIL = "import sys; from app.cli import main; sys.exit(main(sys.argv[1:]))"
log = logging.getLogger("postil")


def backups_by_the_clock(settings: Settings) -> AbstractContextManager[object]:
    """Looks every ten minutes while the server runs. The first backup of new data comes at the first look."""

    def look() -> None:
        with suppress(InUse):
            try:
                back_up_if_due(settings, now())
            except (OSError, subprocess.SubprocessError) as error:
                log.error("The backup by the clock was not made: %s", error)

    return Ticker("backups", _LOOK_EVERY, look) if settings.backup_hours else nullcontext()


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
