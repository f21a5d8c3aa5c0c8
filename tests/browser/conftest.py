"""A real Chromium for the browser tests, and the reader's stage opened in it."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.browser.reader_page import Stage, serving
from tests.browser.visiting import BLOCKS, Open
from tests.support.chromium import LAUNCH_ARGS, ChromiumMissing, find_chromium


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Closed after each module: two of Playwright's loops cannot run in one thread."""
    try:
        path = find_chromium()
    except ChromiumMissing as missing:
        pytest.skip(str(missing))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(LAUNCH_ARGS))
        yield browser
        browser.close()


@pytest.fixture
def stage() -> Iterator[Stage]:
    with serving(Stage(list(BLOCKS))) as served:
        yield served


@pytest.fixture
def visit(chromium: Browser, stage: Stage) -> Iterator[Open]:
    """Opens the stage's page; afterwards its console may hold no error but that of a failed request."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def open_page(where: str = "", *, width: int = 1280, calm: bool = True) -> Page:
        context = chromium.new_context(
            viewport={"width": width, "height": 800}, reduced_motion="reduce" if calm else "no-preference"
        )
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
        page.goto(stage.address + where)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert [one for one in complaints if "Failed to load" not in one and "Failed to fetch" not in one] == []


@pytest.fixture(scope="module")
def still(chromium: Browser) -> Iterator[Page]:
    """One page for tests that only ask the scripts something and change nothing."""
    with serving(Stage(list(BLOCKS))) as served, chromium.new_context() as context:
        page = context.new_page()
        page.goto(served.address)
        yield page
