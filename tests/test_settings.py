"""Settings: every one documented, every wrong one refused in a sentence that shows no secret."""

import re
from pathlib import Path

import pytest

from app.settings import Settings, SettingsRefused, load_settings, prepare_data_dir, unknown_settings

ROOT = Path(__file__).parents[1]


def documented() -> list[str]:
    """The rows of the table in docs/settings.md."""
    return [
        f"| `POSTIL_{name.upper()}` | {shown(field.default)} | {field.description} |"
        for name, field in Settings.model_fields.items()
    ]


def shown(default: object) -> str:
    return "–" if default in (None, "") else f"`{default}`"


def test_every_setting_is_documented_with_its_default_and_what_it_does() -> None:
    lines = (ROOT / "docs" / "settings.md").read_text("utf-8").splitlines()
    assert [line for line in lines if line.startswith("| `POSTIL_")] == documented()


def test_the_environment_is_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("POSTIL_PORT", "8001")
    monkeypatch.setenv("POSTIL_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("POSTIL_HOST", "")
    settings = load_settings()
    assert (settings.port, settings.data_dir, settings.host) == (8001, tmp_path, "127.0.0.1")


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("PORT", "abc", "POSTIL_PORT must be a whole number from 0 to 65535 (it is 'abc')."),
        ("PORT", "65536", "POSTIL_PORT must be a whole number from 0 to 65535 (it is '65536')."),
        ("PASSWORD_PASSES", "0", "POSTIL_PASSWORD_PASSES must be a whole number from 1 up (it is '0')."),
        ("LOG_LEVEL", "loud", "POSTIL_LOG_LEVEL must be one of debug, info, warning, error (it is 'loud')."),
        ("PUBLIC_URL", "postil.example.org", "POSTIL_PUBLIC_URL must be a whole address without a path"),
        (
            "PUBLIC_URL",
            "https://example.org/postil",
            "POSTIL_PUBLIC_URL must be a whole address without a path",
        ),
        ("BASE_PATH", "/a b", "POSTIL_BASE_PATH must be a path of letters, digits and . _ ~ -"),
        ("BASE_PATH", "/a/../b", "POSTIL_BASE_PATH must be a path of letters, digits and . _ ~ -"),
        ("BASE_PATH", "//a//b", "POSTIL_BASE_PATH must be a path of letters, digits and . _ ~ -"),
        ("PROXIES", "proxy", "POSTIL_PROXIES must be addresses or networks separated by commas"),
        ("PROXIES", "*", "POSTIL_PROXIES must be addresses or networks separated by commas"),
        ("PROXIES", "10.0.0.1/8", "POSTIL_PROXIES must be addresses or networks separated by commas"),
        ("PROXIES", "10.0.0.1,,::1", "POSTIL_PROXIES must be addresses or networks separated by commas"),
        ("SMTP_PORT", "0", "POSTIL_SMTP_PORT must be a whole number from 1 to 65535 (it is '0')."),
        ("SMTP_TLS", "ssl", "POSTIL_SMTP_TLS must be one of starttls, tls, none (it is 'ssl')."),
        ("SMTP_HOST", "mail.example.org", "POSTIL_MAIL_FROM must be set, since POSTIL_SMTP_HOST is, such as"),
        ("MAIL_FROM", "Postil", "POSTIL_MAIL_FROM must be one e-mail address, such as"),
        ("MAIL_FROM", "a@b.example, c@d.example", "POSTIL_MAIL_FROM must be one e-mail address, such as"),
        ("DATABASE_URL", "mysql://u:secret@h/x", "POSTIL_DATABASE_URL must be a PostgreSQL address"),
        (
            "DATABASE_URL",
            "postgresql://u:secret@h:port/x",
            "POSTIL_DATABASE_URL must be a PostgreSQL address",
        ),
    ],
)
def test_a_wrong_value_is_refused_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    monkeypatch.setenv(f"POSTIL_{name}", value)
    with pytest.raises(SettingsRefused) as refused:
        load_settings()
    assert str(refused.value).startswith(said)
    assert "secret" not in str(refused.value)


def test_a_value_can_come_from_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    secret = tmp_path / "url"
    secret.write_text("postgres://ada:pass@localhost/postil\n", "utf-8")
    monkeypatch.setenv("POSTIL_DATABASE_URL_FILE", str(secret))
    assert load_settings().database_url == "postgresql+psycopg://ada:pass@localhost/postil"


def test_the_password_of_the_mail_server_comes_from_a_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "mail").write_text("s3cret\n", "utf-8")
    monkeypatch.setenv("POSTIL_SMTP_PASSWORD_FILE", str(tmp_path / "mail"))
    monkeypatch.setenv("POSTIL_SMTP_HOST", "mail.example.org")
    monkeypatch.setenv("POSTIL_MAIL_FROM", "Postil <postil@example.org>")
    settings = load_settings()
    assert settings.sends_mail and settings.smtp_password == "s3cret"


def test_no_mail_is_sent_unless_a_server_is_named() -> None:
    assert not Settings().sends_mail


def test_a_value_and_a_file_for_it_contradict_each_other(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "port").write_text("8001", "utf-8")
    monkeypatch.setenv("POSTIL_PORT_FILE", str(tmp_path / "port"))
    monkeypatch.setenv("POSTIL_PORT", "8002")
    with pytest.raises(SettingsRefused, match="POSTIL_PORT and POSTIL_PORT_FILE are both set"):
        load_settings()


@pytest.mark.parametrize(("content", "said"), [(None, "cannot be read"), (b"\xff\xfe", "not text")])
def test_a_file_that_cannot_be_used_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: bytes | None, said: str
) -> None:
    path = tmp_path / "url"
    if content is not None:
        path.write_bytes(content)
    monkeypatch.setenv("POSTIL_DATABASE_URL_FILE", str(path))
    with pytest.raises(SettingsRefused, match=f"POSTIL_DATABASE_URL_FILE names {path}, which .*{said}"):
        load_settings()


def test_misspelt_settings_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POSTIL_PROT", "8001")
    monkeypatch.setenv("POSTIL_PORT_FILE", "/somewhere")
    assert unknown_settings() == ["POSTIL_PROT"]


def test_the_data_folder_is_made(tmp_path: Path) -> None:
    prepare_data_dir(Settings(data_dir=tmp_path / "a" / "b"))
    assert (tmp_path / "a" / "b").is_dir()


def test_a_data_folder_that_cannot_be_one_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SettingsRefused, match="set POSTIL_DATA_DIR to a folder that is"):
        prepare_data_dir(Settings(data_dir=tmp_path / "file" / "data"))


@pytest.mark.parametrize(
    ("host", "public", "address"),
    [
        ("127.0.0.1", None, "http://127.0.0.1:8000"),
        ("0.0.0.0", None, "http://127.0.0.1:8000"),
        ("fd00::1", None, "http://[fd00::1]:8000"),
        ("0.0.0.0", "https://postil.example.org/", "https://postil.example.org"),
    ],
)
def test_the_address_for_people(host: str, public: str | None, address: str) -> None:
    assert Settings(host=host, public_url=public).base_url == address


def test_the_recipes_for_proxies_let_the_largest_upload_through() -> None:
    """Postil itself says what was too large."""
    recipes = (ROOT / "docs" / "proxy.md").read_text("utf-8")
    limits = re.findall(r"(?:client_max_body_size|max_size) (\d+)m", recipes, re.IGNORECASE)
    assert len(limits) == recipes.count("reverse_proxy") + recipes.count("proxy_pass") > 0
    assert min(map(int, limits)) > Settings.model_fields["max_upload_mib"].default
