"""What the tests of the scripts read, select and wait with."""

import time
from collections.abc import Callable

from playwright.sync_api import Page

from tests.browser.reader_page import Request, Stage

BLOCKS = ["On the harbour 😀"] + [
    f"Report {n} says that the harbour may close by spring. Officials denied it twice. "
    "Nobody 😀 believed them, although the mayor’s own figures were clear to anyone "
    "who had read as far as the second table of the annex."
    for n in range(1, 13)
]
Open = Callable[..., Page]


def select(page: Page, stage: Stage, first: str, last: str | None = None) -> None:
    """Selects from the start of `first` to the end of `last`, as the mouse or the keyboard would leave it."""
    start = stage.offset(first)
    end = stage.offset(last) + len(last) if last else start + len(first)
    page.evaluate(
        """([start, end]) => {
            const ranges = Offsets.toRanges(start, end, document.getElementById("text"));
            const [first, last] = [ranges[0], ranges.at(-1)];
            const {endContainer, endOffset} = last;
            getSelection().setBaseAndExtent(first.startContainer, first.startOffset, endContainer, endOffset);
        }""",
        [start, end],
    )


def bar_is_open(page: Page) -> bool:
    return bool(page.locator("#tag-bar").evaluate("bar => bar.matches(':popover-open')"))


def until(condition: Callable[[], object]) -> None:
    """Waits for something; gives up after a while. Playwright's own waiting needs eval: forbidden here."""
    for _ in range(200):
        if condition():
            return
        time.sleep(0.02)
    raise AssertionError("it did not happen")


def marks(stage: Stage) -> Callable[[Request], tuple[int, str]]:
    """The answer of a server that keeps every annotation."""

    def answer(request: Request) -> tuple[int, str]:
        if request.path.endswith("/annotations"):
            card = stage.card(request["uid"], request["exact"], dict(request.fields).get("tag", "claim"))
            assert (card.start, card.end) == (int(request["start"]), int(request["end"]))
        return 200, stage.changes("<div class='toast'>Saved</div>")

    return answer
