"""A forgotten password: a link by mail for a confirmed address, and nothing to learn for anybody else."""

import logging
from collections.abc import Iterator

import pytest
from sqlalchemy import select, update

from app.accounts.models import OneTimeAddress, User
from app.activity.models import Audit
from app.database import now
from app.main import create_app
from app.security import FAILURES_AN_ACCOUNT
from tests.contracts.test_queries import counted
from tests.mail.post import ADA, PASSWORD, Post, link, words
from tests.support.cast import Member, World
from tests.support.contents import dump

pytestmark = pytest.mark.database
FORGOTTEN = "/sign-in/forgotten"


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[float]]:
    """The time that tries are counted by, in seconds."""
    present = [1_800_000_000.0]
    monkeypatch.setattr("app.security.time.time", lambda: present[0])
    yield present


def test_a_link_comes_to_a_confirmed_address_and_works_once(post: Post, stranger: Member) -> None:
    assert "I forgot my password" in stranger.get("/sign-in").text
    assert stranger.get(FORGOTTEN).status_code == 200
    answer = stranger.post(FORGOTTEN, {"email": " ADA@example.org "})
    assert answer.status_code == 200 and "on its way" in answer.text
    (letter,) = post.flush()
    assert (letter["To"], letter["From"]) == (ADA, "Postil <postil@example.org>")
    assert letter["Auto-Submitted"] == "auto-generated" and letter["Message-ID"]
    address = link(letter)
    assert address.startswith("/invitation/")
    assert stranger.get(address).status_code == 200
    assert stranger.post(address, {"password": "quite another one"}).status_code == 303
    assert world_signs_in(post, "quite another one") and not world_signs_in(post, PASSWORD)
    assert post.world.stranger().get(address).status_code == 404
    with post.world.database.reading() as db:
        assert "password.reset-mail" in db.scalars(select(Audit.did)).all()


def world_signs_in(post: Post, password: str) -> bool:
    answer = post.world.stranger().post("/sign-in", {"name": ADA, "password": password})
    return answer.status_code == 303


def test_the_old_password_works_until_another_is_chosen(post: Post, stranger: Member) -> None:
    stranger.post(FORGOTTEN, {"email": ADA})
    post.flush()
    assert world_signs_in(post, PASSWORD) and post.ada.get("/account").status_code == 200


def test_nothing_is_sent_within_the_request_and_known_and_unknown_get_the_same(
    post: Post, stranger: Member
) -> None:
    answers, asked = [], []
    for email in (ADA, "nobody@example.org"):
        with counted() as statements:
            answers.append(stranger.post(FORGOTTEN, {"email": email}).text)
        asked.append(list(statements))
    assert answers[0] == answers[1]
    assert asked[0] == asked[1]
    assert asked[0] and not any("email" in statement for statement in asked[0]), "nobody is looked for"
    assert post.server.letters == []
    assert [letter["To"] for letter in post.flush()] == [ADA]


@pytest.mark.parametrize(
    "change", [{"email_confirmed_at": None}, {"deactivated_at": now()}], ids=["unconfirmed", "deactivated"]
)
def test_no_letter_for(post: Post, stranger: Member, change: dict[str, object]) -> None:
    with post.world.database.writing() as db:
        db.execute(update(User).where(User.email == ADA).values(**change))
    assert stranger.post(FORGOTTEN, {"email": ADA}).status_code == 200
    assert post.flush() == []


def test_who_asks_again_at_once_gets_one_letter(post: Post, stranger: Member) -> None:
    for _ in range(3):
        stranger.post(FORGOTTEN, {"email": ADA})
    assert len(post.flush()) == 1
    with post.world.database.writing() as db:
        db.execute(update(OneTimeAddress).values(created_at=now().replace(year=2020)))
    stranger.post(FORGOTTEN, {"email": ADA})
    assert len(post.flush()) == 2


def test_tries_are_limited_alike_for_known_and_unknown(
    post: Post, stranger: Member, clock: list[float]
) -> None:
    for email in (ADA, "nobody@example.org"):
        codes = [
            stranger.post(FORGOTTEN, {"email": email}).status_code for _ in range(FAILURES_AN_ACCOUNT + 1)
        ]
        assert codes == [200] * FAILURES_AN_ACCOUNT + [429]
    clock[0] += 360
    assert stranger.post(FORGOTTEN, {"email": ADA}).status_code == 200


@pytest.mark.parametrize(
    "email", ["", "ada", "ada@", "a b@example.org", "ada@example.org\nBcc: x@example.org"]
)
def test_what_is_no_address_is_said_and_kept(post: Post, stranger: Member, email: str) -> None:
    answer = stranger.post(FORGOTTEN, {"email": email})
    assert answer.status_code == 422 and "field__error" in answer.text
    assert post.flush() == []


def test_links_begin_with_the_settings_address_and_not_with_the_callers(post: Post, stranger: Member) -> None:
    headers = {"Host": "evil.example", "Origin": "http://evil.example"}
    assert stranger.post(FORGOTTEN, {"email": ADA}, headers=headers).status_code == 200
    (letter,) = post.flush()
    assert link(letter) and "evil" not in words(letter)


def test_without_mail_there_is_no_such_page(post: Post, world: World) -> None:
    settings = world.settings.model_copy(update={"smtp_host": None})
    stranger = World(create_app(settings, world.database), settings, world.database).stranger()
    assert "I forgot" not in stranger.get("/sign-in").text
    before = dump(world.database)
    assert stranger.get(FORGOTTEN).status_code == 404
    assert stranger.post(FORGOTTEN, {"email": ADA}).status_code == 404
    assert dump(world.database) == before


def test_a_letter_that_cannot_be_sent_keeps_no_other_and_is_logged_without_its_address(
    post: Post, stranger: Member, caplog: pytest.LogCaptureFixture
) -> None:
    with post.world.database.writing() as db:
        db.execute(
            update(User).where(User.name == "Ben").values(email="ben@example.org", email_confirmed_at=now())
        )
    post.server.refuses = True
    stranger.post(FORGOTTEN, {"email": ADA})
    with caplog.at_level(logging.DEBUG):
        assert post.flush() == []
    assert "SMTPRecipientsRefused" in caplog.text and "example.org" not in caplog.text
    post.server.refuses = False
    stranger.post(FORGOTTEN, {"email": "ben@example.org"})
    assert [letter["To"] for letter in post.flush()] == ["ben@example.org"]


def test_a_running_server_sends_by_itself(post: Post, stranger: Member) -> None:
    stranger.post(FORGOTTEN, {"email": ADA})
    arrived = post.server.arrived
    with post.world.app.state.outbox:
        assert arrived.wait(timeout=30)
