"""A class that reads and writes while its streams are cut and its servers killed."""

import json
import random
import threading
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field

import httpx2

from app.identity import new_uid
from app.security import cookie_name
from tests.courses.room import SetText
from tests.live.judging import Message
from tests.support.cast import HTMX, Member
from tests.support.servers import PATIENCE


def browser(address: str, member: Member) -> httpx2.Client:
    """Somebody's browser at a real address."""
    name = cookie_name(member.world.settings)
    cookies = {name: member.http.cookies[name]}
    return httpx2.Client(base_url=address, cookies=cookies, headers={"Origin": address}, timeout=PATIENCE)


@dataclass
class Page:
    """An open page: an EventSource as the browsers have it, which comes back with the last id that it heard."""

    name: str
    member: Member
    address: str
    text: SetText
    messages: list[Message] = field(default_factory=list)
    refused: list[int] = field(default_factory=list)
    connections: int = 0
    ended: threading.Event = field(default_factory=threading.Event)
    changed: threading.Condition = field(default_factory=threading.Condition)
    _closing: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    @property
    def last(self) -> str:
        return self.messages[-1].uid if self.messages else ""

    def close(self) -> None:
        """Hears no more. Its connection goes with the next line, or with its server."""
        self._closing.set()

    def is_gone(self) -> bool:
        """Whether its connection has ended."""
        self._thread.join(PATIENCE)
        return not self._thread.is_alive()

    def hears(self, uid: str, patience: float) -> bool:
        """Whether the page comes to hear of an event within so many seconds."""
        with self.changed:
            return self.changed.wait_for(lambda: self.last == uid, patience)

    def _listen(self) -> None:
        with browser(self.address, self.member) as client:
            while not self._closing.is_set() and not self.ended.is_set():
                with suppress(httpx2.HTTPError):
                    self._follow(client)
                self._closing.wait(random.uniform(0.01, 0.1))

    def _follow(self, client: httpx2.Client) -> None:
        headers = {"Last-Event-ID": self.last} if self.last else {}
        with client.stream("GET", f"{self.text.address}/stream?since=", headers=headers) as answer:
            if answer.status_code != 200:
                self._refuse(answer.status_code)
                return
            self.connections += 1
            told: dict[str, str] = {}
            for line in answer.iter_lines():
                if self._closing.is_set():
                    return
                if line:
                    name, _colon, value = line.partition(": ")
                    told[name] = value
                else:
                    self._take(told)
                    told = {}

    def _refuse(self, status: int) -> None:
        self.refused.append(status)
        if status in (401, 403, 404):
            self.ended.set()

    def _take(self, told: dict[str, str]) -> None:
        """An event counts once its empty line has come, as the standard says."""
        with self.changed:
            if told.get("event") == "end":
                self.ended.set()
            if told.get("event") == "margin":
                self.messages.append(Message(told.get("id", ""), set(json.loads(told["data"])["paragraphs"])))
            self.changed.notify_all()


class Writer:
    """Somebody who marks, edits, deletes, narrows, widens and answers without a pause."""

    def __init__(
        self,
        member: Member,
        address: str,
        text: SetText,
        audiences: Iterable[str],
        written: threading.Semaphore,
    ) -> None:
        self.failures: list[str] = []
        self._written = written
        self._member, self._address, self._text = member, address, text
        self._audiences = list(audiences)
        self._mine: dict[str, int] = {}
        self._stop = threading.Event()
        self._words = member.text
        self._thread = threading.Thread(target=self._write, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._stop.set()
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive()

    def _write(self) -> None:
        with browser(self._address, self._member) as client:
            while not self._stop.wait(random.uniform(0.0, 0.05)):
                address, form = self._something()
                try:
                    answer = client.post(address, data=form, headers=HTMX)
                    if answer.status_code >= 500:
                        self.failures.append(f"{answer.status_code} {address}")
                    if answer.status_code < 300:
                        self._written.release()
                except httpx2.HTTPError as error:
                    self.failures.append(f"{type(error).__name__} {error} {address}")

    def _something(self) -> tuple[str, dict[str, object]]:
        if not self._mine or random.random() < 0.6:
            return self._mark()
        uid = random.choice(list(self._mine))
        match random.randrange(4):
            case 0:
                return f"/annotations/{uid}/replies", {"uid": new_uid(), "note": "and so?"}
            case 1:
                audience = random.choice(self._audiences)
                return f"{self._text.address}/annotations/share", {"annotations": uid, "audience": audience}
            case 2:
                version = self._mine.pop(uid)
                return f"/annotations/{uid}/delete", {"version": version}
            case _:
                version = self._mine.pop(uid)
                return f"/annotations/{uid}", {"version": version, "note": new_uid(), "tags": "claim"}

    def _mark(self) -> tuple[str, dict[str, object]]:
        paragraph = random.choice(self._words.paragraphs[1:])
        start = random.randrange(paragraph.start, max(paragraph.start + 1, paragraph.end - 12))
        end, uid = min(start + 12, paragraph.end), new_uid()
        self._mine[uid] = 1
        form: dict[str, object] = {"uid": uid, "start": start, "end": end, "tag": "claim"}
        more = {"exact": self._words.text[start:end], "audience": random.choice(self._audiences)}
        return f"{self._text.address}/annotations", form | more
