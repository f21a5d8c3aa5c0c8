"""Articles in and annotations out, from the command line."""

import shutil
import sys
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import select

from app.commands.console import say
from app.commands.opening import opened, person
from app.database import Db
from app.errors import NotFound, Refused
from app.exports.catalogue import FORMATS, Format, format_called
from app.exports.gathering import ExportedSet, own_annotations
from app.exports.spooling import spool
from app.language import _, ngettext
from app.library.importing import ImportRefused, read_file
from app.library.models import Revision, Shelved
from app.readings.models import Reading
from app.readings.welcome import shelve
from app.settings import Settings
from app.storage.files import whole_file


def import_files(settings: Settings, files: list[Path], name: str) -> None:
    """Puts files into a person's library, all of them or none."""
    read = [_shelved(path, settings.max_upload_mib) for path in files]
    with opened(settings) as database, database.writing() as db:
        user = person(db, name)
        added = [shelve(db, user.id, shelved).uid for shelved in read]
    for shelved, uid in zip(read, added, strict=True):
        n = len(shelved.imported.blocks) - 1
        counted = ngettext("%(n)d paragraph", "%(n)d paragraphs", n) % {"n": n}
        say(f"{shelved.imported.title} ({counted}): {settings.base_url}/readings/{uid}")


def export(settings: Settings, name: str, key: str, reading_uid: str | None, target: Path | None) -> None:
    """Writes a person's own annotations, of one reading or of all, to a file or to standard output."""
    chosen = _format(key)
    with opened(settings) as database:
        db = Db(database)
        try:
            user = person(db.read, name)
            reading_id, about = _chosen(db, settings, user.id, reading_uid)
            rows = own_annotations(db, user.id, reading_id)
            file = spool(lambda out: chosen.write(rows, about, out))
        finally:
            db.close()
    with file:
        _put(file, target)  # type: ignore[arg-type]  # a BinaryIO in all but name


def _shelved(path: Path, most_mib: int) -> Shelved:
    if path.stat().st_size > most_mib << 20:
        raise Refused(
            _("%(path)s is larger than %(n)d MiB. Split it, or raise POSTIL_MAX_UPLOAD_MIB.")
            % {"path": path, "n": most_mib}
        )
    try:
        return Shelved(read_file(path.name, path.read_bytes()))
    except ImportRefused as error:
        raise Refused(f"{path}: {error.reason}") from error


def _format(key: str) -> Format:
    try:
        return format_called(key)
    except NotFound:
        known = ", ".join(known.key for known in FORMATS)
        raise Refused(
            _("There is no format %(key)s. There are: %(known)s.") % {"key": key, "known": known}
        ) from None


def _chosen(db: Db, settings: Settings, user_id: int, uid: str | None) -> tuple[int | None, ExportedSet]:
    if uid is None:
        return None, ExportedSet(settings.base_url, "/notebook", _("Everything I marked"))
    found = db.read.execute(
        select(Reading.id, Revision.title)
        .join(Revision, Revision.id == Reading.revision_id)
        .where(Reading.uid == uid, Reading.owner_id == user_id)
    ).first()
    if found is None:
        raise Refused(_("There is no such reading among this person's: %(uid)s.") % {"uid": uid})
    return found.id, ExportedSet(settings.base_url, f"/readings/{uid}", found.title)


def _put(file: BinaryIO, target: Path | None) -> None:
    if target is None:
        shutil.copyfileobj(file, sys.stdout.buffer)
        sys.stdout.flush()
        return
    with whole_file(target) as part, part.open("xb") as out:
        shutil.copyfileobj(file, out)
