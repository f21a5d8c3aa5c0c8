"""People at a browser: what they see, select, press and click."""

import re
from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import Browser, BrowserContext, Error, Locator, Page, expect

from app.security import cookie_name
from tests.support.cast import Member, World

PATIENCE = 20_000  # ms to wait at most; nothing here measures speed
expect.set_options(timeout=PATIENCE)
Screen = Literal["laptop", "phone", "small"]
SCREENS: dict[Screen, dict[str, Any]] = {
    "laptop": {"viewport": {"width": 1280, "height": 800}},
    "phone": {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True},
    "small": {"viewport": {"width": 320, "height": 640}},
}
# The boxes of the characters [start, end) of a block's text: where a pointer would go down and come up.
_ENDS = """([first, start, last, end]) => {
    const corner = (n, index, side) => {
        const walker = document.createTreeWalker(document.getElementById(`t${n}`), NodeFilter.SHOW_TEXT);
        for (let left = index; walker.nextNode(); left -= walker.currentNode.length) {
            if (left >= walker.currentNode.length) continue;
            const range = document.createRange();
            range.setStart(walker.currentNode, left);
            range.setEnd(walker.currentNode, left + 1);
            const box = [...range.getClientRects()].at(-1);
            const rtl = getComputedStyle(walker.currentNode.parentElement).direction === "rtl";
            return [(side === "start") === rtl ? box.right - 1 : box.left + 1, (box.top + box.bottom) / 2];
        }
    };
    const [x, y] = corner(first, start, "start");
    const [toX, toY] = corner(last, end - 1, "end");
    return {x, y, toX: toX, toY};
}"""


class Person:
    """Somebody at one browser window. Every console line and refused script is noted."""

    def __init__(self, context: BrowserContext, address: str, member: Member | None) -> None:
        self.context = context
        self.address = address
        self.member = member
        self.page: Page = context.new_page()
        self.page.set_default_timeout(PATIENCE)
        self.console: list[str] = []
        self.expected: list[str] = []
        self.page.on("console", lambda line: self.console.append(f"{line.type}: {line.text}"))
        self.page.on("pageerror", lambda error: self.console.append(f"error: {error}"))

    def complaints(self) -> list[str]:
        """Errors and warnings of the console, except those that were to be expected."""
        bad = [line for line in self.console if line.startswith(("error", "warning"))]
        return [line for line in bad if not any(re.search(known, line) for known in self.expected)]

    def expects(self, pattern: str) -> None:
        """Says that the console will hold lines like this one: a browser logs every refused request."""
        self.expected.append(pattern)

    def open(self, path: str = "/") -> Page:
        """Types an address."""
        self.page.goto(self.address + path)
        return self.page

    def read(self) -> Page:
        """Opens the starter article."""
        assert self.member
        self.open(self.member.reading)
        return self.page

    def text(self, n: int) -> str:
        """The words of block `n`, exactly."""
        return self.page.locator(f"#t{n}").evaluate("block => block.textContent")

    def drag(self, words: str, n: int, until: str | None = None, to: int | None = None) -> None:
        """Selects with the mouse from the start of `words` in block `n` to their end, or to the end of `until`."""
        last = n if to is None else to
        final = until or words
        start = utf16(self.text(n), self.text(n).index(words))
        end = utf16(self.text(last), self.text(last).index(final) + len(final))
        self.page.locator(f"#t{n}").scroll_into_view_if_needed()
        self._bring(n)
        where = self.page.evaluate(_ENDS, [n, start, last, end])
        mouse = self.page.mouse
        mouse.move(where["x"], where["y"])
        mouse.down()
        mouse.move((where["x"] + where["toX"]) / 2, where["toY"], steps=3)
        mouse.move(where["toX"], where["toY"], steps=3)
        mouse.up()

    def _bring(self, n: int) -> None:
        """A block's start to the upper part of the window, so that what is dragged over can be seen."""
        self.page.evaluate(
            "n => scrollBy({top: document.getElementById(`t${n}`).getBoundingClientRect().top - 160,"
            " behavior: 'instant'})",
            n,
        )

    def mark(self, keys: str, words: str, n: int, until: str | None = None, to: int | None = None) -> None:
        """Selects and presses keys one after the other, each answered before the next."""
        self.drag(words, n, until, to)
        self.tag_bar.wait_for()
        for key in keys:
            with self.page.expect_response(re.compile(r"/annotations$")) as answered:
                self.page.keyboard.press(key)
            assert answered.value.ok, answered.value.text()
        self.settled()

    def settled(self) -> None:
        """Waits until no request of htmx is under way."""
        expect(self.page.locator(".htmx-request")).to_have_count(0)

    @property
    def tag_bar(self) -> Locator:
        return self.page.locator("#tag-bar:popover-open")

    @property
    def cards(self) -> Locator:
        return self.page.locator(".margin .annotation")

    def card(self, words: str) -> Locator:
        """The card whose quote is exactly these words."""
        quote = self.page.locator(".annotation__quote").filter(has_text=re.compile(f"^{re.escape(words)}$"))
        return self.page.locator(".annotation").filter(has=quote)

    def marks(self, n: int) -> list[tuple[str, str]]:
        """Each mark in block `n` as its classes and its words."""
        found = self.page.locator(f"#t{n} mark").evaluate_all(
            "all => all.map(one => [one.className, one.textContent])"
        )
        return [(classes, words) for classes, words in found]


class Seats:
    """All browsers of one journey."""

    def __init__(self, chromium: Browser, world: World, address: str) -> None:
        self.chromium = chromium
        self.world = world
        self.address = address
        self.people: list[Person] = []

    def sit(
        self, member: Member | None = None, screen: Screen = "laptop", *, scripts: bool = True, **more: Any
    ) -> Person:
        """Opens a browser of its own, signed in as `member` if there is one."""
        how = {"reduced_motion": "reduce", "accept_downloads": True} | SCREENS[screen] | more
        context = self.chromium.new_context(java_script_enabled=scripts, **how)
        if member:
            name = cookie_name(self.world.settings)
            token = member.http.cookies[name]
            context.add_cookies([{"name": name, "value": token, "url": self.address, "sameSite": "Lax"}])
        person = Person(context, self.address, member)
        self.people.append(person)
        return person

    def keep(self, folder: Path) -> None:
        """Puts a picture of every open window, and all that the consoles said, into a folder."""
        folder.mkdir(parents=True, exist_ok=True)
        for n, person in enumerate(self.people):
            lines = "\n".join([person.page.url, *person.console])
            (folder / f"{n}.console.txt").write_text(lines)
            try:
                person.page.screenshot(path=folder / f"{n}.png")
            except Error as error:
                (folder / f"{n}.png.txt").write_text(str(error))

    def close(self) -> list[str]:
        """Closes every window; returns the complaints of all consoles."""
        complaints = [line for person in self.people for line in person.complaints()]
        for person in self.people:
            person.context.close()
        return complaints


def utf16(text: str, index: int) -> int:
    """The place after so many code points, in UTF-16 units."""
    return len(text[:index].encode("utf-16-le")) // 2
