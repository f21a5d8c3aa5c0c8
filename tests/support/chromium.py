"""A Chromium for the browser journeys: the system's, else Playwright's download, else (if root) Debian's.

As a command (`python -m tests.support.chromium`) it fetches one if need be and prints where it is.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MAC_APPS = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
LAUNCH_ARGS = (
    "--no-sandbox",  # the suite runs as root in containers
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


class ChromiumMissing(RuntimeError):
    """Says in one sentence why there is no browser and what to do."""


def find_chromium(*, fetch: bool = True) -> Path:
    """Return a browser that starts. Without `fetch` nothing is downloaded. Raises ChromiumMissing."""
    sources: list[Callable[[], Path | None]] = [_from_system]
    if given := os.environ.get("CHROMIUM"):
        sources = [lambda: Path(given)]
    elif fetch:
        sources += [_from_playwright, _from_packages]
    for source in sources:
        path = source()
        if path and _starts(path):
            return path
    raise ChromiumMissing(
        "The browser tests need Chromium and none was found or could be fetched: "
        "install it (on Debian: apt install chromium) or name one with CHROMIUM=/path/to/chromium."
    )


def _from_system() -> Path | None:
    found = [*map(shutil.which, NAMES), *(path for path in MAC_APPS if Path(path).exists())]
    return next((Path(path) for path in found if path), None)


def _from_playwright() -> Path | None:
    print("Fetching Chromium…", file=sys.stderr)
    if not _succeeds(sys.executable, "-m", "playwright", "install", "chromium", seconds=600):
        return None
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        return Path(playwright.chromium.executable_path)


def _from_packages() -> Path | None:
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return None
    _succeeds("apt-get", "update", "-q", seconds=300)
    _succeeds("apt-get", "install", "-q", "-y", "--no-install-recommends", "chromium", seconds=900)
    return _from_system()


def _starts(path: Path) -> bool:
    return _succeeds(str(path), "--version", seconds=60)


def _succeeds(*command: str, seconds: int) -> bool:
    """Run quietly; what a command says matters only through whether a browser starts afterwards."""
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=seconds, check=False
        )
        return done.returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def main() -> int:
    """Print the browser's path, or the sentence that says what is missing. Returns the exit status."""
    try:
        print(f"Chromium: {find_chromium()}")
    except ChromiumMissing as missing:
        print(missing, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
