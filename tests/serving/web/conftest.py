"""A real Chromium before the page of a real server."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
PATIENCE_MS = 120_000


@pytest.fixture(scope="module")
def browser():
    """Chromium, one for a file of tests: while it is there no event loop can be run."""
    api = pytest.importorskip("playwright.sync_api", reason="needs playwright")
    if CHROMIUM is None:
        pytest.skip("no chromium on this machine")
    with api.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"], timeout=PATIENCE_MS)
        yield started
        started.close()


@pytest.fixture
def opened(browser):
    """Give pages; the test fails if one of them logs an error or asks another machine for something."""

    @contextmanager
    def opening(address: str, ignore: tuple[str, ...] = (), **options) -> Iterator:
        wrong: list[str] = []
        # Half of a change from light to dark is a contrast that axe finds too low.
        context = browser.new_context(accept_downloads=True, reduced_motion="reduce", **options)
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        page.on("pageerror", lambda error: wrong.append(f"error: {error}"))
        page.on("dialog", lambda dialog: (wrong.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        page.on("console", lambda said: wrong.append(f"console: {said.text}") if said.type == "error" else None)
        page.on("request", lambda sent: None if _own(sent.url, address) else wrong.append(f"asked {sent.url}"))
        page.goto(address)
        yield page
        context.close()
        assert [one for one in wrong if not any(text in one for text in ignore)] == []

    return opening


def _own(url: str, address: str) -> bool:
    return url.startswith((f"{address}/", "blob:", "data:"))


@pytest.fixture
def violations():
    """Give what axe finds wrong in a page."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="needs axe-playwright-python")

    def looked(page) -> list[str]:
        return [
            f"{rule['id']}: {[node['target'] for node in rule['nodes']]}"
            for rule in axe.Axe().run(page).response["violations"]
        ]

    def found(page) -> list[str]:
        # On a busy machine a page that has changed its colours is painted late.
        for _ in range(10):
            if not looked(page):
                return []
            page.wait_for_timeout(1000)
        return looked(page)

    return found
