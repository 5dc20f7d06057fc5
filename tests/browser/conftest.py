"""A server and a page in a real browser. No request may leave the machine, and the console stays clean."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

try:
    from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright
except ModuleNotFoundError:  # without the extra browser-test these tests are not there
    collect_ignore_glob = ["test_*.py"]

FLAGS = ["--no-sandbox", "--enable-unsafe-swiftshader", "--disable-background-networking"]
KEPT = Path("build/screenshots")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser" in item.path.as_posix():
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def address() -> Iterator[str]:
    """Where a server of its own process has the page."""
    command = [sys.executable, "-m", "fathometer", "app", "--port", "8900"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        for line in server.stdout:
            if line.startswith("http"):
                yield line.strip()
                break
        server.terminate()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page of 1280 by 900; the test fails where it asks another machine, or the console has an error."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    opened, wrong = context.new_page(), []
    opened.on("request", lambda request: _local(request.url) or wrong.append(f"asked {request.url}"))
    opened.on("console", lambda line: _amiss(line) and wrong.append(f"{line.type}: {line.text}"))
    opened.on("pageerror", lambda error: wrong.append(f"error: {error}"))
    yield opened
    context.close()
    assert wrong == []


@pytest.fixture
def shoot(page: Page, request: pytest.FixtureRequest):
    """Keep a screenshot under build/screenshots/."""

    def keep(name: str) -> Path:
        KEPT.mkdir(parents=True, exist_ok=True)
        path = KEPT / f"{name}.png"
        page.screenshot(path=path)
        return path

    return keep


def _amiss(line: ConsoleMessage) -> bool:
    """Whether the console has an error or a warning; that a screenshot of WebGL waits for its pixels is none."""
    return line.type in ("error", "warning") and "GPU stall due to ReadPixels" not in line.text


def _local(url: str) -> bool:
    return re.match(r"(http|ws)://127\.0\.0\.1:\d+/|data:|blob:|file:", url) is not None
