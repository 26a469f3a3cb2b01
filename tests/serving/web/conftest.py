"""A real Chromium before the page of a real server."""

from __future__ import annotations

import shutil
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress

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


class Line:
    """A line to a server that can be cut, as it is where the server ends in the middle of an answer."""

    def __init__(self, address: str) -> None:
        self._server = ("127.0.0.1", int(address.rpartition(":")[2]))
        self._open: list[socket.socket] = []
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        self.is_cut = False
        self._threads: list[threading.Thread] = []
        self._start(self._accept)

    def cut(self) -> None:
        """Cut the connections, and each that is made from now on."""
        self.is_cut = True
        for one in self._open:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self.cut()
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()
        for one in (self._listening, *self._open):
            one.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listening.accept()
            except OSError:
                return
            if self.is_cut:
                client.close()
                continue
            server = socket.create_connection(self._server)
            self._open += [client, server]
            for pair in ((client, server), (server, client)):
                self._start(self._carry, *pair)

    def _start(self, run: Callable[..., None], *given: socket.socket) -> None:
        self._threads.append(threading.Thread(target=run, args=given, daemon=True))
        self._threads[-1].start()

    @staticmethod
    def _carry(from_one: socket.socket, to_other: socket.socket) -> None:
        with suppress(OSError):
            while got := from_one.recv(65536):
                to_other.sendall(got)
        for one in (from_one, to_other):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def line():
    """Give a line to a server's address."""
    with ExitStack() as lines:

        def made(address: str) -> Line:
            found = Line(address)
            lines.callback(found.close)
            return found

        yield made


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
