"""Trying a password: a wrong one is counted, and after too many the right one is refused too, for some minutes."""

from fastapi import Request

from app.accounts.models import User, count_failure, failures, name_key
from app.database import Db
from app.errors import Refused
from app.language import _
from app.security import FAILURES_AN_ACCOUNT, FAILURES_AN_ADDRESS, attempt_key, attempt_windows, network_of


def password_fits(request: Request, db: Db, name: str, user: User | None, password: str) -> bool:
    """Whether the password is the user's who signs in with `name`; never if there is none. Refused (429) after too
    many failures: they are counted again after the check, so that many tries at once learn no more than a few do.
    """
    keys = [attempt_key("account", name_key(name)), attempt_key("address", network_of(request))]
    refuse_too_many(db, keys)
    db.close()
    right = bool(request.app.state.passwords.fits(user.password_hash if user else None, password))
    if not right:
        with db.writing() as writing:
            for key in sorted(keys):
                count_failure(writing, key, attempt_windows()[0])
    refuse_too_many(db, keys, own=0 if right else 1)
    return right


def refuse_too_many(db: Db, keys: list[str], own: int = 0) -> None:
    """Refused (429) after too many failures, first under what is an account's and then under what is an address's.

    `own` failures are this try's own.
    """
    for key, most in zip(keys, (FAILURES_AN_ACCOUNT, FAILURES_AN_ADDRESS), strict=True):
        if failures(db.read, key, attempt_windows()) - own >= most:
            raise Refused(_("Too many tries. Wait five minutes, then try again."), status=429)
