"""The application, put together: reads as a contents page."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from functools import cache

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import iter_route_contexts
from sqlalchemy import text
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware

from app.access import seats_now
from app.accounts.routes import router as accounts
from app.annotations.routes import router as annotations
from app.assets import Assets
from app.codebook.routes import router as codebook
from app.copying.routes import router as copying
from app.courses.routes import router as courses
from app.database import Database
from app.discussion.routes import router as discussion
from app.errors import NotFound, SignInFirst
from app.exports.routes import router as exports
from app.library.routes import router as library
from app.live.hub import Hub
from app.live.routes import router as live
from app.mail.digests import digests_by_the_clock
from app.mail.outbox import Outbox
from app.mail.routes import router as mail
from app.notebook.routes import router as notebook
from app.notices.routes import router as notices
from app.one_thread import OneThread, RequestDb, few_at_once
from app.people.routes import router as people
from app.proxies import ProxyHeaders
from app.readings.places import PlaceKeeper
from app.readings.routes import router as readings
from app.security import Guard, Passwords
from app.settings import Settings, SettingsRefused
from app.storage.scheduled import backups_by_the_clock
from app.teaching.routes import router as teaching
from app.web import build_of, error_answer, make_environment, signed_out


def create_app(settings: Settings, database: Database | None = None) -> FastAPI:
    """The application over a migrated database."""
    app = FastAPI(
        title="Postil",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        lifespan=_lifespan,
        middleware=[
            Middleware(ProxyHeaders, trusted_hosts=settings.proxies),
            Middleware(GZipMiddleware, minimum_size=600, compresslevel=4),
            Middleware(Guard, settings=settings, on_error=error_answer),
        ],
        exception_handlers={
            HTTPException: _answered,
            RequestValidationError: _answered,
            SignInFirst: signed_out,
        },
    )
    app.state.settings = settings
    app.state.database = database or Database(settings)
    app.state.assets = Assets()
    app.state.templates = make_environment(app.state.assets, settings.base_path)
    app.state.templates.globals["sends_mail"] = settings.sends_mail
    app.state.build = build_of(app.state.assets, settings.base_path)
    app.state.passwords = Passwords(settings)
    app.state.outbox = Outbox()
    app.state.stopping = False
    app.state.hub = Hub(app.state.database, seats_now)
    app.state.places = PlaceKeeper(app.state.database, settings.session_days)
    app.router.route_class = OneThread
    app.router.routes.extend(_routes().routes)
    _refuse_own_address(app, settings.base_path)
    return app


@cache
def _routes() -> APIRouter:
    """Every address there is. Put together once in a process, since that costs as much as some hundred requests."""
    every = APIRouter(route_class=OneThread)
    # What is asked most comes first: addresses are tried in this order.
    for router in (annotations, readings, discussion, teaching, notebook, codebook, courses):
        every.include_router(router)
    for router in (live, notices, copying, exports, library, accounts, mail, people):
        every.include_router(router)
    every.add_api_route("/static/{name:path}", static_file, methods=["GET", "HEAD"])
    every.add_api_route("/health", health, methods=["GET", "HEAD"])
    return every


def _refuse_own_address(app: FastAPI, base: str) -> None:
    """A base path that begins as an address of Postil's own does could not be told from it."""
    own = {(context.path or "").split("/")[1] for context in iter_route_contexts(app.routes)} - {""}
    first = f"{base}/".split("/")[1]
    if first in own:
        raise SettingsRefused(
            f"POSTIL_BASE_PATH begins with /{first}, which is an address of Postil's own; choose another."
        )


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    few_at_once()
    state = app.state
    by_the_clock = backups_by_the_clock(state.settings), digests_by_the_clock(state.settings, state.database)
    outbox = state.outbox if state.settings.sends_mail else nullcontext()
    with state.places, state.hub, outbox, by_the_clock[0], by_the_clock[1]:
        yield
    app.state.database.close()


async def _answered(request: Request, error: Exception) -> Response:
    return error_answer(request, error)


async def static_file(request: Request, name: str) -> Response:
    """A file of the interface."""
    asset = request.app.state.assets.get(name)
    if asset is None:
        raise NotFound
    response: Response = asset.answer(request)
    return response


def health(request: Request, db: RequestDb) -> JSONResponse:
    """Whether the server and its database answer, and whether it will go on doing so (503 once it is told to stop)."""
    db.ask(text("SELECT 1"))
    if request.app.state.stopping:
        return JSONResponse({"status": "stopping"}, status_code=503)
    return JSONResponse({"status": "ok"})
