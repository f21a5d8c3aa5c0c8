"""The cast: people with accounts and browsers of their own, over one application in process."""

import atexit
from dataclasses import dataclass
from functools import cache
from types import TracebackType
from typing import Any

import httpx2
from anyio.from_thread import BlockingPortal, start_blocking_portal
from fastapi import FastAPI
from sqlalchemy import select

from app.accounts.joining import add_user
from app.accounts.models import User, start_session
from app.annotations.models import Annotation
from app.database import Database, Db
from app.identity import new_uid
from app.library.texts import RevisionText, text_of
from app.readings.models import Reading
from app.readings.welcome import starter, welcome
from app.security import cookie_name
from app.settings import Settings

HTMX = {"HX-Request": "true"}
BASE = "http://testserver"


@cache
def event_loop() -> BlockingPortal:
    """One event loop for all browsers of a run, since starting one costs as much as an answer."""
    opened = start_blocking_portal()
    portal = opened.__enter__()
    atexit.register(opened.__exit__, None, None, None)
    return portal


class InProcess(httpx2.BaseTransport):
    """Asks an application of this process: its answer is there whole when it comes. One that fails answers 500."""

    def __init__(self, app: FastAPI) -> None:
        self._asks = httpx2.ASGITransport(app, raise_app_exceptions=False, client=("testclient", 50000))

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        return event_loop().call(self._answered, request)

    async def _answered(self, request: httpx2.Request) -> httpx2.Response:
        answer = await self._asks.handle_async_request(request)
        assert isinstance(answer.stream, httpx2.AsyncByteStream)
        body = b"".join([part async for part in answer.stream])
        return httpx2.Response(answer.status_code, headers=answer.headers, stream=httpx2.ByteStream(body))


class Member:
    """A browser, signed in or not. Posts come from our own pages unless `headers` say otherwise."""

    def __init__(self, world: "World", user: User | None, reading_uid: str) -> None:
        self.world = world
        self.user = user
        self.reading_uid = reading_uid
        self.http = httpx2.Client(transport=InProcess(world.app), base_url=BASE)
        self.http.headers["Origin"] = BASE

    @property
    def known(self) -> User:
        """Whose browser it is; only for one that somebody is signed in with."""
        assert self.user is not None
        return self.user

    @property
    def reading(self) -> str:
        """The address of the reading of the starter article."""
        return f"/readings/{self.reading_uid}"

    def get(self, address: str, **more: Any) -> httpx2.Response:
        return self.http.get(address, **more)

    def post(self, address: str, data: Any = None, **more: Any) -> httpx2.Response:
        return self.http.post(address, data=data, **more)

    def fragment(self, address: str, data: Any = None, **more: Any) -> httpx2.Response:
        """What htmx would get: posts when there is data."""
        headers = HTMX | more.pop("headers", {})
        if data is None:
            return self.http.get(address, headers=headers, **more)
        return self.http.post(address, data=data, headers=headers, **more)

    def mark(
        self,
        words: str,
        *tags: str,
        note: str = "",
        uid: str = "",
        occurrence: int = 0,
        reading: str = "",
        **more: str,
    ) -> httpx2.Response:
        """Marks words of the starter article as the tag bar would; in an own reading, or in the one at an address."""
        start = -1
        for _ in range(occurrence + 1):
            start = self.text.text.index(words, start + 1)
        data = {
            "uid": uid or new_uid(),
            "start": start,
            "end": start + len(words),
            "exact": words,
            "note": note,
            **more,
        }
        address = reading or self.reading
        return self.fragment(f"{address}/annotations", data | ({"tag": list(tags)} if tags else {}))

    @property
    def text(self) -> RevisionText:
        """The starter article's text."""
        db = Db(self.world.database)
        revision = db.read.scalars(select(Reading.revision_id).where(Reading.uid == self.reading_uid)).one()
        try:
            return text_of(db, revision)
        finally:
            db.close()

    def annotations(self) -> list[Annotation]:
        """The rows of this person's annotations that are not deleted, oldest first."""
        assert self.user is not None
        with self.world.database.reading() as db:
            query = select(Annotation).where(
                Annotation.author_id == self.user.id, Annotation.deleted_at.is_(None)
            )
            return list(db.scalars(query.order_by(Annotation.id)))


@dataclass
class World:
    """One application over one database."""

    app: FastAPI
    settings: Settings
    database: Database

    def __enter__(self) -> "World":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.app.state.places.flush()

    def member(self, name: str, *, is_admin: bool = False, password: str | None = None) -> Member:
        """Somebody with an account, the starter article and a signed-in browser."""
        starter()
        password_hash = self.app.state.passwords.hash(password) if password else None
        with self.database.writing() as writing:
            user = add_user(writing, name, password_hash=password_hash, is_admin=is_admin)
            reading = welcome(writing, user.id)
            token = start_session(writing, user.id, "a test's browser", 30)
            reading_uid = reading.uid
        member = Member(self, user, reading_uid)
        member.http.cookies.set(cookie_name(self.settings), token)
        return member

    def stranger(self) -> Member:
        """A browser that nobody is signed in with."""
        return Member(self, None, "")
