"""The demo class: its script fits the starter article, and its entrance is on no other server."""

import re

import pytest

from app.demo.entrance import let_in
from app.demo.script import script
from app.demo.staging import stage
from app.main import create_app
from app.readings.welcome import starter
from tests.support.cast import World

pytestmark = pytest.mark.database


def test_every_quote_of_the_script_stands_in_its_paragraph() -> None:
    text = starter()
    for root in script().annotation + script().blind:
        start, end = text.spans[root.paragraph]
        assert root.quote in text.text[start:end], root.key


def test_the_class_is_staged_and_its_people_come_in_by_their_addresses(world: World) -> None:
    said = script()
    people = stage(world.database, said, "no hash")
    addresses = let_in(world.app, people, "http://testserver")
    visitor = world.stranger()
    assert visitor.get(addresses["Mira Okafor"]).headers["location"] == "/courses"
    course = re.search(r'href="(/courses/[0-9a-f-]{36})"', visitor.get("/courses").text)
    assert course
    page = visitor.get(course[1]).text
    readings = re.findall(r'href="(/readings/[0-9a-f-]{36})"', page)
    assert len(readings) == 2
    margin = visitor.get(f"{readings[0]}/margin?first=0&last=99").text
    assert margin.count('<article class="annotation') > 40 and "Ingrid Falkenrath" in margin
    private = [answer.note for answer in said.reply if answer.private]
    assert private and not any(note[:30] in margin for note in private)
    assert visitor.get("/demo/no-such-secret").status_code == 404


def test_no_other_server_has_the_entrance(world: World) -> None:
    assert "/demo" not in {getattr(route, "path", "")[:5] for route in create_app(world.settings).routes}
