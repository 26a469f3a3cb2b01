"""An application on the tiny database with a scripted model, and a real server of it."""

from __future__ import annotations

import signal
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import pytest
import uvicorn
from starlette.testclient import TestClient

from agentsql import SQLAgent
from agentsql.serving.app import create_app
from agentsql.serving.fairness import FairQueue
from agentsql.serving.service import Service
from agentsql.testing import ScriptedModel, tiny_database
from agentsql.types import Message

SQL = "SELECT count(*) FROM singer"
PATIENCE_S = 60.0
"""For what takes a moment on a quiet machine."""


def scripted(messages: Sequence[Message]) -> str:
    """Write the one query, and the one sentence about its result."""
    return "There are 4." if "No SQL" in messages[-1].content else SQL


class HeldModel(ScriptedModel):
    """Does not answer before it is let go; counts who waits, and who was stopped while waiting."""

    def __init__(self) -> None:
        super().__init__(scripted)
        self.let_go = threading.Event()
        self.reached = threading.Semaphore(0)
        self.stopped = threading.Semaphore(0)

    async def complete(self, messages, **options):
        import asyncio

        self.reached.release()
        try:
            while not self.let_go.is_set():
                await asyncio.sleep(0.005)
        except asyncio.CancelledError:
            self.stopped.release()
            raise
        return await super().complete(messages, **options)


class HeldWords(HeldModel):
    """Writes SQL at once; the sentence is held."""

    async def complete(self, messages, **options):
        if "No SQL" not in messages[-1].content:
            return await ScriptedModel.complete(self, messages, **options)
        return await super().complete(messages, **options)


@pytest.fixture
def make_service(tmp_path: Path) -> Callable[..., Service]:
    """Give a service of databases called by the names given, each with its own file."""

    def make(*names: str, model: ScriptedModel | None = None, queue: FairQueue | None = None, **options) -> Service:
        agents = options.pop("agents", {})
        for name in names or (() if agents else ("tiny",)):
            folder = tmp_path / name
            folder.mkdir()
            spoken = model or ScriptedModel(scripted)
            agents[name] = SQLAgent(tiny_database(folder / f"{name}.sqlite"), sql_model=spoken)
        for agent in agents.values():
            agent.warm = lambda: None  # it would be counted among what the model is asked
        return Service(agents, queue or FairQueue(8, 20), **options)

    return make


@pytest.fixture
def client(make_service) -> Iterator[Callable[..., TestClient]]:
    """Give clients of applications in this process."""
    with ExitStack() as open_clients:

        def make(*names: str, **options) -> TestClient:
            app = create_app(make_service(*names, **options))
            return open_clients.enter_context(TestClient(app, base_url="http://localhost"))

        yield make


@pytest.fixture
def server(make_service) -> Iterator[Callable[..., str]]:
    """Give the address of a real server, which runs in a thread."""
    with ExitStack() as running:

        def make(*names: str, **options) -> str:
            listening = socket.socket()
            listening.bind(("127.0.0.1", 0))
            listening.listen()  # what connects from now on waits until the server is up
            app = create_app(make_service(*names, **options))
            config = uvicorn.Config(app, log_level="error", ws="none", timeout_graceful_shutdown=int(PATIENCE_S))
            uvicorn_server = uvicorn.Server(config)
            thread = threading.Thread(target=uvicorn_server.run, args=([listening],), daemon=True)
            thread.start()
            make.stop = lambda: uvicorn_server.handle_exit(signal.SIGTERM, None)  # as a signal in the main thread does

            def stop() -> None:
                uvicorn_server.should_exit = True
                thread.join(PATIENCE_S)

            running.callback(stop)
            return f"http://127.0.0.1:{listening.getsockname()[1]}"

        yield make
