"""Sending: what a letter is made of, what stops it, and an outbox that is never too full to go on."""

import logging

import pytest

from app.mail.outbox import Outbox
from app.mail.smtp import Letter, Unsent, send
from app.mail_address import is_mail_address
from app.settings import Settings
from tests.support.mail_server import MailServer


@pytest.fixture
def mailing(server: MailServer) -> Settings:
    return Settings(
        smtp_host="127.0.0.1", smtp_port=server.port, smtp_tls="none", mail_from="Pöstil <postil@example.org>"
    )


def test_a_letter_in_any_script_arrives_as_it_was_written(mailing: Settings, server: MailServer) -> None:
    send(mailing, Letter("ada@example.org", "سلام 🧭", "آرام\n.\n.. e\u0301\n"))
    (letter,) = server.letters
    assert letter["Subject"] == "سلام 🧭" and letter["From"] == "Pöstil <postil@example.org>"
    assert str(letter.get_content()).replace("\r\n", "\n") == "آرام\n.\n.. e\u0301\n"
    assert letter.get_content_type() == "text/plain"


def test_a_server_that_asks_who_sends_is_told(mailing: Settings, server: MailServer) -> None:
    server.account = ("postil", "right")
    with pytest.raises(Unsent):
        send(mailing, Letter("ada@example.org", "a", "b"))
    account = {"smtp_user": "postil", "smtp_password": "right"}
    send(mailing.model_copy(update=account), Letter("ada@example.org", "a", "b"))
    assert len(server.letters) == 1


@pytest.mark.parametrize(
    "to", ["", "ada", "a b@example.org", "ada@example.org\nBcc: x@example.org", "bén@example.org"]
)
def test_no_letter_leaves_to_what_is_no_address(
    mailing: Settings, server: MailServer, to: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG), pytest.raises(Unsent):
        send(mailing, Letter(to, "a", "b"))
    assert server.letters == [] and "ValueError" in caplog.text and "example" not in caplog.text


@pytest.mark.parametrize("good", ["a@b", "a.b+c@x-y.example.org", "o'neil@example.org"])
@pytest.mark.parametrize(
    "spoil", [str, ".{}".format, "{}.".format, "{} ".format, "<{}>".format, "{},x@y".format]
)
def test_addresses(good: str, spoil: type[str]) -> None:
    assert is_mail_address(spoil(good)) == (spoil is str)
    assert not is_mail_address(f"{'x' * 250}@{good}")


def test_a_full_outbox_drops_and_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    outbox, done = Outbox(), []
    for n in range(1001):
        outbox.put(lambda n=n: done.append(n))
    assert "dropped" in caplog.text
    outbox.flush()
    assert done == list(range(1000))
    outbox.put(lambda: done.append("later"))
    outbox.flush()
    assert done[-1] == "later"
