"""One-time addresses: claiming the server, and choosing a password by invitation."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from app.accounts.models import OneTimeAddress, User, one_time_secret
from app.activity.models import Audit
from app.database import now
from app.identity import hashed
from app.library.models import Article
from app.readings.models import Reading
from tests.support.cast import Member, World

pytestmark = pytest.mark.database
PASSWORD = "a sentence is good"


@pytest.fixture
def claim(world: World) -> str:
    """The address that the first start prints."""
    with world.database.writing() as writing:
        return f"/setup/{one_time_secret(writing, 'claim')}"


def people(world: World) -> list[User]:
    with world.database.reading() as db:
        return list(db.scalars(select(User).order_by(User.id)))


def count(world: World, table: type) -> int:
    with world.database.reading() as db:
        return db.scalar(select(func.count()).select_from(table)) or 0


def at_once(*doing: Callable[[], int]) -> list[int]:
    """Do all of it in threads that start together; return what each returned, sorted."""
    ready, found = threading.Barrier(len(doing), timeout=30), []

    def run(one: Callable[[], int]) -> None:
        ready.wait()
        found.append(one())

    threads = [threading.Thread(target=run, args=(one,)) for one in doing]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(found)


# Claiming


def test_whoever_holds_the_address_names_the_first_account(
    world: World, stranger: Member, claim: str
) -> None:
    assert stranger.get(claim).status_code == 200
    answer = stranger.post(claim, {"name": "Grace Hopper", "password": PASSWORD})
    assert answer.status_code == 303
    (user,) = people(world)
    assert (user.name, user.name_key) == ("Grace Hopper", "grace hopper")
    assert user.is_admin and user.may_create_courses
    assert user.password_hash and PASSWORD not in user.password_hash
    assert count(world, Article) == count(world, Reading) == 1
    with world.database.reading() as db:
        assert db.scalars(select(Audit.did)).all() == ["server.claimed"]
    opened = stranger.get(answer.headers["location"])
    assert opened.status_code == 200


def test_the_secret_is_stored_as_a_hash(world: World, claim: str) -> None:
    with world.database.reading() as db:
        (address,) = db.scalars(select(OneTimeAddress))
    secret = claim.removeprefix("/setup/")
    assert (len(secret), address.token_hash) == (43, hashed(secret))


@pytest.mark.parametrize("secret", ["", "x", "a" * 43, "%00", "é"])
def test_nobody_claims_without_the_secret(world: World, stranger: Member, claim: str, secret: str) -> None:
    assert stranger.get(f"/setup/{secret}").status_code == 404
    assert stranger.post(f"/setup/{secret}", {"name": "Eve", "password": PASSWORD}).status_code == 404
    assert people(world) == []


def test_an_invitations_secret_claims_nothing(world: World, stranger: Member) -> None:
    with world.database.writing() as writing:
        secret = one_time_secret(writing, "password")
    assert stranger.post(f"/setup/{secret}", {"name": "Eve", "password": PASSWORD}).status_code == 404


def test_the_address_works_once(world: World, stranger: Member, claim: str) -> None:
    stranger.post(claim, {"name": "Grace", "password": PASSWORD})
    other = world.stranger()
    assert other.get(claim).status_code == 404
    assert other.post(claim, {"name": "Eve", "password": PASSWORD}).status_code == 404
    assert [user.name for user in people(world)] == ["Grace"]


def test_two_at_once_make_one_administrator(world: World, claim: str) -> None:
    claimants = [world.stranger(), world.stranger()]
    statuses = at_once(
        *(
            lambda who=who, n=n: who.post(claim, {"name": f"Claimant {n}", "password": PASSWORD}).status_code
            for n, who in enumerate(claimants)
        )
    )
    assert statuses[0] == 303 and statuses[1] in {404, 409}
    assert len(people(world)) == 1


def test_a_fresh_address_cannot_claim_a_server_that_has_an_owner(
    world: World, ada: Member, claim: str
) -> None:
    stranger = world.stranger()
    assert stranger.get(claim).status_code == 404
    assert stranger.post(claim, {"name": "Eve", "password": PASSWORD}).status_code == 404
    assert len(people(world)) == 1


def test_the_address_expires(world: World, stranger: Member, claim: str) -> None:
    with world.database.writing() as writing:
        writing.execute(update(OneTimeAddress).values(expires_at=now() - timedelta(seconds=1)))
    assert stranger.get(claim).status_code == 404
    assert stranger.post(claim, {"name": "Eve", "password": PASSWORD}).status_code == 404


@pytest.mark.parametrize(
    ("name", "password", "field"),
    [
        ("", PASSWORD, "name"),
        ("\u200b\u200d", PASSWORD, "name"),
        ("Ada\u202e", PASSWORD, "name"),
        ("x" * 101, PASSWORD, "name"),
        ("Grace\x00", PASSWORD, "name"),
        ("Grace", "seven77", "password"),
        ("Grace", "x" * 1001, "password"),
    ],
)
def test_what_is_not_right_is_said_at_its_field(
    world: World, stranger: Member, claim: str, name: str, password: str, field: str
) -> None:
    answer = stranger.post(claim, {"name": name, "password": password})
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert people(world) == []
    assert stranger.post(claim, {"name": "Grace", "password": PASSWORD}).status_code == 303


# Inviting


def invite(admin: Member, name: str) -> str:
    answer = admin.post("/people", {"name": name})
    assert answer.status_code == 201
    return "/invitation/" + answer.text.split("/invitation/")[1].split('"')[0]


def test_an_administrator_adds_a_person_who_chooses_a_password(
    world: World, grace: Member, stranger: Member
) -> None:
    address = invite(grace, "Chloe")
    added = people(world)[-1]
    assert (added.name, added.is_admin, added.password_hash) == ("Chloe", False, None)
    assert "Chloe" in stranger.get(address).text
    answer = stranger.post(address, {"password": PASSWORD})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert "Chloe" in stranger.get("/account").text
    assert world.stranger().post("/sign-in", {"name": "chloe", "password": PASSWORD}).status_code == 303
    with world.database.reading() as db:
        assert "user.added" in db.scalars(select(Audit.did)).all()


def test_nobody_else_adds_people(world: World, ada: Member, stranger: Member) -> None:
    assert ada.post("/people", {"name": "Eve"}).status_code == 403
    assert stranger.post("/people", {"name": "Eve"}).status_code == 401
    assert [user.name for user in people(world)] == ["Ada"]


def test_a_name_that_somebody_has_is_refused(world: World, grace: Member, ada: Member) -> None:
    for name in ("Ada", " ada ", "ＡＤＡ"):
        answer = grace.post("/people", {"name": name})
        assert answer.status_code == 422
        assert "already has that name" in answer.text
    assert len(people(world)) == 2


def test_two_who_add_the_same_name_at_once_add_one(world: World, grace: Member) -> None:
    helper = world.member("Alan", is_admin=True)
    statuses = at_once(
        *(lambda who=who: who.post("/people", {"name": "Chloe"}).status_code for who in (grace, helper))
    )
    assert statuses == [201, 422]
    assert [user.name for user in people(world)].count("Chloe") == 1


def test_an_invitation_works_once_and_at_once_too(world: World, grace: Member) -> None:
    address = invite(grace, "Chloe")
    guests = [world.stranger(), world.stranger()]
    statuses = at_once(
        *(
            lambda who=who, n=n: who.post(address, {"password": f"{PASSWORD} {n}"}).status_code
            for n, who in enumerate(guests)
        )
    )
    assert statuses[0] == 303 and statuses[1] in {404, 409}
    assert sorted(guest.get("/account").status_code for guest in guests) == [200, 303]
    assert world.stranger().post(address, {"password": PASSWORD}).status_code == 404


def test_a_second_invitation_ends_the_first(world: World, grace: Member, stranger: Member) -> None:
    first = invite(grace, "Chloe")
    with world.database.writing() as writing:
        second = f"/invitation/{one_time_secret(writing, 'password', people(world)[-1].id)}"
    assert stranger.get(first).status_code == 404
    assert stranger.get(second).status_code == 200


def test_an_invitation_expires(world: World, grace: Member, stranger: Member) -> None:
    address = invite(grace, "Chloe")
    with world.database.writing() as writing:
        writing.execute(update(OneTimeAddress).values(expires_at=now() - timedelta(seconds=1)))
    assert stranger.get(address).status_code == 404
    assert stranger.post(address, {"password": PASSWORD}).status_code == 404


def test_an_invitation_to_a_closed_account_opens_nothing(
    world: World, grace: Member, stranger: Member
) -> None:
    address = invite(grace, "Chloe")
    with world.database.writing() as writing:
        writing.execute(update(User).where(User.name == "Chloe").values(deactivated_at=now()))
    assert stranger.post(address, {"password": PASSWORD}).status_code == 404


def test_a_password_chosen_by_address_ends_the_older_sign_ins(
    world: World, ada: Member, stranger: Member
) -> None:
    assert ada.user is not None
    with world.database.writing() as writing:
        secret = one_time_secret(writing, "password", ada.user.id)
    assert stranger.post(f"/invitation/{secret}", {"password": "short"}).status_code == 422
    assert ada.get("/account").status_code == 200
    assert stranger.post(f"/invitation/{secret}", {"password": PASSWORD}).status_code == 303
    assert ada.get("/account").status_code == 303
    assert "Ada" in stranger.get("/account").text
