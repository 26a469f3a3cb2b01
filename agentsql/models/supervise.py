"""Runs server processes side by side: waits until they are healthy, starts what dies again, stops them all."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from agentsql.errors import ModelUnreachableError

Say = Callable[[str, str], None]
"""Takes a server's label and one line that it logged or that is about it; called from several threads."""

_LOOK_S = 0.25
_LINES_KEPT = 20


@dataclass(frozen=True, slots=True)
class ServerProcess:
    """One server as it is started."""

    label: str
    command: tuple[str, ...]
    is_healthy: Callable[[], bool]
    """Tells whether it answers; asked from the supervising thread, so it must give up after a second or two."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """Variables besides those of this process."""
    stdin: Callable[[], str] = str
    """Gives the text that it reads at its start; asked after `prepare`."""
    prepare: Callable[[], object] = lambda: None
    """Called before each start."""
    final: frozenset[int] = frozenset()
    """Exit statuses that say it was told to stop by somebody else, so that it is not started again."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait for a server, and how often to start it again."""

    start_s: float = 1800.0
    """From start to healthy; the first start of a model downloads it."""
    look_s: float = 5.0
    """Between two looks at a healthy server."""
    sick_s: float = 60.0
    """A server that lives but has not been healthy for this long is killed and started again."""
    restarts: int = 5
    backoff_s: float = 1.0
    """Before the first restart; doubled with each further one, up to half a minute."""
    steady_s: float = 600.0
    """A server that was healthy for this long has its earlier deaths forgiven."""
    stop_s: float = 20.0
    """From the request to stop to the kill."""


def supervise(
    servers: Sequence[ServerProcess],
    *,
    say: Say,
    on_ready: Callable[[], None],
    stop: threading.Event,
    patience: Patience = Patience(),
) -> None:
    """Run the servers until `stop` is set or all were told to stop by others; none is left running.

    They are started one after another, because each measures the memory that is free while it starts.

    Args:
        on_ready: called once, when all are healthy for the first time.

    Raises:
        ModelUnreachableError: one ended before it was healthy, or died too often.
    """
    children = [_Child(server, say, patience) for server in servers]
    try:
        for child in children:
            child.start()
            while not child.is_ready():
                if stop.wait(_LOOK_S):
                    return
        on_ready()
        while not stop.wait(_LOOK_S) and not all(child.finished for child in children):
            for child in children:
                child.look_after()
    finally:
        _stop(children, patience.stop_s)


class _Child:
    """One server and its process."""

    def __init__(self, server: ServerProcess, say: Say, patience: Patience) -> None:
        self.server = server
        self.finished = False
        """True when it has been told to stop by somebody else."""
        self._patience = patience
        self._say = say
        self._process: subprocess.Popen[str] | None = None
        self._reader: threading.Thread | None = None
        self._lines: deque[str] = deque(maxlen=_LINES_KEPT)
        self._deaths = 0
        self._started = 0.0
        self._healthy_since = 0.0
        """Reading of `time.monotonic()`; 0 while it has not been healthy since its start."""
        self._looked = 0.0
        self._last_healthy = 0.0
        self._restart_at = 0.0

    def start(self) -> None:
        self.server.prepare()
        try:
            self._process = subprocess.Popen(
                self.server.command,
                env={**os.environ, **self.server.environment},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
                start_new_session=True,  # Ctrl-C reaches us only, and a signal to the group its own processes too
            )
        except OSError as exc:
            raise ModelUnreachableError(
                f"cannot run {self.server.command[0]!r} for the server {self.server.label!r}: {exc.strerror or exc}"
            ) from exc
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError), self._process.stdin as stdin:
            stdin.write(self.server.stdin())
        self._reader = threading.Thread(target=self._read, args=(self._process,), daemon=True)
        self._reader.start()
        self._started = time.monotonic()
        self._healthy_since = self._restart_at = 0.0

    def is_ready(self) -> bool:
        """Tell whether it is healthy; ModelUnreachableError if it ended before or is too slow."""
        assert self._process is not None
        status = self._process.poll()
        if status is not None:
            raise self._failure(f"ended at its start with status {status}")
        if self._look():
            return True
        if time.monotonic() - self._started > self._patience.start_s:
            raise self._failure(f"was not healthy after {self._patience.start_s:g} s")
        return False

    def look_after(self) -> None:
        """Start it again if it has died, kill it if it no longer answers."""
        assert self._process is not None
        now = time.monotonic()
        status = self._process.poll()
        if self.finished:
            return
        if self._restart_at:
            if now >= self._restart_at:
                self.start()
        elif status is not None:
            self._ended(status)
        elif not self._healthy_since:
            if self._look():
                self._tell("healthy again")
            elif now - self._started > self._patience.start_s:
                self._kill(f"not healthy {self._patience.start_s:g} s after its start")
        elif (
            now - self._looked > self._patience.look_s
            and not self._look()
            and now - self._last_healthy > self._patience.sick_s
        ):
            self._kill(f"has not answered for {self._patience.sick_s:g} s")

    def send(self, number: signal.Signals) -> None:
        """Send a signal to the process and those that it has started."""
        if self._process is not None and self._process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, number)

    def wait(self, timeout_s: float) -> bool:
        """Wait for the end of the process and its log; False if it has not come."""
        if self._process is None:
            return True
        try:
            self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            return False
        if self._reader is not None:
            self._reader.join(1.0)
        return True

    def _look(self) -> bool:
        self._looked = time.monotonic()
        healthy = self.server.is_healthy()
        if healthy:
            self._last_healthy = time.monotonic()
            self._healthy_since = self._healthy_since or self._last_healthy
        return healthy

    def _ended(self, status: int) -> None:
        # What the process has started may outlive it and keep the device's memory.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            assert self._process is not None
            os.killpg(self._process.pid, signal.SIGKILL)
        if status in self.server.final:
            self.finished = True
            self._tell("stopped by another command; not started again")
            return
        if self._healthy_since and time.monotonic() - self._healthy_since > self._patience.steady_s:
            self._deaths = 0
        self._deaths += 1
        if self._deaths > self._patience.restarts:
            raise self._failure(f"died {self._deaths} times, the last time with status {status}")
        wait_s = min(30.0, self._patience.backoff_s * 2 ** (self._deaths - 1))
        self._restart_at = time.monotonic() + wait_s
        self._tell(
            f"died with status {status}; starting it again in {wait_s:g} s"
            f" (restart {self._deaths} of at most {self._patience.restarts})"
        )

    def _kill(self, reason: str) -> None:
        self._tell(f"{reason}; killing it")
        self.send(signal.SIGKILL)

    def _failure(self, what: str) -> ModelUnreachableError:
        self.send(signal.SIGKILL)
        self.wait(2.0)
        log = "\n".join(self._lines) or "(nothing)"
        return ModelUnreachableError(f"the server {self.server.label!r} {what}; its log ends:\n{log}")

    def _tell(self, text: str) -> None:
        self._say(self.server.label, text)

    def _read(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        with process.stdout as lines:
            for line in lines:
                if text := line.rstrip():
                    self._lines.append(text)
                    self._tell(text)


def _stop(children: Sequence[_Child], limit_s: float) -> None:
    """End all processes, by force after `limit_s` seconds."""
    for child in children:
        child.send(signal.SIGTERM)
    deadline = time.monotonic() + limit_s
    for child in children:
        if not child.wait(max(0.0, deadline - time.monotonic())):
            child.send(signal.SIGKILL)
            child.wait(limit_s)
