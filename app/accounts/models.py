"""Users, their sign-ins and one-time addresses, and the count of failed attempts."""

import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import CheckConstraint, ForeignKey, bindparam, delete, func, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.database import Base, BigId, Db, insert_on, now
from app.identity import hashed, new_secret, random_uid

THEMES = ("auto", "light", "dark", "sepia", "contrast")
SIZES = range(1, 8)
LEADINGS = range(1, 5)
MEASURES = range(1, 4)
INVITATION_LIFE = timedelta(days=7)


class User(Base):
    """A person with an account."""

    __tablename__ = "user"
    __table_args__ = (
        CheckConstraint("theme IN ('auto', 'light', 'dark', 'sepia', 'contrast')", name="theme"),
        CheckConstraint("size BETWEEN 1 AND 7", name="size"),
        CheckConstraint('"leading" BETWEEN 1 AND 4', name="leading"),
        CheckConstraint("measure BETWEEN 1 AND 3", name="measure"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    # What the outside sees; random.
    uid: Mapped[str] = mapped_column(unique=True, default=random_uid)
    # As the person writes it.
    name: Mapped[str]
    # The name folded (see `name_key`): people sign in with their name, so it is theirs alone.
    name_key: Mapped[str] = mapped_column(unique=True)
    email: Mapped[str | None] = mapped_column(unique=True)
    # When its owner opened a link that was sent there; nothing else is sent to an address before.
    email_confirmed_at: Mapped[datetime | None]
    # When its owner last looked at what there was to tell them.
    notices_seen_at: Mapped[datetime | None]
    # Argon2id; none until the person has chosen a password.
    password_hash: Mapped[str | None]
    # The interface's language (BCP 47).
    language: Mapped[str] = mapped_column(default="en")
    theme: Mapped[str] = mapped_column(default="auto")
    # Steps of the reader's comfort settings, smallest first.
    size: Mapped[int] = mapped_column(default=3)
    leading: Mapped[int] = mapped_column(default=2)
    measure: Mapped[int] = mapped_column(default=2)
    # Looks after the server; sees nobody's readings by that.
    is_admin: Mapped[bool] = mapped_column(default=False)
    may_create_courses: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(default=now)
    deactivated_at: Mapped[datetime | None]
    erased_at: Mapped[datetime | None]


class SignIn(Base):
    """A signed-in browser (the design's `session`, named apart from the database's)."""

    __tablename__ = "session"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    uid: Mapped[str] = mapped_column(unique=True, default=random_uid)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    # SHA-256 of the cookie's 256 random bits.
    token_hash: Mapped[str] = mapped_column(unique=True)
    # The browser's own words about itself, shortened, for the list of devices.
    label: Mapped[str]
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class OneTimeAddress(Base):
    """A link that works once: to claim the server, to choose a password, or to confirm an e-mail address."""

    __tablename__ = "one_time_address"
    __table_args__ = (CheckConstraint("purpose IN ('claim', 'password', 'email')", name="purpose"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    purpose: Mapped[str]
    # SHA-256 of the secret in the link.
    token_hash: Mapped[str] = mapped_column(unique=True)
    # Whose password it sets, or whose address it confirms; nobody's for a claim.
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    # Who took the password before away by it; its owner is told.
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    # The address that it was sent to and confirms.
    email: Mapped[str | None]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class Attempt(Base):
    """Failures counted in a window of time; in the database, so that all processes share them."""

    __tablename__ = "attempt"

    # What is being tried, hashed: an account's name or an address.
    key: Mapped[str] = mapped_column(primary_key=True)
    # Number of the window of `security.WINDOW` seconds since 1970.
    window: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    # How many failed in it.
    n: Mapped[int]


@dataclass(frozen=True, slots=True)
class Viewer:
    """A signed-in person as every request knows them: one row of users and sessions."""

    id: int
    uid: str
    name: str
    language: str
    theme: str
    size: int
    leading: int
    measure: int
    is_admin: bool
    may_create_courses: bool
    session_id: int
    last_seen_at: datetime


# Asked by every request, so put together once and on tables: composing a query costs more than asking it.
_user, _session = User.__table__, SignIn.__table__
_BY_COOKIE = (
    select(*(_user.c[name] for name in Viewer.__slots__[:-2]), _session.c.id, _session.c.last_seen_at)
    .join(_session, _session.c.user_id == _user.c.id)
    .where(
        _session.c.token_hash == bindparam("token_hash"),
        _session.c.expires_at > bindparam("now"),
        _user.c.deactivated_at.is_(None),
    )
)

SIGNED_IN = (
    select(_session.c.id, _session.c.user_id)
    .join(_user, _user.c.id == _session.c.user_id)
    .where(
        _session.c.id.in_(bindparam("sessions", expanding=True)),
        _session.c.expires_at > bindparam("now"),
        _user.c.deactivated_at.is_(None),
    )
    .subquery("signed_in")
)
"""Those of some sign-ins that have neither ended nor expired, and whose accounts are not closed."""


def name_key(name: str) -> str:
    """The form in which two names are the same: compatibility-composed, case folded, spaces folded."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def user_by_name(db: Session, name: str) -> User | None:
    """The user who signs in with this name or e-mail address."""
    key = name_key(name)
    return db.scalar(
        select(User)
        .where((User.name_key == key) | (User.email == key))
        .where(User.deactivated_at.is_(None))
        .limit(1)
    )


def viewer_by_cookie(db: Db, token: str) -> Viewer | None:
    """The person whose browser holds this cookie, unless it has expired or the account is closed."""
    row = db.ask(_BY_COOKIE, {"token_hash": hashed(token), "now": now()}).first()
    return Viewer(*row) if row else None


def start_session(db: Session, user_id: int, label: str, days: int) -> str:
    """Signs a browser in; returns the cookie's secret, which is stored only as a hash."""
    token, at = new_secret(), now()
    db.add(
        SignIn(
            user_id=user_id,
            token_hash=hashed(token),
            label=label[:200],
            created_at=at,
            last_seen_at=at,
            expires_at=at + timedelta(days=days),
        )
    )
    return token


def see_sessions(db: Session, keys: set[int], at: datetime, days: int) -> None:
    """These sessions were used, so they end `days` from then."""
    seen = update(SignIn).where(SignIn.id.in_(keys))
    db.execute(seen.values(last_seen_at=at, expires_at=at + timedelta(days=days)))


def end_sessions(db: Session, user_id: int, *, keep: int | None = None) -> None:
    """Signs all of a user's browsers out, except the session with the key `keep`."""
    db.execute(delete(SignIn).where(SignIn.user_id == user_id, SignIn.id != (keep or -1)))


def one_time_secret(
    db: Session,
    purpose: str,
    user_id: int | None = None,
    made_by_id: int | None = None,
    *,
    email: str | None = None,
    life: timedelta = INVITATION_LIFE,
) -> str:
    """A fresh secret for a one-time link; older ones for the same end stop working."""
    db.execute(
        delete(OneTimeAddress).where(
            OneTimeAddress.purpose == purpose, OneTimeAddress.user_id.is_not_distinct_from(user_id)
        )
    )
    secret, at = new_secret(), now()
    db.add(
        OneTimeAddress(
            purpose=purpose,
            token_hash=hashed(secret),
            user_id=user_id,
            made_by_id=made_by_id,
            email=email,
            created_at=at,
            expires_at=at + life,
        )
    )
    return secret


def find_one_time(db: Session, purpose: str, secret: str) -> OneTimeAddress | None:
    """The unexpired one-time address that this secret opens."""
    return db.scalar(
        select(OneTimeAddress).where(
            OneTimeAddress.purpose == purpose,
            OneTimeAddress.token_hash == hashed(secret),
            OneTimeAddress.expires_at > now(),
        )
    )


def anybody_here(db: Session) -> bool:
    """Whether the server has been claimed."""
    return bool(db.scalar(select(func.count()).select_from(User)))


def failures(db: Session, key: str, windows: list[int]) -> int:
    """How many attempts on `key` failed in these windows."""
    found = db.scalar(select(func.sum(Attempt.n)).where(Attempt.key == key, Attempt.window.in_(windows)))
    return int(found or 0)


def count_failure(db: Session, key: str, window: int) -> None:
    """Adds one failed attempt on `key`, and forgets windows long past."""
    statement = insert_on(db.get_bind().dialect.name, Attempt).values(key=key, window=window, n=1)
    db.execute(statement.on_conflict_do_update(index_elements=["key", "window"], set_={"n": Attempt.n + 1}))
    db.execute(delete(Attempt).where(Attempt.window < window - 12))
