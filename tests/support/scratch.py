"""Where the files of a run lie: in memory where there is room, since hundreds of databases commit and else wait."""

import os
import shutil
import tempfile
from pathlib import Path

_IN_MEMORY = Path("/dev/shm")
_ROOM = 2 << 30


def scratch() -> Path:
    """A folder for what nobody needs after the run."""
    if _IN_MEMORY.is_dir() and os.access(_IN_MEMORY, os.W_OK) and shutil.disk_usage(_IN_MEMORY).free > _ROOM:
        return _IN_MEMORY
    return Path(tempfile.gettempdir())
