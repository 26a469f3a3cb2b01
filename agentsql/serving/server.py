"""Runs the application: binds the address, starts the worker processes, and stops without losing a question."""

from __future__ import annotations

import gc
import ipaddress
import logging
import os
import re
import signal
import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

import uvicorn

from agentsql.agent import SQLAgent
from agentsql.errors import UsageError
from agentsql.serving.keys import NAME, VARIABLE, KeyRing, keys_of_variable
from agentsql.settings import Settings

if TYPE_CHECKING:
    from agentsql.serving.service import Service

_ON_A_SERVER = 32
"""Questions at a time on a model server, which batches them; in the measurement of `benchmarks/concurrency.py` it had
all it could use of 16."""
_EMBEDDED = 2
"""On an embedded model, whose few slots share one machine's cores: more at a time make each slower and none sooner."""
_CONNECTIONS = 2000
_KEEP_ALIVE_S = 30
_START_S = 120
"""For a worker to import the program, within which uvicorn takes its silence for a hanging."""
_LOCAL_NAMES = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class ServeOptions:
    """What is served, where, and to whom. It goes to worker processes as it is."""

    databases: Mapping[str, str]
    """Targets by the names that callers use; see `named_databases`."""
    settings: Settings = field(default_factory=Settings)
    host: str = "127.0.0.1"
    port: int = 8080
    """0 takes a free one."""
    workers: int = 1
    keys: Path | None = None
    origins: tuple[str, ...] = ()
    """Web origins whose pages may call the server."""
    concurrency: int = 0
    """Questions at a time, over all workers; 0 means 32, or 2 on an embedded model."""
    queue: int = 100
    """Questions that may wait, over all workers."""
    approve: bool = False
    """See `Service.approve`."""


def named_databases(given: Sequence[str]) -> dict[str, str]:
    """Give targets by name, of `NAME=TARGET` or of a target whose own name is taken.

    Raises:
        UsageError: there is none, or two have one name.
    """
    databases: dict[str, str] = {}
    for text in given:
        name, equals, target = text.partition("=")
        if not (equals and NAME.fullmatch(name)):
            name, target = _own_name(text), text
        if name in databases:
            raise UsageError(f"two databases are called {name!r}; name them yourself, as --db NAME=TARGET")
        databases[name] = target
    if not databases:
        raise UsageError("no database was given; name one with --db")
    return databases


def open_service(options: ServeOptions, say: Callable[[str], None] | None = None) -> Service:
    """Open the agents of one process.

    Raises:
        UsageError: no key protects an address that others reach, or the key file is wrong.
        DatabaseError, ModelError, …: as `SQLAgent` does.
    """
    from agentsql.serving.fairness import FairQueue
    from agentsql.serving.service import Service

    keys = key_ring(options)
    agents: dict[str, SQLAgent] = {}
    try:
        for name, target in options.databases.items():
            agents[name] = SQLAgent(target, settings=options.settings, progress=say)
    except BaseException:
        for agent in agents.values():
            agent.close()
        raise
    running = max(1, _concurrency(options) // options.workers)
    waiting = max(1, options.queue // options.workers)
    each = waiting if keys is None else max(1, waiting // 2)
    return Service(
        agents,
        FairQueue(running, waiting, waiting_each=each),
        keys,
        hosts=_LOCAL_NAMES if is_loopback(options.host) else (),
        origins=options.origins,
        workers=options.workers,
        approve=options.approve,
    )


def key_ring(options: ServeOptions) -> KeyRing | None:
    """Give the keys of the file and the environment; None if there are none and the address is loopback.

    Raises:
        UsageError: see `open_service`.
    """
    fixed = keys_of_variable(os.environ.get(VARIABLE, ""))
    if options.keys is None and not fixed:
        if is_loopback(options.host):
            return None
        raise UsageError(
            f"{options.host!r} can be reached by others and no key is set; make one with `agentsql keys add NAME` and "
            "serve with --keys FILE, or leave --host out to serve this machine only"
        )
    ring = KeyRing(options.keys, fixed)
    if not len(ring):
        raise UsageError(f"{str(options.keys)!r} holds no key; make one with `agentsql keys add NAME`")
    return ring


def run_server(options: ServeOptions, say: Callable[[str], None]) -> None:
    """Serve until the process is told to stop; questions that run then are finished first, a second Ctrl-C ends them.

    Args:
        say: called with each line for the person who started it.

    Raises:
        UsageError: the address cannot be used. Otherwise raises as `open_service` does.
    """
    key_ring(options)  # before the models, which take longer to be wrong
    listening = bind(options.host, options.port)
    port = listening.getsockname()[1]
    with listening, _stoppable():
        if options.workers == 1:
            from agentsql.serving.app import create_app

            service = open_service(options, say)
            say(addresses(options, port))
            log_as_we_do()
            spare_pauses()
            uvicorn.Server(server_config(options, create_app(service))).run(sockets=[listening])
        else:
            from agentsql.serving.workers import run_workers

            run_workers(options, listening, on_start=lambda: say(addresses(options, port)))


def bind(host: str, port: int) -> socket.socket:
    """Give a socket that listens at an address, where clients wait until the server is up.

    Raises:
        UsageError: it is taken, or no address of this machine.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen()
    except OSError as exc:
        listening.close()
        raise UsageError(
            f"cannot listen on {_authority(host, port)}: {exc.strerror or exc}; "
            "choose another address with --host and --port (--port 0 takes a free one)"
        ) from exc
    listening.set_inheritable(True)
    return listening


def is_loopback(host: str) -> bool:
    """True if only this machine reaches the address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def addresses(options: ServeOptions, port: int) -> str:
    """Give the lines that say where the doors are."""
    base = f"http://{_authority(options.host, port)}"
    names = ", ".join(options.databases)
    return "\n".join(
        [
            f"serving {names}",
            f"  web page  {base}/",
            f"  HTTP      {base}/api/ask       (described in {base}/openapi.json)",
            f"  OpenAI    {base}/v1            (model: {next(iter(options.databases))})",
            f"  MCP       {base}/mcp",
            f"  health    {base}/health, /ready, /metrics",
        ]
    )


def server_config(options: ServeOptions, app: object, *, factory: bool = False) -> uvicorn.Config:
    """Give how uvicorn is to serve an application, or what a function gives in each worker."""
    return uvicorn.Config(
        app,  # type: ignore[arg-type]  # an application, or a function that gives one
        factory=factory,
        workers=options.workers,
        timeout_worker_healthcheck=_START_S,
        log_config=None,
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,  # nothing here looks at the client's address, so nobody need be believed about it
        limit_concurrency=_CONNECTIONS,
        timeout_keep_alive=_KEEP_ALIVE_S,
        timeout_graceful_shutdown=round(options.settings.budget.seconds) + 5,
        ws="none",
    )


def spare_pauses() -> None:
    """Have the garbage collector leave alone what the start has made, and look at the rest less often.

    A full collection walks all modules and stops every question meanwhile. Of 100 streaming clients the slowest
    twentieth waited 290 ms for agentsql, and 125 ms so (`benchmarks/serving_load.py`).
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 50)


def log_as_we_do() -> None:
    """Write uvicorn's log where agentsql's is written, in its form."""
    theirs = logging.getLogger("uvicorn")
    theirs.handlers = list(logging.getLogger("agentsql").handlers)
    theirs.propagate = not theirs.handlers


def _concurrency(options: ServeOptions) -> int:
    if options.concurrency:
        return options.concurrency
    agent = options.settings.agent
    embedded = any(model.startswith("local:") for model in (agent.sql_model, agent.chat_model))
    return _EMBEDDED if embedded else _ON_A_SERVER


def _own_name(target: str) -> str:
    path = target.partition("://")[2].partition("?")[0] if "://" in target else target
    name = re.sub(r"[^A-Za-z0-9_-]+", "-", Path(path).stem).strip("-")[:64]
    return name or "database"


def _authority(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


@contextmanager
def _stoppable() -> Iterator[None]:
    """Let a stop that was asked for be the end of the command, and no death by signal.

    While the server opens, it ends that; uvicorn raises the signal again once it has stopped.
    """

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    numbers = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(number, stop) for number in numbers]
    try:
        yield
    except KeyboardInterrupt:
        pass
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)
