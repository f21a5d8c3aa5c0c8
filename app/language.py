"""The interface's language: marks strings for translation and translates them for the current request."""

from contextvars import ContextVar
from functools import cache
from gettext import NullTranslations, translation
from pathlib import Path

LOCALES = Path(__file__).parent / "locales"
DEFAULT = "en"

_current: ContextVar[str] = ContextVar("interface_language", default=DEFAULT)


@cache
def _catalogue(language: str) -> NullTranslations:
    return translation("postil", LOCALES, languages=[language], fallback=True)


def offered() -> list[str]:
    """The languages (BCP 47) in which the interface can be had: English, and each that has a catalogue."""
    found = (path.parent.parent.name for path in LOCALES.glob("*/LC_MESSAGES/postil.mo"))
    return [DEFAULT, *sorted(set(found) - {DEFAULT})]


def speak(language: str) -> None:
    """Makes `language` (BCP 47) the interface's language for the rest of this request."""
    _current.set(language)


def spoken() -> str:
    """The interface's language of this request (BCP 47)."""
    return _current.get()


def _(message: str) -> str:
    """Marks `message` for translation; at run time translates it into the request's language."""
    return _catalogue(_current.get()).gettext(message)


def ngettext(singular: str, plural: str, n: int) -> str:
    """Like `_`, choosing the form that goes with the count `n`."""
    return _catalogue(_current.get()).ngettext(singular, plural, n)
