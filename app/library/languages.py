"""The languages offered for a text, each by its own name."""

LANGUAGES: list[tuple[str, str]] = [
    ("und", "—"),
    ("ar", "العربية"),
    ("de", "Deutsch"),
    ("el", "Ελληνικά"),
    ("en", "English"),
    ("es", "Español"),
    ("fa", "فارسی"),
    ("fr", "Français"),
    ("he", "עברית"),
    ("hi", "हिन्दी"),
    ("it", "Italiano"),
    ("ja", "日本語"),
    ("ko", "한국어"),
    ("nl", "Nederlands"),
    ("pl", "Polski"),
    ("pt", "Português"),
    ("ru", "Русский"),
    ("th", "ไทย"),
    ("tr", "Türkçe"),
    ("uk", "Українська"),
    ("ur", "اردو"),
    ("zh", "中文"),
]
_NAMES = dict(LANGUAGES)


def language_name(code: str) -> str:
    """A language's own name; its code where the name is not known; nothing for an unknown language."""
    return _NAMES.get(code, _NAMES.get(code.partition("-")[0], code)) if code != "und" else ""
