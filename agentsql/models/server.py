"""Starts, finds and stops the local model servers that agentsql runs for `local:NAME`."""

from __future__ import annotations

import json
import logging
import os
import secrets
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

from filelock import FileLock, Timeout

from agentsql.errors import ModelFileError, ModelUnreachableError
from agentsql.models.progress import Progress, ReportProgress, ignore_progress
from agentsql.models.pull import pull
from agentsql.models.serve_local import EXIT_OTHER_SERVES, ServeConfig
from agentsql.models.server_state import (
    LocalServer,
    ServerFiles,
    read_state,
    read_url,
    runtime_folder,
    server_files,
)
from agentsql.settings import ModelSettings

logger = logging.getLogger(__name__)

_START_S = 180.0
"""Patience with a start; the 1.5B model takes 2 to 6 s."""
_STOP_S = 10.0


def ensure_server(
    name: str, settings: ModelSettings, progress: ReportProgress = ignore_progress, *, adapters: Sequence[str] = ()
) -> LocalServer:
    """Give the running server of `name`, started if there is none; all processes of one user share it.

    Args:
        name: a catalogue name, whose file is pulled if it is missing, or the path of a GGUF file.
        adapters: paths of GGUF files of LoRA adapters; a running server without them is started anew.

    Raises:
        ModelNotFoundError: the catalogue has no such model.
        ModelFileError: a file is missing, broken, or cannot be downloaded.
        ModelUnreachableError: the server does not start; holds the end of its log.
    """
    files = server_files(name)
    wanted = tuple(map(_adapter_path, adapters))
    if server := _usable(files, settings, wanted):
        return server
    config = serve_config(name, settings, progress, adapters=wanted)
    with FileLock(files.start_lock):
        if server := _usable(files, settings, wanted):
            return server
        if old := read_state(files.state):
            # Others may be using the adapters that it had.
            config = replace(config, adapters=tuple(dict.fromkeys(old.adapters + wanted)))
        _stop(files)
        progress(Progress(f"loading {name}"))
        started = time.perf_counter()
        server = _start(config, files)
        logger.info("model server of %s started in %.1f s, process %d", name, time.perf_counter() - started, server.pid)
        return server


def running_servers() -> tuple[LocalServer, ...]:
    """Give the user's servers that answer, by name."""
    states = (server_files(path.stem) for path in sorted(runtime_folder().glob("*.json")))
    return tuple(server for files in states if (server := _running(files)))


def stop_server(name: str | None = None) -> tuple[str, ...]:
    """Stop the server of `name`, or all; give the names of those that ran."""
    stopped = []
    for server in running_servers():
        if name in (None, server.name):
            files = server_files(server.name)
            with FileLock(files.start_lock):
                _stop(files)
            stopped.append(server.name)
    return tuple(stopped)


def serve_config(
    name: str, settings: ModelSettings, progress: ReportProgress = ignore_progress, *, adapters: Sequence[str] = ()
) -> ServeConfig:
    """Give what the server of `name` is told at its start, with a new key; its file is pulled if it is missing.

    Raises:
        ModelNotFoundError, ModelFileError: as `ensure_server`.
    """
    path = _model_path(name, settings, progress)
    return ServeConfig(
        name,
        str(path),
        secrets.token_urlsafe(32),
        settings.context,
        settings.threads or _usable_cores(),
        settings.idle_minutes * 60,
        tuple(map(_adapter_path, adapters)),
    )


def serve_command() -> tuple[str, ...]:
    """Give the command of a server; it reads its ServeConfig as JSON from its standard input."""
    return (sys.executable, "-P", "-m", "agentsql.models.serve_local")


def serves(config: ServeConfig) -> bool:
    """Tell whether the server with this configuration, and not another of its name, answers."""
    server = _running(server_files(config.name))
    return server is not None and server.key == config.key


def is_healthy(server: LocalServer, *, timeout_s: float = 5.0) -> bool:
    """Tell whether `server` answers at its address and knows its key."""
    try:
        read_url(server, "/v1/models", timeout_s=timeout_s)
    except OSError:
        return False
    return True


def _usable(files: ServerFiles, settings: ModelSettings, adapters: Sequence[str]) -> LocalServer | None:
    server = _running(files)
    if server is None or server.context < settings.context or not set(adapters) <= set(server.adapters):
        return None
    try:
        os.utime(files.state)  # so that it does not stop for idleness before our first request
    except FileNotFoundError:
        return None
    return server


def _running(files: ServerFiles) -> LocalServer | None:
    """Give the server of a state file if its process lives and answers; a state left by a crash gives None."""
    server = read_state(files.state)
    return server if server and _is_held(files.alive) and is_healthy(server) else None


def _is_held(alive: Path) -> bool:
    """Tell whether a server process holds this lock: unlike a process id, a lock cannot outlive its process."""
    try:
        with FileLock(alive, timeout=0):
            return False
    except Timeout:
        return True


def _model_path(name: str, settings: ModelSettings, progress: ReportProgress) -> Path:
    if not name.endswith(".gguf"):
        return pull(name, directory=settings.directory, progress=progress)
    path = Path(name).expanduser().resolve()
    if not path.is_file():
        raise ModelFileError(f"there is no model file {name!r}; give the path of a GGUF file after `local:`")
    return path


def _adapter_path(given: str) -> str:
    path = Path(given).expanduser().resolve()
    if not path.is_file():
        raise ModelFileError(f"there is no adapter file {given!r}; give the path of a LoRA adapter as a GGUF file")
    return str(path)


def _start(config: ServeConfig, files: ServerFiles) -> LocalServer:
    with files.log.open("wb") as log:
        process = subprocess.Popen(
            serve_command(),
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            start_new_session=True,  # it outlives this command and its terminal
        )
    try:
        assert process.stdin is not None
        process.stdin.write(json.dumps(asdict(config)).encode())
        process.stdin.close()
        server = _await_state(process, config.name, files)
    except BaseException:
        process.kill()
        process.wait()
        raise
    # Someone has to collect the exit status, or the process stays a zombie for as long as this one runs.
    threading.Thread(target=process.wait, name=f"wait for {config.name}", daemon=True).start()
    return server


def _await_state(process: subprocess.Popen[bytes], name: str, files: ServerFiles) -> LocalServer:
    deadline = time.monotonic() + _START_S
    while time.monotonic() < deadline:
        if server := _running(files):
            return server
        if process.poll() not in (None, EXIT_OTHER_SERVES):
            raise ModelUnreachableError(
                f"the server of local model {name!r} ended at its start with status {process.returncode};"
                f" its log {files.log} ends:\n{_tail(files.log)}"
            )
        time.sleep(0.05)
    raise ModelUnreachableError(
        f"the server of local model {name!r} was not ready after {_START_S:g} s; its log {files.log} ends:\n"
        + _tail(files.log)
    )


def _stop(files: ServerFiles) -> None:
    """End the server that holds these files, if any, and wait until it is gone; the caller holds the start lock."""
    server = read_state(files.state)
    deadline = time.monotonic() + _STOP_S
    number = signal.SIGTERM
    while server and _is_held(files.alive):
        try:
            os.kill(server.pid, number)
        except ProcessLookupError:
            break
        if time.monotonic() > deadline:
            number = signal.SIGKILL
        time.sleep(0.05)
    files.state.unlink(missing_ok=True)


def _usable_cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _tail(log: Path, *, max_bytes: int = 2000) -> str:
    try:
        return log.read_bytes()[-max_bytes:].decode("utf-8", "replace").strip() or "(nothing)"
    except OSError as exc:
        return f"(unreadable: {exc.strerror})"
