"""A class's settings, changed by two at once: both are shown, and nobody's are lost unseen."""

import re

import pytest

from tests.courses.room import Room

pytestmark = pytest.mark.database


def seal_in(page: str) -> str:
    found = re.search(r'name="seal" value="(\w+)"', page)
    assert found
    return found[1]


def test_settings_that_changed_meanwhile_are_shown_beside_what_was_typed(room: Room) -> None:
    address = f"{room.address}/settings"
    drawn_from = seal_in(room.grace.get(address).text)
    rules = {"seal": drawn_from, "timezone": "UTC", "anonymity": "off"}
    first, second = rules | {"title": "POLS 210, spring"}, rules | {"title": "POLS 211"}
    assert room.grace.post(address, first).status_code == 303
    assert room.grace.post(address, first).status_code == 303  # its answer was lost, and it comes again
    refused = room.grace.post(address, second)
    assert refused.status_code == 409
    assert "POLS 210, spring" in refused.text and "POLS 211" in refused.text
    assert "POLS 211" not in room.grace.get(room.address).text
    assert room.grace.post(address, second | {"seal": seal_in(refused.text)}).status_code == 303
    assert "POLS 211" in room.grace.get(room.address).text
