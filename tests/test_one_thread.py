"""Requests in one thread each: what open pages ask by themselves leaves threads for what people do."""

import asyncio
import threading

import httpx2
from fastapi import APIRouter, FastAPI

from app.one_thread import MOST_AT_ONCE, OneThread, RequestDb, few_at_once, unhurried

MANY = 20 * MOST_AT_ONCE
PATIENCE = 20.0


def app_of(gate: threading.Event) -> FastAPI:
    """An application with an address that many pages ask at once, and one that somebody waits for."""
    router = APIRouter(route_class=OneThread)

    @router.get("/news")
    @unhurried
    def news(db: RequestDb) -> str:
        return "news" if gate.wait(PATIENCE) else "late"

    @router.get("/mark")
    def mark(db: RequestDb) -> str:
        return "marked"

    app = FastAPI()
    app.state.database = None
    app.include_router(router)
    return app


async def asked(app: FastAPI, gate: threading.Event) -> tuple[str, list[str]]:
    few_at_once()
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://testserver") as client:
        many = [asyncio.create_task(client.get("/news")) for _ in range(MANY)]
        await asyncio.sleep(0)
        marked = await asyncio.wait_for(client.get("/mark"), PATIENCE / 2)
        assert not any(task.done() for task in many)
        gate.set()
        return marked.json(), [answer.json() for answer in await asyncio.gather(*many)]


def test_many_pages_that_ask_for_news_do_not_stand_before_a_mark() -> None:
    gate = threading.Event()
    marked, news = asyncio.run(asked(app_of(gate), gate))
    assert marked == "marked"
    assert set(news) == {"news"} and len(news) == MANY
