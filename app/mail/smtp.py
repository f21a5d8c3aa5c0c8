"""The mail server: speaking to it, and why it could not be. Neither addresses nor words of a letter are logged."""

import logging
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import formatdate, make_msgid

from app.errors import Refused
from app.language import _
from app.mail_address import is_mail_address, sender
from app.settings import Settings

_PATIENCE = 10.0  # seconds
log = logging.getLogger("postil")


class Unsent(Exception):
    """A letter did not leave; the log says why."""


@dataclass(frozen=True)
class Letter:
    """What goes to one person, in plain text."""

    to: str
    subject: str
    body: str


def send(settings: Settings, letter: Letter) -> None:
    """Hands a letter to the mail server. Unsent when that fails."""
    try:
        if not is_mail_address(letter.to):
            raise ValueError
        with _connected(settings) as server:
            server.send_message(_message(settings, letter))
    except (OSError, ValueError) as error:
        log.warning("A letter was not sent: %s", in_short(error))
        raise Unsent from error


def reach(settings: Settings) -> None:
    """Speaks to the mail server without sending anything. Refused with what went wrong."""
    words = {"host": settings.smtp_host, "port": settings.smtp_port}
    try:
        with _connected(settings) as server:
            server.noop()
    except smtplib.SMTPAuthenticationError:
        raise Refused(
            _("The mail server %(host)s, port %(port)d, does not take POSTIL_SMTP_USER and its password.")
            % words
        ) from None
    except (OSError, ValueError) as error:
        raise Refused(
            _("The mail server %(host)s, port %(port)d, cannot be used (%(why)s).")
            % (words | {"why": in_short(error)})
        ) from None


def in_short(error: Exception) -> str:
    """What kind of failure it was: a server's own words may hold addresses."""
    code = error.smtp_code if isinstance(error, smtplib.SMTPResponseException) else None
    why = error.strerror if type(error).__module__ == "builtins" and isinstance(error, OSError) else None
    return " ".join(str(part) for part in (type(error).__name__, code, why) if part)


@contextmanager
def _connected(settings: Settings) -> Iterator[smtplib.SMTP]:
    host, port, trust = settings.smtp_host or "", settings.smtp_port, ssl.create_default_context()
    server: smtplib.SMTP = (
        smtplib.SMTP_SSL(host, port, timeout=_PATIENCE, context=trust)
        if settings.smtp_tls == "tls"
        else smtplib.SMTP(host, port, timeout=_PATIENCE)
    )
    with server:
        if settings.smtp_tls == "starttls":
            server.starttls(context=trust)
        if settings.smtp_user:
            server.login(settings.smtp_user, settings.smtp_password or "")
        yield server


def _message(settings: Settings, letter: Letter) -> EmailMessage:
    name, address = sender(settings.mail_from or "")
    message = EmailMessage()
    message["From"] = Address(name, addr_spec=address)
    message["To"] = Address(addr_spec=letter.to)
    message["Subject"] = letter.subject
    message["Date"] = formatdate()
    message["Message-ID"] = make_msgid(domain=address.partition("@")[2])
    # So that nobody's absence note answers.
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.body)
    return message
