"""Every form that writes, sent twice: one after the other, as after an answer that was lost, and both at once, as by a
double click. What is there afterwards is what one of them makes."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest

from app.identity import new_uid
from tests.contracts.classroom import Classroom, Lesson, open_classroom
from tests.contracts.endpoints import FORMS, PUBLIC, Endpoint, every_endpoint
from tests.contracts.matrix import predicted, read_matrix
from tests.contracts.scene import Scene, open_scene
from tests.contracts.test_access_matrix import promoted
from tests.support.cast import HTMX, Member, World
from tests.support.contents import dump

pytestmark = [pytest.mark.database, pytest.mark.grid]
MATRIX = read_matrix()
WRITING = [one for one in every_endpoint() if not one.is_safe and str(one) not in PUBLIC]
# What is new with every request, and why that is right.
LEFT = {
    "POST /courses/{course_uid}/code": "a new code each time; the page shows the newest, which is the one that works",
    "POST /courses/{course_uid}/people/{user_uid}/reset-link": "the link that is shown last is the one that works",
    "POST /account/password": "each answer signs its browser in anew; the browser keeps the sign-in that came last",
    "POST /readings/{reading_uid}/place": "a beacon: written with others' in a batch, the last one counts",
}
# That an act was done twice is true of the act, and changes nothing for anybody.
NOT_THE_THING = {"audit", "attempt"}
FORMS_WITH_IDS = (
    "/annotations/{annotation_uid}",
    "/annotations/{annotation_uid}/delete",
    "/annotations/{annotation_uid}/restore",
    "/readings/{reading_uid}/undo",
    "/readings/{reading_uid}/annotations/share",
)


@dataclass
class Sending:
    """A request that somebody may make, and where it goes."""

    actor: Member
    address: str
    form: dict[str, Any]

    def __call__(self, browser: Member | None = None) -> httpx2.Response:
        return (browser or self.actor).post(self.address, self.form, headers=HTMX)

    def at_once(self) -> list[int]:
        """Both from the same browser at the same moment."""
        start, statuses = threading.Barrier(2), []

        def send() -> None:
            browser = Member(self.actor.world, self.actor.user, self.actor.reading_uid)
            browser.http.cookies.update(self.actor.http.cookies)
            start.wait()
            statuses.append(self(browser).status_code)

        threads = [threading.Thread(target=send) for _ in range(2)]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
        return statuses


@pytest.fixture(scope="module")
def classroom(lasting_world: World) -> Classroom:
    return open_classroom(lasting_world)


def named(endpoint: Endpoint) -> str:
    return str(endpoint).replace("/", "|")


@contextmanager
def ready(world: World, classroom: Classroom, endpoint: Endpoint) -> Iterator[Sending]:
    """Somebody who may, before a scene of their own."""
    here = endpoint.is_in_a_reading
    scene = in_class(classroom, endpoint) if here else open_scene(world, "Ada")
    may = (role for role in "IJAGO" if here or predicted(MATRIX, endpoint.actions, role) == "Y")
    with promoted(world, scene, "O" if here else next(may)):
        form = endpoint.form(scene) or {}
        if endpoint.path in FORMS_WITH_IDS:
            form |= {"operation": new_uid()}
        yield Sending(scene.owner, endpoint.address(scene), form)


def in_class(classroom: Classroom, endpoint: Endpoint) -> Scene:
    """A reading with what the request is about; a post's author does what is the author's, staff the rest."""
    own = endpoint.path in FORMS_WITH_IDS
    lesson: Lesson = classroom.lesson().fill("O", "class", deletes="restore" in endpoint.path)
    lesson.writes("O", "me")
    scene = lesson.scene()
    scene.owner = classroom.members["O" if own else "C" if endpoint.path.endswith("/reports") else "I"]
    return scene


def rows(world: World) -> dict[str, int]:
    """How many rows each table has, but for those that only tell of acts."""
    world.app.state.places.flush()
    return {name: len(found) for name, found in dump(world.database).items() if name not in NOT_THE_THING}


def contents(world: World) -> dict[str, list[Any]]:
    world.app.state.places.flush()
    return {name: found for name, found in dump(world.database).items() if name not in NOT_THE_THING}


@pytest.mark.parametrize("endpoint", [one for one in WRITING if str(one) not in LEFT], ids=named)
def test_one_after_the_other(lasting_world: World, classroom: Classroom, endpoint: Endpoint) -> None:
    with ready(lasting_world, classroom, endpoint) as send:
        first = send()
        assert first.status_code in {200, 201, 204, 303}, first.text
        before = contents(lasting_world)
        assert send().status_code < 500
        assert contents(lasting_world) == before


@pytest.mark.parametrize("endpoint", [one for one in WRITING if str(one) not in LEFT], ids=named)
def test_both_at_once(lasting_world: World, classroom: Classroom, endpoint: Endpoint) -> None:
    grown = []
    for twice in (False, True):
        with ready(lasting_world, classroom, endpoint) as send:
            before = rows(lasting_world)
            statuses = send.at_once() if twice else [send().status_code]
            assert min(statuses) < 400 and max(statuses) < 500
            after = rows(lasting_world)
            grown.append({name: after[name] - before[name] for name in after})
    assert grown[0] == grown[1]


def test_what_is_left_is_there() -> None:
    assert set(LEFT) <= set(FORMS)


@pytest.mark.parametrize("what", ["edited", "deleted", "undone", "shared", "tagged"])
def test_a_late_copy_of_a_form_changes_nothing_more(classroom: Classroom, what: str) -> None:
    """The answer was lost, the person went on in another tab, and then the first form came again."""
    lesson = classroom.lesson().fill("O", "class")
    ada, uid = classroom.members["O"], lesson.posts["O", "class"]
    words = ada.text.text[ada.text.paragraphs[2].start :][:24]
    mark = {"start": ada.text.paragraphs[2].start, "end": ada.text.paragraphs[2].start + 24, "exact": words}
    address, form = {
        "edited": (f"/annotations/{uid}", {"version": "1", "note": "mine", "tags": "hedge"}),
        "deleted": (f"/annotations/{uid}/delete", {}),
        "undone": (f"{lesson.address}/undo", {}),
        "shared": (f"{lesson.address}/annotations/share", {"annotations": uid, "audience": "staff"}),
        "tagged": (f"{lesson.address}/annotations", {"uid": new_uid(), "tag": "hedge"} | mark),
    }[what]
    first = Sending(ada, address, form | {"operation": new_uid()})
    assert first().status_code == 200
    if what in {"deleted", "undone"}:
        assert ada.fragment(f"/annotations/{uid}/restore", {}).status_code == 200
    again = {"version": str(version_of(ada, uid)), "note": "later", "tags": "actor"}
    assert ada.fragment(f"/annotations/{uid}", again).status_code == 200
    before = contents(classroom.world)
    assert first().status_code in {200, 204}
    assert contents(classroom.world) == before


def version_of(member: Member, uid: str) -> int:
    return next(one.version for one in member.annotations() if one.uid == uid)


def test_without_its_id_a_late_copy_does_harm(classroom: Classroom) -> None:
    """The control: what the id is for."""
    lesson = classroom.lesson().fill("O", "class")
    ada, uid = classroom.members["O"], lesson.posts["O", "class"]
    undo = Sending(ada, f"{lesson.address}/undo", {})
    assert undo().status_code == 200
    ada.fragment(f"/annotations/{uid}/restore", {})
    before = contents(classroom.world)
    undo()
    assert contents(classroom.world) != before


@pytest.mark.parametrize("path", ["/courses", "/articles", "/courses/{course_uid}/groups"])
def test_an_id_that_is_somebody_elses_makes_nothing(
    lasting_world: World, classroom: Classroom, path: str
) -> None:
    endpoint = next(one for one in WRITING if one.path == path)
    with ready(lasting_world, classroom, endpoint) as first:
        assert first().status_code == 204
    with ready(lasting_world, classroom, endpoint) as second:
        second.form["uid"] = first.form["uid"]
        before = contents(lasting_world)
        assert second().status_code == 409
        assert contents(lasting_world) == before
