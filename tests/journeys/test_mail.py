"""An address is given and confirmed, a digest chosen, and a forgotten password replaced, all by mail."""

from collections.abc import Iterator
from email.message import EmailMessage

import pytest
from playwright.sync_api import expect

from app.database import Database
from app.main import create_app
from app.settings import Settings
from tests.journeys.axe import findings
from tests.journeys.person import Seats
from tests.mail.post import PASSWORD, link
from tests.support.cast import World
from tests.support.mail_server import MailServer, mail_server

pytestmark = pytest.mark.browser


@pytest.fixture
def server() -> Iterator[MailServer]:
    with mail_server() as server:
        yield server


@pytest.fixture
def world(settings: Settings, database: Database, server: MailServer) -> Iterator[World]:
    """The application in process, with mail."""
    mail = {
        "smtp_host": "127.0.0.1",
        "smtp_port": server.port,
        "smtp_tls": "none",
        "public_url": "http://testserver",
    }
    settings = settings.model_copy(update=mail | {"mail_from": "postil@example.org"})
    with World(create_app(settings, database), settings, database) as world:
        yield world


def test_an_address_a_digest_and_a_forgotten_password(seats: Seats, world: World, server: MailServer) -> None:
    ada = seats.sit(world.member("Ada", password=PASSWORD))
    ada.expects("422")
    page = ada.open("/account")
    page.get_by_role("link", name="Look and change").click()
    expect(page.get_by_role("heading", name="E-mail")).to_be_visible()
    found = findings(page, "no address yet", ("dark",))
    page.get_by_label("E-mail address").fill("ada@example.org")
    page.get_by_label("Present password").fill("not the one")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("That is not your present password.")).to_be_visible()
    found += findings(page, "a wrong password")
    page.get_by_label("Present password").fill(PASSWORD)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("A link was sent to ada@example.org")).to_be_visible()
    page.goto(ada.address + link(arrived(server)))
    expect(page.get_by_role("heading", name="Is this your")).to_be_visible()
    found += findings(page, "confirming", ("dark",))
    page.get_by_role("button", name="Yes, it is mine").click()
    expect(page.get_by_text("confirmed", exact=True)).to_be_visible()
    page.get_by_label("Every Monday morning").check()
    with page.expect_navigation():
        page.get_by_role("button", name="Save").last.click()
    expect(page.get_by_label("Every Monday morning")).to_be_checked()
    found += findings(page, "an address and a digest", ("dark", "sepia", "contrast"))

    phone = seats.sit(screen="phone")
    other = phone.open("/sign-in")
    found += findings(other, "signing in with mail")
    other.get_by_role("link", name="I forgot my password").tap()
    expect(other.get_by_role("heading", name="A new password")).to_be_visible()
    found += findings(other, "a forgotten password")
    other.get_by_label("E-mail address").fill("ada@example.org")
    other.get_by_role("button", name="Send the link").tap()
    expect(other.get_by_text("a link is on its way")).to_be_visible()
    found += findings(other, "a link is on its way")
    other.goto(phone.address + link(arrived(server)))
    other.get_by_label("Password").fill("quite another one")
    other.get_by_role("button", name="Set password").tap()
    expect(other.get_by_role("link", name="Patience as strategy", exact=True)).to_be_visible()
    ada.open("/account")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert found == []


def arrived(server: MailServer) -> EmailMessage:
    """Return the letter that has come meanwhile."""
    assert server.arrived.wait(timeout=30)
    server.arrived.clear()
    return server.letters[-1]
