"""`agentsql models serve` run as a program, for tests that need its servers."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path


class Served:
    """One run of the command; what it logs is read as it comes."""

    def __init__(self, *arguments: str) -> None:
        self.log: list[str] = []
        self._command = subprocess.Popen(
            [Path(sys.executable).with_name("agentsql"), "models", "serve", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def specs(self) -> tuple[str, str]:
        """Give the model specs of the SQL and the chat role, once the servers are up."""
        assert self._command.stdout is not None
        for line in self._command.stdout:
            if found := re.search(r"--sql-model (\S+) --chat-model (\S+)", line):
                return found[1], found[2]
        raise AssertionError("\n".join(self.log[-40:]))

    def wait_for(self, text: str, *, timeout_s: float = 60) -> str:
        """Give the first line of the log that holds `text`."""
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            if found := next((line for line in self.log if text in line), ""):
                return found
            time.sleep(0.05)
        raise AssertionError("\n".join([f"no {text!r} within {timeout_s} s:", *self.log[-40:]]))

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
