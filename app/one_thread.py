"""A request in one thread: its access lookup and its route run together, and its database is let go there.

FastAPI sends each synchronous dependency to a thread of its own and back; those passes cost more than what a lookup
asks. So a lookup is handed to the route as something still to be done (`later`), and `OneThread` does it first.
"""

from collections.abc import Callable
from functools import wraps
from inspect import iscoroutinefunction
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.routing import APIRoute

from app.database import Db


async def request_db(request: Request) -> Db:
    """The database for this request. Opening is lazy, so this costs nothing."""
    return Db(request.app.state.database)


RequestDb = Annotated[Db, Depends(request_db)]


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


def later(lookup: Callable[..., Any]) -> Any:
    """The dependency that hands a lookup, which must take `db`, to a route of `OneThread`."""

    @wraps(lookup)
    async def pending(**given: Any) -> Pending:
        return Pending(lookup, given)

    return Depends(pending)


class OneThread(APIRoute):
    """A route whose lookups are done in its own thread, in their order, before it."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        super().__init__(path, endpoint if iscoroutinefunction(endpoint) else _together(endpoint), **options)


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


def _db(value: Db | Pending) -> Db:
    return value if isinstance(value, Db) else value.db
