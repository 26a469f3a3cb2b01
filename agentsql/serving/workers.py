"""Several processes that answer at one address, watched over by the one that was started."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from socket import socket
from typing import TYPE_CHECKING

from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess

from agentsql.errors import AgentSQLError
from agentsql.observe.logs import LogForm, configure_logs, log_form
from agentsql.observe.process import observe_process
from agentsql.serving.rates import SharedRateLimit
from agentsql.serving.server import ServeOptions, log_as_we_do, open_service, server_config, spare_pauses

if TYPE_CHECKING:
    from fastapi import FastAPI

_RATES = "rates.sqlite"
"""Beside the counters, in the folder that the workers share."""


def run_workers(options: ServeOptions, listening: socket, *, on_start: Callable[[], None]) -> None:
    """Serve with `options.workers` processes until this one is told to stop; those that die are started anew.

    Args:
        on_start: called once everything has been opened and closed again, just before the workers are started.

    Raises:
        AgentSQLError: as `open_service` does, or a worker could not start.
    """
    _check(options)
    with _shared_counters():
        on_start()
        log_as_we_do()
        app = partial(worker_app, options, log_form())
        supervisor = Multiprocess(server_config(options, app, factory=True), sockets=[listening])
        supervisor.run()
    if any(process.exitcode == STARTUP_FAILURE for process in supervisor.processes):
        raise AgentSQLError("a worker process could not start; the lines above say why")


def worker_app(options: ServeOptions, logs: LogForm | None) -> FastAPI:
    """Give the application of one worker process, which logs as the process that started it does."""
    from agentsql.serving.app import create_app
    from agentsql.serving.metrics import FOLDER_VARIABLE

    if logs is not None:
        configure_logs(logs.form, level=logs.level)
    observe_process(options.settings.observe)
    log_as_we_do()
    threading.Thread(target=_end_with_parent, name="parent", daemon=True).start()
    service = open_service(options)
    service.rates = SharedRateLimit(Path(os.environ[FOLDER_VARIABLE]) / _RATES)
    spare_pauses()
    return create_app(service)


def _end_with_parent() -> None:
    """Stop when the process that started this one is gone, killed for instance; nobody else would stop it."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)


def _check(options: ServeOptions) -> None:
    """Open everything once before there are workers, so that what is wrong is said once, and caches are filled."""
    service = open_service(options)

    async def open_and_close() -> None:
        try:
            await service.open_conversations()
        finally:
            await service.close()

    asyncio.run(open_and_close())


@contextmanager
def _shared_counters() -> Iterator[None]:
    """Give the workers a folder to count in together."""
    from agentsql.serving.metrics import FOLDER_VARIABLE

    with tempfile.TemporaryDirectory(prefix="agentsql-metrics-") as folder:
        SharedRateLimit(Path(folder) / _RATES).close()  # made by one process, then opened by all
        os.environ[FOLDER_VARIABLE] = folder
        try:
            yield
        finally:
            del os.environ[FOLDER_VARIABLE]
