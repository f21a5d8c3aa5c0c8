"""Every option once, typed, with the sentence that documents it."""

import os
import re
import tempfile
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from app.mail_address import is_mail_address, sender
from app.setting_words import in_words

PREFIX = "POSTIL_"
# Settings whose value may hold a password.
_SECRET = {"database_url", "smtp_password"}


class SettingsRefused(Exception):
    """A setting cannot be used; the message says which and what to do."""


class Settings(BaseSettings):
    """Options read from the environment; `POSTIL_X_FILE` names a file that holds the value of `POSTIL_X`."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_ignore_empty=True, extra="ignore", frozen=True)

    host: str = Field(
        "127.0.0.1", description="Address to listen on. Use 0.0.0.0 to be reached from other machines."
    )
    port: int = Field(8000, ge=0, le=65535, description="Port to listen on.")
    data_dir: Path = Field(
        Path("data"), description="Folder for the SQLite database and backups. It is made if it is missing."
    )
    database_url: str | None = Field(
        None,
        description="A PostgreSQL address such as postgresql://user:password@host/postil. "
        "Left out, Postil uses SQLite in the data folder.",
    )
    base_path: str = Field(
        "",
        description="The path under which Postil stands behind a proxy, such as /postil. "
        "Left out, it has the whole address to itself.",
    )
    public_url: str | None = Field(
        None,
        description="The address people type, such as https://postil.example.org. "
        "Needed behind a proxy; with https it turns on secure cookies and HSTS.",
    )
    proxies: str = Field(
        "127.0.0.1,::1",
        description="Addresses and networks of the proxies whose X-Forwarded-For, -Proto and -Host are believed, "
        "separated by commas.",
    )
    session_days: int = Field(30, ge=1, le=365, description="Days after which an unused sign-in ends.")
    max_body_kib: int = Field(1024, ge=64, description="Largest form accepted, in KiB.")
    max_upload_mib: int = Field(20, ge=1, le=200, description="Largest uploaded file accepted, in MiB.")
    max_articles: int = Field(500, ge=1, description="Most articles that one person keeps in the library.")
    max_text_mib: int = Field(200, ge=1, description="Most text that one person keeps, in MiB.")
    password_memory_kib: int = Field(
        19456, ge=1024, description="Memory that hashing one password takes (Argon2id), in KiB."
    )
    password_passes: int = Field(2, ge=1, description="Passes that hashing one password makes (Argon2id).")
    backup_hours: int = Field(
        24, ge=0, description="Hours between automatic backups in the data folder; 0 for none."
    )
    backups_kept: int = Field(7, ge=1, description="Automatic backups that are kept; older ones are removed.")
    privacy: str | None = Field(
        None,
        description="Markdown for the privacy notice: who runs this server, and whom to ask. "
        "POSTIL_PRIVACY_FILE names a file with it.",
    )
    smtp_host: str | None = Field(
        None, description="Mail server. Left out, no mail is ever sent. With it, POSTIL_MAIL_FROM is needed."
    )
    smtp_port: int = Field(587, ge=1, le=65535, description="Port of the mail server.")
    smtp_user: str | None = Field(None, description="Name to sign in to the mail server with.")
    smtp_password: str | None = Field(None, description="Password to sign in to the mail server with.")
    smtp_tls: Literal["starttls", "tls", "none"] = Field(
        "starttls", description="How the mail server is spoken to; none only for one on this machine."
    )
    mail_from: str | None = Field(
        None,
        validate_default=True,
        description="Address that mail comes from, such as Postil <postil@example.org>.",
    )
    drain_seconds: int = Field(
        0,
        ge=0,
        le=300,
        description="Seconds for which a server that is told to stop goes on serving while /health answers 503, "
        "so that a load balancer sends people to another one first.",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="How much the log tells."
    )

    @field_validator("database_url")
    @classmethod
    def _postgresql_only(cls, value: str | None) -> str | None:
        if not value:
            return None
        scheme, _, rest = value.partition("://")
        if scheme not in {"postgresql", "postgres", "postgresql+psycopg"} or not rest or not _has_port(value):
            raise ValueError("must be a PostgreSQL address (postgresql://…); leave it out to use SQLite")
        return f"postgresql+psycopg://{rest}"

    @field_validator("proxies")
    @classmethod
    def _addresses(cls, value: str) -> str:
        try:
            return ",".join(str(_network(part.strip())) for part in value.split(","))
        except ValueError:
            raise ValueError(
                "must be addresses or networks separated by commas, such as 127.0.0.1,172.16.0.0/12"
            ) from None

    @field_validator("base_path")
    @classmethod
    def _path(cls, value: str) -> str:
        path = "/".join(["", *value.strip("/").split("/")]) if value.strip("/") else ""
        if not re.fullmatch(r"(/(?!\.{1,2}(/|$))[\w.~-]+)*", path, re.ASCII):
            raise ValueError("must be a path of letters, digits and . _ ~ -, such as /postil")
        return path

    @field_validator("public_url")
    @classmethod
    def _absolute(cls, value: str | None, info: ValidationInfo) -> str | None:
        """The address with the base path, whether it was given with it or without."""
        if not value:
            return None
        parts = urlsplit(value)
        base: str = info.data.get("base_path", "")
        if (
            parts.scheme not in {"http", "https"}
            or not parts.netloc
            or parts.path.rstrip("/") not in {"", base}
        ):
            raise ValueError(
                "must be a whole address without a path, such as https://postil.example.org; "
                "a path is for POSTIL_BASE_PATH"
            )
        return f"{parts.scheme}://{parts.netloc}{base}"

    @field_validator("mail_from")
    @classmethod
    def _one_address(cls, value: str | None, info: ValidationInfo) -> str | None:
        if not value and info.data.get("smtp_host"):
            raise ValueError("must be set, since POSTIL_SMTP_HOST is, such as Postil <postil@example.org>")
        if value and not is_mail_address(sender(value)[1]):
            raise ValueError("must be one e-mail address, such as Postil <postil@example.org>")
        return value or None

    def as_environment(self) -> dict[str, str]:
        """The environment in which another process finds these settings."""
        own = {_variable(name): str(value) for name, value in self if value is not None}
        others = {name: value for name, value in os.environ.items() if not name.upper().startswith(PREFIX)}
        return others | own | {_variable("data_dir"): str(self.data_dir.absolute())}

    @property
    def secure(self) -> bool:
        """Whether people reach this server by https."""
        return bool(self.public_url and self.public_url.startswith("https://"))

    @property
    def sends_mail(self) -> bool:
        """Whether there is a way to send mail."""
        return bool(self.smtp_host)

    @property
    def sqlite_path(self) -> Path:
        """Where the SQLite database is, if one is used."""
        return self.data_dir / "postil.sqlite3"

    @property
    def base_url(self) -> str:
        """The address to print for people; without a trailing slash."""
        host = "127.0.0.1" if self.host in {"0.0.0.0", "::", ""} else self.host
        own = f"http://{f'[{host}]' if ':' in host else host}:{self.port}{self.base_path}"
        return self.public_url or own


def load_settings() -> Settings:
    """Settings from the environment. Raises SettingsRefused with a sentence that says what to do."""
    try:
        return Settings(**_from_files())
    except ValidationError as error:
        raise SettingsRefused(in_words(error.errors(), Settings.model_fields, _variable, _SECRET)) from None


def unknown_settings() -> list[str]:
    """Variables of the environment that look like settings and are none: misspelt, or of another version."""
    known = {_variable(name) for name in Settings.model_fields}
    known |= {f"{name}_FILE" for name in known}
    return sorted(
        name for name in os.environ if name.upper().startswith(PREFIX) and name.upper() not in known
    )


def prepare_data_dir(settings: Settings) -> None:
    """Makes the data folder. Raises SettingsRefused when it cannot be made or written."""
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=settings.data_dir):
            pass
    except OSError as error:
        raise SettingsRefused(
            f"The data folder {settings.data_dir} cannot be written ({error.strerror}). "
            "Make it writable for this user, or set POSTIL_DATA_DIR to a folder that is."
        ) from None


def _variable(name: str) -> str:
    return f"{PREFIX}{name}".upper()


def _from_files() -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name in Settings.model_fields:
        variable = f"{_variable(name)}_FILE"
        if path := os.environ.get(variable):
            if os.environ.get(_variable(name)):
                raise SettingsRefused(f"{_variable(name)} and {variable} are both set; keep one of them.")
            values[name] = _contents(variable, Path(path))
    return values


def _contents(variable: str, path: Path) -> str:
    try:
        return path.read_text("utf-8").strip()
    except OSError as error:
        raise SettingsRefused(f"{variable} names {path}, which cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise SettingsRefused(f"{variable} names {path}, which is not text in UTF-8.") from None


def _network(text: str) -> IPv4Address | IPv6Address | IPv4Network | IPv6Network:
    return ip_network(text) if "/" in text else ip_address(text)


def _has_port(url: str) -> bool:
    """Whether what stands for a port, if anything does, can be one."""
    try:
        return urlsplit(url).port != 0
    except ValueError:
        return False
