"""The notebook's page."""

from datetime import date

from fastapi import APIRouter, Request, Response

from app.access import SignedIn
from app.errors import Refused
from app.language import _
from app.notebook.finding import Wanted, articles_of, citation, notebook, tags_used
from app.one_thread import OneThread, RequestDb
from app.web import render

router = APIRouter(route_class=OneThread)
_LONGEST_SEARCH = 200


@router.get("/notebook")
def notebook_page(
    request: Request,
    db: RequestDb,
    viewer: SignedIn,
    tag: str = "",
    article: str = "",
    q: str = "",
    since: str = "",
    until: str = "",
) -> Response:
    """Everything that the viewer marked, narrowed as asked."""
    wanted = Wanted(tag, article, q[:_LONGEST_SEARCH].replace("\x00", ""), _day(since), _day(until))
    found, total = notebook(db, viewer.id, wanted)
    base_url = request.app.state.settings.public_url or str(request.base_url).rstrip("/")
    for group in found:
        for card in group.entries:
            card.citation = citation(card, group, base_url)
    context = {
        "groups": found,
        "total": total,
        "tags": tags_used(db, viewer.id),
        "articles": articles_of(db, viewer.id),
        "values": {"tag": tag, "article": article, "q": q, "since": since, "until": until},
    }
    return render(request, "notebook/page.html", context)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise Refused(_("A day is written like 2026-11-23.")) from None
