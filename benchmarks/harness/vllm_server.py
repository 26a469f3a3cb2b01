"""A real vLLM on the CPU for a measurement, with one model in both roles."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VLLM = ROOT / "build" / "vllm"
"""What scripts/vllm_cpu.sh makes."""
PORT = "8765"


@contextmanager
def vllm_server(url: str = "", *, block_size: str = "32") -> Iterator[str]:
    """Give the base URL of a server that has its model as `chat` and `sql`, stopped in the end if it was started here.

    Args:
        url: of a running server; without it one is started with qwen2.5-coder-0.5b.
        block_size: tokens that its prefix cache keeps together.
    """
    if url:
        yield url.rstrip("/")
        return
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    # Threads that wait actively take the processor from whatever else runs. The last lets `reset_cache` in.
    environment |= {"HF_HUB_OFFLINE": "1", "VLLM_NO_USAGE_STATS": "1", "OMP_WAIT_POLICY": "passive"}
    environment["VLLM_SERVER_DEV_MODE"] = "1"
    command = [ROOT / ".venv/bin/agentsql", "models", "serve", "--chat", VLLM / "qwen-0.5b"]
    command += ["--python", VLLM / "venv/bin/python", "--port", PORT]
    command += ["--", "--enforce-eager", "--max-model-len", "8192", "--kv-cache-memory-bytes", "1G"]
    command += ["--block-size", block_size]
    serving = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=(VLLM / "serve.log").open("wb"), text=True, env=environment
    )
    try:
        assert serving.stdout is not None
        found = next((found for line in serving.stdout if (found := re.search(r"vllm:sql@(\S+)", line))), None)
        if found is None:
            raise SystemExit(f"the server did not start; its log is {VLLM / 'serve.log'}")
        yield found[1]
    finally:
        serving.terminate()
        serving.wait(60)
