"""The systems that are compared, and the adapter of each, started under its own interpreter."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ENVIRONMENTS = HERE.parents[1] / "build" / "peers"
"""Holds a folder for each environment; `setup.sh` makes them."""
OWN = ""
"""The environment of the interpreter that runs this."""
START_S = 300.0
_MOST_LINE_BYTES = 2**22
_ENVIRONMENT = {"ANONYMIZED_TELEMETRY": "False", "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"}


@dataclass(frozen=True, slots=True)
class System:
    """One way to get from a question to SQL."""

    adapter: str
    """Name of a script in `adapters`, without `ask_`."""
    environment: str
    variant: str = ""

    @property
    def python(self) -> Path:
        """Give the interpreter that has its packages."""
        return ENVIRONMENTS / self.environment / "bin" / "python" if self.environment else Path(sys.executable)


SYSTEMS = {
    "bare": System("bare", OWN),
    "langchain-chain": System("langchain", "langchain", "chain"),
    "langchain-agent": System("langchain", "langchain", "agent"),
    "llamaindex": System("llamaindex", "llamaindex"),
    "vanna-legacy": System("vanna_legacy", "vanna"),
    "vanna-2": System("vanna2", "vanna2"),
    "premsql": System("premsql", "premsql"),
    "feather-loop": System("feather_loop", OWN),
    "agentsql-direct": System("agentsql", OWN, "direct"),
    "agentsql-default": System("agentsql", OWN, "default"),
    "agentsql-feather": System("agentsql", OWN, "feather"),
}


class AdapterStoppedError(Exception):
    """The adapter's process ended, or did not begin, or passed its time limit and was ended."""


class Adapter:
    """The running adapter of a system; it answers one question at a time."""

    def __init__(self, system: System, *, url: str, model: str, folder: Path) -> None:
        """Store what `start` needs; the adapter runs in `folder`, and its stderr goes to `log` there."""
        self._system = system
        self._options = ["--url", url, "--model", model, "--variant", system.variant]
        self._folder = folder
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> Mapping[str, str]:
        """Start it and give the versions of its packages.

        Raises:
            AdapterStoppedError: it does not start; the log says why.
        """
        if not self._system.python.exists():
            raise AdapterStoppedError(
                f"no {self._system.python}; run benchmarks/peers/setup.sh {self._system.environment}"
            )
        script = HERE / "adapters" / f"ask_{self._system.adapter}.py"
        # Where imports may not be cached, those of torch take a minute.
        inherited = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        with (self._folder / "log").open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                str(self._system.python),
                str(script),
                *self._options,
                cwd=self._folder,
                env=inherited | _ENVIRONMENT,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
                limit=_MOST_LINE_BYTES,
                start_new_session=True,  # so that what it starts ends with it
            )
        versions: Mapping[str, str] = (await self._line(START_S))["versions"]
        return versions

    async def ask(self, question: str, database: Path, evidence: str, *, limit_s: float) -> Mapping[str, Any]:
        """Give `sql`, `text` and `error` for a question.

        Raises:
            AdapterStoppedError: it gave none within `limit_s` seconds; start it again before the next question.
        """
        assert self._process and self._process.stdin
        asked = {"question": question, "database": str(database), "evidence": evidence}
        self._process.stdin.write(json.dumps(asked).encode() + b"\n")
        return await self._line(limit_s)

    async def stop(self) -> None:
        """End it with all that it started; nothing happens if it does not run."""
        if self._process:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            await self._process.wait()
            self._process = None

    async def _line(self, limit_s: float) -> dict[str, Any]:
        assert self._process and self._process.stdout
        try:
            line = await asyncio.wait_for(self._process.stdout.readline(), limit_s)
        except TimeoutError:
            await self.stop()
            raise AdapterStoppedError(f"no answer within {limit_s:g} s") from None
        if not line:
            await self.stop()
            raise AdapterStoppedError(f"its process ended; see {self._folder / 'log'}")
        found: dict[str, Any] = json.loads(line)
        return found
