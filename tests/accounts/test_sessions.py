"""Sign-ins: how they begin, what the browser and the database keep of them, and everything that ends them."""

from datetime import timedelta
from http.cookies import SimpleCookie

import pytest
from sqlalchemy import select, update

from app.accounts.models import SignIn, User, start_session
from app.database import now
from app.identity import hashed
from app.main import create_app
from tests.support.cast import Member, World

pytestmark = pytest.mark.database
PASSWORD = "a sentence is good"


@pytest.fixture
def ada(world: World) -> Member:
    return world.member("Ada", password=PASSWORD)


def sessions(world: World, member: Member) -> list[SignIn]:
    assert member.user is not None
    with world.database.reading() as db:
        return list(db.scalars(select(SignIn).where(SignIn.user_id == member.user.id).order_by(SignIn.id)))


def sign_in(member: Member, name: str = "Ada", password: str = PASSWORD, **more: str) -> SimpleCookie:
    answer = member.post("/sign-in", {"name": name, "password": password} | more)
    assert answer.status_code == 303, answer.text
    return SimpleCookie(answer.headers["set-cookie"])


def change(world: World, member: Member, **values: object) -> None:
    assert member.user is not None
    with world.database.writing() as writing:
        writing.execute(update(User).where(User.id == member.user.id).values(**values))


def age(world: World, member: Member, by: timedelta) -> None:
    """Make the member's sign-ins as they would be had they been used last that long ago."""
    (session,) = sessions(world, member)
    moved = {name: getattr(session, name) - by for name in ("created_at", "last_seen_at", "expires_at")}
    with world.database.writing() as writing:
        writing.execute(update(SignIn).where(SignIn.id == session.id).values(**moved))


# How they begin


def test_the_cookie_on_plain_http(ada: Member, stranger: Member) -> None:
    cookie = sign_in(stranger)["postil"]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"], cookie["domain"]) == (
        True,
        "lax",
        "/",
        "",
    )
    assert cookie["secure"] == ""


def test_the_cookie_under_tls(world: World, ada: Member) -> None:
    settings = world.settings.model_copy(update={"public_url": "https://postil.example"})
    secure = World(create_app(settings, world.database), settings, world.database).stranger()
    secure.http.headers["Origin"] = "https://postil.example"
    cookie = sign_in(secure)["__Host-postil"]
    assert (cookie["secure"], cookie["httponly"], cookie["samesite"]) == (True, True, "lax")
    assert (cookie["path"], cookie["domain"]) == ("/", "")


def test_the_secret_has_256_bits_and_is_stored_as_a_hash(world: World, ada: Member, stranger: Member) -> None:
    secrets = {sign_in(stranger)["postil"].value for _ in range(3)}
    assert len(secrets) == 3
    assert {len(secret) for secret in secrets} == {43}  # 32 bytes in base64
    stored = {session.token_hash for session in sessions(world, ada)}
    assert stored & {hashed(secret) for secret in secrets}
    assert not stored & secrets


def test_the_cookie_is_another_after_signing_in(world: World, ada: Member, ben: Member) -> None:
    before = ben.http.cookies["postil"]
    after = sign_in(ben)["postil"].value
    assert after != before
    assert sessions(world, ben) == []
    assert hashed(after) in {session.token_hash for session in sessions(world, ada)}


def test_a_cookie_brought_along_is_not_taken_over(world: World, ada: Member, stranger: Member) -> None:
    stranger.http.cookies.set("postil", "chosen-by-somebody-else")
    assert sign_in(stranger)["postil"].value != "chosen-by-somebody-else"
    assert hashed("chosen-by-somebody-else") not in {session.token_hash for session in sessions(world, ada)}


# How they end


def test_signing_out_ends_this_one(world: World, ada: Member, stranger: Member) -> None:
    kept = dict(ada.http.cookies)
    sign_in(stranger)
    assert ada.post("/sign-out").status_code == 303
    stranger_still_in = stranger.get("/account")
    assert stranger_still_in.status_code == 200
    ada.http.cookies.update(kept)
    assert ada.get("/account").status_code == 303
    assert len(sessions(world, ada)) == 1


def test_a_new_password_ends_the_others(world: World, ada: Member, stranger: Member) -> None:
    sign_in(stranger)
    changed = ada.post("/account/password", {"current": PASSWORD, "password": "quite another one"})
    assert changed.status_code == 303
    assert stranger.get("/account").status_code == 303
    assert ada.get("/account").status_code == 200
    assert len(sessions(world, ada)) == 1


def test_a_wrong_present_password_changes_nothing(world: World, ada: Member, stranger: Member) -> None:
    sign_in(stranger)
    answer = ada.post("/account/password", {"current": "not this one", "password": "quite another one"})
    assert answer.status_code == 422
    assert stranger.get("/account").status_code == 200
    sign_in(world.stranger())


def test_the_present_password_cannot_be_guessed_for_ever(world: World, ada: Member) -> None:
    for _ in range(10):
        assert (
            ada.post("/account/password", {"current": "a guess", "password": "quite another"}).status_code
            == 422
        )
    answer = ada.post("/account/password", {"current": PASSWORD, "password": "quite another one"})
    assert answer.status_code == 422
    assert "Too many tries" in answer.text


def test_a_closed_account_is_out_at_once(world: World, ada: Member) -> None:
    change(world, ada, deactivated_at=now())
    assert ada.get("/account").status_code == 303
    assert world.stranger().post("/sign-in", {"name": "Ada", "password": PASSWORD}).status_code == 422


def test_one_of_ones_own_devices_is_signed_out(world: World, ada: Member, stranger: Member) -> None:
    sign_in(stranger)
    other = sessions(world, ada)[-1].uid
    assert ada.post(f"/account/sessions/{other}/delete").status_code == 303
    assert stranger.get("/account").status_code == 303
    assert ada.get("/account").status_code == 200


def test_somebody_elses_device_is_not(world: World, ada: Member, ben: Member) -> None:
    (session,) = sessions(world, ada)
    assert ben.post(f"/account/sessions/{session.uid}/delete").status_code == 404
    assert ada.get("/account").status_code == 200


@pytest.mark.parametrize("cookie", ["", "nonsense", "x" * 5000, '"\\303\\251"', "é"])
def test_a_cookie_that_is_none(stranger: Member, cookie: str) -> None:
    answer = stranger.get("/account", headers=[(b"cookie", b"postil=" + cookie.encode())])
    assert answer.status_code == 303


# How long they last


def test_one_that_is_not_used_ends(world: World, ada: Member) -> None:
    age(world, ada, timedelta(days=30, seconds=5))
    assert ada.get("/account").status_code == 303


def test_one_that_is_used_goes_on(world: World, ada: Member) -> None:
    age(world, ada, timedelta(days=29))
    assert ada.get("/account").status_code == 200
    world.app.state.places.flush()
    (session,) = sessions(world, ada)
    assert session.expires_at > now() + timedelta(days=29)
    assert session.last_seen_at > now() - timedelta(minutes=5)


def test_use_is_written_once_a_day_and_by_no_page_itself(world: World, ada: Member) -> None:
    (before,) = sessions(world, ada)
    ada.get("/account")
    world.app.state.places.flush()
    assert sessions(world, ada)[0].expires_at == before.expires_at
    age(world, ada, timedelta(days=2))
    (aged,) = sessions(world, ada)
    ada.get("/account")
    assert sessions(world, ada)[0].expires_at == aged.expires_at
    world.app.state.places.flush()
    assert sessions(world, ada)[0].expires_at > aged.expires_at


def test_one_that_has_ended_is_not_brought_back(world: World, ada: Member) -> None:
    age(world, ada, timedelta(days=31))
    (before,) = sessions(world, ada)
    ada.get("/account")
    world.app.state.places.flush()
    assert sessions(world, ada)[0].expires_at == before.expires_at


def test_one_that_is_signed_out_meanwhile_stays_out(world: World, ada: Member) -> None:
    age(world, ada, timedelta(days=2))
    ada.get("/account")
    ada.post("/sign-out")
    world.app.state.places.flush()
    assert sessions(world, ada) == []


def test_the_cookie_outlives_them_so_that_the_server_decides(ada: Member, stranger: Member) -> None:
    assert int(sign_in(stranger)["postil"]["max-age"]) > 365 * 86400


def test_the_browsers_words_about_itself_are_shortened(world: World, ada: Member) -> None:
    assert ada.user is not None
    with world.database.writing() as writing:
        start_session(writing, ada.user.id, "x" * 5000, 30)
    assert {len(session.label) for session in sessions(world, ada)} == {len("a test's browser"), 200}
