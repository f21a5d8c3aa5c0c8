"""A live stream held open as each column while canaries are written, edited, hidden and answered: it gives none away.

Each kind of happening has a paragraph of its own, so the paragraphs that a stream names say which kinds it told of:
exactly those that the matrix predicts for the column.
"""

import json
import random
import secrets
import time
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial

import pytest
from sqlalchemy import update

from app.readings.models import Reading
from tests.contracts.class_canaries import CANARY
from tests.contracts.classroom import Classroom, open_classroom
from tests.courses.room import SetText
from tests.journeys.serving import serving
from tests.live.hearing import PATIENCE, Told, listening
from tests.support.cast import World

pytestmark = pytest.mark.database
COLUMNS = "OGCTI"
# Whom the matrix lets know of what; O and G are in a group together, C is in another, T and I teach.
OPEN = {
    "Ome": "O", "Ostaff": "OTI", "Ogroup": "OGTI", "Oclass": "OGCTI", "Cgroup": "CTI", "Cclass": "OGCTI",
    "Tstaff": "TI", "Tclass": "OGCTI", "Greply": "OGCTI", "Gingroup": "OGTI", "Tprivate": "OTI", "Cunder": "OC",
    "Greacts": "OGCTI", "Treacts": "OTI", "Tpins": "OGCTI", "Chidden": "CTI", "Onarrow": "O",
}  # fmt: skip
# What students answer to each other cannot happen then.
BLIND = {
    "Ome": "O", "Ostaff": "OTI", "Ogroup": "OTI", "Oclass": "OTI", "Cgroup": "CTI", "Cclass": "CTI", "Tstaff": "TI",
    "Tclass": "OGCTI", "Tprivate": "OTI", "Cunder": "C", "Treacts": "OTI", "Tpins": "OTI", "Chidden": "CTI",
    "Onarrow": "O",
}  # fmt: skip
RULES: dict[str, tuple[str, dict[str, str]]] = {"open": ("at_once", OPEN), "blind": ("staff", BLIND)}


class Happenings:
    """A reading, and a way to let each kind of thing happen in it again and again."""

    def __init__(self, classroom: Classroom, text: SetText) -> None:
        self._members, self._text = classroom.members, text
        long_enough = [
            one.ordinal for one in classroom.members["I"].text.paragraphs if one.end - one.start > 60
        ]
        self.paragraph = dict(zip(OPEN, long_enough, strict=False))
        self.uids: list[str] = []
        self._on: set[str] = set()
        self._posts = {
            "Greply": self._writes("Greply", "O", "class"),
            "Gingroup": self._writes("Gingroup", "O", "group"),
            "Tprivate": self._writes("Tprivate", "O", "class"),
            "Cunder": self._writes("Cunder", "O", "class"),
            "Greacts": self._writes("Greacts", "O", "class"),
            "Treacts": self._writes("Treacts", "O", "staff"),
            "Tpins": self._writes("Tpins", "O", "class"),
            "Chidden": self._writes("Chidden", "C", "class"),
            "Onarrow": self._writes("Onarrow", "O", "class"),
        }
        self._under = text.reply(self._members["C"], self._posts["Cunder"], self._canary("Cunder"))
        self._does("T", f"/annotations/{self._posts['Chidden']}/hide", on="true", word=self._canary("word"))
        narrow = f"{text.address}/annotations/share"
        for kind in ("Onarrow", "Cunder"):
            self._does("O", narrow, annotations=self._posts[kind], audience="me")
        self._versions = {"Chidden": 1, "Onarrow": 2, "Cunder": 1}

    def happens(self, kind: str) -> None:
        """Lets it happen once more."""
        post, note = self._posts.get(kind, ""), self._canary(kind)
        act: dict[str, Callable[[], object]] = {
            "Greply": lambda: self._replies("G", post, note),
            "Gingroup": lambda: self._replies("G", post, note),
            "Tprivate": lambda: self._replies("T", post, note, private="true"),
            "Cunder": lambda: self._edits(kind, "C", self._under, note),
            "Greacts": lambda: self._does(
                "G", f"/annotations/{post}/reactions", **self._turned(kind, "agree")
            ),
            "Treacts": lambda: self._does(
                "T", f"/annotations/{post}/reactions", **self._turned(kind, "thanks")
            ),
            "Tpins": lambda: self._does("T", f"/annotations/{post}/pin", **self._turned(kind)),
            "Chidden": lambda: self._edits(kind, "C", post, note),
            "Onarrow": lambda: self._edits(kind, "O", post, note),
        }
        act.get(kind, lambda: self._writes(kind, kind[0], kind[1:]))()

    def _turned(self, kind: str, reaction: str = "") -> dict[str, str]:
        """The form that puts on what it took off the last time, and the other way round."""
        self._on ^= {kind}
        if reaction:
            return {"kind" if kind in self._on else "off": reaction}
        return {"on": "true" if kind in self._on else "false"}

    def _canary(self, kind: str) -> str:
        return f"canary{kind}x{secrets.token_hex(8)}"

    def _writes(self, kind: str, column: str, audience: str) -> str:
        member = self._members[column]
        paragraph = member.text.paragraphs[self.paragraph[kind]]
        words = member.text.text[paragraph.start : paragraph.start + random.randrange(30, 60)]
        uid = self._text.mark(member, words, "claim", note=self._canary(kind), audience=audience)
        self.uids.append(uid)
        return uid

    def _replies(self, column: str, to: str, note: str, **more: str) -> None:
        self.uids.append(self._text.reply(self._members[column], to, note, **more))

    def _edits(self, kind: str, column: str, uid: str, note: str) -> None:
        self._does(column, f"/annotations/{uid}", version=str(self._versions[kind]), note=note, tags="claim")
        self._versions[kind] += 1

    def _does(self, column: str, address: str, **form: str) -> None:
        answer = self._members[column].fragment(address, form)
        assert answer.status_code == 200, (address, answer.text)


def secrets_in(told: Told, classroom: Classroom, happenings: Happenings) -> list[str]:
    """Whatever of people, posts and their words a stream has said, and events or fields that nobody has looked at."""
    said = "\n".join(told.lines)
    found = CANARY.findall(said) + [uid for uid in happenings.uids if uid in said]
    for column in COLUMNS:
        found += [word for word in (classroom.uid(column), classroom.name(column)) if word in said]
    known = {
        "margin": {"paragraphs", "own", "spread"},
        "here": {"here"},
        "again": {"spread"},
        "revealed": set(),
        "end": set(),
    }
    for name, data in told.messages:
        found += [f"{name} {json.dumps(data)}"] if not set(data) <= known.get(name, set()) else []
    return found


def named(told: Told) -> set[int]:
    return {n for data in told.said("margin") for n in data["paragraphs"]}


def names(told: Told, wanted: set[int]) -> bool:
    return named(told) >= wanted


def hold_open(
    classroom: Classroom, text: SetText, address: str, happenings: Happenings, open_now: ExitStack
) -> dict[str, Told]:
    """Opens a stream for each column that may have one, from now on; the others get none."""
    for column in "NXJAR":
        answer = classroom.members[column].get(f"{text.address}/stream?once=true")
        assert answer.status_code in (303, 401, 404) and "paragraphs" not in answer.text
    streams = {}
    for column in COLUMNS:
        shown = classroom.members[column].fragment(f"{text.address}/news/shown?since=").text
        cursor = shown.partition('data-cursor="')[2].partition('"')[0]
        streams[column] = open_now.enter_context(listening(address, text, classroom.members[column], cursor))
    return streams


@pytest.mark.parametrize("rules", RULES)
def test_streams_tell_each_column_what_the_matrix_predicts_and_no_word_of_it(
    world: World, rules: str, prove: bool
) -> None:
    classroom, (reveal_kind, predicted) = open_classroom(world), RULES[rules]
    text = classroom.lesson().text
    happenings = Happenings(classroom, text)
    with world.database.writing() as db:
        db.execute(update(Reading).where(Reading.uid == text.uid).values(reveal_kind=reveal_kind))
    with serving(world.app) as address, ExitStack() as open_now:
        streams = hold_open(classroom, text, address, happenings, open_now)
        until = time.monotonic() + (60 if prove else 2)
        while True:
            for kind in random.sample(list(predicted), len(predicted)):
                happenings.happens(kind)
            if time.monotonic() > until:
                break
        for column, told in streams.items():
            wanted = {happenings.paragraph[kind] for kind, who in predicted.items() if column in who}
            with told.more:
                told.more.wait_for(partial(names, told, wanted), PATIENCE)
            assert names(told, wanted), (column, wanted - named(told))
        if rules == "blind":
            assert classroom.members["I"].post(f"{text.address}/reveal").status_code == 303
            for column, told in streams.items():
                told.waits_for("again" if column in "OGC" else "revealed")
        for column, told in streams.items():
            wanted = {happenings.paragraph[kind] for kind, who in predicted.items() if column in who}
            assert named(told) == wanted, column
            assert secrets_in(told, classroom, happenings) == [], column
            assert len(told.ids) == len(set(told.ids))


@pytest.mark.grid
@pytest.mark.parametrize(
    ("guard", "instead", "column"),
    [
        ("app.live.events.Happened.is_for", lambda *_: True, "C"),
        ("app.live.events._is_among", lambda *_: True, "G"),
    ],
    ids=["whom it is for", "who belongs there"],
)
def test_without_a_guard_it_is_found(
    world: World, guard: str, instead: Callable[..., bool], column: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    classroom = open_classroom(world)
    text = classroom.lesson().text
    happenings = Happenings(classroom, text)
    monkeypatch.setattr(guard, instead)
    with serving(world.app) as address, ExitStack() as open_now:
        told = hold_open(classroom, text, address, happenings, open_now)[column]
        for kind in OPEN:
            happenings.happens(kind)
        happenings.happens("Tclass")
        wanted = {happenings.paragraph[kind] for kind, who in OPEN.items() if column in who}
        with told.more:
            assert told.more.wait_for(lambda: not named(told) <= wanted, PATIENCE), "the leak is not found"
