"""A browser that has a reading open, and what its stream says."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import httpx2

from app.security import cookie_name
from tests.courses.room import SetText
from tests.support.cast import Member

PATIENCE = 20.0


class Told:
    """What a stream said so far: pairs of an event's name and its data."""

    def __init__(self) -> None:
        self.messages: list[tuple[str, dict[str, list[int]]]] = []
        self.ids: list[str] = []
        self.lines: list[str] = []
        self.more = threading.Condition()
        self.ended = threading.Event()
        self.began = threading.Event()

    def waits_for(self, name: str, number: int = 1) -> list[dict[str, list[int]]]:
        """Waits for messages of that name; what nothing told in twenty seconds was not told."""
        with self.more:
            assert self.more.wait_for(lambda: len(self.said(name)) >= number, PATIENCE), self.messages
        return self.said(name)

    def said(self, name: str) -> list[dict[str, list[int]]]:
        return [data for said, data in self.messages if said == name]

    def read(self, lines: Iterator[str]) -> None:
        """Reads until the stream ends, or the test has closed it."""
        with suppress(httpx2.HTTPError):
            self._read(lines)
        self.ended.set()

    def _read(self, lines: Iterator[str]) -> None:
        name = ""
        for line in lines:
            self.began.set()
            self.lines.append(line)
            field, _colon, value = line.partition(": ")
            if field == "event":
                name = value
            elif field == "id":
                self.ids.append(value)
            elif field == "data":
                with self.more:
                    self.messages.append((name, json.loads(value)))
                    self.more.notify_all()


@contextmanager
def listening(address: str, text: SetText, member: Member, since: str = "") -> Iterator[Told]:
    """A browser that has the reading open."""
    cookie = cookie_name(member.world.settings)
    cookies = {cookie: member.http.cookies[cookie]}
    told = Told()
    with (
        httpx2.Client(base_url=address, cookies=cookies, timeout=PATIENCE) as client,
        client.stream("GET", f"{text.address}/stream?since={since}") as answer,
    ):
        assert answer.status_code == 200 and answer.headers["content-type"].startswith("text/event-stream")
        thread = threading.Thread(target=told.read, args=(answer.iter_lines(),), daemon=True)
        thread.start()
        assert told.began.wait(PATIENCE)
        yield told
        # Closed while it is read from, a connection would stay until the next heartbeat.
        with suppress(OSError):
            answer.extensions["network_stream"].get_extra_info("socket").shutdown(socket.SHUT_RDWR)
        thread.join(PATIENCE)
