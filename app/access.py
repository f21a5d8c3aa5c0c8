"""Who may see and do what: every route reaches its objects through one of these lookups, which find or refuse.

Each lookup names the rows of docs/access-matrix.acl that it enforces (`@enforces`); the suite checks every route
against them. An object that somebody may not reach is the same to him as one that does not exist. It is long because
who may do what is best read in one place.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

from fastapi import Request
from sqlalchemy import bindparam, select

from app.accounts.models import SignIn, Viewer, anybody_here, viewer_by_cookie
from app.annotations.models import Annotation
from app.annotations.writing import Hand
from app.database import AnySelect, Db
from app.errors import NotFound, Refused, SignInFirst
from app.identity import is_uid
from app.language import _, speak
from app.library.models import Article, Revision
from app.one_thread import RequestDb, later
from app.readings.models import Audience, Reading
from app.readings.view import ReadingView
from app.security import cookie_name

F = TypeVar("F", bound=Callable[..., Any])
T = TypeVar("T")


def enforces(*actions: str) -> Callable[[F], F]:
    """Marks a lookup with the matrix rows it stands for."""

    def mark(lookup: F) -> F:
        lookup.actions = actions  # type: ignore[attr-defined]  # functions bear it; the suite reads it
        return lookup

    return mark


def viewer_of(request: Request, db: Db) -> Viewer | None:
    """The signed-in person, or nobody. Sets the language of the answer."""
    if not hasattr(request.state, "viewer"):
        token = request.cookies.get(cookie_name(request.app.state.settings))
        request.state.viewer = found = viewer_by_cookie(db, token) if token else None
        if found:
            speak(found.language)
            request.app.state.places.saw(found)
    return request.state.viewer  # type: ignore[no-any-return]  # set just above


def signed_in_user(request: Request, db: Db) -> Viewer:
    """The signed-in person; SignInFirst for a stranger."""
    viewer = viewer_of(request, db)
    if viewer is None:
        raise SignInFirst
    return viewer


@enforces("public")
def anyone(request: Request, db: RequestDb) -> Viewer | None:
    """Pages that everybody may open; the person who does, if known."""
    return viewer_of(request, db)


@enforces("lists.own")
def own_things(request: Request, db: RequestDb) -> Viewer:
    """A list of nothing but the viewer's own things."""
    return signed_in_user(request, db)


@enforces("account.own")
def own_account(request: Request, db: RequestDb) -> Viewer:
    """The viewer's own account."""
    return signed_in_user(request, db)


@enforces("appearance.own")
def own_appearance(request: Request, db: RequestDb) -> Viewer:
    """How pages look to the viewer."""
    return signed_in_user(request, db)


@enforces("article.own.create")
def article_creator(request: Request, db: RequestDb) -> Viewer:
    """Somebody who may bring an article."""
    return signed_in_user(request, db)


@enforces("export.self")
def self_exporter(request: Request, db: RequestDb) -> Viewer:
    """Somebody who takes his own annotations home."""
    return signed_in_user(request, db)


@enforces("user.list")
def people_lister(request: Request, db: RequestDb) -> Viewer:
    """Somebody who may see who has an account here."""
    return _administrator(request, db)


@enforces("user.create")
def people_adder(request: Request, db: RequestDb) -> Viewer:
    """Somebody who may add people."""
    return _administrator(request, db)


def _administrator(request: Request, db: Db) -> Viewer:
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

    viewer: Viewer
    id: int
    uid: str
    tagset_id: int
    revision_id: int
    title: str
    language: str
    direction: str
    # The audience that is the viewer alone.
    me: int

    @property
    def hand(self) -> Hand:
        """The viewer as one who writes here."""
        return Hand(self.viewer.id, self.id, self.revision_id, self.me)

    @property
    def view(self) -> ReadingView:
        """The reading as the templates know it."""
        return ReadingView(self.uid, self.title, self.language, self.direction)

    @property
    def audiences(self) -> tuple[int, ...]:
        """The audiences whose posts the viewer may see now."""
        return (self.me,)


# Put together once, since composing a query costs more than asking it.
_reading, _revision = Reading.__table__, Revision.__table__
_article, _audience = Article.__table__, Audience.__table__
_OWN_READING = (
    select(
        _reading.c.id,
        _reading.c.uid,
        _reading.c.tagset_id,
        _revision.c.id,
        _revision.c.title,
        _revision.c.language,
        _revision.c.direction,
        _audience.c.id,
    )
    .join(_revision, _revision.c.id == _reading.c.revision_id)
    .join(_article, _article.c.id == _reading.c.article_id)
    .join(_audience, (_audience.c.reading_id == _reading.c.id) & (_audience.c.user_id == bindparam("viewer")))
    .where(
        _reading.c.owner_id == bindparam("viewer"), _article.c.deleted_at.is_(None), _audience.c.kind == "me"
    )
)
_READING_CALLED = _OWN_READING.where(_reading.c.uid == bindparam("key"))
_READING_NUMBERED = _OWN_READING.where(_reading.c.id == bindparam("key"))


def _open_reading(db: Db, viewer: Viewer, query: AnySelect, key: str | int) -> OpenReading:
    row = or_not_found(db.ask(query, {"viewer": viewer.id, "key": key}).first())
    return OpenReading(viewer, *row)


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

    viewer: Viewer
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


Anyone = Annotated[Viewer | None, later(anyone)]
SignedIn = Annotated[Viewer, later(own_things)]
ArticleCreator = Annotated[Viewer, later(article_creator)]
SelfExporter = Annotated[Viewer, later(self_exporter)]
OwnAccount = Annotated[Viewer, later(own_account)]
OwnAppearance = Annotated[Viewer, later(own_appearance)]
PeopleLister = Annotated[Viewer, later(people_lister)]
PeopleAdder = Annotated[Viewer, later(people_adder)]
OwnSession = Annotated[SignIn, later(own_session)]
ReadableReading = Annotated[OpenReading, later(readable_reading)]
AnnotatableReading = Annotated[OpenReading, later(annotatable_reading)]
ExportableReading = Annotated[OpenReading, later(exportable_reading)]
DeletableArticle = Annotated[OpenArticle, later(deletable_article)]
RestorableArticle = Annotated[OpenArticle, later(restorable_article)]
ReadableAnnotation = Annotated[OpenAnnotation, later(readable_annotation)]
EditableAnnotation = Annotated[OpenAnnotation, later(editable_annotation)]
DeletableAnnotation = Annotated[OpenAnnotation, later(deletable_annotation)]
RestorableAnnotation = Annotated[OpenAnnotation, later(restorable_annotation)]
