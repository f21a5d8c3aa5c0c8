"""What answers must hold: each look returns what a page would know from it, and raises `Wrong` otherwise."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from benchmarks.load.measures import Wrong
from benchmarks.wire import Answer

_CURSOR = re.compile(r'id="news"[^>]* data-cursor="([^"]*)"')
_WINDOW = re.compile(r'data-first="(\d+)" data-last="(\d+)"')
_CARD = re.compile(r'<article [^>]*id="annotation-([0-9a-f-]{36})"[^>]*>')
_DONE = re.compile(r'id="done"[^>]*>([0-9a-f-]{36})<')
_PARAGRAPH = re.compile(r'hx-target="#p(\d+)"')


@dataclass(frozen=True)
class Page:
    """What an open page knows of itself."""

    cursor: str
    first: int
    last: int


@dataclass(frozen=True)
class News:
    """A stream's message: the newest event, the paragraphs, whether all is one's own, and seconds to spread over."""

    id: str
    paragraphs: frozenset[int]
    own: bool
    spread: float


def good(answer: Answer, what: str, *statuses: int) -> str:
    """The text of an answer with one of these statuses."""
    if answer.status not in statuses:
        raise Wrong(f"{what}: {answer.status}: {answer.text[:300]!r}")
    return answer.text


def page(text: str, uid: str) -> Page:
    """A reading's page."""
    cursor, window = _CURSOR.search(text), _WINDOW.search(text)
    if f'data-reading="{uid}"' not in text or 'id="p0"' not in text or not cursor or not window:
        raise Wrong(f"page: it is not the reading: {text[:200]!r}")
    return Page(cursor[1], int(window[1]), int(window[2]))


def margin(text: str, known: Page) -> None:
    """The margin: a group for each paragraph."""
    if any(f'id="margin-{n}"' not in text for n in (known.first, known.last)):
        raise Wrong(f"margin: groups are missing: {text[:200]!r}")


def shown(text: str) -> set[int]:
    """Drawn news: the paragraphs that are drawn."""
    if 'hx-target="#count"' not in text:
        raise Wrong(f"shown: it is not the news: {text[:200]!r}")
    return {int(n) for n in _PARAGRAPH.findall(text)}


def told(message: Mapping[str, str]) -> News:
    """What a stream says of changes."""
    data = json.loads(message["data"])
    spread = data.get("spread", 0) / 1000
    return News(message.get("id", ""), frozenset(data["paragraphs"]), data.get("own", False), spread)


def done(text: str) -> str:
    """The name of the event that a change made; empty when it says none."""
    found = _DONE.search(text)
    return found[1] if found else ""


def others(text: str) -> list[str]:
    """The uids of the cards in a margin that are somebody else's."""
    return [found[1] for found in _CARD.finditer(text) if "data-own" not in found[0]]


def holds(text: str, uid: str) -> bool:
    """Whether a post stands in it."""
    return f'id="annotation-{uid}"' in text


def pressed(text: str, uid: str, kind: str) -> bool:
    """Whether the reader's own reaction stands at a post."""
    form = text.partition(f'action="/annotations/{uid}/reactions"')[2].partition("</form>")[0]
    return f'value="{kind}" aria-pressed="true"' in form
