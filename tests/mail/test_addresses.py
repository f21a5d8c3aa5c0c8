"""One's own e-mail address: confirmed by a link before it counts, nobody else's, and taken out again."""

import pytest
from sqlalchemy import select

from app.accounts.models import OneTimeAddress
from app.mail.models import Digest
from app.main import create_app
from app.security import FAILURES_AN_ACCOUNT
from tests.mail.post import ADA, PASSWORD, Post, confirm, link
from tests.support.cast import Member, World

pytestmark = pytest.mark.database
BEN = "ben@example.org"
PAGE = "/account/mail"


def asks(member: Member, email: str, password: str = PASSWORD) -> int:
    return member.post(PAGE, {"email": email, "current": password}).status_code


def test_an_address_counts_once_its_link_was_opened_and_agreed_to(post: Post, stranger: Member) -> None:
    assert asks(post.ben, "Ben@Example.org") == 303
    assert post.person(post.ben).email is None
    assert f"A link was sent to {BEN}" in post.ben.get(PAGE).text
    assert post.server.letters == []
    (letter,) = post.flush()
    assert letter["To"] == BEN
    page = stranger.get(link(letter))
    assert page.status_code == 200 and BEN in page.text and "Ben in Postil" in page.text
    assert post.person(post.ben).email is None, "programs that scan mail open links"
    assert stranger.post(link(letter)).status_code == 303
    person = post.person(post.ben)
    assert person.email == BEN and person.email_confirmed_at
    assert stranger.post(link(letter)).status_code == 404
    assert "was sent" not in post.ben.get(PAGE).text


def test_the_old_address_stays_until_the_new_one_is_confirmed(post: Post) -> None:
    assert asks(post.ada, "new@example.org") == 303
    assert post.person(post.ada).email == ADA
    (letter,) = post.flush()
    assert letter["To"] == "new@example.org"
    assert post.ada.post(link(letter)).headers["location"] == PAGE
    assert post.person(post.ada).email == "new@example.org"


def test_only_the_newest_link_works(post: Post) -> None:
    asks(post.ben, "first@example.org")
    asks(post.ben, "second@example.org")
    first, second = post.flush()
    assert post.ben.get(link(first)).status_code == 404
    assert post.ben.post(link(second)).status_code == 303


def test_an_address_of_somebody_else_is_not_told_and_not_taken(post: Post) -> None:
    unknown = post.ben.post(PAGE, {"email": "nobody@example.org", "current": PASSWORD})
    known = post.ben.post(PAGE, {"email": ADA, "current": PASSWORD})
    assert (known.status_code, known.headers["location"]) == (
        unknown.status_code,
        unknown.headers["location"],
    )
    letter = post.flush()[-1]
    assert letter["To"] == ADA
    answer = post.ben.post(link(letter))
    assert answer.status_code == 409 and "Another account" in answer.text
    assert post.person(post.ben).email is None and post.person(post.ada).email == ADA


def test_a_name_that_somebody_signs_in_with_is_not_taken_as_an_address(post: Post, world: World) -> None:
    world.member("carl@example.org")
    asks(post.ben, "carl@example.org")
    assert post.ben.post(link(post.flush()[-1])).status_code == 409


def test_an_instructors_word_for_an_address_is_not_confirmed_by_that(post: Post, world: World) -> None:
    post.room.grace.post(f"{post.room.address}/roster", {"roster": "Dora, dora@example.org"})
    assert world.stranger().post("/sign-in/forgotten", {"email": "dora@example.org"}).status_code == 200
    assert post.flush() == []


@pytest.mark.parametrize(
    ("email", "password", "status", "words"),
    [
        (BEN, "not the one", 422, "present password"),
        ("ben@", PASSWORD, 422, "no e-mail address"),
        ("ben@example.org, x@example.org", PASSWORD, 422, "no e-mail address"),
        ("bén@example.org", PASSWORD, 422, "no e-mail address"),
    ],
)
def test_what_cannot_be_an_address_says_why_and_sends_nothing(
    post: Post, email: str, password: str, status: int, words: str
) -> None:
    answer = post.ben.post(PAGE, {"email": email, "current": password})
    assert answer.status_code == status and words in answer.text
    assert f'value="{email}"' in answer.text
    assert post.flush() == []


def test_links_are_limited_since_they_go_to_any_address(post: Post) -> None:
    codes = [asks(post.ben, f"x{n}@example.org") for n in range(FAILURES_AN_ACCOUNT + 1)]
    assert codes == [303] * FAILURES_AN_ACCOUNT + [429]


def test_an_address_is_taken_out_with_what_went_there(post: Post) -> None:
    post.wants(post.ada)
    asks(post.ada, "new@example.org")
    assert asks(post.ada, "") == 303
    person = post.person(post.ada)
    assert (person.email, person.email_confirmed_at) == (None, None)
    with post.world.database.reading() as db:
        assert db.scalars(select(Digest.user_id)).all() == []
        assert db.scalars(select(OneTimeAddress.id).where(OneTimeAddress.purpose == "email")).all() == []
    assert post.tasks() == []


def test_without_mail_an_address_can_be_taken_out_and_none_given(post: Post, world: World) -> None:
    settings = world.settings.model_copy(update={"smtp_host": None})
    quiet = World(create_app(settings, world.database), settings, world.database)
    dora = quiet.member("Dora", password=PASSWORD)
    assert "sends no mail" in dora.get(PAGE).text and 'name="email"' not in dora.get(PAGE).text
    assert asks(dora, "dora@example.org") == 409
    confirm(quiet, dora, "dora@example.org")
    assert asks(dora, "") == 303


def test_a_digest_needs_a_confirmed_address(post: Post) -> None:
    assert "Every Monday morning" not in post.ben.get(PAGE).text
    assert post.ben.post("/account/digest", {"rhythm": "daily"}).status_code == 409
    assert post.tasks() == []
    assert "Every Monday morning" in post.ada.get(PAGE).text


def test_another_persons_link_is_no_link_to_a_password(post: Post) -> None:
    asks(post.ben, BEN)
    secret = link(post.flush()[-1]).removeprefix("/email/")
    assert post.ben.get(f"/invitation/{secret}").status_code == 404
