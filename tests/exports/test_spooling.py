"""Export files: kept off the database's back, sent whole, and closed whatever happens."""

import asyncio
from typing import Any, BinaryIO

import pytest

from app.exports.spooling import IN_MEMORY, Download, spool

SCOPE: dict[str, Any] = {"type": "http", "method": "GET", "path": "/", "headers": []}


def of_size(size: int) -> Any:
    return spool(lambda out: out.write(b"x" * size))


@pytest.mark.parametrize("size", [0, 1, IN_MEMORY, IN_MEMORY + 1])
def test_what_was_written_is_read_from_the_start(size: int) -> None:
    with of_size(size) as file:
        assert len(file.read()) == size


def test_a_failed_export_leaves_no_file_open() -> None:
    opened: list[BinaryIO] = []

    def fail(out: BinaryIO) -> None:
        opened.append(out)
        out.write(b"half")
        raise RuntimeError("the database went away")

    with pytest.raises(RuntimeError):
        spool(fail)
    assert opened[0].closed


def sent(download: Download, *, breaks: bool = False) -> list[Any]:
    messages: list[Any] = []

    async def receive() -> Any:
        await asyncio.Event().wait()

    async def send(message: Any) -> None:
        if breaks and message["type"] == "http.response.body":
            raise OSError("the reader went away")
        messages.append(message)

    asyncio.run(download(SCOPE, receive, send))
    return messages


def test_a_download_is_whole_and_says_how_long_it_is() -> None:
    download = Download(of_size(300_000), "text/csv", "attachment")
    start, *bodies = sent(download)

    assert dict(start["headers"])[b"content-length"] == b"300000"
    assert dict(start["headers"])[b"cache-control"] == b"no-store"
    assert sum(len(body["body"]) for body in bodies) == 300_000
    assert download.file.closed


def test_a_reader_who_goes_away_leaves_no_file_open() -> None:
    download = Download(of_size(300_000), "text/csv", "attachment")
    with pytest.raises(Exception):  # noqa: B017 - which one is Starlette's business
        sent(download, breaks=True)
    assert download.file.closed
