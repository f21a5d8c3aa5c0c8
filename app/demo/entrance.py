"""The demo's entrance: an address for each of its people that signs in whoever opens it. On no other server."""

import secrets
from collections.abc import Mapping

from fastapi import FastAPI, Request, Response

from app.access import Anyone
from app.accounts.signing_in import signed_in
from app.errors import NotFound
from app.one_thread import RequestDb


def let_in(app: FastAPI, people: Mapping[str, int], base_url: str) -> dict[str, str]:
    """Adds the entrance to an application; returns each person's address by their name."""
    by_secret = {secrets.token_urlsafe(16): user_id for user_id in people.values()}
    by_user = {user_id: secret for secret, user_id in by_secret.items()}

    def enter(request: Request, db: RequestDb, viewer: Anyone, secret: str) -> Response:
        """Signs in as whose address it is."""
        if secret not in by_secret:
            raise NotFound
        return signed_in(request, db, by_secret[secret], "/courses")

    app.add_api_route("/demo/{secret}", enter, methods=["GET"])
    return {name: f"{base_url}/demo/{by_user[user_id]}" for name, user_id in people.items()}
