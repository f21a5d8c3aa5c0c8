"""Opening a class, coming into it by code, link or roster, leaving and coming back."""

import re

import pytest
from sqlalchemy import func, select

from app.accounts.models import User
from app.activity.models import Audit
from app.courses.codes import meant, new_code, spaced
from app.courses.entering import WRONG_CODES_AN_ADDRESS
from app.courses.models import Course, Membership
from tests.courses.room import Room, open_room
from tests.support.cast import Member, World

pytestmark = pytest.mark.database
NEW = {"name": "Dora", "password": "a sentence is good"}


def said(world: World) -> list[str]:
    with world.database.reading() as db:
        return list(db.scalars(select(Audit.did).order_by(Audit.id)))


# Opening


def test_whoever_opens_a_class_is_its_instructor(room: Room) -> None:
    mine = room.membership(room.grace)
    assert mine is not None and mine.role == "instructor"
    assert "POLS 210" in room.grace.get("/courses").text
    assert "course.created" in said(room.world)


def test_only_those_who_may_open_classes_do(ada: Member) -> None:
    assert ada.post("/courses", {"title": "Mine", "timezone": "UTC"}).status_code == 403
    assert "Open a class" not in ada.get("/courses").text


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"title": " ", "timezone": "UTC"}, "visible"),
        ({"title": "A", "timezone": "Mars/Olympus"}, "time zone"),
    ],
)
def test_a_class_that_cannot_be_opened_says_why_and_keeps_what_was_typed(
    room: Room, form: dict[str, str], words: str
) -> None:
    answer = room.grace.post("/courses", form)
    assert answer.status_code == 422 and words in answer.text
    assert f'value="{form["timezone"]}"' in answer.text


# Codes


def test_codes_forgive_how_they_are_typed() -> None:
    code = new_code()
    assert len(code) == 10 and len({new_code() for _ in range(200)}) == 200
    assert {meant(typed) for typed in (code, spaced(code), code.lower(), f" {spaced(code).lower()} ")} == {
        code
    }
    assert meant("OIL00-AAAAA") == "01100AAAAA"
    assert [meant(typed) for typed in ("", "short", code + "0", "UUUUU-UUUUU", "é" * 10)] == [""] * 5


def test_a_new_person_joins_with_a_name_and_a_password(room: Room, stranger: Member) -> None:
    page = stranger.get(f"/join/{room.code}")
    assert "POLS 210" in page.text and "password" in page.text
    answer = stranger.post(f"/join/{room.code}", NEW)
    assert (answer.status_code, answer.headers["location"]) == (303, room.address)
    home = stranger.get(room.address)
    assert home.status_code == 200 and "Dora" in home.text
    assert "Patience as strategy" in stranger.get("/").text


def test_a_name_that_is_taken_is_kept_and_explained(room: Room, stranger: Member) -> None:
    answer = stranger.post(f"/join/{room.code}", NEW | {"name": "Grace"})
    assert answer.status_code == 409
    assert 'value="Grace"' in answer.text and "already has that name" in answer.text


def test_somebody_with_an_account_joins_by_one_button(room: Room, ada: Member) -> None:
    assert "password" not in ada.get(f"/join/{room.code}").text
    for _ in range(2):
        assert ada.post(f"/join/{room.code}").headers["location"] == room.address
    mine = room.membership(ada)
    assert mine is not None and mine.role == "student"


def test_the_code_typed_anyhow_leads_to_its_class(room: Room, stranger: Member) -> None:
    answer = stranger.get("/join", params={"code": spaced(room.code).lower()})
    assert answer.headers["location"] == f"/join/{room.code}"


def test_a_wrong_code_is_nobodys(room: Room, stranger: Member) -> None:
    for typed in ("AAAAA-AAAAA", "what?"):
        answer = stranger.get("/join", params={"code": typed})
        assert answer.status_code == 404 and f'value="{typed}"' in answer.text
    assert stranger.get("/join/AAAAAAAAAA").status_code == 404
    assert stranger.post("/join/AAAAAAAAAA", NEW).status_code == 404


def test_wrong_codes_are_limited_and_right_ones_are_not(room: Room, world: World) -> None:
    browser = world.stranger()
    for n in range(300):
        joined = world.stranger().post(f"/join/{room.code}", NEW | {"name": f"Student {n}"})
        assert joined.status_code == 303
    for _ in range(WRONG_CODES_AN_ADDRESS):
        assert browser.get("/join/AAAAAAAAAA").status_code == 404
    assert browser.get("/join/AAAAAAAAAA").status_code == 429


def test_a_new_code_ends_the_old_one(room: Room, ada: Member) -> None:
    old = room.code
    assert room.grace.post(f"{room.address}/code", {"closed": "false"}).status_code == 303
    assert room.code != old
    assert ada.post(f"/join/{old}").status_code == 404
    assert ada.post(f"/join/{room.code}").status_code == 303


def test_a_closed_door_lets_nobody_in(room: Room, ada: Member) -> None:
    room.grace.post(f"{room.address}/code", {"closed": "true"})
    assert ada.post(f"/join/{room.code}").status_code == 403
    assert room.membership(ada) is None
    assert spaced(room.code) not in room.grace.get(room.address).text


def test_students_do_not_see_the_code_and_assistants_cannot_change_it(
    room: Room, ada: Member, ben: Member
) -> None:
    room.takes_in(ada, ben)
    room.grace.post(f"{room.person(ben)}/role", {"role": "assistant"})
    assert room.code not in ada.get(room.address).text and spaced(room.code) not in ada.get(room.address).text
    assert spaced(room.code) in ben.get(room.address).text
    assert ben.post(f"{room.address}/code", {"closed": "false"}).status_code == 403


# Leaving, being removed, coming back


def test_one_who_left_comes_back_as_what_they_were(room: Room, ada: Member) -> None:
    room.takes_in(ada)
    room.grace.post(f"{room.person(ada)}/role", {"role": "assistant"})
    assert ada.post(f"{room.address}/leave").status_code == 303
    assert ada.get(room.address).status_code == 404
    assert room.uid not in ada.get("/courses").text
    room.takes_in(ada)
    mine = room.membership(ada)
    assert mine is not None and (mine.role, mine.left_at) == ("assistant", None)


def test_one_who_was_removed_does_not_come_back_by_the_code(room: Room, ada: Member) -> None:
    room.takes_in(ada)
    assert room.grace.post(f"{room.person(ada)}/remove").status_code == 303
    assert ada.get(room.address).status_code == 404
    answer = ada.post(f"/join/{room.code}")
    assert answer.status_code == 403 and "removed" in answer.text
    assert ada.get(room.address).status_code == 404


def test_the_only_instructor_stays(room: Room, ada: Member) -> None:
    room.takes_in(ada)
    assert room.grace.post(f"{room.address}/leave").status_code == 409
    room.grace.post(f"{room.person(ada)}/role", {"role": "instructor"})
    assert room.grace.post(f"{room.address}/leave").status_code == 303
    assert ada.post(f"{room.address}/leave").status_code == 409


def test_nobody_changes_his_own_role(room: Room) -> None:
    assert room.grace.post(f"{room.person(room.grace)}/role", {"role": "student"}).status_code == 403


def test_a_member_of_another_class_is_not_to_be_had_here(room: Room, ada: Member) -> None:
    assert room.grace.post(f"{room.person(ada)}/remove").status_code == 404
    assert room.grace.post(f"{room.person(ada)}/role", {"role": "assistant"}).status_code == 404


def test_a_role_that_does_not_exist_is_refused(room: Room, ada: Member) -> None:
    room.takes_in(ada)
    assert room.grace.post(f"{room.person(ada)}/role", {"role": "king"}).status_code == 422


# Rosters

ROSTER = """Name;E-mail;Group
Dora Maar;dora@example.org;Monday
Emil;;Tuesday

Fay;FAY@example.org;Monday
"""


def test_a_roster_makes_people_with_links_of_their_own(room: Room, world: World) -> None:
    answer = room.grace.post(f"{room.address}/roster", {"roster": ROSTER})
    assert answer.status_code == 201
    links = re.findall(r'value="http://testserver(/invitation/[^"]+)"', answer.text)
    assert len(links) == 3
    dora = world.stranger()
    assert dora.post(links[0], {"password": "a sentence is good"}).status_code == 303
    home = dora.get(room.address)
    assert home.status_code == 200 and "dora@example.org" not in home.text
    assert "fay@example.org" in room.grace.get(room.address).text
    groups = room.grace.get(f"{room.address}/groups").text
    assert groups.count(">Monday</option>") == 3 and groups.count("selected>Monday</option>") == 2


def test_a_roster_pasted_twice_makes_nobody_twice(room: Room, world: World) -> None:
    room.grace.post(f"{room.address}/roster", {"roster": ROSTER})
    again = room.grace.post(f"{room.address}/roster", {"roster": ROSTER})
    assert again.status_code == 201 and "/invitation/" not in again.text
    with world.database.reading() as db:
        assert db.scalar(select(func.count()).select_from(User)) == 4
        assert db.scalar(select(func.count()).select_from(Membership)) == 4


def test_a_roster_brings_a_removed_person_back(room: Room, ada: Member) -> None:
    room.takes_in(ada)
    room.grace.post(f"{room.person(ada)}/remove")
    assert ada.user is not None
    answer = room.grace.post(f"{room.address}/roster", {"roster": ada.user.name})
    assert answer.status_code == 201 and ada.get(room.address).status_code == 200


@pytest.mark.parametrize(
    ("roster", "status", "words"),
    [
        ("", 422, "nobody in this list"),
        ("Dora,nowhere", 422, "Line 1"),
        ("name,email\nDora,\n,x@example.org", 422, "Line 3"),
        (f"Dora,,{'x' * 101}", 422, "group"),
        ("Dora\nBen", 409, "already has that name"),
        ("\n".join(f"Person {n}" for n in range(1001)), 422, "at most 1000"),
    ],
)
def test_a_roster_that_cannot_be_used_is_kept_and_puts_nobody_in(
    room: Room, ben: Member, world: World, roster: str, status: int, words: str
) -> None:
    answer = room.grace.post(f"{room.address}/roster", {"roster": roster})
    assert answer.status_code == status and words in answer.text
    assert roster.splitlines()[-1:] == [] or roster.splitlines()[-1] in answer.text
    with world.database.reading() as db:
        assert db.scalar(select(func.count()).select_from(Membership)) == 1


# Rules and the end of a term


def test_settings_are_kept(room: Room, world: World) -> None:
    form = {"title": "POLS 211", "timezone": "Asia/Tehran", "anonymity": "required"}
    assert room.grace.post(f"{room.address}/settings", form).status_code == 303
    with world.database.reading() as db:
        course = db.scalars(select(Course)).one()
        assert (course.title, course.timezone, course.anonymity) == ("POLS 211", "Asia/Tehran", "required")
    page = room.grace.get(f"{room.address}/settings").text
    assert 'value="required" checked' in page
    wrong = room.grace.post(f"{room.address}/settings", form | {"timezone": "Nowhere"})
    assert wrong.status_code == 422 and 'value="Nowhere"' in wrong.text


def test_an_archived_class_is_read_and_not_changed(room: Room, ada: Member, ben: Member) -> None:
    room.takes_in(ada)
    assert room.grace.post(f"{room.address}/archive").status_code == 303
    assert ada.get(room.address).status_code == 200
    assert ben.post(f"/join/{room.code}").status_code == 403
    for path in ("/settings", "/code", "/roster", "/groups"):
        assert room.grace.post(room.address + path, {"closed": "false"}).status_code == 403, path
    assert room.grace.post(f"{room.person(ada)}/remove").status_code == 403
    assert room.grace.post(f"{room.address}/unarchive").status_code == 303
    room.takes_in(ben)


def test_consent_is_each_students_own(room: Room, ada: Member) -> None:
    room.takes_in(ada)
    assert "You have not said" in ada.get(room.address).text
    for answer, kept in (("true", True), ("false", False)):
        assert ada.post(f"{room.address}/consent", {"consent": answer}).status_code == 303
        mine = room.membership(ada)
        assert mine is not None and mine.research_consent is kept
    assert ada.post(f"{room.address}/consent", {"consent": "perhaps"}).status_code == 422
    assert room.grace.post(f"{room.address}/consent", {"consent": "true"}).status_code == 403


# Links to a new password


def test_an_instructor_gives_a_student_a_new_password(room: Room, stranger: Member, world: World) -> None:
    stranger.post(f"/join/{room.code}", NEW)
    with world.database.reading() as db:
        uid = db.scalars(select(User.uid).where(User.name == "Dora")).one()
    answer = room.grace.post(f"{room.address}/people/{uid}/reset-link")
    assert answer.status_code == 201
    (link,) = re.findall(r'value="http://testserver(/invitation/[^"]+)"', answer.text)
    assert stranger.get(room.address).status_code == 303
    assert stranger.post("/sign-in", {"name": NEW["name"], "password": NEW["password"]}).status_code == 422
    assert "Grace made this link" in stranger.get(link).text
    assert stranger.post(link, {"password": "a new good one"}).status_code == 303
    assert stranger.get(room.address).status_code == 200
    assert "password.reset-link" in said(world)


def test_a_new_link_for_one_who_never_came_says_nothing_of_an_old_password(room: Room, world: World) -> None:
    room.grace.post(f"{room.address}/roster", {"roster": "Emil"})
    with world.database.reading() as db:
        uid = db.scalars(select(User.uid).where(User.name == "Emil")).one()
    answer = room.grace.post(f"{room.address}/people/{uid}/reset-link")
    (link,) = re.findall(r'value="http://testserver(/invitation/[^"]+)"', answer.text)
    assert "Grace" not in world.stranger().get(link).text


def test_no_new_password_for_those_whom_others_answer_for(
    room: Room, world: World, ada: Member, ben: Member
) -> None:
    room.takes_in(ada, ben)
    room.grace.post(f"{room.person(ben)}/role", {"role": "assistant"})
    open_room(world, "Olga").takes_in(ada)
    for member in (ada, ben):
        assert room.grace.post(f"{room.person(member)}/reset-link").status_code == 403
        assert member.get("/").status_code == 200
    assert room.grace.post(f"{room.person(room.grace)}/reset-link").status_code == 403
    assert ben.post(f"{room.person(ada)}/reset-link").status_code == 403
    assert ada.post(f"{room.person(ben)}/reset-link").status_code == 404
