"""A reading of a class in which every object carries a canary, and everything that can be got of it, read."""

import re
import secrets
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from io import BytesIO
from itertools import product
from typing import Any

import httpx2
from sqlalchemy import update

from app.accounts.models import User
from app.readings.models import Reading
from tests.contracts.classroom import IN_COURSE, Classroom, Lesson
from tests.contracts.endpoints import every_endpoint
from tests.contracts.scene import Scene
from tests.support.cast import HTMX, Member

CANARY = re.compile(r"canary[A-Za-z]+x[0-9a-f]{16}")
# Whom the matrix lets meet what. O, G and R were in a group together, C is in another.
OPEN = {
    "Ome": "O", "Ostaff": "OTI", "Ogroup": "OGTI", "Oclass": "OGCTI", "Cclass": "OGCTI", "Cgroup": "CTI",
    "Tstaff": "TI", "Tclass": "OGCTI", "Greply": "OGCTI", "Gingroup": "OGTI", "Tprivate": "OTI", "Treply": "OGCTI",
    "Tanswer": "OGCTI", "Chidden": "CTI", "Tword": "CTI", "Ogone": "O", "Oearlier": "OTI", "Owide": "OGCTI",
    "Onarrow": "O", "Cunder": "OC", "prompt": "OGCTI", "instructions": "OGCTI", "draft": "TI", "asked": "TI",
    "report": "GTI", "email": "OTI", "Rme": "R", "Rstaff": "RTI", "Rgroup": "ROGTI", "Rclass": "ROGCTI",
}  # fmt: skip
# While it is blind for students: not what other students wrote, nor what staff answered to them.
BLIND = OPEN | {
    "Ogroup": "OTI", "Oclass": "OTI", "Cclass": "CTI", "Greply": "GTI", "Gingroup": "GTI", "Treply": "CTI",
    "Tanswer": "OTI", "Owide": "OTI", "Cunder": "C", "Rgroup": "RTI", "Rclass": "RTI",
}  # fmt: skip
SAFE = [
    one
    for one in every_endpoint()
    if one.is_safe and "/static/" not in one.path and "{token}" not in one.path
]
TOLD = ",".join(map(str, range(40)))
LOOKS: tuple[dict[str, str], ...] = ({}, HTMX, {"Accept": "application/json"})


@dataclass
class Told:
    """A lesson, a draft beside it, the canary of each kind, and the uids of what carries one."""

    lesson: Lesson
    draft: Lesson
    words: dict[str, str]
    uids: dict[str, str]

    @property
    def classroom(self) -> Classroom:
        return self.lesson.classroom

    def predicted(self, rules: dict[str, str], column: str) -> set[str]:
        return {self.words[kind] for kind, columns in rules.items() if column in columns}

    def becomes(self, **rules: Any) -> None:
        """Changes how it is read, behind the back of its pages."""
        with self.classroom.world.database.writing() as db:
            db.execute(update(Reading).where(Reading.uid == self.lesson.text.uid).values(**rules))


def furnish(classroom: Classroom, signs_as: str = "name") -> Told:
    """Has everybody write everything; O and G sign as is said."""
    words = {kind: f"canary{kind}x{secrets.token_hex(8)}" for kind in OPEN}
    with classroom.world.database.writing() as db:
        address = f"{words['email']}@example.org"
        db.execute(update(User).where(User.id == classroom.key("O")).values(email=address))
    lesson, draft = (classroom.lesson(instructions=words[kind], **more) for kind, more in SET.items())
    told = Told(lesson, draft, words, {})
    instructor = classroom.members["I"]
    for where, kind in ((lesson, "prompt"), (draft, "asked")):
        asked = {"paragraph": "1", "words": words[kind]}
        assert instructor.post(f"{where.address}/prompts", asked).status_code == 303
    _marks(told, signs_as)
    _answers(told, signs_as)
    _changes(told)
    return told


SET: dict[str, dict[str, str]] = {"instructions": {}, "draft": {"opens": "draft"}}


def _marks(told: Told, signs_as: str) -> None:
    marks = [
        "Ome",
        "Ostaff",
        "Ogroup",
        "Oclass",
        "Cclass",
        "Cgroup",
        "Tstaff",
        "Tclass",
        "Chidden",
        "Ogone",
        "Onarrow",
    ]
    told.classroom.enrol("R")
    for column in IN_COURSE:
        # So that there would be something to tell of everything.
        followed = told.classroom.members[column].post(f"{told.lesson.address}/follow", {"stance": "follow"})
        assert followed.status_code == 303
    for kind in [*marks, "Oearlier", "Rme", "Rstaff", "Rgroup", "Rclass"]:
        known = kind[1:] in ("me", "staff", "group", "class")
        audience = kind[1:] if known else "staff" if kind == "Oearlier" else "class"
        more = {"signs_as": signs_as} if kind[0] == "O" else {}
        told.uids[kind] = told.lesson.writes(kind[0], audience, told.words[kind], **more)
        told.lesson.posts[kind, audience] = told.uids[kind]
    told.classroom.remove("R")


def _answers(told: Told, signs_as: str) -> None:
    members, text = told.classroom.members, told.lesson.text
    for kind, to in {
        "Greply": "Oclass",
        "Gingroup": "Ogroup",
        "Treply": "Cclass",
        "Tanswer": "Oclass",
    }.items():
        told.uids[kind] = text.reply(members[kind[0]], told.uids[to], told.words[kind], signs_as=signs_as)
    told.uids["Cunder"] = text.reply(members["C"], told.uids["Onarrow"], told.words["Cunder"])
    told.uids["Tprivate"] = text.reply(
        members["T"], told.uids["Oclass"], told.words["Tprivate"], private="true"
    )


def _changes(told: Told) -> None:
    """Hides, deletes, reports, widens and narrows."""
    members, uids, words = told.classroom.members, told.uids, told.words
    wider = {"version": "1", "note": words["Owide"], "tags": "claim"}
    for column, address, form in (
        ("T", f"/annotations/{uids['Chidden']}/hide", {"on": "true", "word": words["Tword"]}),
        ("O", f"/annotations/{uids['Ogone']}/delete", {"version": "1"}),
        ("G", f"/annotations/{uids['Cclass']}/reports", {"words": words["report"]}),
        ("O", f"/annotations/{uids['Oearlier']}", wider),
        (
            "O",
            f"{told.lesson.address}/annotations/share",
            {"annotations": uids["Oearlier"], "audience": "class"},
        ),
        ("O", f"{told.lesson.address}/annotations/share", {"annotations": uids["Onarrow"], "audience": "me"}),
    ):
        assert members[column].post(address, form).status_code == 303, address


def addresses(told: Told) -> list[str]:
    """Every address that the routes make with the ids of it all, with the queries that they take."""
    found = {endpoint.address(scene) for endpoint in SAFE for scene in _scenes(told)}
    for address in (told.lesson.address, told.draft.address):
        found |= {f"{address}{query}" for query in _queries(told)}
    notices = {"/notices?before=2099-01-01T00:00:00%2B00:00&key=z", "/notices/count"}
    return sorted(found | notices | {"/notebook?q=canary", "/notebook?tag=claim"})


def _scenes(told: Told) -> Iterable[Scene]:
    people = [told.classroom.uid(column) for column in IN_COURSE]
    for where, (key, n) in product((told.lesson, told.draft), (("csv", "0"), ("jsonld", "2"))):
        scene = where.scene()
        more = {
            "key": key,
            "n": n,
            "article_uid": "none",
            "code": told.classroom.room.code,
            "session_uid": "none",
        }
        for uid, person in zip(
            told.uids.values(), people * (len(told.uids) // len(people) + 1), strict=False
        ):
            yield Scene(
                scene.owner,
                uids=scene.uids | more | {"annotation_uid": uid, "user_uid": person, "person_uid": person},
            )


def _queries(told: Told) -> Iterable[str]:
    yield from (
        "?from=0",
        "?as=student",
        "/margin?first=0&last=400",
        "/margin?first=0&last=400&as=student",
        "/news?since=",
        "/stream?once=true",
    )
    yield from (
        "/pile?start=0&end=100000",
        "/news/shown?since=",
        f"/news/shown?told={TOLD}",
        "/mentionable?q=",
        "/annotations?as=student",
    )
    yield from (
        f"/remarks/new?prompt={told.lesson.scene().uids['prompt_uid']}",
        "/paragraphs/1",
        "/paragraphs/3",
    )
    yield from (
        f"/annotations?show={show}&order={order}" for show, order in product(SHOWS, ("new", "discussed"))
    )
    yield from (f"/annotations?person={told.classroom.uid(column)}" for column in IN_COURSE)
    yield from (f"/annotations?group={told.classroom.group_uid(name)}" for name in ("Group 1", "Group 2"))
    yield "/annotations?tag=claim"


SHOWS = ("all", "to_me", "mine", "questions", "unanswered", "reported", "hidden")


def words_of(answer: httpx2.Response) -> str:
    """Everything that an answer says, also what is packed in it."""
    if "zip" not in answer.headers.get("content-type", ""):
        return f"{answer.headers}\n{answer.text}"
    with zipfile.ZipFile(BytesIO(answer.content)) as archive:
        return "\n".join(archive.read(name).decode() for name in archive.namelist())


def met(member: Member, told: Told, looks: tuple[dict[str, str], ...] = LOOKS) -> dict[str, set[str]]:
    """Read everything; return the canaries met, and where."""
    found: dict[str, set[str]] = {}
    for address in addresses(told):
        for headers in looks:
            answer = member.get(address, headers=headers)
            assert answer.status_code < 500, address
            for word in CANARY.findall(words_of(answer)):
                found.setdefault(word, set()).add(address)
    return found
