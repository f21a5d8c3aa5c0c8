"""Every route, as every role, as page, fragment and JSON, against docs/access-matrix.acl; readings are one's own here.

The columns: N a stranger, O the owner of a scene, G and C students of its course (G in a group), X one of
another, T and I its assistant and instructor, J an instructor elsewhere, A an administrator, R one who was removed.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpx2
import pytest
from fastapi import Depends, FastAPI
from sqlalchemy import update

from app.access import enforces
from app.accounts.models import User
from app.identity import random_uid
from tests.contracts.endpoints import FORMS, PUBLIC, Endpoint, endpoints_of, every_endpoint
from tests.contracts.matrix import AUDIENCES, ROOT, in_ones_own, parse, predicted, read_matrix
from tests.contracts.scene import COURSE_ROLES, Scene, enrol, open_scene
from tests.support.cast import Member, World
from tests.support.contents import dump

MATRIX = read_matrix()
GUARDED = [endpoint for endpoint in every_endpoint() if str(endpoint) not in PUBLIC]
ROLES = "NOGCXTIJAR"
CASES = [(endpoint, role) for endpoint in GUARDED for role in ROLES]


def cell_of(endpoint: Endpoint, role: str) -> str:
    """Return what somebody meets; readings and annotations are the owner's own here."""
    rule = in_ones_own if endpoint.is_in_a_reading else predicted
    return rule(MATRIX, endpoint.actions, role)


REFUSED = [case for case in CASES if cell_of(*case) not in "Y."]
ALLOWED = [case for case in CASES if cell_of(*case) == "Y"]
LOOKS = {
    "page": {"Accept": "text/html"},
    "fragment": {"HX-Request": "true"},
    "json": {"Accept": "application/json"},
}


def named(case: tuple[Endpoint, str]) -> str:
    return f"{case[0]} {case[1]}".replace("/", "|")


# The matrix and the routes agree


def test_the_matrix_is_the_designs_with_our_rows_added() -> None:
    design = ROOT.parent / "shared" / "design" / "access-matrix.acl"
    if not design.exists():
        pytest.skip(f"the design is not at hand: {design.name} lies beside the project where it is made")
    assert parse(design.read_text("utf-8")).items() <= MATRIX.items()


@pytest.mark.parametrize("line", ["a.read LYY", "a.read LYFF-FF--Q", "a.read LY--------\na.read LY--------"])
def test_a_line_that_is_no_row_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match="no row"):
        parse(line)


def test_every_route_is_mapped() -> None:
    assert unmapped(every_endpoint()) == []


def test_an_unmapped_route_is_found() -> None:
    app = FastAPI(openapi_url=None)
    app.add_api_route("/open", lambda: "", methods=["GET"])
    app.add_api_route(
        "/odd", lambda: "", methods=["POST"], dependencies=[Depends(enforces("no.row")(lambda: None))]
    )
    assert unmapped(endpoints_of(app)) == ["GET /open", "POST /odd"]


def test_what_is_public_exists_and_asks_for_nobody() -> None:
    known = {str(endpoint): endpoint.actions for endpoint in every_endpoint()}
    assert set(PUBLIC) <= set(known)
    assert {action for name in PUBLIC for action in known[name]} <= {"public"}


def test_every_unsafe_route_has_a_form_here() -> None:
    assert {str(endpoint) for endpoint in GUARDED if not endpoint.is_safe} == set(FORMS)


def test_the_application_writes_no_methods_but_get_and_post() -> None:
    assert {endpoint.method for endpoint in every_endpoint()} == {"GET", "POST"}


def unmapped(endpoints: Iterator[Endpoint] | list[Endpoint]) -> list[str]:
    """Return the routes that are neither public for a reason nor in the matrix."""
    return [
        str(endpoint)
        for endpoint in endpoints
        if str(endpoint) not in PUBLIC and not (endpoint.actions and rows_of(endpoint) <= set(MATRIX))
    ]


def rows_of(endpoint: Endpoint) -> set[str]:
    """Return the rows that an endpoint's lookups name; one that stands for each audience's names them all."""
    return {action.format(audience=audience) for action in endpoint.actions for audience in AUDIENCES}


# What is refused


@dataclass
class Company:
    """The owner of a scene, and the others who come to it."""

    world: World
    scene: Scene
    others: dict[str, Member]


@pytest.fixture(scope="module")
def company(lasting_world: World) -> Company:
    scene = open_scene(lasting_world, "Ada")
    others = {
        "N": lasting_world.stranger(),
        "X": lasting_world.member("Ben"),
        "J": instructor(lasting_world),
        "A": lasting_world.member("Grace", is_admin=True),
    }
    enrol(lasting_world, open_scene(lasting_world, "Elsewhere"), others["X"], "C")
    for role in COURSE_ROLES:
        others[role] = lasting_world.member(f"Column {role}")
        enrol(lasting_world, scene, others[role], role)
    return Company(lasting_world, scene, others)


def instructor(world: World) -> Member:
    member = world.member("Olga")
    assert member.user is not None
    change(world, member.user.id, {"may_create_courses": True})
    return member


@pytest.mark.database
@pytest.mark.grid
@pytest.mark.parametrize("case", REFUSED, ids=named)
def test_refused(company: Company, case: tuple[Endpoint, str]) -> None:
    endpoint, role = case
    cell = cell_of(endpoint, role)
    actor = company.others.get(role, company.scene.owner)
    scene = company.scene if role != "O" else company.scene.with_owner_as_subject()
    check_refusals(company.world, cell, endpoint, actor, scene)


def check_refusals(world: World, cell: str, endpoint: Endpoint, actor: Member, scene: Scene) -> None:
    """In each look the answer is the cell's, and nothing has changed."""
    world.app.state.places.flush()
    before = dump(world.database)
    for look, headers in LOOKS.items():
        check_refusal(cell, endpoint, actor, scene, look, headers)
    world.app.state.places.flush()
    assert dump(world.database) == before


def check_refusal(
    cell: str, endpoint: Endpoint, actor: Member, scene: Scene, look: str, headers: dict[str, str]
) -> None:
    address, form = endpoint.address(scene), endpoint.form(scene)
    answer = send(endpoint, actor, address, form, headers)
    if cell == "L" and endpoint.is_safe and look == "page":
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/sign-in?next=")
        return
    assert answer.status_code == {"L": 401, "F": 403, "-": 404}[cell]
    if cell == "F":
        return
    elsewhere = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", random_uid(), address)
    nothing = send(endpoint, actor, elsewhere, form, headers)
    assert nothing.status_code == answer.status_code
    assert nothing.headers.raw == answer.headers.raw
    assert nothing.text.replace(elsewhere.split("?")[0], "") == answer.text.replace(address.split("?")[0], "")


# What is allowed


@pytest.fixture(scope="module")
def stage(lasting_world: World) -> Scene:
    return open_scene(lasting_world, "Ada on stage")


@pytest.mark.database
@pytest.mark.grid
@pytest.mark.parametrize("case", ALLOWED, ids=named)
def test_allowed(lasting_world: World, stage: Scene, case: tuple[Endpoint, str]) -> None:
    endpoint, role = case
    for headers in LOOKS.values():
        scene = stage if endpoint.is_safe else open_scene(lasting_world, "Ada")
        with promoted(lasting_world, scene, role):
            check_allowed(endpoint, scene.owner, scene, headers)


def check_allowed(endpoint: Endpoint, actor: Member, scene: Scene, headers: dict[str, str]) -> None:
    answer = send(endpoint, actor, endpoint.address(scene), endpoint.form(scene), headers)
    assert answer.status_code in {200, 201, 204, 303}, answer.text
    assert not answer.headers.get("location", "").startswith("/sign-in?")


@contextmanager
def promoted(world: World, scene: Scene, role: str) -> Iterator[None]:
    """Makes the owner what a role says, for a moment: each may do with his own things what the row says."""
    member = scene.owner
    assert member.user is not None
    if role in COURSE_ROLES:
        enrol(world, scene, member, role)
    key, mine = member.user.id, {"is_admin": role == "A", "may_create_courses": role in "IJA"}
    change(world, key, mine)
    try:
        yield
    finally:
        change(world, key, dict.fromkeys(mine, False))


def change(world: World, user_id: int, values: dict[str, bool]) -> None:
    with world.database.writing() as writing:
        writing.execute(update(User).where(User.id == user_id).values(**values))


def send(
    endpoint: Endpoint, actor: Member, address: str, form: dict[str, object] | None, headers: dict[str, str]
) -> httpx2.Response:
    plain = {"Accept-Encoding": "identity"}  # so that the length of an answer is that of its words
    return actor.http.request(endpoint.method, address, data=form, headers=headers | plain)
