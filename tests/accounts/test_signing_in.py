"""Signing in: the same answer for whoever is unknown, limits that do not punish a classroom, no way to other sites."""

import threading
from collections.abc import Iterator

import pytest
from sqlalchemy import select

from app.accounts.models import Attempt
from app.main import create_app
from app.security import Passwords
from app.settings import Settings
from tests.security.raw import Answer, send
from tests.support.cast import HTMX, Member, World

pytestmark = pytest.mark.database
PASSWORD = "a sentence is good"
WRONG = "this is not the one"


class Counting(Passwords):
    """Hashing that is counted, and by default not done."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.tried: list[tuple[str | None, str]] = []

    def fits(self, stored: str | None, password: str) -> bool:
        self.tried.append((stored, password))
        return super().fits(stored, password)


@pytest.fixture
def ada(world: World) -> Member:
    return world.member("Ada", password=PASSWORD)


@pytest.fixture
def passwords(world: World) -> Counting:
    world.app.state.passwords = Counting(world.settings)
    return world.app.state.passwords


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[float]]:
    """The time that failures are counted by, in seconds."""
    present = [1_800_000_000.0]
    monkeypatch.setattr("app.security.time.time", lambda: present[0])
    yield present


def attempt(member: Member, name: str, password: str) -> int:
    return member.post("/sign-in", {"name": name, "password": password}).status_code


def from_address(member: Member, client: str, name: str, password: str) -> Answer:
    form = f"name={name}&password={password.replace(' ', '+')}".encode()
    headers = [(b"origin", b"http://testserver"), (b"content-type", b"application/x-www-form-urlencoded")]
    return send(member, "POST", b"/sign-in", headers=headers, chunks=[form], client=client)


@pytest.mark.parametrize("name", ["Ada", "ada", " ADA ", "Ａｄａ"])
def test_the_right_password(ada: Member, stranger: Member, name: str) -> None:
    answer = stranger.post("/sign-in", {"name": name, "password": PASSWORD, "next": "/notebook"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/notebook")
    assert stranger.get("/account").status_code == 200


@pytest.mark.parametrize("password", [WRONG, PASSWORD.upper(), PASSWORD + " "])
def test_a_wrong_password(ada: Member, stranger: Member, password: str) -> None:
    answer = stranger.post("/sign-in", {"name": "Ada", "password": password})
    assert answer.status_code == 422
    assert "set-cookie" not in answer.headers
    assert password not in answer.text
    assert stranger.get("/account").status_code == 303


def test_who_has_not_chosen_a_password_cannot_sign_in(world: World, ben: Member, stranger: Member) -> None:
    assert [attempt(stranger, "Ben", password) for password in ("nobody's password", "None", " ")] == [
        422
    ] * 3


def test_the_unknown_get_the_same_answer_after_the_same_work(
    ada: Member, ben: Member, stranger: Member, passwords: Counting
) -> None:
    answers = {}
    for name in ("Ada", "Ben", "Eve"):
        answer = stranger.post("/sign-in", {"name": name, "password": WRONG})
        headers = {key: value for key, value in answer.headers.items() if key != "content-length"}
        answers[answer.status_code, answer.text.replace(name, "…"), str(headers)] = name
    assert len(answers) == 1
    assert [password for _, password in passwords.tried] == [WRONG] * 3


def test_whoever_is_signed_in_already_goes_on(ada: Member) -> None:
    answer = ada.get("/sign-in?next=/notebook")
    assert (answer.status_code, answer.headers["location"]) == (303, "/notebook")


# Limits


def test_ten_failures_close_an_account_for_five_minutes(
    ada: Member, stranger: Member, world: World, clock: list[float]
) -> None:
    world.member("Ben", password=PASSWORD)
    assert [attempt(stranger, "Ada", WRONG) for _ in range(10)] == [422] * 10
    assert attempt(stranger, "ADA", WRONG) == 429
    assert attempt(stranger, "Ada", PASSWORD) == 429
    assert attempt(world.stranger(), "Ben", PASSWORD) == 303
    clock[0] += 299
    assert attempt(stranger, "Ada", PASSWORD) == 429
    clock[0] += 61
    assert attempt(stranger, "Ada", PASSWORD) == 303


def test_an_unknown_name_is_closed_as_a_known_one(stranger: Member, passwords: Counting) -> None:
    assert [attempt(stranger, "Nobody", WRONG) for _ in range(11)] == [422] * 10 + [429]
    assert len(passwords.tried) == 10


def test_nine_failures_do_not(ada: Member, stranger: Member) -> None:
    assert [attempt(stranger, "Ada", WRONG) for _ in range(9)] == [422] * 9
    assert attempt(stranger, "Ada", PASSWORD) == 303


def test_many_tries_at_once_learn_no_more_than_ten(ada: Member, world: World, passwords: Counting) -> None:
    everybody_waits = threading.Barrier(16, timeout=30)
    fits = passwords.fits

    def together(stored: str | None, password: str) -> bool:
        everybody_waits.wait()
        return fits(stored, password)

    passwords.fits = together  # type: ignore[method-assign]
    statuses: list[int] = []
    threads = [
        threading.Thread(target=lambda: statuses.append(attempt(world.stranger(), "Ada", WRONG)))
        for _ in range(16)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(passwords.tried) == 16
    assert statuses.count(422) <= 10
    assert statuses.count(429) == 16 - statuses.count(422)


def test_what_is_counted_is_kept_hashed(world: World, stranger: Member) -> None:
    attempt(stranger, "my password by mistake", WRONG)
    with world.database.reading() as db:
        counted = list(db.scalars(select(Attempt)))
    assert {len(one.key) for one in counted} == {64}
    assert "mistake" not in str([one.key for one in counted])


def test_a_class_behind_one_address_signs_in_within_a_minute(
    ada: Member, stranger: Member, clock: list[float], passwords: Counting
) -> None:
    passwords.fits = lambda stored, password: password == PASSWORD  # type: ignore[method-assign]
    statuses = []
    for n in range(300):
        clock[0] += 0.2
        if n % 3 == 0:
            statuses.append(from_address(stranger, "192.0.2.1", f"Student{n}", WRONG).status)
        statuses.append(from_address(stranger, "192.0.2.1", "Ada", PASSWORD).status)
    assert (statuses.count(303), statuses.count(422)) == (300, 100)


def test_an_address_that_only_fails_is_closed(
    world: World, ada: Member, clock: list[float], passwords: Counting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.accounts.attempts.FAILURES_AN_ADDRESS", 5)
    stranger = world.stranger()
    for n in range(5):
        assert from_address(stranger, "2001:db8:1:2::1", f"Student{n}", WRONG).status == 422
    assert from_address(stranger, "2001:db8:1:2:ffff::9", "Ada", PASSWORD).status == 429
    assert from_address(stranger, "2001:db8:1:3::1", "Ada", PASSWORD).status == 303
    assert from_address(stranger, "192.0.2.1", "Ada", PASSWORD).status == 303


def test_a_few_passwords_are_hashed_at_once(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    passwords = Passwords(settings)
    inside, most, lock, enough = 0, 0, threading.Lock(), threading.Event()

    def slow(*_: object) -> bool:
        nonlocal inside, most
        with lock:
            inside += 1
            most = max(most, inside)
        enough.wait(0.2)
        with lock:
            inside -= 1
        return True

    monkeypatch.setattr(type(passwords._hasher), "verify", slow)
    threads = [threading.Thread(target=passwords.fits, args=(None, WRONG)) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 2 <= most <= 4


def test_a_password_is_stored_with_argon2id_at_its_strength(tmp_path: object) -> None:
    stored = Passwords(Settings(data_dir=tmp_path)).hash(PASSWORD)  # type: ignore[arg-type]
    assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert PASSWORD not in stored


# Other sites


ELSEWHERE = [
    "//evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "https:evil.example",
    "https://evil.example",
    "javascript:alert(1)",
    "evil.example",
    "",
    " //evil.example",
    "/\r\nSet-Cookie: a=b",
    "///evil.example",
    "/%09/evil.example",
    "%2F%2Fevil.example",
    "/%5Cevil.example",
    "/%2Fevil.example",
    "/.//evil.example",
    "/\u2028/evil.example",
    "/\x00/evil.example",
]


@pytest.mark.parametrize("address", ELSEWHERE)
def test_signing_in_leads_nowhere_else(ada: Member, stranger: Member, address: str) -> None:
    for answer in (
        ada.get("/sign-in", params={"next": address}),
        ada.fragment("/sign-in", params={"next": address}),
        ada.post("/account/appearance", {"theme": "dark", "next": address}),
        stranger.post("/sign-in", {"name": "Ada", "password": PASSWORD, "next": address}),
    ):
        target = answer.headers.get("location") or answer.headers["hx-redirect"]
        assert stays(target), target
        assert "a=b" not in answer.headers.get("set-cookie", "")


def stays(target: str) -> bool:
    """Whether a browser that reads `target` as the URL standard says stays on this server (WHATWG URL, 4.4)."""
    seen = "".join(character for character in target if character not in "\t\n\r").replace("\\", "/")
    return seen.startswith("/") and not seen.startswith("//")


def test_an_address_in_any_script_comes_back(ada: Member) -> None:
    answer = ada.get("/sign-in", params={"next": "/notebook?q=صبر"}, headers=HTMX)
    assert answer.headers["hx-redirect"] == "/notebook?q=%D8%B5%D8%A8%D8%B1"


def test_a_page_that_needs_a_person_says_where_to_go_afterwards(ada: Member, stranger: Member) -> None:
    sent = stranger.get(f"{ada.reading}/annotations?tag=claim")
    shown = stranger.get(sent.headers["location"]).text
    assert f'value="{ada.reading}/annotations?tag=claim"' in shown


def test_the_forms_of_a_world_over_tls_stay_there(world: World) -> None:
    settings = world.settings.model_copy(update={"public_url": "https://postil.example"})
    secure = World(create_app(settings, world.database), settings, world.database).stranger()
    assert secure.get("/notebook").headers["location"] == "/sign-in?next=%2Fnotebook"
