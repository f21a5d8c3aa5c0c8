"""Who may see and do what: every route reaches its objects through one of these lookups, which find or refuse.

Each lookup names the rows of docs/access-matrix.acl that it enforces (`@enforces`); the suite checks every route
against them. An object that somebody may not reach is the same to him as one that does not exist. It is long because
who may do what is best read in one place.
"""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Request
from fastapi.concurrency import run_in_threadpool
from sqlalchemy import bindparam, select

from app.accounts.models import SignIn, User, anybody_here, user_by_cookie
from app.annotations.models import Annotation
from app.annotations.writing import Hand
from app.database import AnySelect, Database, Db
from app.errors import NotFound, Refused, SignInFirst
from app.identity import is_uid
from app.language import _, speak
from app.library.models import Article, Revision
from app.readings.models import Audience, Reading
from app.readings.view import ReadingView
from app.security import cookie_name

F = TypeVar("F", bound=Callable[..., Any])
T = TypeVar("T")


async def request_db(request: Request) -> AsyncIterator[Db]:
    """The database for this request. Opening is lazy, so this costs no thread; a rollback over a network gets one."""
    database: Database = request.app.state.database
    db = Db(database)
    try:
        yield db
    finally:
        if database.is_sqlite:
            db.close()
        else:
            await run_in_threadpool(db.close)


RequestDb = Annotated[Db, Depends(request_db, scope="function")]


def enforces(*actions: str) -> Callable[[F], F]:
    """Marks a lookup with the matrix rows it stands for."""

    def mark(lookup: F) -> F:
        lookup.actions = actions  # type: ignore[attr-defined]  # functions bear it; the suite reads it
        return lookup

    return mark


def viewer_of(request: Request, db: Db) -> User | None:
    """The signed-in person, or nobody. Sets the language of the answer."""
    if not hasattr(request.state, "viewer"):
        token = request.cookies.get(cookie_name(request.app.state.settings))
        found = user_by_cookie(db.read, token) if token else None
        request.state.viewer, request.state.session = found or (None, None)
        if found:
            speak(found[0].language)
            request.app.state.places.saw(found[1])
    return request.state.viewer  # type: ignore[no-any-return]  # set just above


def signed_in_user(request: Request, db: Db) -> User:
    """The signed-in person; SignInFirst for a stranger."""
    viewer = viewer_of(request, db)
    if viewer is None:
        raise SignInFirst
    return viewer


@enforces("public")
def anyone(request: Request, db: RequestDb) -> User | None:
    """Pages that everybody may open; the person who does, if known."""
    return viewer_of(request, db)


@enforces("lists.own")
def own_things(request: Request, db: RequestDb) -> User:
    """A list of nothing but the viewer's own things."""
    return signed_in_user(request, db)


@enforces("account.own")
def own_account(request: Request, db: RequestDb) -> User:
    """The viewer's own account."""
    return signed_in_user(request, db)


@enforces("appearance.own")
def own_appearance(request: Request, db: RequestDb) -> User:
    """How pages look to the viewer."""
    return signed_in_user(request, db)


@enforces("article.own.create")
def article_creator(request: Request, db: RequestDb) -> User:
    """Somebody who may bring an article."""
    return signed_in_user(request, db)


@enforces("export.self")
def self_exporter(request: Request, db: RequestDb) -> User:
    """Somebody who takes his own annotations home."""
    return signed_in_user(request, db)


@enforces("user.list")
def people_lister(request: Request, db: RequestDb) -> User:
    """Somebody who may see who has an account here."""
    return _administrator(request, db)


@enforces("user.create")
def people_adder(request: Request, db: RequestDb) -> User:
    """Somebody who may add people."""
    return _administrator(request, db)


def _administrator(request: Request, db: Db) -> User:
    viewer = signed_in_user(request, db)
    if not viewer.is_admin:
        raise Refused(_("Only an administrator may do that."), status=403)
    return viewer


@enforces("session.own.end")
def own_session(request: Request, db: RequestDb, session_uid: str) -> SignIn:
    """One of the viewer's own signed-in browsers."""
    viewer = signed_in_user(request, db)
    _refuse_odd(session_uid)
    found = db.read.scalar(select(SignIn).where(SignIn.uid == session_uid, SignIn.user_id == viewer.id))
    return or_not_found(found)


@dataclass(frozen=True)
class OpenReading:
    """A reading that the viewer may reach, with what drawing and writing in it needs."""

    viewer: User
    reading: Reading
    revision: Revision
    # The audience that is the viewer alone.
    me: int

    @property
    def hand(self) -> Hand:
        """The viewer as one who writes here."""
        return Hand(self.viewer.id, self.reading.id, self.revision.id, self.me)

    @property
    def view(self) -> ReadingView:
        """The reading as the templates know it."""
        return ReadingView(
            self.reading.uid, self.revision.title, self.revision.language, self.revision.direction
        )

    @property
    def audiences(self) -> tuple[int, ...]:
        """The audiences whose posts the viewer may see now."""
        return (self.me,)


# Put together once, since composing a query costs more than asking it.
_OWN_READING = (
    select(Reading, Revision, Audience.id)
    .join(Revision, Revision.id == Reading.revision_id)
    .join(Article, Article.id == Reading.article_id)
    .join(Audience, (Audience.reading_id == Reading.id) & (Audience.user_id == bindparam("viewer")))
    .where(Reading.owner_id == bindparam("viewer"), Article.deleted_at.is_(None), Audience.kind == "me")
)
_READING_CALLED = _OWN_READING.where(Reading.uid == bindparam("key"))
_READING_NUMBERED = _OWN_READING.where(Reading.id == bindparam("key"))


def _open_reading(db: Db, viewer: User, query: AnySelect, key: str | int) -> OpenReading:
    row = db.read.execute(query, {"viewer": viewer.id, "key": key}).first()
    reading, revision, me = or_not_found(row)
    return OpenReading(viewer, reading, revision, me)


@enforces("article.own.read")
def readable_reading(request: Request, db: RequestDb, reading_uid: str) -> OpenReading:
    """A reading whose text the viewer may read."""
    viewer = signed_in_user(request, db)
    _refuse_odd(reading_uid)
    return _open_reading(db, viewer, _READING_CALLED, reading_uid)


@enforces("article.own.read", "ann.me.create")
def annotatable_reading(request: Request, db: RequestDb, reading_uid: str) -> OpenReading:
    """A reading in which the viewer may annotate."""
    return readable_reading(request, db, reading_uid)


@enforces("article.own.read", "export.self")
def exportable_reading(request: Request, db: RequestDb, reading_uid: str) -> OpenReading:
    """A reading whose annotations, as far as they are the viewer's own, he takes home."""
    return readable_reading(request, db, reading_uid)


@dataclass(frozen=True)
class OpenArticle:
    """An article that belongs to the viewer."""

    viewer: User
    article: Article
    revision: Revision


@enforces("article.own.delete")
def deletable_article(request: Request, db: RequestDb, article_uid: str) -> OpenArticle:
    """An own article."""
    return _own_article(request, db, article_uid, deleted=False)


@enforces("article.own.delete")
def restorable_article(request: Request, db: RequestDb, article_uid: str) -> OpenArticle:
    """An own article that was deleted and can come back."""
    return _own_article(request, db, article_uid, deleted=True)


def _own_article(request: Request, db: Db, article_uid: str, *, deleted: bool) -> OpenArticle:
    viewer = signed_in_user(request, db)
    _refuse_odd(article_uid)
    row = db.read.execute(
        select(Article, Revision)
        .join(Revision, Revision.article_id == Article.id)
        .where(
            Article.uid == article_uid,
            Article.owner_id == viewer.id,
            Article.deleted_at.is_not(None) == deleted,
        )
        .order_by(Revision.n.desc())
        .limit(1)
    ).first()
    article, revision = or_not_found(row)
    return OpenArticle(viewer, article, revision)


@dataclass(frozen=True)
class OpenAnnotation:
    """An annotation that the viewer may reach, in its reading."""

    within: OpenReading
    annotation: Annotation


def _own_annotation(request: Request, db: Db, annotation_uid: str, *, deleted: bool) -> OpenAnnotation:
    viewer = signed_in_user(request, db)
    _refuse_odd(annotation_uid)
    found = db.read.scalar(
        select(Annotation).where(
            Annotation.uid == annotation_uid,
            Annotation.author_id == viewer.id,
            Annotation.deleted_at.is_not(None) == deleted,
        )
    )
    annotation = or_not_found(found)
    return OpenAnnotation(_open_reading(db, viewer, _READING_NUMBERED, annotation.reading_id), annotation)


@enforces("ann.me.read")
def readable_annotation(request: Request, db: RequestDb, annotation_uid: str) -> OpenAnnotation:
    """An annotation that the viewer may read."""
    return _own_annotation(request, db, annotation_uid, deleted=False)


@enforces("ann.me.update")
def editable_annotation(request: Request, db: RequestDb, annotation_uid: str) -> OpenAnnotation:
    """An annotation that the viewer may change."""
    return _own_annotation(request, db, annotation_uid, deleted=False)


@enforces("ann.me.delete")
def deletable_annotation(request: Request, db: RequestDb, annotation_uid: str) -> OpenAnnotation:
    """An annotation that the viewer may delete."""
    return _own_annotation(request, db, annotation_uid, deleted=False)


@enforces("ann.deleted.restore")
def restorable_annotation(request: Request, db: RequestDb, annotation_uid: str) -> OpenAnnotation:
    """A deleted annotation that the viewer may bring back."""
    return _own_annotation(request, db, annotation_uid, deleted=True)


def unclaimed(db: Db) -> None:
    """Raises NotFound once the server has an owner."""
    if anybody_here(db.read):
        raise NotFound


def _refuse_odd(uid: str) -> None:
    if not is_uid(uid):
        raise NotFound


def or_not_found(found: T | None) -> T:
    """What was found; NotFound if nothing was."""
    if found is None:
        raise NotFound
    return found


Anyone = Annotated[User | None, Depends(anyone)]
SignedIn = Annotated[User, Depends(own_things)]
ArticleCreator = Annotated[User, Depends(article_creator)]
SelfExporter = Annotated[User, Depends(self_exporter)]
OwnAccount = Annotated[User, Depends(own_account)]
OwnAppearance = Annotated[User, Depends(own_appearance)]
PeopleLister = Annotated[User, Depends(people_lister)]
PeopleAdder = Annotated[User, Depends(people_adder)]
OwnSession = Annotated[SignIn, Depends(own_session)]
ReadableReading = Annotated[OpenReading, Depends(readable_reading)]
AnnotatableReading = Annotated[OpenReading, Depends(annotatable_reading)]
ExportableReading = Annotated[OpenReading, Depends(exportable_reading)]
DeletableArticle = Annotated[OpenArticle, Depends(deletable_article)]
RestorableArticle = Annotated[OpenArticle, Depends(restorable_article)]
ReadableAnnotation = Annotated[OpenAnnotation, Depends(readable_annotation)]
EditableAnnotation = Annotated[OpenAnnotation, Depends(editable_annotation)]
DeletableAnnotation = Annotated[OpenAnnotation, Depends(deletable_annotation)]
RestorableAnnotation = Annotated[OpenAnnotation, Depends(restorable_annotation)]
