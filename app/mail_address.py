"""E-mail addresses: which are taken, and the parts of one with a name before it."""

import re
from email.utils import getaddresses

MOST = 254
_ATOM = r"[\w!#$%&'*+/=?^`{|}~-]+"
_LABEL = r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?"
_ADDRESS = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@{_LABEL}(?:\.{_LABEL})*", re.ASCII | re.IGNORECASE)


def is_mail_address(text: str) -> bool:
    """Whether mail can be sent there: a dot-atom at a host (RFC 5322, 3.4.1), in ASCII."""
    return len(text) <= MOST and _ADDRESS.fullmatch(text) is not None


def sender(text: str) -> tuple[str, str]:
    """Name and address of what may have both, such as Postil <postil@example.org>; both empty when it is not one."""
    found = getaddresses([text])
    return found[0] if len(found) == 1 else ("", "")
