"""A class that writes while its streams are cut and its servers killed, and the judge of what its pages were told."""

import json
import random
import threading
from collections import defaultdict
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import httpx2
from sqlalchemy import select

from app.activity.models import Event, Stream
from app.annotations.models import Annotation, Target, TargetParagraph
from app.annotations.writing import WITHDRAWN
from app.identity import new_uid
from app.library.models import Paragraph
from app.readings.models import Audience, Reading
from app.security import cookie_name
from tests.courses.room import SetText
from tests.support.cast import HTMX, Member
from tests.support.servers import PATIENCE


def browser(address: str, member: Member) -> httpx2.Client:
    """Somebody's browser at a real address."""
    name = cookie_name(member.world.settings)
    cookies = {name: member.http.cookies[name]}
    return httpx2.Client(base_url=address, cookies=cookies, headers={"Origin": address}, timeout=PATIENCE)


@dataclass
class Message:
    """What was told at once: until which event, and in which paragraphs."""

    uid: str
    paragraphs: set[int]


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
        self._closing.set()
        self._thread.join(PATIENCE)

    def hears(self, uid: str) -> bool:
        """Whether the page comes to hear of an event."""
        with self.changed:
            return self.changed.wait_for(lambda: self.last == uid, PATIENCE)

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


@dataclass
class Happened:
    """An event as the database holds it."""

    seq: int
    uid: str
    actor: int | None
    audience: Audience
    # For a reply, whom its thread was ever for.
    above: list[Audience]
    paragraphs: set[int]
    # Whether it may have gone out of somebody's sight since: then nobody has to be told of it.
    is_gone: bool
    at: datetime


@dataclass
class Verdict:
    """What was wrong with what a page was told."""

    missed: list[str] = field(default_factory=list)
    repeated: list[str] = field(default_factory=list)
    unauthorised: list[str] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        return not (self.missed or self.repeated or self.unauthorised)


def history(text: SetText) -> list[Happened]:
    """Everything that happened in a reading."""
    with text.room.world.database.reading() as db:
        audiences = {row.id: row for row in db.scalars(select(Audience))}
        posts = {row.id: row for row in db.scalars(select(Annotation))}
        places: dict[int, set[int]] = defaultdict(set)
        for post, n in db.execute(
            select(Target.annotation_id, Paragraph.ordinal)
            .join(TargetParagraph, TargetParagraph.target_id == Target.id)
            .join(Paragraph, Paragraph.id == TargetParagraph.paragraph_id)
        ):
            places[post].add(n)
        reading = select(Reading.id).where(Reading.uid == text.uid).scalar_subquery()
        events = list(
            db.scalars(select(Event).join(Stream).where(Stream.reading_id == reading).order_by(Event.seq))
        )
        ever: dict[int, set[int]] = defaultdict(set)
        for event in events:
            ever[event.subject_id or 0].add(event.audience_id or 0)
        return [_happened(event, posts, audiences, places, ever) for event in events]


def _happened(
    event: Event,
    posts: dict[int, Annotation],
    audiences: dict[int, Audience],
    places: dict[int, set[int]],
    ever: dict[int, set[int]],
) -> Happened:
    post = posts[event.subject_id or 0]
    above = ever[post.root_id] if post.root_id else set()
    # What is for others now was told where it stood: by the event that withdrew it, which has to be told.
    moved = post.audience_id != event.audience_id and event.kind != WITHDRAWN
    return Happened(
        event.seq,
        event.uid,
        event.actor_id,
        audiences[event.audience_id or 0],
        [audiences[key] for key in above],
        places[post.id],
        moved or len(above) > 1,
        event.at,
    )


def may_know(event: Happened, user: int, group: int | None, kind: str) -> bool:
    """Whether somebody may hear of an event: said anew here, by the table of the plan. `kind`: staff, open or blind."""
    if event.actor == user:
        return True
    above = [_is_among(one, user, group, kind) for one in event.above]
    return _is_among(event.audience, user, group, kind) and (not above or any(above))


def _is_among(one: Audience, user: int, group: int | None, kind: str) -> bool:
    mine = one.user_id == user
    to_peers = one.kind == "class" or (one.kind == "group" and one.group_id == group)
    if kind == "staff":
        return one.kind != "me" or mine
    return (one.kind in ("me", "to_staff") and mine) or (to_peers and (one.by_staff or kind == "open"))


def judged(page: Page, events: list[Happened], group: int | None, kind: str, *, to_the_end: bool) -> Verdict:
    """Holds what a page was told against what happened. See `tests/live/test_campaign.py` for the terms."""
    verdict, numbers = Verdict(), {event.uid: event.seq for event in events}
    user = page.member.known.id
    mine = [event for event in events if may_know(event, user, group, kind)]
    known = {event.uid for event in mine}
    before = 0
    for message in page.messages:
        seq = numbers.get(message.uid, 0)
        if seq <= before:
            verdict.repeated.append(message.uid)
        told = [event for event in mine if before < event.seq <= seq]
        allowed = set().union(*(event.paragraphs for event in told))
        if message.uid not in known or not message.paragraphs <= allowed:
            verdict.unauthorised.append(f"{page.name}: {message} {sorted(message.paragraphs - allowed)}")
        verdict.missed += [
            f"{page.name}: {event.seq} in {event.paragraphs}"
            for event in told
            if not event.is_gone and not event.paragraphs <= message.paragraphs
        ]
        before = max(before, seq)
    late = [event for event in mine if event.seq > before and event.paragraphs and not event.is_gone]
    verdict.missed += [f"{page.name}: {event.seq} after the last" for event in late if to_the_end]
    return verdict


GRACE = timedelta(seconds=5)
"""Within which access ends a stream."""
