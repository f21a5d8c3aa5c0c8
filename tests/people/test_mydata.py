"""All that is kept of a person, taken along: complete, and nobody else's."""

import io
import json
import re
import zipfile
from typing import Any

import pytest

from app.database import Base
from app.identity import new_uid
from app.mail.rhythm import set_rhythm
from tests.courses.room import open_room
from tests.support.cast import Member, World

pytestmark = pytest.mark.database
# Tables that hold nothing a person wrote or did, or only what others of these files say already.
ELSEWHERE = {
    "attempt": "hashed, gone after minutes",
    "one_time_address": "a secret",
    "join_code": "the class's",
    "task": "the server's",
    "stream": "a counter",
    "event": "numbers of what the annotations and their versions say",
    "clock": "a counter",
    "paragraph_count": "a counter",
    "density": "a counter",
    "span_count": "a counter",
    "margin_card": "which annotations have a card, which they say themselves",
    "audience": "whom an annotation is for, which it says by a number",
    "paragraph": "where the article's text is cut",
    "sentence": "likewise",
    "inline_range": "the article's emphasis and links",
    "target_paragraph": "where the words' places are cut",
    "group_set": "the class's",
    "course": "in classes",
    "group": "in groups",
    "prompt": "the instructor's questions, which belong to the class",
}
HELD = {
    "user": "account",
    "session": "devices",
    "membership": "classes",
    "group_member": "groups",
    "article": "articles",
    "revision": "articles",
    "tagset": "codebooks",
    "tag": "codebooks",
    "reading": "readings",
    "reading_member": "readings",
    "annotation": "annotations",
    "target": "words",
    "annotation_tag": "tags",
    "annotation_version": "earlier_versions",
    "reaction": "reactions",
    "mention": "mentions",
    "report": "reports",
    "audit": "acts",
    "example": "examples",
    "digest": "digest",
}


def taken(member: Member) -> dict[str, list[dict[str, Any]]]:
    answer = member.get("/account/data")
    assert answer.status_code == 200 and answer.headers["cache-control"] == "no-store"
    assert ".zip" in answer.headers["content-disposition"]
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        return {name.removesuffix(".json"): json.loads(archive.read(name)) for name in archive.namelist()}


def test_every_table_is_in_it_or_has_a_reason_not_to_be() -> None:
    assert set(HELD) | set(ELSEWHERE) == {table.name for table in Base.metadata.sorted_tables}
    assert not set(HELD) & set(ELSEWHERE)


def test_it_holds_everything_and_no_secret(world: World, ada: Member) -> None:
    room = open_room(world)
    room.takes_in(ada)
    room.grace.post(f"{room.address}/groups", {"name": "Pairs", "number": "2", "random": "true"})
    ada.mark("Ali Khamenei", "actor", note="a *note*")
    ada.mark("Waiting can be a policy", "claim")
    uid = ada.annotations()[0].uid
    ada.fragment(f"/annotations/{uid}", {"version": "1", "note": "another", "tags": "actor"})
    ada.fragment(f"/annotations/{ada.annotations()[1].uid}/delete", {"version": "1"})
    text = room.sets()
    ada_s = text.mark(ada, "Waiting can be a policy", "claim")
    theirs = text.mark(room.grace, "Ali Khamenei", "actor", note=f"Look, @{ada.user and ada.user.name}!")
    ada.fragment(f"/annotations/{theirs}/reactions", {"kind": "agree"})
    ada.fragment(f"/annotations/{theirs}/reports", {"words": "odd"})
    room.grace.fragment(
        f"/annotations/{ada_s}/replies", {"uid": new_uid(), "note": f"@{ada.user and ada.user.name}?"}
    )
    ada.post(f"{room.address}/consent", {"consent": "true"})
    copy = {"title": "Next", "timezone": "UTC", "days": "0", "readings": [text.uid], "examples": [ada_s]}
    assert room.grace.post(f"{room.address}/copy", copy).status_code == 303
    with world.database.writing() as db:
        set_rhythm(db, ada.known.id, "daily")
    found = taken(ada)
    assert set(found) == set(HELD.values())
    assert [name for name, rows in found.items() if not rows] == ["acts"]
    assert found["annotations"][0]["note"] == "another" and found["annotations"][1]["deleted_at"]
    assert found["earlier_versions"][0]["note"] == "a *note*"
    assert found["words"][0]["exact"] == "Ali Khamenei"
    assert "Patience as strategy" in found["articles"][0]["text"]
    assert not re.search(r"hash|argon", json.dumps(found).lower().replace("sha256", ""))


def test_it_holds_nothing_of_anybody_else(world: World, ada: Member, ben: Member) -> None:
    ben.mark("Ali Khamenei", "actor", note="canaryben")
    ben.post("/account", {"name": "canaryname"})
    assert "canary" not in json.dumps(taken(ada))
    assert "canaryben" in json.dumps(taken(ben))
