"""The data as a whole: bringing the tables up to date, backing up, bringing a backup back."""

from pathlib import Path

from app.commands.console import say
from app.database import now
from app.language import _, ngettext
from app.settings import Settings, prepare_data_dir
from app.storage.backup import backup_folder, default_name, write_backup
from app.storage.files import free_name
from app.storage.locking import data_in_use
from app.storage.migrating import migrate as migrate_tables
from app.storage.migrating import where
from app.storage.restoring import restore as restore_backup
from app.storage.schema import head


def migrate(settings: Settings) -> None:
    """Brings the tables to what this program expects."""
    prepare_data_dir(settings)
    say_kept(migrate_tables(settings))
    say(_("%(where)s is at revision %(revision)s.") % {"where": where(settings), "revision": head()})


def say_kept(backup: Path | None) -> None:
    """Tells where the backup is that was made before the tables were changed."""
    if backup:
        say(_("The tables were brought up to date. A backup from before is %(path)s.") % {"path": backup})


def backup(settings: Settings, target: Path | None) -> None:
    """Writes a backup, to a folder under a name with the time or to a file."""
    prepare_data_dir(settings)
    target = target or backup_folder(settings)
    if target.is_dir():
        target = free_name(target / default_name(now()))
    with data_in_use(settings):
        rows = write_backup(settings, target).rows
    say(ngettext("%(n)d row: %(path)s", "%(n)d rows: %(path)s", rows) % {"n": rows, "path": target})


def restore(settings: Settings, source: Path, *, replace: bool) -> None:
    """Puts a backup in the place of what is there."""
    prepare_data_dir(settings)
    manifest, aside = restore_backup(settings, source, replace=replace)
    say(
        ngettext("%(n)d row of %(when)s is back.", "%(n)d rows of %(when)s are back.", manifest.rows)
        % {"n": manifest.rows, "when": manifest.made_at}
    )
    if aside:
        say(_("What was there is kept in %(path)s.") % {"path": aside})
