"""A request in one thread: its access lookup and its route run together, and its database is let go there.

FastAPI sends each synchronous dependency to a thread of its own and back; those passes cost more than what a lookup
asks. So a lookup is handed to the route as something still to be done (`later`), and `OneThread` does it first.
"""

from collections.abc import Callable, Coroutine
from functools import partial, wraps
from inspect import iscoroutinefunction
from typing import Annotated, Any

from anyio import CapacityLimiter, to_thread
from anyio.lowlevel import RunVar
from fastapi import Depends, Request
from fastapi.routing import APIRoute

from app.database import Db


async def request_db(request: Request) -> Db:
    """The database for this request. Opening is lazy, so this costs nothing."""
    return Db(request.app.state.database)


RequestDb = Annotated[Db, Depends(request_db)]
MOST_AT_ONCE = 4
"""Requests that are worked on at once. Python runs one at a time: more are in its way, and hold a connection each."""
_MOST_BEHIND = 2
_behind: RunVar[CapacityLimiter] = RunVar("_behind")


class Pending:
    """A lookup with what it needs, not done yet."""

    __slots__ = ("_given", "_lookup")

    def __init__(self, lookup: Callable[..., Any], given: dict[str, Any]) -> None:
        self._lookup = lookup
        self._given = given

    @property
    def db(self) -> Db:
        """The request's database."""
        db: Db = self._given["db"]
        return db

    def found(self) -> Any:
        """What the lookup finds. Raises whatever it refuses with."""
        return self._lookup(**self._given)


def few_at_once() -> None:
    """Has this event loop work on no more than MOST_AT_ONCE requests; the others wait in their order."""
    to_thread.current_default_thread_limiter().total_tokens = MOST_AT_ONCE


def later(lookup: Callable[..., Any]) -> Any:
    """The dependency that hands a lookup, which must take `db`, to a route of `OneThread`."""

    @wraps(lookup)
    async def pending(**given: Any) -> Pending:
        return Pending(lookup, given)

    return Depends(pending)


def unhurried(endpoint: Callable[..., Any]) -> Callable[..., Any]:
    """Marks a route that open pages ask by themselves: a few at a time, never in the way of what people do."""
    endpoint.__dict__["unhurried"] = True
    return endpoint


class OneThread(APIRoute):
    """A route whose lookups are done in its own thread, in their order, before it."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        run = endpoint if iscoroutinefunction(endpoint) else _together(endpoint)
        super().__init__(path, _behind_others(run) if hasattr(endpoint, "unhurried") else run, **options)


def _together(endpoint: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(endpoint)
    def run(**given: Any) -> Any:
        db = next((_db(value) for value in given.values() if isinstance(value, Db | Pending)), None)
        try:
            for name, value in given.items():
                if isinstance(value, Pending):
                    given[name] = value.found()
            return endpoint(**given)
        finally:
            if db:
                db.close()

    return run


def _behind_others(run: Callable[..., Any]) -> Callable[..., Coroutine[Any, Any, Any]]:
    """Hundreds of open pages ask at once when something is written: the threads must not all be theirs."""

    @wraps(run)
    async def waiting(**given: Any) -> Any:
        limiter = _behind.get(None)
        if limiter is None:
            _behind.set(limiter := CapacityLimiter(_MOST_BEHIND))
        return await to_thread.run_sync(partial(run, **given), limiter=limiter)

    return waiting


def _db(value: Db | Pending) -> Db:
    return value if isinstance(value, Db) else value.db
