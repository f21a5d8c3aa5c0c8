"""What axe finds on a page as it stands: in the light and in the dark, wide and at 320 px (400 % zoom)."""

from pathlib import Path
from typing import Any

from playwright.sync_api import Page

SOURCE = (Path(__file__).parents[1] / "vendor" / "axe-4.14.1.min.js").read_text()
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
CONTRAST = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
WIDE, NARROW = {"width": 1280, "height": 800}, {"width": 320, "height": 640}
# What lies beneath something open is covered by it, which is no fault in the size of either.
_RUN = """async (only) => {
    const {violations} = await axe.run(document, {runOnly: only, resultTypes: ["violations"]});
    const open = document.querySelector(":popover-open");
    const beneath = ({target}) => open && !document.querySelector(target).closest(":popover-open");
    const counts = (id) => (node) => id !== "target-size" || !beneath(node);
    return violations.flatMap(({id, nodes}) => nodes.filter(counts(id)).map((node) =>
        `${id}: ${node.target} ${node.any.concat(node.all, node.none).map((check) => check.message).join("; ")}`));
}"""


def findings(page: Page, state: str, themes: tuple[str, ...] = ("dark",)) -> list[str]:
    """Everything that is wrong with the page in this state, each with the state's name. Ends wide and light."""
    _bring(page)
    found = _named(f"{state}, light", _run(page, {"type": "tag", "values": TAGS}))
    for theme in themes:
        _theme(page, theme)
        found += _named(f"{state}, {theme}", _run(page, CONTRAST))
    _theme(page, "light")
    page.set_viewport_size(NARROW)
    found += _named(f"{state}, 320 px", _sideways(page) + _run(page, {"type": "tag", "values": TAGS}))
    page.set_viewport_size(WIDE)
    return found


def _bring(page: Page) -> None:
    """Puts axe into the page by the debugger's protocol: the page's own policy refuses any other script."""
    if page.evaluate("typeof axe") == "undefined":
        session = page.context.new_cdp_session(page)
        session.send("Runtime.evaluate", {"expression": SOURCE})
        session.detach()


def _theme(page: Page, theme: str) -> None:
    page.evaluate("theme => { document.documentElement.dataset.theme = theme; }", theme)


def _run(page: Page, only: dict[str, Any]) -> list[str]:
    return list(page.evaluate(_RUN, only))


def _sideways(page: Page) -> list[str]:
    wide = page.evaluate("document.documentElement.scrollWidth")
    return [f"scrolls sideways: {wide} px"] if wide > NARROW["width"] else []


def _named(state: str, found: list[str]) -> list[str]:
    return [f"{state}: {one}" for one in found]
