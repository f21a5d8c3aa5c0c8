"""What the tests of mail share: a mail server, the application that uses it, and people with addresses."""

from collections.abc import Iterator

import pytest

from app.database import Database
from app.main import create_app
from app.settings import Settings
from tests.mail.post import Post, joined
from tests.support.cast import World
from tests.support.mail_server import MailServer, mail_server


@pytest.fixture
def server() -> Iterator[MailServer]:
    with mail_server() as server:
        yield server


@pytest.fixture
def mailing(settings: Settings, server: MailServer) -> Settings:
    """Settings with the mail server in them."""
    mail = {
        "smtp_host": "127.0.0.1",
        "smtp_port": server.port,
        "smtp_tls": "none",
        "mail_from": "Postil <postil@example.org>",
        "public_url": "http://testserver",
    }
    return settings.model_copy(update=mail)


@pytest.fixture
def world(mailing: Settings, database: Database) -> Iterator[World]:
    """The application in process, with mail."""
    with World(create_app(mailing, database), mailing, database) as world:
        yield world


@pytest.fixture
def post(world: World, server: MailServer) -> Post:
    """Grace's class with Ada and Ben in it, and Ada's confirmed address."""
    return joined(world, server)
