"""The doctor and the mail server: what it says, and what it never shows."""

import pytest

from app.commands.doctor import doctor
from app.settings import Settings
from tests.support.mail_server import MailServer

pytestmark = pytest.mark.database


def said(settings: Settings, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    status = doctor(settings)
    return status, capsys.readouterr().out


def test_a_server_that_answers(
    mailing: Settings, server: MailServer, capsys: pytest.CaptureFixture[str]
) -> None:
    status, words = said(mailing, capsys)
    assert status == 0 and "The mail server 127.0.0.1 answers." in words
    assert server.letters == []


def test_mail_that_is_off(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    status, words = said(settings, capsys)
    assert status == 0 and "No mail is sent." in words


def test_a_server_that_is_not_there(mailing: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    status, words = said(mailing.model_copy(update={"smtp_port": 1}), capsys)
    assert status == 1
    assert (
        "! The mail server 127.0.0.1, port 1, cannot be used (ConnectionRefusedError Connection refused)."
        in words
    )


def test_a_server_that_speaks_no_tls(mailing: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    status, words = said(mailing.model_copy(update={"smtp_tls": "starttls"}), capsys)
    assert status == 1 and "cannot be used (SMTPNotSupportedError" in words


@pytest.mark.parametrize(("password", "status"), [("right", 0), ("wrong", 1)])
def test_name_and_password_are_tried_and_not_shown(
    mailing: Settings, server: MailServer, capsys: pytest.CaptureFixture[str], password: str, status: int
) -> None:
    server.account = ("postil", "right")
    account = {"smtp_user": "postil", "smtp_password": password}
    found, words = said(mailing.model_copy(update=account), capsys)
    assert found == status and ("does not take POSTIL_SMTP_USER" in words) == bool(status)
    assert password not in words and "POSTIL_SMTP_PASSWORD = …" in words


def test_what_is_risky_is_said(mailing: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    risky = {"public_url": None, "smtp_host": "localhost.localdomain"}
    status, words = said(mailing.model_copy(update=risky), capsys)
    assert status == 1
    assert "! Links in mail begin with http://127.0.0.1:8000." in words
    assert "! Mail travels unprotected" in words
