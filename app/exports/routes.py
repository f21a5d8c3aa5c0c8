"""Taking one's own annotations home: the page that offers the formats, and the files."""

from fastapi import APIRouter, Request, Response

from app.access import ExportableReading, SelfExporter
from app.database import Db
from app.exports.catalogue import FORMATS, Format, format_called
from app.exports.filenames import attachment
from app.exports.gathering import ExportedSet, own_annotations, own_readings
from app.exports.spooling import Download, spool
from app.language import _
from app.one_thread import OneThread, RequestDb
from app.web import render, site_address

router = APIRouter(route_class=OneThread)


@router.get("/exports")
def export_page(request: Request, db: RequestDb, viewer: SelfExporter) -> Response:
    """What can be taken home, and in which formats."""
    return render(request, "exports/page.html", {"formats": FORMATS, "readings": own_readings(db, viewer.id)})


@router.get("/readings/{reading_uid}/export.{key}")
def export_reading(request: Request, db: RequestDb, within: ExportableReading, key: str) -> Response:
    """The viewer's own annotations of one reading."""
    about = ExportedSet(site_address(request), f"/readings/{within.uid}", within.title)
    return _download(db, within.viewer.id, within.id, format_called(key), about)


@router.get("/notebook/export.{key}")
def export_everything(request: Request, db: RequestDb, viewer: SelfExporter, key: str) -> Response:
    """Everything the viewer marked, in all articles."""
    about = ExportedSet(site_address(request), "/notebook", _("Everything I marked"))
    return _download(db, viewer.id, None, format_called(key), about)


def _download(db: Db, user_id: int, reading_id: int | None, chosen: Format, about: ExportedSet) -> Response:
    file = spool(lambda out: chosen.write(own_annotations(db, user_id, reading_id), about, out))
    db.close()
    return Download(file, chosen.media_type, attachment(about.title, chosen.extension))
