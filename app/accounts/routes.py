"""Pages of accounts: claiming the server, signing in and out, one's own account."""

from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from sqlalchemy import delete, select, update

from app.access import (
    Anyone,
    OwnAccount,
    OwnAppearance,
    OwnSession,
    or_not_found,
    unclaimed,
)
from app.accounts import models
from app.accounts.attempts import password_fits
from app.accounts.forms import (
    Appearance,
    ChangedPassword,
    Claim,
    NewPassword,
    Profile,
    SignInForm,
)
from app.accounts.joining import add_user, rename, spend
from app.accounts.models import SignIn, User, Viewer, find_one_time
from app.accounts.signing_in import signed_in
from app.activity.models import audit
from app.database import Db, now
from app.errors import Refused
from app.forms import Filled, form_of
from app.language import _, offered
from app.library.languages import language_name
from app.one_thread import OneThread, RequestDb
from app.readings.welcome import starter, welcome
from app.security import drop_cookie
from app.web import go, render, wants_fragment

router = APIRouter(route_class=OneThread)


@router.get("/setup/{token}")
def claim_page(request: Request, db: RequestDb, _who: Anyone, token: str) -> Response:
    """The one-time address that the first start printed."""
    _claimable(db, token)
    return render(request, "accounts/setup.html", {"errors": {}, "values": {}})


@router.post("/setup/{token}")
def claim(
    request: Request, db: RequestDb, _who: Anyone, token: str, form: Annotated[Filled[Claim], form_of(Claim)]
) -> Response:
    """Makes the first account, an administrator's, and signs it in."""
    address = _claimable(db, token)
    if form.data:
        password_hash, _ready = request.app.state.passwords.hash(form.data.password), starter()
        with db.writing() as writing:
            spend(writing, address)
            user = add_user(writing, form.data.name, password_hash=password_hash, is_admin=True)
            reading = welcome(writing, user.id)
            audit(writing, "server.claimed", who_id=user.id, to_what=user.uid)
            user_id, reading_uid = user.id, reading.uid
        return signed_in(request, db, user_id, f"/readings/{reading_uid}")
    return render(request, "accounts/setup.html", {"errors": form.errors, "values": form.values}, 422)


@router.get("/sign-in")
def sign_in_page(request: Request, viewer: Anyone, next: str = "/") -> Response:
    """The sign-in form."""
    if viewer:
        return go(request, _local(next))
    return render(request, "accounts/sign_in.html", {"errors": {}, "values": {}, "next": _local(next)})


@router.post("/sign-in")
def sign_in(
    request: Request, db: RequestDb, _who: Anyone, form: Annotated[Filled[SignInForm], form_of(SignInForm)]
) -> Response:
    """Signs a person in; the same answer for a wrong name and a wrong password."""
    if form.data is None:
        values = {"name": form.values.get("name", "")}
        next_address = _local(str(form.values.get("next", "/")))
        context = {"errors": form.errors, "values": values, "next": next_address}
        return render(request, "accounts/sign_in.html", context, 422)
    filled = form.data
    user = models.user_by_name(db.read, filled.name)
    try:
        if password_fits(request, db, filled.name, user, filled.password) and user:
            return signed_in(request, db, user.id, _local(filled.next))
    except Refused as error:
        return _sign_in_again(request, filled, error.message, error.status)
    return _sign_in_again(request, filled, _("That name and password do not go together."), 422)


@router.post("/sign-out")
def sign_out(request: Request, db: RequestDb, viewer: OwnAccount) -> Response:
    """Ends this browser's session."""
    with db.writing() as writing:
        writing.execute(delete(SignIn).where(SignIn.id == viewer.session_id))
    response = go(request, "/sign-in")
    drop_cookie(response, request.app.state.settings)
    return response


@router.get("/account")
def account_page(request: Request, db: RequestDb, viewer: OwnAccount) -> Response:
    """One's own account."""
    return _account(request, db, viewer, {}, {"name": viewer.name})


@router.post("/account")
def change_profile(
    request: Request, db: RequestDb, viewer: OwnAccount, form: Annotated[Filled[Profile], form_of(Profile)]
) -> Response:
    """Changes one's name, and the language of the interface."""
    if form.data:
        language = form.data.language or viewer.language
        try:
            if language != viewer.language and language not in offered():
                raise Refused(_("The interface does not speak that language."), field="language")
            with db.writing() as writing:
                rename(writing, viewer.id, form.data.name)
                writing.execute(update(User).where(User.id == viewer.id).values(language=language))
            return go(request, "/account")
        except Refused as error:
            form.refuse(error)
    return _account(request, db, viewer, form.errors, form.values, 422)


@router.post("/account/password")
def change_password(
    request: Request,
    db: RequestDb,
    viewer: OwnAccount,
    form: Annotated[Filled[ChangedPassword], form_of(ChangedPassword)],
) -> Response:
    """Changes one's password; every other browser is signed out."""
    person = db.read.get_one(User, viewer.id)
    try:
        if form.data and not password_fits(request, db, viewer.name, person, form.data.current):
            form.errors["current"] = _("That is not your present password.")
    except Refused as error:
        form.errors["current"] = error.message
    if form.errors or form.data is None:
        return _account(request, db, viewer, form.errors, {"name": viewer.name}, 422)
    password_hash = request.app.state.passwords.hash(form.data.password)
    with db.writing() as writing:
        writing.execute(update(User).where(User.id == viewer.id).values(password_hash=password_hash))
        models.end_sessions(writing, viewer.id)
    return signed_in(request, db, viewer.id, "/account")


@router.post("/account/sessions/{session_uid}/delete")
def end_session(request: Request, db: RequestDb, session: OwnSession) -> Response:
    """Signs one of one's own browsers out."""
    with db.writing() as writing:
        writing.execute(delete(SignIn).where(SignIn.id == session.id))
    return go(request, "/account")


@router.post("/account/appearance")
def change_appearance(
    request: Request,
    db: RequestDb,
    viewer: OwnAppearance,
    form: Annotated[Filled[Appearance], form_of(Appearance)],
) -> Response:
    """Keeps theme, text size, line spacing and column width."""
    changes = form.valid.model_dump(exclude={"next"}, exclude_none=True)
    with db.writing() as writing:
        if changes:
            writing.execute(update(User).where(User.id == viewer.id).values(**changes))
    if wants_fragment(request):
        return Response(status_code=204)
    return go(request, _local(form.valid.next))


@router.get("/invitation/{token}")
def invitation_page(request: Request, db: RequestDb, _who: Anyone, token: str) -> Response:
    """The link with which a person chooses a password."""
    person, address = _invited(db, token)
    return _invitation(request, db, person, address, {})


@router.post("/invitation/{token}")
def choose_password(
    request: Request,
    db: RequestDb,
    _who: Anyone,
    token: str,
    form: Annotated[Filled[NewPassword], form_of(NewPassword)],
) -> Response:
    """Sets the password and signs in; older sign-ins end."""
    person, address = _invited(db, token)
    if form.data is None:
        return _invitation(request, db, person, address, form.errors, 422)
    password_hash = request.app.state.passwords.hash(form.data.password)
    with db.writing() as writing:
        spend(writing, address)
        writing.execute(update(User).where(User.id == person.id).values(password_hash=password_hash))
        models.end_sessions(writing, person.id)
    return signed_in(request, db, person.id, "/")


def _invitation(
    request: Request,
    db: Db,
    person: User,
    address: models.OneTimeAddress,
    errors: dict[str, str],
    status: int = 200,
) -> Response:
    made_by = db.read.get(User, address.made_by_id) if address.made_by_id else None
    context = {"person": person, "made_by": made_by and made_by.name, "errors": errors}
    return render(request, "accounts/invitation.html", context, status)


def _claimable(db: Db, token: str) -> models.OneTimeAddress:
    unclaimed(db)
    return or_not_found(find_one_time(db.read, "claim", token))


def _invited(db: Db, token: str) -> tuple[User, models.OneTimeAddress]:
    address = or_not_found(find_one_time(db.read, "password", token))
    person = or_not_found(db.read.get(User, address.user_id))
    return or_not_found(person if person.deactivated_at is None else None), address


def _local(address: str) -> str:
    """Only an address on this server; anything else leads to the library."""
    plain = address.startswith("/") and not address.startswith(("//", "/\\")) and address.isprintable()
    return address if plain else "/"


def _sign_in_again(request: Request, filled: SignInForm, message: str, status: int) -> Response:
    context = {"errors": {"form": message}, "values": {"name": filled.name}, "next": _local(filled.next)}
    return render(request, "accounts/sign_in.html", context, status)


def _account(
    request: Request,
    db: Db,
    viewer: Viewer,
    errors: dict[str, str],
    values: dict[str, Any],
    status: int = 200,
) -> Response:
    sessions = db.read.scalars(
        select(SignIn)
        .where(SignIn.user_id == viewer.id, SignIn.expires_at > now())
        .order_by(SignIn.id.desc())
    ).all()
    shown = [
        {
            "uid": session.uid,
            "label": session.label,
            "created_at": session.created_at,
            "last_seen_at": session.last_seen_at,
            "is_current": session.id == viewer.session_id,
        }
        for session in sessions
    ]
    languages = [(code, language_name(code)) for code in offered()]
    context = {"sessions": shown, "languages": languages, "errors": errors, "values": values}
    return render(request, "accounts/account.html", context, status)
