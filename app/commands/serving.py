"""Running the server: everything that can be refused is refused before the first request, nothing after it."""

import asyncio
import errno
import socket
from collections.abc import Callable
from contextlib import closing
from typing import Any

import uvicorn
from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool

from app.commands.console import say, warn
from app.commands.data import say_kept
from app.commands.doctor import sqlite_in_words
from app.commands.people import claim_address
from app.database import Database
from app.engines import journal_mode
from app.errors import Refused
from app.language import _
from app.settings import Settings, prepare_data_dir, unknown_settings
from app.storage.locking import data_in_use
from app.storage.migrating import migrate

_GRACE_SECONDS = 5
_BACKLOG = 2048
# A connection waits longer for its next request than an open page rests, and than most proxies keep theirs.
_KEEP_ALIVE_SECONDS = 75
_STEP_SECONDS = 0.1


def serve(settings: Settings, create_app: Callable[[Settings, Database], FastAPI]) -> None:
    """Serves until it is told to stop. Refused, before anything is changed, when the port cannot be had."""
    for name in unknown_settings():
        warn(_("There is no setting %(name)s, so it changes nothing. See docs/settings.md.") % {"name": name})
    prepare_data_dir(settings)
    with closing(_listening(settings)) as listener:
        settings = settings.model_copy(update={"port": listener.getsockname()[1]})
        say_kept(migrate(settings))
        with data_in_use(settings):
            database = Database(settings)
            _greet(settings, database)
            app = create_app(settings, database)
            Server(_configuration(settings, app), app, settings.drain_seconds).run(sockets=[listener])


class Server(uvicorn.Server):
    """uvicorn's, which waits for answers under way: streams end first, since they would never."""

    def __init__(self, config: uvicorn.Config, app: FastAPI, drain_seconds: float) -> None:
        super().__init__(config)
        self._app = app
        self._drain_seconds = drain_seconds

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stops when everything under way has been answered."""
        await self._drain()
        await run_in_threadpool(self._app.state.hub.close)
        await super().shutdown(sockets)

    async def _drain(self) -> None:
        """Serves on for a while, and lets balancers and kept connections know that it is for the last time."""
        self._app.state.stopping = True
        state = self.server_state
        state.default_headers = [*state.default_headers, (b"connection", b"close")]
        until = asyncio.get_running_loop().time() + self._drain_seconds
        while asyncio.get_running_loop().time() < until and not self.force_exit:
            await asyncio.sleep(_STEP_SECONDS)


def _listening(settings: Settings) -> socket.socket:
    try:
        family, _kind, _protocol, _name, address = socket.getaddrinfo(
            settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        return socket.create_server(address, family=family, backlog=_BACKLOG)
    except OSError as error:
        raise Refused(_why_not(settings, error)) from error


def _why_not(settings: Settings, error: OSError) -> str:
    words = {"host": settings.host, "port": settings.port, "why": error.strerror}
    if error.errno == errno.EADDRINUSE:
        return _("Port %(port)d is in use. Stop what uses it, or choose another with POSTIL_PORT.") % words
    if error.errno == errno.EACCES:
        return (
            _("Port %(port)d may not be used by this user. Choose one above 1023 with POSTIL_PORT.") % words
        )
    return _("Postil cannot listen on %(host)s, port %(port)d (%(why)s). Mend POSTIL_HOST.") % words


def _greet(settings: Settings, database: Database) -> None:
    if database.is_sqlite and journal_mode() != "wal":
        warn(
            _("%(sqlite)s: this release has a fault in its write-ahead log, so the slower journal is used.")
            % {"sqlite": sqlite_in_words()}
        )
    say(_("Postil is at %(address)s") % {"address": settings.base_url})
    if address := claim_address(settings, database):
        say(_("Nobody has an account yet. Whoever opens this address makes the first, an administrator's:"))
        say(f"  {address}")


def _configuration(settings: Settings, app: FastAPI) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        lifespan="on",
        ws="none",
        access_log=False,
        server_header=False,
        log_level=settings.log_level,
        log_config=_log(settings.log_level.upper()),
        proxy_headers=False,  # the application reads them: see app/proxies.py
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )


def _log(level: str) -> dict[str, Any]:
    """A line for each event on standard error. Other libraries only warn: some would show what people wrote."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "loggers": {"postil": {"level": level}, "uvicorn": {"level": level}},
        "root": {"level": "WARNING", "handlers": ["stderr"]},
    }
