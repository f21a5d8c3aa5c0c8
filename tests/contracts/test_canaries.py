"""A crawl of everything that can be got, as each role, for words that only their owner may meet.

Every thing a person has carries a canary, a word that stands nowhere else. All addresses that the application has,
with everybody's ids, and all links found on the way are opened as page and as fragment.
"""

import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape
from urllib.parse import quote, urljoin, urlsplit

import pytest
from sqlalchemy import bindparam

from app import access
from app.readings.models import Reading
from tests.contracts.endpoints import every_endpoint
from tests.contracts.scene import Scene, open_scene
from tests.support.cast import HTMX, Member, World

pytestmark = pytest.mark.database
SAFE = [endpoint for endpoint in every_endpoint() if endpoint.is_safe and "/static/" not in endpoint.path]
CANARY = re.compile(r"canary\w+?x[0-9a-f]{16}")
LINK = re.compile(r"""(?:href|hx-get|src|action)=["']([^"']+)["']""")
MOST = 600


def canary(kind: str) -> str:
    return f"canary{kind}x{secrets.token_hex(8)}"


@dataclass
class Owner:
    """Somebody with a canary in everything."""

    scene: Scene
    canaries: dict[str, str] = field(default_factory=dict)

    @property
    def private(self) -> set[str]:
        """The canaries that nobody else may meet: all but the name, which an administrator's list shows."""
        return {word for kind, word in self.canaries.items() if kind != "name"}

    def ids(self) -> Iterator[Scene]:
        """Yield scenes whose ids name, in turn, each of the owner's things."""
        for reading_uid in (self.scene.uids["reading_uid"], self.scene.uids["second_reading"]):
            for key in ("csv", "jsonld"):
                uids = self.scene.uids | {"reading_uid": reading_uid, "key": key, "token": "no-such-token"}
                yield Scene(self.scene.owner, uids=uids)


def furnish(world: World, name: str) -> Owner:
    """Make somebody whose name, article, annotation, note and search words all carry canaries."""
    owner = Owner(
        open_scene(world, name), {kind: canary(kind) for kind in ("name", "title", "text", "note", "gone")}
    )
    member, words = owner.scene.owner, owner.canaries
    assert member.post("/account", {"name": words["name"]}).status_code == 303
    article = {
        "source": f"{words['title']}\n\nA paragraph with {words['text']} in it.",
        "title": words["title"],
        "language": "en",
        "direction": "ltr",
    }
    added = member.post("/articles", article)
    owner.scene.uids["second_reading"] = added.headers["location"].removeprefix("/readings/")
    noted = member.post(
        f"/annotations/{owner.scene.uids['annotation_uid']}", {"version": "1", "note": words["note"]}
    )
    assert noted.status_code == 303
    gone = owner.scene.new_annotation() | {"note": words["gone"]}
    assert member.fragment(f"{member.reading}/annotations", gone).status_code == 201
    assert member.fragment(f"/annotations/{gone['uid']}/delete", {"version": "1"}).status_code == 200
    owner.scene.uids["gone"] = gone["uid"]
    return owner


def seeds(owners: list[Owner]) -> set[str]:
    """Return every address that the routes make with everybody's ids, with the queries they take."""
    found = {endpoint.address(scene) for owner in owners for scene in owner.ids() for endpoint in SAFE}
    for owner in owners:
        for reading in (owner.scene.uids["reading_uid"], owner.scene.uids["second_reading"]):
            found |= {f"/readings/{reading}?from=0", f"/readings/{reading}/margin?first=0&last=400"}
            found |= {
                f"/readings/{reading}/pile?start=0&end=100000",
                f"/readings/{reading}/annotations?tag=claim",
            }
            found |= {f"/notebook?article={reading}", f"/readings/{reading}/paragraphs/0"}
        found |= {f"/annotations/{owner.scene.uids['gone']}", f"/annotations/{owner.scene.uids['gone']}/edit"}
        # A search is shown to whoever typed it, so only the beginning of a canary is looked for.
        found |= {f"/notebook?q={quote(word[:-8])}" for word in owner.canaries.values()}
    return found | {"/notebook?q=canary", "/notebook?tag=claim", "/nothing", "/readings/", "/annotations/x"}


def crawl(reader: Member, start: set[str]) -> dict[str, set[str]]:
    """Open everything that can be reached; return the canaries met, and where."""
    waiting, known, met = sorted(start), set(start), {}
    while waiting and len(known) < MOST:
        address = waiting.pop(0)
        for headers in ({}, HTMX, {"Accept": "application/json"}):
            answer = reader.get(address, headers=headers)
            assert answer.status_code < 500, address
            text = f"{answer.headers}\n{answer.text}"
            for word in CANARY.findall(text):
                met.setdefault(word, set()).add(address)
            fresh = set(links(answer.text, address)) - known
            known |= fresh
            waiting += sorted(fresh)
    assert len(known) < MOST, "the crawl did not come to an end"
    return met


def links(html: str, here: str) -> Iterator[str]:
    for link in LINK.findall(html):
        parts = urlsplit(urljoin(f"http://testserver{here}", unescape(link)))
        if parts.netloc == "testserver" and not parts.path.startswith("/static/"):
            yield parts._replace(scheme="", netloc="", fragment="").geturl()


@pytest.fixture
def owners(world: World) -> list[Owner]:
    return [furnish(world, "Ada"), furnish(world, "Ben")]


def test_people_meet_their_own_words_and_nobody_elses(owners: list[Owner]) -> None:
    for owner in owners:
        met = crawl(owner.scene.owner, seeds(owners))
        assert set(met) == set(owner.canaries.values()) - {owner.canaries["gone"]}


def test_an_administrator_meets_names_where_people_are_looked_after_only(
    owners: list[Owner], grace: Member
) -> None:
    met = crawl(grace, seeds(owners))
    assert met == {
        owner.canaries["name"]: {"/people", f"/people/{owner.scene.uids['person_uid']}/erase"}
        for owner in owners
    }


def test_a_stranger_meets_nothing(owners: list[Owner], stranger: Member) -> None:
    assert crawl(stranger, seeds(owners)) == {}


def test_without_the_owners_condition_the_crawl_finds_the_leak(
    owners: list[Owner], monkeypatch: pytest.MonkeyPatch
) -> None:
    anybodys = access.opening.OPENING.where(Reading.uid == bindparam("key"))
    monkeypatch.setattr("app.access.opening._CALLED", anybodys)
    ada, ben = owners
    assert ada.private & set(crawl(ben.scene.owner, seeds(owners)))
