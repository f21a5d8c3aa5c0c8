"""Pages about people: their list, adding, deactivating and erasing them, and all that is kept of oneself."""

from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from sqlalchemy import select

from app.access import (
    Anyone,
    DeactivatablePerson,
    ErasablePerson,
    OpenPerson,
    OwnAccount,
    PeopleAdder,
    PeopleLister,
    PermittablePerson,
)
from app.accounts.attempts import password_fits
from app.accounts.joining import add_user, invite
from app.accounts.models import User
from app.activity.models import audit
from app.annotations.notes import render_note
from app.database import KEPT_DELETED, Db
from app.errors import Refused
from app.exports.filenames import attachment
from app.exports.spooling import Download, spool
from app.forms import Filled, form_of
from app.language import _
from app.library.quotas import Usage, usage_by_person
from app.one_thread import OneThread, RequestDb
from app.people.forms import Erasure, NewPerson, Permission
from app.people.keeping import activate, deactivate, erase, permit
from app.people.mydata import write_my_data
from app.readings.welcome import starter, welcome
from app.security import drop_cookie
from app.web import go, render, site_address

router = APIRouter(route_class=OneThread)


@router.get("/people")
def people_page(request: Request, db: RequestDb, _admin: PeopleLister) -> Response:
    """Everybody with an account here."""
    return _people(request, db)


@router.post("/people")
def add_person(
    request: Request,
    db: RequestDb,
    admin: PeopleAdder,
    form: Annotated[Filled[NewPerson], form_of(NewPerson)],
) -> Response:
    """Adds a person and shows the link with which they choose a password."""
    if form.data:
        starter()
        try:
            with db.writing() as writing:
                user = add_user(writing, form.data.name)
                welcome(writing, user.id)
                secret = invite(writing, user)
                audit(writing, "user.added", who_id=admin.id, to_what=user.uid)
            return _people(request, db, invitation=f"{site_address(request)}/invitation/{secret}", status=201)
        except Refused as error:
            form.refuse(error)
    return _people(request, db, errors=form.errors, values=form.values, status=422)


@router.post("/people/{person_uid}/deactivate")
def deactivate_person(request: Request, db: RequestDb, found: DeactivatablePerson) -> Response:
    """Keeps somebody from signing in, at once on all devices."""
    with db.writing() as writing:
        deactivate(writing, found.person.id, found.person.uid, found.viewer.id)
    return go(request, "/people")


@router.post("/people/{person_uid}/activate")
def activate_person(request: Request, db: RequestDb, found: DeactivatablePerson) -> Response:
    """Lets somebody sign in again."""
    with db.writing() as writing:
        activate(writing, found.person.id, found.person.uid, found.viewer.id)
    return go(request, "/people")


@router.post("/people/{person_uid}/permit")
def permit_person(
    request: Request,
    db: RequestDb,
    found: PermittablePerson,
    form: Annotated[Filled[Permission], form_of(Permission)],
) -> Response:
    """Lets somebody open classes, or no longer."""
    allowed = form.valid.courses
    with db.writing() as writing:
        permit(writing, found.person.id, found.person.uid, found.viewer.id, courses=allowed)
    return go(request, "/people")


@router.get("/people/{person_uid}/erase")
def erase_page(request: Request, db: RequestDb, found: ErasablePerson) -> Response:
    """Says what goes, and asks for the password."""
    return _erasure(request, found, {})


@router.post("/people/{person_uid}/erase")
def erase_person(
    request: Request,
    db: RequestDb,
    found: ErasablePerson,
    form: Annotated[Filled[Erasure], form_of(Erasure)],
) -> Response:
    """Erases a person, at once and for good."""
    himself = found.person.id == found.viewer.id
    try:
        _confirmed(request, db, found, form.valid.password)
        with db.writing() as writing:
            erase(writing, found.person.id, found.person.uid, found.viewer.id)
    except Refused as error:
        return _erasure(request, found, form.errors or {error.field or "form": error.message}, error.status)
    for kept in (db.database.drawn, db.database.texts):
        kept.clear()
    response = go(request, "/sign-in" if himself else "/people")
    if himself:
        drop_cookie(response, request.app.state.settings)
    return response


@router.get("/account/data")
def my_data(request: Request, db: RequestDb, viewer: OwnAccount) -> Response:
    """Everything that is kept of the viewer."""
    file = spool(lambda out: write_my_data(db, viewer, out))
    return Download(file, "application/zip", attachment(_("Everything about me"), "zip"))


@router.get("/privacy")
def privacy_page(request: Request, _who: Anyone) -> Response:
    """What is kept of people, why, for how long, and who sees it; and what whoever runs this server adds."""
    settings = request.app.state.settings
    context = {
        "own": settings.privacy and render_note(settings.privacy),
        "days": settings.session_days,
        "deleted": KEPT_DELETED.days,
        "hours": settings.backup_hours,
        "backups": settings.backups_kept,
    }
    return render(request, "people/privacy.html", context)


def _confirmed(request: Request, db: Db, found: OpenPerson, password: str) -> None:
    viewer = db.read.get_one(User, found.viewer.id)
    if not password_fits(request, db, viewer.name, viewer, password):
        raise Refused(_("That is not your present password."), field="password")


def _erasure(request: Request, found: OpenPerson, errors: dict[str, str], status: int = 200) -> Response:
    return render(request, "people/erase.html", {"person": found.person, "errors": errors}, status)


def _people(
    request: Request,
    db: Db,
    *,
    invitation: str | None = None,
    errors: dict[str, str] | None = None,
    values: dict[str, Any] | None = None,
    status: int = 200,
) -> Response:
    people = db.read.scalars(select(User).order_by(User.name_key)).all()
    usage = usage_by_person(db.read)
    context = {
        "people": people,
        "usage": {person.uid: usage.get(person.id, Usage()) for person in people},
        "invitation": invitation,
        "errors": errors or {},
        "values": values or {},
    }
    return render(request, "people/page.html", context, status)
