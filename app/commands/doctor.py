"""A look at everything that could be wrong: settings, database, rows, disk."""

import platform
import shutil

from sqlalchemy import func, select, text
from sqlalchemy.engine import Connection

from app import __version__
from app.accounts.models import User
from app.annotations.crowd.surveying import recount, sample
from app.commands.console import say
from app.commands.opening import opened
from app.commands.purging import purge
from app.database import Database
from app.engines import journal_mode, sqlite_driver
from app.errors import Refused
from app.language import _, ngettext
from app.library.quotas import usage_by_person
from app.mail.smtp import reach
from app.settings import Settings, prepare_data_dir, unknown_settings
from app.storage.migrating import present_revision, where
from app.storage.schema import head, reflected

_LITTLE_DISK = 1 << 30
_PEOPLE_SHOWN = 20
# Newest annotations whose paragraphs are counted again.
_COUNTED_AGAIN = 20


def doctor(settings: Settings) -> int:
    """Prints what was found; returns the exit status: 1 when something needs care."""
    say(f"Postil {__version__}, Python {platform.python_version()}, {platform.system()} {platform.machine()}")
    _say_settings(settings)
    prepare_data_dir(settings)
    troubles = [*_proxies(settings), *_mail(settings), *_disk(settings), *_database(settings)]
    troubles += [_("There is no setting %(name)s.") % {"name": name} for name in unknown_settings()]
    for trouble in troubles:
        say(f"! {trouble}")
    say(_("Something needs care.") if troubles else _("All is well."))
    return 1 if troubles else 0


def purge_deleted(settings: Settings) -> None:
    """Takes away for good what was deleted more than thirty days ago."""
    with opened(settings) as database:
        annotations, articles = purge(database)
    say(_("Gone for good: %(n)d annotations, %(m)d articles.") % {"n": annotations, "m": articles})


def recount_crowd(settings: Settings) -> None:
    """Counts anew who marked what, and mends what differed."""
    with opened(settings) as database:
        found = recount(database)
    for table, rows in sorted(found.items()):
        say(
            ngettext("%(table)s: %(n)d row differed", "%(table)s: %(n)d rows differed", rows)
            % {"table": table, "n": rows}
        )
    say(_("What differed was mended.") if found else _("Every count was right."))


def sqlite_in_words() -> str:
    """Which SQLite is used, and how it keeps what is written safe."""
    driver = sqlite_driver()
    kind = _("write-ahead log") if journal_mode() == "wal" else _("rollback journal")
    return f"SQLite {driver.sqlite_version} ({driver.__name__.partition('.')[0]}, {kind})"


def _say_settings(settings: Settings) -> None:
    for name, value in settings.model_dump().items():
        shown = value
        if value and name == "database_url":
            shown = where(settings)
        elif value and name == "smtp_password":
            shown = "…"
        first, *more = str("" if shown is None else shown).splitlines() or [""]
        say(f"  POSTIL_{name.upper()} = {first}{' …' if more else ''}")


def _proxies(settings: Settings) -> list[str]:
    said = _("X-Forwarded-For, -Proto and -Host are believed from %(proxies)s.")
    say(said % {"proxies": settings.proxies.replace(",", ", ")})
    if any(proxy.endswith("/0") for proxy in settings.proxies.split(",")):
        return [
            _("POSTIL_PROXIES believes anybody: whoever reaches this server can pretend another address.")
        ]
    return []


def _mail(settings: Settings) -> list[str]:
    """Troubles with mail. The mail server is spoken to, and nothing is sent."""
    if not settings.sends_mail:
        say(_("No mail is sent."))
        return []
    troubles = []
    try:
        reach(settings)
        say(_("The mail server %(host)s answers.") % {"host": settings.smtp_host})
    except Refused as error:
        troubles.append(error.message)
    if settings.public_url is None:
        words = _(
            "Links in mail begin with %(address)s. Set POSTIL_PUBLIC_URL if people reach it by another."
        )
        troubles.append(words % {"address": settings.base_url})
    if settings.smtp_tls == "none" and settings.smtp_host not in {"localhost", "127.0.0.1", "::1"}:
        troubles.append(_("Mail travels unprotected: set POSTIL_SMTP_TLS to starttls or tls."))
    return troubles


def _disk(settings: Settings) -> list[str]:
    free = shutil.disk_usage(settings.data_dir).free
    say(_("%(folder)s: %(n).1f GB free") % {"folder": settings.data_dir.absolute(), "n": free / 1e9})
    return [_("The disk is nearly full.")] if free < _LITTLE_DISK else []


def _database(settings: Settings) -> list[str]:
    """Troubles with the database. It is only read: a doctor makes no tables."""
    try:
        revision = present_revision(settings)
    except Refused as error:
        return [error.message]
    if revision is None:
        say(_("There is no database yet; the first start makes it."))
        return []
    database = Database(settings)
    try:
        with database.reader.connect() as connection:
            return [*_tables(connection, revision), *_soundness(connection)]
    finally:
        database.close()


def _tables(connection: Connection, revision: str) -> list[str]:
    for table in reflected(connection).sorted_tables:
        say(f"  {table.name}: {connection.scalar(select(func.count()).select_from(table))}")
    if revision == head():
        _say_usage(connection)
        return _counts(connection)
    return [
        _("The tables are at %(revision)s; run postil migrate or start the server.") % {"revision": revision}
    ]


def _counts(connection: Connection) -> list[str]:
    """Whether the counts of the newest annotations' paragraphs are what their annotations say."""
    if sample(connection, _COUNTED_AGAIN):
        return [_("Some counts of marks are wrong: run postil doctor --recount.")]
    return []


def _say_usage(connection: Connection) -> None:
    """Who keeps most, largest first."""
    names = dict(connection.execute(select(User.id, User.name)).all())
    usage = sorted(usage_by_person(connection).items(), key=lambda one: one[1].size, reverse=True)
    for user_id, kept in usage[:_PEOPLE_SHOWN]:
        say(f"  {names[user_id]}: {kept}")
    if (others := len(usage) - _PEOPLE_SHOWN) > 0:
        say("  " + ngettext("and %(n)d more person", "and %(n)d more people", others) % {"n": others})


def _soundness(connection: Connection) -> list[str]:
    if connection.dialect.name == "postgresql":
        say(f"PostgreSQL {connection.scalar(text('SHOW server_version'))}")
        return []
    say(sqlite_in_words())
    found = [str(row[0]) for row in connection.exec_driver_sql("PRAGMA integrity_check(10)")]
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
    troubles = (
        [] if found == ["ok"] else [_("The database is damaged: %(what)s.") % {"what": "; ".join(found)}]
    )
    return troubles + ([_("Rows refer to rows that are not there.")] if broken else [])
