"""The command line: what can be asked for, and how it is refused."""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from app import __version__
from app.errors import Refused
from app.language import _
from app.settings import Settings, SettingsRefused, load_settings
from app.storage.locking import InUse
from app.writer import CommitFailed

# What a command needs is imported when it is asked for, so that the others answer at once.
Run = Callable[[Settings, argparse.Namespace], int | None]


def main(arguments: Sequence[str] | None = None) -> int:
    """Does what is asked for; returns the exit status: 2 when it is refused in a sentence."""
    # Notes and password hashes stand in the data folder, in backups and exports: they are the owner's alone.
    os.umask(0o077)
    asked = _parser().parse_args(arguments)
    try:
        return asked.run(load_settings(), asked) or 0
    except KeyboardInterrupt:
        return 130
    except Exception as error:  # the last resort: whoever typed it gets a sentence
        sys.stderr.write(f"postil: {_sentence(error)}\n")
        return 2


def _sentence(error: Exception) -> str:
    """Why a command was refused. What is nobody's fault but ours is raised on."""
    match error:
        case SettingsRefused() | Refused() | CommitFailed():
            return str(error)
        case InUse():
            return _("Another Postil is at work on this data. Stop it, then try again.")
        case OSError():
            return f"{error.filename}: {error.strerror}." if error.filename else str(error)
        case DBAPIError():
            return _("The database would not do it: %(why)s.") % {"why": str(error.orig).strip()}
    raise error


def _serve(settings: Settings, _asked: argparse.Namespace) -> None:
    from app.commands import serving
    from app.main import create_app

    serving.serve(settings, create_app)


def _demo(settings: Settings, _asked: argparse.Namespace) -> None:
    from app.commands import demonstrating
    from app.main import create_app

    demonstrating.demo(settings, create_app)


def _migrate(settings: Settings, _asked: argparse.Namespace) -> None:
    from app.commands import data

    data.migrate(settings)


def _create_admin(settings: Settings, asked: argparse.Namespace) -> None:
    from app.commands import people

    people.create_admin(settings, asked.name, password_from_stdin=asked.password_stdin)


def _reset_password(settings: Settings, asked: argparse.Namespace) -> None:
    from app.commands import people

    people.reset_password(settings, asked.name)


def _import(settings: Settings, asked: argparse.Namespace) -> None:
    from app.commands import texts

    texts.import_files(settings, asked.files, asked.name)


def _export(settings: Settings, asked: argparse.Namespace) -> None:
    from app.commands import texts

    texts.export(settings, asked.name, asked.format, asked.reading, asked.output)


def _backup(settings: Settings, asked: argparse.Namespace) -> None:
    from app.commands import data

    data.backup(settings, asked.file)


def _restore(settings: Settings, asked: argparse.Namespace) -> None:
    from app.commands import data

    data.restore(settings, asked.file, replace=asked.replace)


def _doctor(settings: Settings, asked: argparse.Namespace) -> int:
    from app.commands import doctor

    if asked.purge:
        doctor.purge_deleted(settings)
    if asked.recount:
        doctor.recount_crowd(settings)
    return doctor.doctor(settings)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="postil",
        description=_(
            "An annotated reader for classes. Settings are variables of the environment: docs/settings.md."
        ),
    )
    parser.add_argument("--version", action="version", version=f"Postil {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)

    def command(name: str, run: Run, help: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=help, description=help)
        added.set_defaults(run=run)
        return added

    command("serve", _serve, _("run the server"))
    command("demo", _demo, _("run a server with a class to try out, on data that is gone when it stops"))
    command("migrate", _migrate, _("make the tables or bring them up to date, after a backup"))
    _add_people(command)
    _add_texts(command)
    _add_data(command)
    return parser


def _add_people(command: Callable[[str, Run, str], argparse.ArgumentParser]) -> None:
    admin = command("create-admin", _create_admin, _("add an administrator; asks for the password"))
    admin.add_argument("name", metavar="NAME", help=_("what they sign in with"))
    admin.add_argument(
        "--password-stdin", action="store_true", help=_("read the password from standard input")
    )
    reset = command(
        "reset-password", _reset_password, _("print an address at which to choose a new password")
    )
    reset.add_argument("name", metavar="NAME", help=_("who forgot it"))


def _add_texts(command: Callable[[str, Run, str], argparse.ArgumentParser]) -> None:
    bring = command("import", _import, _("put text files into somebody's library"))
    bring.add_argument("files", metavar="FILE", nargs="+", type=Path, help=_("a .txt or .md file"))
    bring.add_argument("--for", dest="name", metavar="NAME", required=True, help=_("whose library"))
    take = command("export", _export, _("write somebody's own annotations to a file"))
    take.add_argument("--for", dest="name", metavar="NAME", required=True, help=_("whose annotations"))
    take.add_argument("--format", default="csv", metavar="FORMAT", help=_("csv (the default) or jsonld"))
    take.add_argument("--reading", metavar="UID", help=_("only those of one reading"))
    take.add_argument("-o", "--output", metavar="FILE", type=Path, help=_("instead of standard output"))


def _add_data(command: Callable[[str, Run, str], argparse.ArgumentParser]) -> None:
    save = command("backup", _backup, _("write everything to one file, while the server runs"))
    save.add_argument("file", metavar="FILE", nargs="?", type=Path, help=_("a new file, or a folder for it"))
    back = command("restore", _restore, _("bring a backup back"))
    back.add_argument("file", metavar="FILE", type=Path, help=_("what backup wrote"))
    back.add_argument("--replace", action="store_true", help=_("set aside what is there now"))
    look = command("doctor", _doctor, _("look for what is wrong with settings, database and disk"))
    look.add_argument("--purge", action="store_true", help=_("remove what was deleted over 30 days ago"))
    look.add_argument("--recount", action="store_true", help=_("count anew who marked what, and mend it"))
