"""In the browser: the first visit, painting an article, and the time from a tag's key to the mark on the screen."""

from collections.abc import Iterator
from statistics import median
from typing import Any

from playwright.sync_api import Browser, BrowserContext, CDPSession, Page, sync_playwright

from benchmarks.dataset import Reader
from benchmarks.figures import Figure
from benchmarks.servers import Server
from benchmarks.stage import Stage
from tests.support.chromium import LAUNCH_ARGS, find_chromium

_SETTLED = """() => new Promise((done) => {
  const entries = [];
  const observer = new PerformanceObserver((list) => entries.push(...list.getEntries()));
  for (const type of ["paint", "longtask"]) observer.observe({type, buffered: true});
  setTimeout(() => {
    const began = performance.getEntriesByType("navigation")[0].responseStart;
    const paint = entries.find((entry) => entry.name === "first-contentful-paint");
    const tasks = entries.filter((entry) => entry.entryType === "longtask");
    const ends = tasks.map((entry) => entry.startTime + entry.duration);
    done({paint: (paint?.startTime ?? NaN) - began, quiet: Math.max(paint?.startTime ?? 0, ...ends) - began});
  }, 700);
})"""
_WATCH_KEY = """() => {
  window.benchPainted = new Promise((done) => addEventListener("keydown", ({timeStamp}) => {
    const look = () => [...CSS.highlights.keys()].some((name) => name.startsWith("pending-"))
      ? requestAnimationFrame(() => done(performance.now() - timeStamp))
      : requestAnimationFrame(look);
    requestAnimationFrame(look);
  }, {capture: true, once: true}));
}"""
_SELECT = """(n) => {
  const words = document.createTreeWalker(document.querySelector(`#t${n}`), NodeFilter.SHOW_TEXT);
  let node = words.nextNode();
  while (node && node.data.trim().length < 3) node = words.nextNode();
  const range = document.createRange();
  range.selectNodeContents(node);
  getSelection().removeAllRanges();
  getSelection().addRange(range);
}"""


def measure(stage: Stage) -> Iterator[Figure]:
    """All of it in one headless Chromium."""
    with stage.both() as (ours, floor), sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=find_chromium(), args=[*LAUNCH_ARGS, "--disable-background-timer-throttling"]
        )
        try:
            yield from _first_visit(browser, ours, stage.readers[100])
            for number in (1_000, 10_000):
                yield from _painted(stage, browser, ours, floor, number)
            for number in (0, 1_000, 10_000):
                yield from _pressed(stage, browser, ours, number)
        finally:
            browser.close()


def _signed_in(browser: Browser, server: Server, reader: Reader) -> BrowserContext:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.add_cookies(
        [{"name": "postil", "value": reader.cookie, "url": f"http://127.0.0.1:{server.port}"}]
    )
    return context


def _first_visit(browser: Browser, ours: Server, reader: Reader) -> Iterator[Figure]:
    context = _signed_in(browser, ours, reader)
    page = context.new_page()
    received = _Received(context.new_cdp_session(page))
    page.goto(f"http://127.0.0.1:{ours.port}{reader.address}", wait_until="networkidle")
    page.wait_for_timeout(500)
    context.close()
    yield Figure("first visit to the reader: requests", "", len(received.paths), limit=8)
    yield Figure(
        "first visit: bytes on the wire besides fonts", "KB", received.bytes(fonts=False), limit=100_000
    )
    yield Figure("first visit: bytes of fonts", "KB", received.bytes(fonts=True))


class _Received:
    """What a page has fetched: the bytes on the wire, headers and all, by address."""

    def __init__(self, session: CDPSession) -> None:
        self.paths: dict[str, str] = {}
        self._sizes: dict[str, float] = {}
        session.on("Network.requestWillBeSent", self._asked)
        session.on("Network.loadingFinished", self._finished)
        session.send("Network.enable")

    def bytes(self, *, fonts: bool) -> float:
        """The sum over fonts, or over everything else."""
        return sum(self._sizes.get(key, 0) for key, url in self.paths.items() if (".woff2" in url) == fonts)

    def _asked(self, event: dict[str, Any]) -> None:
        self.paths[event["requestId"]] = event["request"]["url"]

    def _finished(self, event: dict[str, Any]) -> None:
        self._sizes[event["requestId"]] = event["encodedDataLength"]


def _painted(stage: Stage, browser: Browser, ours: Server, floor: Server, number: int) -> Iterator[Figure]:
    """Both from the first byte of the page on, so that the server's own time does not count; caches are warm."""
    reader = stage.readers[number]
    mine: list[dict[str, float]] = []
    base: list[dict[str, float]] = []
    for _ in range(3 if stage.quick else 7):
        mine.append(
            _visit(_signed_in(browser, ours, reader), f"http://127.0.0.1:{ours.port}{reader.address}")
        )
        plain = f"http://127.0.0.1:{floor.port}/plain/{reader.reading_id}"
        base.append(_visit(browser.new_context(viewport={"width": 1280, "height": 900}), plain))
    for name, key, limit in (("paint", "paint", 2.5), ("paint and settle, margin included,", "quiet", None)):
        seconds, bare = (median(one[key] for one in many) / 1000 for many in (mine, base))
        yield Figure(f"{name} {number:,} annotations", "ms", seconds, bare, limit=limit)


def _visit(context: BrowserContext, address: str) -> dict[str, float]:
    try:
        page = context.new_page()
        page.goto(address, wait_until="load")
        found: dict[str, float] = page.evaluate(_SETTLED)
        return found
    finally:
        context.close()


def _pressed(stage: Stage, browser: Browser, ours: Server, number: int) -> Iterator[Figure]:
    reader = stage.readers[number]
    context = _signed_in(browser, ours, reader)
    page = context.new_page()
    page.goto(f"http://127.0.0.1:{ours.port}{reader.address}", wait_until="networkidle")
    took = [_press(page, 2 + n) for n in range(4 if stage.quick else 10)]
    context.close()
    yield Figure(f"tag key pressed → painted at {number:,}", "ms", median(took) / 1000, limit=0.05)


def _press(page: Page, n: int) -> float:
    """Selects words of paragraph `n`, tags them by key, and returns the milliseconds until the mark stands there."""
    page.evaluate(_SELECT, n)
    page.wait_for_selector("#tag-bar:popover-open")
    page.evaluate(_WATCH_KEY)
    page.keyboard.press("1")
    took: float = page.evaluate("window.benchPainted")
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(150)
    return took
