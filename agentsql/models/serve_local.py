"""The program of a local model server: `python -m agentsql.models.serve_local`, its configuration on stdin.

It serves one GGUF file on a free loopback port until it is told to stop or nobody has used it for some minutes.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import signal
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from agentsql.models.options import MOST_COMPLETIONS
from agentsql.models.server_state import LocalServer, ServerFiles, read_url, server_files, write_state

EXIT_OTHER_SERVES = 3
"""Exit status when another process already serves this model."""

_COMPLETION_TOKENS = 512
"""Room for each completion beyond the first; `context` is for the prompt and one of them."""
_HOST_CACHE_MIB = 1024
"""Memory for the key-value state of earlier prompts: about 40,000 tokens of the 1.5B model."""


@dataclass(frozen=True, slots=True)
class ServeConfig:
    """What the starting process tells the server on its stdin, as JSON."""

    name: str
    path: str
    key: str
    context: int
    threads: int
    idle_s: float
    adapters: tuple[str, ...] = ()
    """Paths of LoRA adapters, for the requests that name them."""


def main() -> int:
    """Serve until stopped or idle, and give the exit status."""
    config = ServeConfig(**json.load(sys.stdin))
    files = server_files(config.name)
    alive = FileLock(files.alive)
    try:
        alive.acquire(timeout=2)
    except Timeout:
        return EXIT_OTHER_SERVES
    files.state.unlink(missing_ok=True)  # of a server that was killed
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    engine = _start_engine(config)
    address: str = engine.listening_address
    server = LocalServer(
        config.name,
        f"{address}/v1",
        config.key,
        os.getpid(),
        config.path,
        config.context,
        time.time(),
        tuple(config.adapters),
    )
    slot = _slot_name(config)
    if not config.adapters:
        _restore_slot(server, slot)
    write_state(files.state, server)
    _serve_until_idle(server, files, config.idle_s, stop)
    files.state.unlink(missing_ok=True)
    for old in files.state.parent.glob(f"{files.state.stem}.*.slot"):
        old.unlink(missing_ok=True)
    if not config.adapters:
        _save_slot(server, slot)
    sys.stderr.flush()
    os._exit(0)  # the engine's own shutdown waits for requests that nobody reads any more


def _start_engine(config: ServeConfig) -> Any:
    """Load the model and listen; the engine is untyped, so it comes back as Any.

    The engine reuses the slot whose prompt begins like the next one, and keeps the state of others in host memory.
    The further slots are for the completions of a request with n > 1, which share its prompt in the one key-value
    store: six take 3 times as long as one, and one after another they would take 6 times as long.
    """
    # Read once, when the OpenMP library loads. Spinning threads slow decoding twentyfold on a busy machine.
    os.environ["OMP_WAIT_POLICY"] = "passive"
    os.environ["GOMP_SPINCOUNT"] = "0"
    import xllamacpp  # type: ignore[import-untyped]  # it ships no types

    params = xllamacpp.CommonParams()
    params.model.path = config.path
    params.model_alias = {config.name}
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.api_keys = [config.key]
    params.n_parallel = MOST_COMPLETIONS
    params.kv_unified = True
    params.n_ctx = config.context + (MOST_COMPLETIONS - 1) * _COMPLETION_TOKENS
    # With adapters each has a slot of its own, and no state may wander: the engine forgets which adapter made it.
    params.cache_ram_mib = 0 if config.adapters else _HOST_CACHE_MIB
    params.cpuparams.n_threads = config.threads
    params.cpuparams_batch.n_threads = config.threads
    params.slot_save_path = f"{server_files(config.name).state.parent}/"
    params.endpoint_metrics = True
    params.endpoint_slots = True
    params.lora_adapters = [xllamacpp.CommonAdapterLoraInfo(path, 0.0) for path in config.adapters]
    params.ui = False
    params.warmup = False
    params.verbosity = 2
    return xllamacpp.Server(params)


def _slot_name(config: ServeConfig) -> str:
    """Give the name of the file that keeps the last prompt's key-value state while no server runs.

    It names what the state depends on: with another file or context it is not found, and the schema is read anew.
    """
    status = Path(config.path).stat()
    parts = f"{config.path} {status.st_size} {status.st_mtime_ns} {config.context}"
    return f"{server_files(config.name).state.stem}.{hashlib.sha256(parts.encode()).hexdigest()[:12]}.slot"


def _save_slot(server: LocalServer, name: str) -> None:
    """Save the last prompt's key-value state to the file `name`, for its owner only.

    With 904 tokens of the 0.5B model (11 MB) a new server gives its first answer after 1.7 s in place of 14.8 s.
    """
    with contextlib.suppress(OSError):  # a full disk: the next prompt is only slower
        slots = json.loads(read_url(server, "/slots", timeout_s=5))
        used = max(slots, key=lambda slot: int(slot.get("n_prompt_tokens") or 0))["id"]
        read_url(server, f"/slots/{used}?action=save", body={"filename": name}, timeout_s=20)
        (server_files(server.name).state.parent / name).chmod(0o600)


def _restore_slot(server: LocalServer, name: str) -> None:
    """Read a state that `_save_slot` left into the slot that the engine takes first."""
    with contextlib.suppress(OSError):  # nothing to restore
        read_url(server, f"/slots/{MOST_COMPLETIONS - 1}?action=restore", body={"filename": name}, timeout_s=20)


def _serve_until_idle(server: LocalServer, files: ServerFiles, idle_s: float, stop: threading.Event) -> None:
    """Come back when told to stop, when idle for `idle_s` seconds, or when the engine no longer listens."""
    totals = ""
    used = time.time()
    while not stop.wait(min(5.0, idle_s / 4)):
        try:
            busy, now = _activity(server)
        except TimeoutError:
            busy, now = True, totals  # it answers between two batches only, so it is at work
        except OSError:
            return
        if busy or now != totals:
            used = time.time()
        totals = now
        if time.time() - max(used, _modified(files.state)) > idle_s and _nobody_comes(files, idle_s):
            return


def _activity(server: LocalServer) -> tuple[bool, str]:
    """Tell whether a request is being worked on, and the token counters, which change with every request."""
    lines = read_url(server, "/metrics", timeout_s=5).decode().splitlines()
    busy = "llamacpp:requests_processing 0" not in lines
    return busy, "\n".join(line for line in lines if line.startswith("llamacpp:") and "_total " in line)


def _nobody_comes(files: ServerFiles, idle_s: float) -> bool:
    """Take the state file away unless a process has just touched it or is at it now."""
    try:
        with FileLock(files.start_lock, timeout=0):
            if time.time() - _modified(files.state) <= idle_s:
                return False
            files.state.unlink(missing_ok=True)
            return True
    except Timeout:
        return False


def _modified(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


if __name__ == "__main__":
    sys.exit(main())
