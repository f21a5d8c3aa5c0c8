"""The list of what is new for the viewer, its count for every page's header, and that it was seen."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import AwareDatetime, BaseModel

from app.access import OwnNotices
from app.database import now
from app.errors import Refused
from app.forms import Filled, form_of
from app.language import _
from app.notices.listing import MOST, page_of, see, unseen
from app.one_thread import OneThread, RequestDb
from app.web import go, render, wants_fragment

router = APIRouter(prefix="/notices", route_class=OneThread)


@router.get("")
def notices_page(
    request: Request, db: RequestDb, viewer: OwnNotices, before: str = "", key: str = ""
) -> Response:
    """What is new for the viewer in all classes, the newest first; `before` and `key` name where a page goes on."""
    page = page_of(db, viewer, (_moment(before), key) if before else None)
    today = now().date()
    known = {today: _("Today"), today - timedelta(days=1): _("Yesterday")}
    return render(request, "notices/page.html", {"page": page, "known": known, "is_first": not before})


@router.get("/count")
def count(request: Request, db: RequestDb, viewer: OwnNotices) -> Response:
    """How much of it the viewer has not seen; nothing (204) when it is none."""
    number = unseen(db, viewer)
    if not number:
        return Response(status_code=204)
    return render(request, "notices/_count.html", {"number": number, "most": MOST})


class Seen(BaseModel):
    """Up to when the list was seen."""

    until: AwareDatetime


@router.post("/seen")
def mark_seen(
    request: Request, db: RequestDb, viewer: OwnNotices, form: Annotated[Filled[Seen], form_of(Seen)]
) -> Response:
    """Remembers that the viewer has seen the list up to its newest."""
    with db.writing() as writing:
        see(writing, viewer.id, form.valid.until.astimezone(UTC))
    if wants_fragment(request):
        # The page keeps its marks until it is opened again.
        return Response(status_code=204)
    return go(request, "/notices")


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Refused(_("There is no such place in the list.")) from None
