"""The reader's stage, opened in a real browser."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser.reader_page import Stage, serving
from tests.browser.visiting import BLOCKS, Open


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
