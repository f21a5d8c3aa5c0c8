"""Pages of mail: a forgotten password, one's own address and its confirmation, and the digest."""

from typing import Annotated, Any

from fastapi import APIRouter, Request, Response

from app.access import Anyone, OwnAccount, or_not_found
from app.accounts.attempts import password_fits, refuse_too_many
from app.accounts.models import OneTimeAddress, User, Viewer, count_failure, find_one_time
from app.database import Db
from app.errors import NotFound, Refused
from app.forms import Filled, form_of
from app.language import _
from app.mail import addresses
from app.mail.forms import Forgotten, NewAddress, Rhythm
from app.mail.letters import Recipient, confirmation_letter
from app.mail.resetting import ask
from app.mail.rhythm import set_rhythm
from app.mail.smtp import send
from app.one_thread import OneThread, RequestDb
from app.security import attempt_key, attempt_windows, network_of
from app.web import go, render

router = APIRouter(route_class=OneThread)


@router.get("/sign-in/forgotten")
def forgotten_page(request: Request, _who: Anyone) -> Response:
    """Where somebody who forgot the password types an address."""
    _if_mail(request)
    return render(request, "mail/forgotten.html", {"errors": {}, "values": {}, "asked": False})


@router.post("/sign-in/forgotten")
def ask_for_link(
    request: Request,
    db: RequestDb,
    _who: Anyone,
    form: Annotated[Filled[Forgotten], form_of(Forgotten)],
) -> Response:
    """Has a link to a new password sent; the same answer whether the address is known or not."""
    _if_mail(request)
    context = {"errors": form.errors, "values": form.values, "asked": False}
    try:
        if form.data is None:
            return render(request, "mail/forgotten.html", context, 422)
        ask(request, db, form.data.email)
    except Refused as error:
        form.refuse(error)
        return render(request, "mail/forgotten.html", context, error.status)
    return render(request, "mail/forgotten.html", context | {"asked": True})


@router.get("/account/mail")
def mail_page(request: Request, db: RequestDb, viewer: OwnAccount) -> Response:
    """One's own address, and what comes there."""
    return _mailbox(request, db, viewer, {}, {})


@router.post("/account/mail")
def change_address(
    request: Request,
    db: RequestDb,
    viewer: OwnAccount,
    form: Annotated[Filled[NewAddress], form_of(NewAddress)],
) -> Response:
    """Sends a link to another address, which counts once the link was opened; or takes the address out."""
    try:
        sent = form.valid
        _confirm_password(request, db, viewer, sent.current)
        if sent.email:
            _send_link(request, db, viewer, sent.email)
        else:
            with db.writing() as writing:
                addresses.forget(writing, viewer.id)
    except Refused as error:
        if form.data:
            form.refuse(error)
        return _mailbox(request, db, viewer, form.errors, form.values, error.status)
    return go(request, "/account/mail")


@router.post("/account/digest")
def change_digest(
    request: Request,
    db: RequestDb,
    viewer: OwnAccount,
    form: Annotated[Filled[Rhythm], form_of(Rhythm)],
) -> Response:
    """Has a digest sent each day or week, or no longer."""
    rhythm = form.valid.rhythm
    if rhythm != "off" and addresses.mailbox_of(db.read, viewer.id).confirmed_at is None:
        raise Refused(_("Confirm your e-mail address first."), status=409)
    with db.writing() as writing:
        set_rhythm(writing, viewer.id, rhythm)
    return go(request, "/account/mail")


@router.get("/email/{token}")
def confirm_page(request: Request, db: RequestDb, _who: Anyone, token: str) -> Response:
    """The link that was sent to an address: opening it changes nothing yet, since programs open links, too."""
    person, link = _linked(db, token)
    return render(request, "mail/confirm.html", {"person": person.name, "email": link.email, "errors": {}})


@router.post("/email/{token}")
def confirm_address(request: Request, db: RequestDb, _who: Anyone, token: str) -> Response:
    """Makes the address its owner's."""
    person, link = _linked(db, token)
    try:
        with db.writing() as writing:
            addresses.confirm(writing, link)
    except Refused as error:
        context = {"person": person.name, "email": link.email, "errors": {"form": error.message}}
        return render(request, "mail/confirm.html", context, error.status)
    return go(request, "/account/mail")


def _if_mail(request: Request) -> None:
    """What needs mail is not there without it."""
    if not request.app.state.settings.sends_mail:
        raise NotFound


def _confirm_password(request: Request, db: Db, viewer: Viewer, password: str) -> None:
    if not password_fits(request, db, viewer.name, db.read.get_one(User, viewer.id), password):
        raise Refused(_("That is not your present password."), field="current")


def _send_link(request: Request, db: Db, viewer: Viewer, email: str) -> None:
    """Refused (409) without mail, and (429) after as many links as failures to sign in: they go to any address."""
    state = request.app.state
    if not state.settings.sends_mail:
        raise Refused(
            _("This server sends no mail, so no address can be confirmed."), field="email", status=409
        )
    keys = [attempt_key("confirming", viewer.uid), attempt_key("confirming from", network_of(request))]
    refuse_too_many(db, keys)
    with db.writing() as writing:
        for key in sorted(keys):
            count_failure(writing, key, attempt_windows()[0])
        secret = addresses.ask_to_confirm(writing, viewer.id, email)
    to = Recipient(viewer.id, viewer.name, email, viewer.language)
    link = f"{state.settings.base_url}/email/{secret}"
    state.outbox.put(lambda: send(state.settings, confirmation_letter(to, link)))


def _linked(db: Db, token: str) -> tuple[User, OneTimeAddress]:
    link = or_not_found(find_one_time(db.read, "email", token))
    person = or_not_found(db.read.get(User, link.user_id))
    return or_not_found(person if person.deactivated_at is None else None), link


def _mailbox(
    request: Request,
    db: Db,
    viewer: Viewer,
    errors: dict[str, str],
    values: dict[str, Any],
    status: int = 200,
) -> Response:
    box = addresses.mailbox_of(db.read, viewer.id)
    context = {
        "box": box,
        "values": {"email": box.waiting or box.email or ""} | values,
        "errors": errors,
    }
    return render(request, "mail/page.html", context, status)
