"""Files that stand under their name only when they are whole and on the disk."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain, count
from pathlib import Path


@contextmanager
def whole_file(target: Path) -> Iterator[Path]:
    """A name to write under. When the block has ended the file is called `target`; when it raises it is gone."""
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        yield part
        with part.open("rb+") as file:
            os.fsync(file.fileno())
        part.replace(target)
        sync_folder(target.parent)
    finally:
        part.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Makes names in a folder last through a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def free_name(path: Path) -> Path:
    """`path`, or the first name like it that is not taken."""
    others = (path.with_stem(f"{path.stem}-{n}") for n in count(2))
    return next(name for name in chain([path], others) if not name.exists())
