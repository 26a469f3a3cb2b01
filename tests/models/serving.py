"""`agentsql models serve` run as a program, for tests that need its servers."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

BUILD = Path(__file__).resolve().parents[2] / "build" / "vllm"
TINY = BUILD / "model"
"""Two layers of random weights, with a LoRA adapter in `adapter`."""
QWEN = BUILD / "qwen-0.5b"


class Served:
    """One run of the command; what it logs is read as it comes."""

    def __init__(self, *arguments: str, environment: Mapping[str, str] | None = None) -> None:
        self.log: list[str] = []
        self._command = subprocess.Popen(
            [Path(sys.executable).with_name("agentsql"), "models", "serve", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def specs(self) -> tuple[str, str]:
        """Give the model specs of the SQL and the chat role, once the servers are up."""
        assert self._command.stdout is not None
        for line in self._command.stdout:
            if found := re.search(r"--sql-model (\S+) --chat-model (\S+)", line):
                return found[1], found[2]
        self._reader.join(5)
        raise AssertionError("\n".join(self.log[-40:]))

    def wait_for(self, text: str, *, timeout_s: float = 60) -> str:
        """Give the first line of the log that holds `text`."""
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            if found := next((line for line in self.log if text in line), ""):
                return found
            time.sleep(0.05)
        raise AssertionError("\n".join([f"no {text!r} within {timeout_s} s:", *self.log[-40:]]))

    def children(self) -> dict[int, str]:
        """Give the process ids of its servers with their command lines."""
        own = self._command.pid
        found = Path(f"/proc/{own}/task/{own}/children").read_text().split()
        return {int(child): Path(f"/proc/{child}/cmdline").read_text().replace("\0", " ") for child in found}

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal and give the exit status."""
        self._command.send_signal(number)
        status = self._command.wait(60)
        self._reader.join(5)
        assert self._command.stdout is not None
        self._command.stdout.close()
        return status

    def _read(self) -> None:
        assert self._command.stderr is not None
        with self._command.stderr as lines:
            for line in lines:
                self.log.append(line.rstrip())


def serve_vllm(model: Path, *arguments: str, options: tuple[str, ...] = ()) -> Served:
    """Start a real vLLM of `model` on the CPU for both roles; the test is skipped where there is none."""
    if not (BUILD / "ready").exists() or not model.exists():
        pytest.skip("needs a vLLM for the CPU and its models; make them with scripts/vllm_cpu.sh")
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    # Threads that wait actively take the processor from whatever else runs.
    environment |= {"HF_HUB_OFFLINE": "1", "VLLM_NO_USAGE_STATS": "1", "OMP_WAIT_POLICY": "passive"}
    given = ["--chat", str(model), "--python", str(BUILD / "venv/bin/python"), *arguments]
    if "--port" not in arguments:
        given += ["--port", str(free_port())]
    return Served(*given, "--", "--enforce-eager", *options, environment=environment)


def serve_tiny(*arguments: str, options: tuple[str, ...] = ()) -> Served:
    """Start a real vLLM of the model without sense, which is there in no time."""
    size = ("--load-format", "dummy", "--max-model-len", "2048", "--kv-cache-memory-bytes", "64M")
    return serve_vllm(TINY, *arguments, options=(*size, *options))


def free_port() -> int:
    """Give a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
