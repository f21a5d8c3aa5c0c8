"""Signing a browser in, once it is known whose it is."""

from fastapi import Request, Response
from sqlalchemy import delete

from app.accounts.devices import device_label
from app.accounts.models import SignIn, start_session
from app.database import Db
from app.security import set_cookie
from app.web import go


def signed_in(request: Request, db: Db, user_id: int, address: str) -> Response:
    """Starts a session, ends the one that this browser had, and goes to an address."""
    settings = request.app.state.settings
    with db.writing() as writing:
        if request.state.viewer:
            writing.execute(delete(SignIn).where(SignIn.id == request.state.viewer.session_id))
        label = device_label(request.headers.get("user-agent", ""))
        token = start_session(writing, user_id, label, settings.session_days)
    response = go(request, address)
    set_cookie(response, settings, token)
    return response
