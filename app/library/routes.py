"""Pages of the library: what there is to read, and bringing a text by paste or file."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Request, Response
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.access import ArticleCreator, DeletableArticle, RestorableArticle, SignedIn, or_not_found
from app.accounts.models import Viewer
from app.annotations.models import Annotation
from app.database import KEPT_DELETED, AnyRow, Db, now
from app.errors import Refused
from app.forms import Filled, form_of
from app.library.forms import NewArticle, Upload
from app.library.importing import ImportRefused
from app.library.languages import language_name
from app.library.models import Article, Paragraph, Revision, Shelved
from app.library.previewing import Draft, drafted, kinds_for, languages_for
from app.library.quotas import refuse_another_article, refuse_more_text
from app.once import made_by
from app.one_thread import OneThread, RequestDb
from app.readings.course_readings import readings_set_for
from app.readings.models import Reading, ReadingMember
from app.readings.welcome import shelve
from app.web import go, render

router = APIRouter(route_class=OneThread)
_WORDS_A_MINUTE = 220
_LETTERS_A_WORD = 6


@dataclass
class Entry:
    """An article in somebody's library."""

    reading_uid: str
    article_uid: str
    title: str
    language: str
    direction: str
    paragraphs: int
    length: int
    annotations: int
    place: int
    added: datetime

    @property
    def minutes(self) -> int:
        """How long it takes to read."""
        return minutes(self.length)

    @property
    def language_name(self) -> str:
        """The language's own name."""
        return language_name(self.language)


@router.get("/")
def library_page(request: Request, db: RequestDb, viewer: SignedIn) -> Response:
    """Everything that the viewer can read."""
    context = {
        "due": readings_set_for(db, viewer.id),
        "entries": entries(db, viewer.id),
        "deleted": _deleted(db, viewer.id),
    }
    return render(request, "library/page.html", context)


@router.get("/articles/new")
def new_article(request: Request, _viewer: ArticleCreator) -> Response:
    """Where a text is pasted or uploaded."""
    return render(request, "library/new.html", {"errors": {}, "values": {}})


@router.post("/articles/preview")
def preview_article(
    request: Request, db: RequestDb, viewer: ArticleCreator, form: Annotated[Filled[Upload], form_of(Upload)]
) -> Response:
    """Shows what was made of a text, to be corrected before it is saved."""
    try:
        imported, source, name = form.valid.read()
    except ImportRefused as error:
        field = "file" if form.valid.sent_file else "text"
        context = {"errors": {field: error.reason}, "values": {"text": form.values.get("text", "")}}
        return render(request, "library/new.html", context, 422)
    draft = drafted(imported, source, name)
    try:
        _refuse_over_quota(request, db.read, viewer, Shelved(imported))
    except Refused as error:
        return _preview(request, draft, error.message, error.status)
    return _preview(request, draft)


@router.post("/articles")
def add_article(
    request: Request,
    db: RequestDb,
    viewer: ArticleCreator,
    form: Annotated[Filled[NewArticle], form_of(NewArticle)],
) -> Response:
    """Saves a previewed article and opens it."""
    sent = form.valid
    try:
        imported = sent.parsed()
    except ImportRefused as error:
        context = {"errors": {"text": error.reason}, "values": {"text": sent.source}}
        return render(request, "library/new.html", context, 422)
    draft = drafted(imported, sent.source, sent.name, form.values)
    try:
        shelved = Shelved(sent.corrected(imported))
        with db.writing() as writing:
            made = made_by(writing, Reading, sent.uid, owner_id=viewer.id)
            if made is None:
                _refuse_over_quota(request, writing, viewer, shelved)
                made = shelve(writing, viewer.id, shelved, sent.uid)
            reading_uid = made.uid
    except ImportRefused as error:
        return _preview(request, draft, error.reason)
    except Refused as error:
        return _preview(request, draft, error.message, error.status)
    return go(request, f"/readings/{reading_uid}")


@router.get("/articles/{article_uid}/delete")
def confirm_deletion(request: Request, db: RequestDb, found: DeletableArticle) -> Response:
    """Asks before an article leaves the library."""
    own = (entry for entry in entries(db, found.viewer.id) if entry.article_uid == found.article.uid)
    entry = or_not_found(next(own, None))
    return render(request, "library/delete.html", {"entry": entry})


@router.post("/articles/{article_uid}/delete")
def delete_article(request: Request, db: RequestDb, found: DeletableArticle) -> Response:
    """Takes an article out of the library; it can be brought back for 30 days."""
    with db.writing() as writing:
        writing.execute(update(Article).where(Article.id == found.article.id).values(deleted_at=now()))
    return go(request, "/")


@router.post("/articles/{article_uid}/restore")
def restore_article(request: Request, db: RequestDb, found: RestorableArticle) -> Response:
    """Brings a deleted article back with all its annotations."""
    with db.writing() as writing:
        refuse_another_article(writing, request.app.state.settings, found.viewer.id)
        writing.execute(update(Article).where(Article.id == found.article.id).values(deleted_at=None))
    return go(request, "/")


def entries(db: Db, user_id: int) -> list[Entry]:
    """A person's library, newest first."""
    annotations = (
        select(func.count())
        .select_from(Annotation)
        .where(
            Annotation.reading_id == Reading.id,
            Annotation.author_id == user_id,
            Annotation.deleted_at.is_(None),
        )
        .scalar_subquery()
    )
    paragraphs = (
        select(func.max(Paragraph.ordinal)).where(Paragraph.revision_id == Revision.id).scalar_subquery()
    )
    length = select(func.max(Paragraph.end)).where(Paragraph.revision_id == Revision.id).scalar_subquery()
    rows = db.read.execute(
        select(
            Reading.uid.label("reading_uid"),
            Article.uid.label("article_uid"),
            Revision.title,
            Revision.language,
            Revision.direction,
            paragraphs.label("paragraphs"),
            length.label("length"),
            annotations.label("annotations"),
            ReadingMember.place,
            Article.created_at.label("added"),
        )
        .join(Article, Article.id == Reading.article_id)
        .join(Revision, Revision.id == Reading.revision_id)
        .join(ReadingMember, (ReadingMember.reading_id == Reading.id) & (ReadingMember.user_id == user_id))
        .where(Reading.owner_id == user_id, Article.deleted_at.is_(None))
        .order_by(Article.created_at.desc(), Article.id.desc())
    )
    return [Entry(**row._mapping) for row in rows]


def _deleted(db: Db, user_id: int) -> list[AnyRow]:
    """Articles that can still be brought back: uid and title, the latest first."""
    query = (
        select(Article.uid, Revision.title)
        .join(Revision, Revision.article_id == Article.id)
        .where(Article.owner_id == user_id, Article.deleted_at > now() - KEPT_DELETED)
        .order_by(Article.deleted_at.desc())
    )
    return list(db.read.execute(query))


def minutes(code_points: int) -> int:
    """Reading time at an ordinary pace, in whole minutes, never none."""
    return max(1, round(code_points / _LETTERS_A_WORD / _WORDS_A_MINUTE))


def _refuse_over_quota(request: Request, db: Session, viewer: Viewer, shelved: Shelved) -> None:
    settings = request.app.state.settings
    refuse_another_article(db, settings, viewer.id)
    refuse_more_text(db, settings, viewer.id, shelved.text)


def _preview(request: Request, draft: Draft, error: str = "", status: int = 422) -> Response:
    context = {
        "draft": draft,
        "kinds": kinds_for(draft),
        "languages": languages_for(draft),
        "errors": {"form": error} if error else {},
    }
    return render(request, "library/preview.html", context, status if error else 200)
