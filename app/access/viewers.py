"""Who asks: the signed-in person, and what of the server and of his own account is his."""

from collections.abc import Callable
from typing import Annotated, Any, TypeVar

from fastapi import Request
from sqlalchemy import select

from app.accounts.models import SignIn, Viewer, anybody_here, viewer_by_cookie
from app.database import Db
from app.errors import NotFound, Refused, SignInFirst
from app.identity import is_uid
from app.language import _, speak
from app.one_thread import RequestDb, later
from app.security import cookie_name

PAGE_OF = "x-postil-viewer"
"""The header in which the scripts of a page say who it was drawn for."""
F = TypeVar("F", bound=Callable[..., Any])
T = TypeVar("T")


def enforces(*actions: str) -> Callable[[F], F]:
    """Marks a lookup with the matrix rows it stands for."""

    def mark(lookup: F) -> F:
        vars(lookup)["actions"] = actions
        return lookup

    return mark


def viewer_of(request: Request, db: Db) -> Viewer | None:
    """The signed-in person, or nobody. Sets the language of the answer."""
    if not hasattr(request.state, "viewer"):
        token = request.cookies.get(cookie_name(request.app.state.settings))
        found = viewer_by_cookie(db, token) if token else None
        # A page that somebody else opened in this browser sends nothing in the name of who has signed in since.
        if found and request.headers.get(PAGE_OF, found.uid) != found.uid:
            found = None
        request.state.viewer = found
        if found:
            speak(found.language)
            request.app.state.places.saw(found)
    viewer: Viewer | None = request.state.viewer
    return viewer


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


@enforces("notification.own")
def own_notices(request: Request, db: RequestDb) -> Viewer:
    """What there is to tell the viewer."""
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
    return administrator(request, db)


@enforces("user.create")
def people_adder(request: Request, db: RequestDb) -> Viewer:
    """Somebody who may add people."""
    return administrator(request, db)


def administrator(request: Request, db: Db) -> Viewer:
    viewer = signed_in_user(request, db)
    if not viewer.is_admin:
        raise Refused(_("Only an administrator may do that."), status=403)
    return viewer


@enforces("session.own.end")
def own_session(request: Request, db: RequestDb, session_uid: str) -> SignIn:
    """One of the viewer's own signed-in browsers."""
    viewer = signed_in_user(request, db)
    refuse_odd(session_uid)
    found = db.read.scalar(select(SignIn).where(SignIn.uid == session_uid, SignIn.user_id == viewer.id))
    return or_not_found(found)


def unclaimed(db: Db) -> None:
    """Raises NotFound once the server has an owner."""
    if anybody_here(db.read):
        raise NotFound


def refuse_odd(uid: str) -> None:
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
OwnNotices = Annotated[Viewer, later(own_notices)]
OwnAccount = Annotated[Viewer, later(own_account)]
OwnAppearance = Annotated[Viewer, later(own_appearance)]
PeopleLister = Annotated[Viewer, later(people_lister)]
PeopleAdder = Annotated[Viewer, later(people_adder)]
OwnSession = Annotated[SignIn, later(own_session)]
