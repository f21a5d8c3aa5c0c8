"""Names of downloads: no title can end the header, leave the folder or pose as another kind of file."""

from email.message import Message
from urllib.parse import unquote

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.exports.filenames import attachment


def names_in(header: str) -> tuple[str, str]:
    """The plain and the whole name, as read by the standard library's header parser and by RFC 8187."""
    message = Message()
    message["content-disposition"] = header
    fancy = header.partition("filename*=UTF-8''")[2]
    return header.split('"')[1], unquote(fancy)


@pytest.mark.parametrize(
    ("title", "plain", "whole"),
    [
        ("Patience as strategy", "postil-patience-as-strategy.csv", "Postil - Patience as strategy.csv"),
        ("Éloge de l’œuvre", "postil-eloge-de-luvre.csv", "Postil - Éloge de l’œuvre.csv"),
        ("صبر راهبردی", "postil-annotations.csv", "Postil - صبر راهبردی.csv"),
        ('../../etc/"passwd"\r\nSet-Cookie: a=b', "postil-etc-passwd-set-cookie-a-b.csv", None),
        ("report\u202egnp.exe", "postil-reportgnp-exe.csv", "Postil - report gnp.exe.csv"),
        ("…", "postil-annotations.csv", "Postil - ….csv"),
        ("", "postil-annotations.csv", "Postil - annotations.csv"),
    ],
)
def test_names(title: str, plain: str, whole: str | None) -> None:
    found = names_in(attachment(title, "csv"))

    assert found[0] == plain
    assert whole is None or found[1] == whole


@given(st.text())
@example("👩‍👩‍👧‍👦" * 100)
@example("CON")
@settings(deadline=None)
def test_any_title_makes_a_safe_name(title: str) -> None:
    header = attachment(title, "csv")
    plain, whole = names_in(header)

    assert header.isascii() and header.isprintable()
    assert header.count('"') == 2
    assert plain.startswith("postil-") and plain.endswith(".csv")
    assert whole.startswith("Postil - ") and whole.endswith(".csv")
    assert not set(whole) & set('\\/:*?"<>|\r\n\0') and len(whole.encode()) <= 255
