"""Trying Postil out: a server with a class in it, on data that is gone when it stops."""

from collections.abc import Callable
from pathlib import Path
from secrets import token_urlsafe
from tempfile import TemporaryDirectory

from fastapi import FastAPI

from app.commands.console import say
from app.commands.opening import opened
from app.commands.serving import serve
from app.database import Database
from app.demo.entrance import let_in
from app.demo.script import script
from app.demo.staging import stage
from app.language import _
from app.security import Passwords
from app.settings import Settings


def demo(settings: Settings, create_app: Callable[[Settings, Database], FastAPI]) -> None:
    """Serves the demo class until it is told to stop. The data of a real server is not touched."""
    with TemporaryDirectory(prefix="postil-demo-") as folder:
        throw_away = settings.model_copy(
            update={"data_dir": Path(folder) / "data", "database_url": None, "backup_hours": 0}
        )
        say(_("The class comes in…"))
        with opened(throw_away) as database:
            people = stage(database, script(), Passwords(throw_away).hash(token_urlsafe()))

        def with_entrance(final: Settings, database: Database) -> FastAPI:
            app = create_app(final, database)
            say(
                _(
                    "Each address signs you in as one of the class. Everything is gone when you stop it (Ctrl+C)."
                )
            )
            for name, address in let_in(app, people, final.base_url).items():
                say(f"  {name:24} {address}")
            return app

        serve(throw_away, with_entrance)
