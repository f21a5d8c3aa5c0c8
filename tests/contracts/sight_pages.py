"""What the pages of a reading say, taken out of their HTML, and what a model of sight says that they should."""

import re
from dataclasses import dataclass, field
from html import unescape
from typing import NamedTuple

from app.codebook.default import DEFAULT_TAGS
from app.codebook.looks import MORE, look

LANES = 4
WORD = re.compile(r"qz\d+zq")
LOOKS = {tag.key: look(tag.colour, tag.line) for tag in DEFAULT_TAGS}
UNTAGGED = look("grey", "dotted")
_PARAGRAPH = re.compile(
    r'<section class="block [^>]*id="p(\d+)" data-start="(\d+)".*?data-marks="(\d+)"'
    r'.*?class="block__text" id="t\d+">(.*?)</(?:p|h\d|pre)>\s*</section>',
    re.DOTALL,
)
_GROUP = re.compile(r'<section class="margin__group" id="margin-(\d+)"[^>]*>(.*?)</section>', re.DOTALL)
_CARD = re.compile(r'<article class="annotation[^>]*data-uid="([^"]+)"(.*?)</article>', re.DOTALL)
_MORE = re.compile(r'class="margin__more"[^>]*>(\d+) more')
_TOKEN = re.compile(r"<mark class=([a-z]?[A-Z])(\d?)( data-o)?(?: data-n=(\d+))?>|<(/?)[^>]+>|([^<]+)")
_NAME = re.compile(r'class="byline__name">(.*?)</bdi>')
_ALIAS = re.compile(r'class="byline__alias"[^>]*>(.*?)</span>')
_ANSWERS = re.compile(r'class="reply__to">to (.*?)</span>')
_REACTION = re.compile(r'name="(?:kind|off)" value="(\w+)" aria-pressed="(\w+)"[^>]*>\w+ <b>(\d+)</b>')
_FLAGS = {
    "flag--pinned": "pinned",
    "flag--asks": "asks",
    ">Settled<": "settled",
    "flag--hidden": "hidden",
    'data-choice="me"': "me",
    'data-choice="staff"': "staff",
    'data-choice="group"': "group",
}


class Said(NamedTuple):
    """A post as a page shows it; of one that is gone nothing but its place."""

    uid: str
    gone: bool = False
    name: str = ""
    alias: str = ""
    staff: bool = False
    answers: str = ""
    flags: frozenset[str] = frozenset()
    words: frozenset[str] = frozenset()
    reactions: frozenset[tuple[str, int, bool]] = frozenset()
    tags: frozenset[str] = frozenset()
    place: tuple[int, int] | None = None


class Card(NamedTuple):
    """A root with what is shown under it, and how many earlier answers are not."""

    root: Said
    replies: tuple[Said, ...]
    earlier: int


class Drawn(NamedTuple):
    """A stretch that is drawn: its look, whether it is of others alone, and how many marked it so (0: the viewer)."""

    start: int
    end: int
    look: str
    others: bool
    people: int


@dataclass
class Paragraph:
    """What stands on a paragraph: how many people, under each code point which looks, and which counts end where."""

    people: int = 0
    under: dict[int, set[tuple[str, bool]]] = field(default_factory=dict)
    counted: set[tuple[int, str, bool, int]] = field(default_factory=set)
    full: bool = False


@dataclass
class Page:
    """An open page: its paragraphs, their cards and how many more, and the cursor at which it was drawn."""

    paragraphs: dict[int, Paragraph] = field(default_factory=dict)
    cards: dict[int, tuple[Card, ...]] = field(default_factory=dict)
    more: dict[int, int] = field(default_factory=dict)
    cursor: str = ""
    count: int = 0

    def takes(self, html: str) -> set[int]:
        """Puts into the page what an answer draws; returns which paragraphs."""
        drawn = {
            int(n): _paragraph(int(start), int(people), inner) for n, start, people, inner in _found(html)
        }
        self.paragraphs |= drawn
        for n, inside in _GROUP.findall(html):
            self.cards[int(n)] = cards_in(inside)
            found = _MORE.search(inside)
            self.more[int(n)] = int(found[1]) if found else 0
        if found := re.search(r'id="count">(\d+)<|hx-target="#count" hx-swap="innerHTML">(\d+)<', html):
            self.count = int(found[1] or found[2])
        if found := re.search(r'id="news"[^>]*data-cursor="([^"]*)"', html):
            self.cursor = found[1]
        return set(drawn)


def _found(html: str) -> list[tuple[str, str, str, str]]:
    return _PARAGRAPH.findall(html)


def _paragraph(start: int, people: int, inner: str) -> Paragraph:
    found, at, standing = Paragraph(people), start, list[tuple[str, bool, int] | None]()
    for kind, _lane, others, number, closing, text in _TOKEN.findall(inner):
        if kind:
            standing.append((kind, bool(others), int(number or 0)))
        elif text:
            for n in range(at, at := at + len(unescape(text))):
                found.under[n] = {(one[0], one[1]) for one in standing if one}
        elif not closing:
            standing.append(None)
        elif (ended := standing.pop()) and ended[2]:
            found.counted.add((at, *ended))
    found.full = any((MORE, False) in here for here in found.under.values())
    return found


def cards_in(html: str) -> tuple[Card, ...]:
    """The cards of a margin or a list, in their order."""
    return tuple(_card(uid, rest) for uid, rest in _CARD.findall(html))


def _card(uid: str, html: str) -> Card:
    head, _thread, under = html.partition('<ol class="thread"')
    listed, _end, tail = under.partition("</ol>")
    place = re.match(r'[^>]*data-start="(\d+)" data-end="(\d+)"', html)
    tags = re.match(r'[^>]*data-tags="([^"]*)"', html)
    own = Said(
        *_said(uid, head + tail),
        frozenset(tags[1].split()) if tags else frozenset(),
        _span(place) if place else None,
    )
    earlier = re.search(r'class="thread__earlier"[^>]*>(\d+)', listed)
    replies = [one.partition('"') for one in re.split(r'<li class="reply[^>]*?id="annotation-', listed)[1:]]
    return Card(
        own,
        tuple(Said(*_said(key, said)) for key, _quote, said in replies),
        int(earlier[1]) if earlier else 0,
    )


def _span(match: re.Match[str]) -> tuple[int, int]:
    return int(match[1]), int(match[2])


def _said(uid: str, html: str) -> tuple[object, ...]:
    name, alias, answers = (one.search(html) for one in (_NAME, _ALIAS, _ANSWERS))
    reactions = {(kind, int(number), mine == "true") for kind, mine, number in _REACTION.findall(html)}
    return (
        uid,
        "annotation__gone" in html,
        unescape(name[1]) if name else "",
        unescape(alias[1]) if alias else "",
        "byline__staff" in html,
        unescape(answers[1]) if answers else "",
        frozenset(flag for sign, flag in _FLAGS.items() if sign in html),
        frozenset(WORD.findall(html)),
        frozenset(reactions),
    )
