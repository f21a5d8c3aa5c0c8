"""Export files: written whole before the first byte is sent, so that a slow download holds no connection."""

from collections.abc import Callable, Iterator
from tempfile import SpooledTemporaryFile
from typing import BinaryIO

from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

IN_MEMORY = 2 << 20
"""Bytes of a file that stay in memory; a larger one goes to the disk, without a name."""

_CHUNK = 512 << 10


def spool(write: Callable[[BinaryIO], object]) -> "SpooledTemporaryFile[bytes]":
    """What `write` writes, as a file to be read from its start. The caller closes it."""
    file: SpooledTemporaryFile[bytes] = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - the caller closes it
    try:
        write(file)  # type: ignore[arg-type]  # a BinaryIO in all but name
        file.seek(0)
    except BaseException:
        file.close()
        raise
    return file


class Download(StreamingResponse):
    """Sends a spooled file as an attachment and closes it, also when the reader goes away."""

    def __init__(self, file: "SpooledTemporaryFile[bytes]", media_type: str, disposition: str) -> None:
        self.file = file
        headers = {
            "content-length": str(_size(file)),
            "content-disposition": disposition,
            "cache-control": "no-store",
        }
        super().__init__(_chunks(file), media_type=media_type, headers=headers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers the request."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self.file.close()


def _size(file: "SpooledTemporaryFile[bytes]") -> int:
    size = file.seek(0, 2)
    file.seek(0)
    return size


def _chunks(file: "SpooledTemporaryFile[bytes]") -> Iterator[bytes]:
    while chunk := file.read(_CHUNK):
        yield chunk
