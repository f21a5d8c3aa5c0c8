"""A reader's page without the application: real scripts and styles, and a server that notes each request."""

import html
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from app.assets import SCRIPTS, STYLES, Assets
from app.codebook.looks import look
from app.web import make_environment

STATIC = Path(__file__).parents[2] / "static"
PAGE = Path(__file__).with_name("reader_page.html")
CSP = "; ".join(
    ["default-src 'none'", *(f"{kind}-src 'self'" for kind in ("script", "style", "img", "font", "connect"))]
)
LAYERS = "@layer reset, tokens, base, layout, components, print;\n"
TAGS = (("actor", "orange"), ("claim", "blue"), ("hedge", "green"), ("prediction", "purple"))


@dataclass(frozen=True)
class Card:
    """An annotation as the page shows it; start and end in code points of the whole text."""

    uid: str
    start: int
    end: int
    tags: tuple[str, ...] = ("claim",)
    note: str = ""


@dataclass(frozen=True)
class Request:
    """What the page asked for: `fields` are the form's pairs, or the query's."""

    method: str
    path: str
    fields: tuple[tuple[str, str], ...]

    def __getitem__(self, name: str) -> str:
        return dict(self.fields)[name]


@dataclass
class Stage:
    """The text, the cards, the answers to give, and what was asked."""

    blocks: list[str]
    cards: list[Card] = field(default_factory=list)
    attributes: str = ""
    viewer: str = "ada"
    language: str = "en"
    direction: str = "ltr"
    extra: str = ""
    answer: Callable[[Request], tuple[int, str]] = lambda request: (200, "")
    requests: list[Request] = field(default_factory=list)
    address: str = ""

    def posts(self, path: str) -> list[Request]:
        """The POST requests whose address ends in `path`."""
        return [one for one in self.requests if one.method == "POST" and one.path.endswith(path)]

    def starts(self) -> list[int]:
        """The offset of each block's first character: blocks are joined by one line feed."""
        return [sum(len(block) + 1 for block in self.blocks[:n]) for n in range(len(self.blocks))]

    def offset(self, words: str) -> int:
        """Where `words` first stand in the whole text."""
        return "\n".join(self.blocks).index(words)

    def card(self, uid: str, words: str, *tags: str, note: str = "") -> Card:
        """A card on the first place of `words`, added to the page."""
        start = self.offset(words)
        made = Card(uid, start, start + len(words), tags or ("claim",), note)
        self.cards.append(made)
        return made

    def block(self, n: int) -> str:
        """One block with its marks, as the server draws it."""
        start, text = self.starts()[n], self.blocks[n]
        return (
            f'<section class="block block--paragraph" id="p{n}" data-start="{start}" '
            f'data-end="{start + len(text)}"><a class="block__number" href="/p/{n}">{n}</a>'
            f'<p class="block__text" id="t{n}">{self._marked(text, start)}</p></section>'
        )

    def _marked(self, text: str, start: int) -> str:
        spans = [(max(c.start - start, 0), min(c.end - start, len(text)), c) for c in self.cards]
        touching = [span for span in spans if span[0] < span[1]]
        cuts = sorted({0, len(text), *(at for span in touching for at in span[:2])})
        runs = [(a, b, [card for s, e, card in touching if s <= a and b <= e]) for a, b in pairwise(cuts)]
        return "".join(_run(text[a:b], cards) for a, b, cards in runs)

    def group(self, n: int) -> str:
        """The cards that begin in a block."""
        start, end = self.starts()[n], self.starts()[n] + len(self.blocks[n])
        cards = "".join(self.draw(card, n) for card in self.cards if start <= card.start < end)
        return f'<section class="margin__group" id="margin-{n}" data-n="{n}">{cards}</section>'

    def draw(self, card: Card, n: int = 0) -> str:
        """One card."""
        exact = html.escape("\n".join(self.blocks)[card.start : card.end])
        chips = "".join(f'<span class="tag tag--{dict(TAGS)[tag]}">{tag}</span>' for tag in card.tags)
        at = f"/annotations/{card.uid}"
        return (
            f'<article class="annotation" data-own id="annotation-{card.uid}" data-uid="{card.uid}" data-n="{n}" '
            f'data-start="{card.start}" data-end="{card.end}" data-version="1" '
            f'data-tags="{" ".join(card.tags)}" tabindex="-1">'
            f'<header class="annotation__head">{chips}</header>'
            f'<blockquote class="annotation__quote">{exact}</blockquote>'
            f'<div class="annotation__note">{card.note}</div><footer class="annotation__actions">'
            f'<a href="{at}/edit" hx-get="{at}/edit" hx-target="#annotation-{card.uid}" hx-swap="outerHTML">'
            "Edit</a>"
            f'<form action="{at}/delete" method="post" hx-post="{at}/delete" hx-swap="none">'
            f'<input type="hidden" name="version" value="1"><button>Delete</button></form></footer></article>'
        )

    def changes(self, toast: str = "") -> str:
        """The partials that redraw everything, as an answer to a change."""
        swaps = [(f"#p{n}", "outerMorph", self.block(n)) for n in range(len(self.blocks))]
        swaps += [(f"#margin-{n}", "outerMorph", self.group(n)) for n in range(len(self.blocks))]
        if toast:
            swaps.append(("#toasts", "innerHTML", toast))
        partial = '<hx-partial hx-target="{}" hx-swap="{}">{}</hx-partial>'.format
        return "".join(partial(*swap) for swap in swaps)

    def page(self) -> str:
        """The whole page."""
        numbers = range(len(self.blocks))
        return PAGE.read_text().format(
            viewer=f'data-viewer="{self.viewer}"' if self.viewer else "",
            attributes=self.attributes,
            language=self.language,
            direction=self.direction,
            blocks="".join(map(self.block, numbers)),
            groups="".join(map(self.group, numbers)),
            tags="".join(map(_button, range(1, 5), TAGS)),
            filters="".join(map(_filter, TAGS)),
            extra=self.extra,
            unsent=make_environment(Assets()).get_template("_unsent.html").render() if self.viewer else "",
        )


def _run(text: str, cards: list[Card]) -> str:
    run = html.escape(text)
    for lane, card in enumerate(reversed(cards)):
        run = f"<mark class={look(dict(TAGS)[card.tags[0]], 'solid', len(cards) - 1 - lane)}>{run}</mark>"
    return run


def _button(key: int, tag: tuple[str, str]) -> str:
    name, colour = tag
    chip = f'<span class="tag tag--{colour}">{name}</span>'
    return f'<button class="tag-bar__tag" name="tag" value="{name}" data-key="{key}">{chip}</button>'


def _filter(tag: tuple[str, str]) -> str:
    name, colour = tag
    return f'<button type="button" data-filter="{name}" data-colour="{colour}">{name}</button>'


def _joined(folder: str, names: tuple[str, ...], suffix: str) -> str:
    return "\n".join((STATIC / folder / f"{name}{suffix}").read_text() for name in names)


FILES = {
    "/htmx.js": lambda: ("text/javascript", next(STATIC.glob("vendor/htmx-*.min.js")).read_text()),
    "/app.js": lambda: ("text/javascript", _joined("js", SCRIPTS, ".js")),
    "/icon": lambda: ("image/svg+xml", "<svg xmlns='http://www.w3.org/2000/svg'/>"),
    "/app.css": lambda: ("text/css", LAYERS + _joined("css", STYLES, ".css")),
}


class _Handler(BaseHTTPRequestHandler):
    stage: Stage

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        if path in FILES:
            self._send(200, *FILES[path]())
        elif path.startswith("/fonts/"):
            self._send(200, "font/woff2", (STATIC / path[1:]).read_bytes())
        elif path == "/":
            self._send(200, "text/html", self.stage.page())
        else:
            self._answer(urlsplit(self.path).query)

    def do_POST(self) -> None:
        self._answer(self.rfile.read(int(self.headers.get("content-length", 0))).decode())

    def _answer(self, form: str) -> None:
        pairs = tuple(parse_qsl(form, keep_blank_values=True))
        request = Request(self.command, urlsplit(self.path).path, pairs)
        self.stage.requests.append(request)
        status, body = self.stage.answer(request)
        self._send(status, "text/html", body)

    def _send(self, status: int, kind: str, body: str | bytes) -> None:
        data = body.encode() if isinstance(body, str) else body
        self.send_response(status)
        self.send_header("content-type", kind if "font" in kind else f"{kind}; charset=utf-8")
        self.send_header("content-length", str(len(data)))
        self.send_header("content-security-policy", CSP)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        """Quiet: what was asked is in the stage."""


@contextmanager
def serving(stage: Stage) -> Iterator[Stage]:
    """Serves the stage on a free port of this machine while the block runs."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"stage": stage}))
    stage.address = f"http://127.0.0.1:{server.server_port}/"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield stage
    finally:
        server.shutdown()
        server.server_close()
