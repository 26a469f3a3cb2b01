"""The file by which agentsql processes find a running local model server, and its reader and writer."""

from __future__ import annotations

import http.client
import json
import os
import re
import tempfile
import urllib.request
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from agentsql.folders import cache_folder


@dataclass(frozen=True, slots=True)
class LocalServer:
    """One running local model server."""

    name: str
    """The NAME of `local:NAME`."""
    url: str
    """Base URL of its OpenAI-compatible interface, ends in `/v1`."""
    key: str = field(repr=False)
    pid: int
    path: str
    """Model file it serves."""
    context: int
    """Tokens of prompt and answer together that one request may have."""
    started: float
    """Unix time."""
    adapters: tuple[str, ...] = ()
    """Paths of its LoRA adapters in the order of their ids; a request that names none gets the model itself."""


@dataclass(frozen=True, slots=True)
class ServerFiles:
    """Paths of one server's files; `alive` is locked by the server process for as long as it lives."""

    state: Path
    log: Path
    start_lock: Path
    alive: Path


def runtime_folder() -> Path:
    """Give the folder of state files, made if needed, readable by its owner only."""
    folder = cache_folder() / "servers"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    return folder


def server_files(name: str) -> ServerFiles:
    """Give the paths for the server of `name`, a catalogue name or the path of a model file."""
    stem = re.sub(r"[^\w.-]+", "_", name).strip("_")
    folder = runtime_folder()
    return ServerFiles(*(folder / f"{stem}.{kind}" for kind in ("json", "log", "start.lock", "alive.lock")))


def read_url(server: LocalServer, path: str, *, body: Any = None, timeout_s: float) -> bytes:
    """Give what the server sends for `path`, such as `/v1/models`; a `body` is posted as JSON.

    Raises:
        OSError: it does not answer, not in time (`TimeoutError`), not to the end, or with another status than 2xx.
    """
    headers = {"Authorization": f"Bearer {server.key}", "Content-Type": "application/json"}
    posted = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(server.url.removesuffix("/v1") + path, data=posted, headers=headers)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # a proxy cannot reach our loopback
    try:
        with opener.open(request, timeout=timeout_s) as response:
            content: bytes = response.read()
    except http.client.HTTPException as exc:
        raise ConnectionError(f"{server.url} broke off: {exc}") from exc
    return content


def write_state(path: Path, server: LocalServer) -> None:
    """Put `server` into `path` at once, so that a reader sees all of it or the file before; mode 0600."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(asdict(server), file)
    Path(temporary).replace(path)


def read_state(path: Path) -> LocalServer | None:
    """Give the server that `path` tells of, or None if there is no file or another version wrote it."""
    try:
        state = json.loads(path.read_text("utf-8"))
        return LocalServer(**{**state, "adapters": tuple(state["adapters"])})
    except (OSError, ValueError, TypeError, KeyError):
        return None
