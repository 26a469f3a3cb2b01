"""Measures what serving costs: clients that stream at once, each with a model that takes seconds to write.

.venv/bin/python benchmarks/serving_load.py [--clients 100] [--rounds 5] [--model-seconds 4]

The model is scripted: it writes its tokens over `--model-seconds` and holds no core meanwhile, as a model on another
machine does. The overhead of a question is its wall time at the client less what the model took; on a machine that
other work keeps busy it is mostly waiting for a core, so processor time is told beside it, of the server and of the
agent alone. Clients begin spread over one such time, as people do. Memory is the server's, after each round.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx

import agentsql

if TYPE_CHECKING:
    from agentsql import SQLAgent

SQL = "SELECT count(*) FROM singer"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clients", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--model-seconds", type=float, default=4.0)
    parser.add_argument("--serve", type=int, default=0, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.serve:
        serve(arguments.serve, arguments.model_seconds, arguments.clients)
        return
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen([sys.executable, __file__, "--serve", str(port), *sys.argv[1:]])
    try:
        numbers = asyncio.run(measure(f"http://127.0.0.1:{port}", server.pid, arguments))
        numbers["processor time of the agent alone, ms"] = round(asyncio.run(alone()), 1)
    finally:
        server.terminate()
        server.wait()
    for what, number in numbers.items():
        print(f"{what:<44} {number}")
    folder = Path(__file__).resolve().parent / "results"
    machine = {"machine": platform.machine(), "cores": os.cpu_count(), "python": platform.python_version()}
    with (folder / "serving_load.jsonl").open("a") as file:
        file.write(json.dumps({**numbers, **machine, "version": agentsql.__version__}) + "\n")


def serve(port: int, model_s: float, clients: int) -> None:
    """Run the server with a model whose two replies of a question together take `model_s` seconds."""
    import uvicorn

    from agentsql.serving.app import create_app
    from agentsql.serving.fairness import FairQueue
    from agentsql.serving.service import Service

    with tempfile.TemporaryDirectory() as folder:
        app = create_app(Service({"tiny": agent_in(folder, model_s)}, FairQueue(clients, clients)))
        uvicorn.run(app, port=port, log_level="warning", ws="none", timeout_keep_alive=120)


def agent_in(folder: str, model_s: float) -> SQLAgent:
    """Give an agent that keeps all it keeps in `folder`."""
    from agentsql import SQLAgent
    from agentsql.testing import ScriptedModel, tiny_database

    class Slow(ScriptedModel):
        async def complete(self, messages: Any, **options: Any) -> Any:
            await asyncio.sleep(model_s / 2)
            self.asked.clear()  # it keeps prompts for tests, and is no part of what is measured
            return await super().complete(messages, **options)

    os.environ["XDG_DATA_HOME"] = folder
    model = Slow(lambda messages: "There are 4." if "No SQL" in messages[-1].content else SQL)
    return SQLAgent(tiny_database(Path(folder) / "tiny.sqlite"), sql_model=model)


async def alone(questions: int = 100) -> float:
    """Give the processor time of a question that no server stands before, in ms."""
    with tempfile.TemporaryDirectory() as folder, agent_in(folder, 0.0) as agent:
        before = 0.0
        for number in range(2 * questions):
            if number == questions:
                before = time.process_time()
            async for _ in agent.astream("How many singers are there?"):
                pass
        return 1000 * (time.process_time() - before) / questions


async def measure(address: str, pid: int, arguments: argparse.Namespace) -> dict[str, float]:
    """Give the numbers of all rounds."""
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=None)
    chance = random.Random(0)
    own: list[float] = []
    errors = 0
    memory: list[float] = []
    processor = 0.0
    async with httpx.AsyncClient(base_url=address, timeout=120, limits=limits, trust_env=False) as http:
        await until_ready(http)
        await asyncio.gather(*(ask(http, 0.0) for _ in range(arguments.clients)))
        for _ in range(arguments.rounds):
            before = processor_s(pid)
            starts = [chance.uniform(0, arguments.model_seconds) for _ in range(arguments.clients)]
            took = await asyncio.gather(*(ask(http, start) for start in starts))
            own += [1000 * (one - arguments.model_seconds) for one in took if one is not None]
            errors += sum(one is None for one in took)
            processor += processor_s(pid) - before
            memory.append(resident_mb(pid))
    own.sort()
    asked = arguments.clients * arguments.rounds
    return {
        "clients": arguments.clients,
        "questions": asked,
        "errors": errors,
        "overhead, median, ms": round(statistics.median(own), 1),
        "overhead, p95, ms": round(own[int(0.95 * len(own))], 1),
        "processor time of a question, ms": round(1000 * processor / asked, 1),
        "memory after the first round, MB": round(memory[0], 1),
        "memory after the last round, MB": round(memory[-1], 1),
        "load of the machine": round(os.getloadavg()[0], 1),
    }


async def ask(http: httpx.AsyncClient, start_s: float) -> float | None:
    """Stream one question after `start_s` seconds and give its wall time; None if it did not end in an answer."""
    await asyncio.sleep(start_s)
    began = time.perf_counter()
    last = ""
    async with http.stream("POST", "/api/ask/stream", json={"question": "How many singers are there?"}) as response:
        async for line in response.aiter_lines():
            if line.startswith("event:"):
                last = line
    return time.perf_counter() - began if last == "event: answered" else None


async def until_ready(http: httpx.AsyncClient) -> None:
    for _ in range(600):
        try:
            if (await http.get("/ready")).is_success:
                return
        except httpx.TransportError:
            pass
        await asyncio.sleep(0.2)
    raise SystemExit("the server did not start")


def processor_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_mb(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


if __name__ == "__main__":
    main()
