"""Measures what serving costs: clients that stream at once, each with a model that takes seconds to write.

.venv/bin/python benchmarks/serving_load.py [--clients 100] [--rounds 5] [--model-seconds 4] [--workers N]

The model is scripted: it writes its tokens over `--model-seconds` and holds no core meanwhile, as a model on another
machine does. The overhead of a question is its wall time at the client less what the model took; on a machine that
other work keeps busy it is mostly waiting for a core, so processor time is told beside it, of the server and of the
agent alone. Clients begin spread over one such time, as people do. Memory is the server's, after each round.

With `--workers` it is the command `agentsql serve --workers N`, its model behind an address, and each client goes on
with a conversation of its own, whichever worker answers: what is kept of them, in one SQLite file or in the PostgreSQL
of `--conversations`, is counted at the end.
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
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
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
    parser.add_argument("--workers", type=int, default=0, help="processes of the real command; 0: in this program")
    parser.add_argument("--conversations", help="postgresql:// URL that the workers keep them in; default: a file")
    parser.add_argument("--serve", type=int, default=0, help=argparse.SUPPRESS)
    parser.add_argument("--serve-model", type=int, default=0, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.serve_model:
        serve_model(arguments.serve_model, arguments.model_seconds)
        return
    if arguments.serve:
        serve(arguments.serve, arguments.model_seconds, arguments.clients)
        return
    with server(arguments) as (address, process, log):
        numbers = asyncio.run(measure(address, process, arguments))
        if not arguments.workers:
            numbers["processor time of the agent alone, ms"] = round(asyncio.run(alone()), 1)
    if arguments.workers:
        numbers["lines of errors in the log"] = sum('"error"' in line.lower() for line in log)
    for what, number in numbers.items():
        print(f"{what:<44} {number}")
    folder = Path(__file__).resolve().parent / "results"
    machine = {"machine": platform.machine(), "cores": os.cpu_count(), "python": platform.python_version()}
    with (folder / "serving_load.jsonl").open("a") as file:
        file.write(json.dumps({**numbers, **machine, "version": agentsql.__version__}) + "\n")


@contextmanager
def server(arguments: argparse.Namespace) -> Iterator[tuple[str, int, list[str]]]:
    """Start a server; give its address, its process and a list that has its log once it has stopped."""
    port, again = free_port(), [sys.executable, __file__, "--model-seconds", str(arguments.model_seconds)]
    commands = [[*again, "--serve", str(port), "--clients", str(arguments.clients)]]
    with tempfile.TemporaryDirectory() as folder, ExitStack() as running:
        log = Path(folder) / "log"
        if arguments.workers:
            model = free_port()
            commands = [[*again, "--serve-model", str(model)], workers_command(folder, port, model, arguments)]
        variables = {**os.environ, "XDG_DATA_HOME": folder, "AGENTSQL_OBSERVE_LOG_FORMAT": "json"}
        for command in commands:
            with log.open("a") as file:
                process = subprocess.Popen(command, stderr=file, env=variables)
            running.callback(process.wait)
            running.callback(process.terminate)
        lines: list[str] = []
        yield f"http://127.0.0.1:{port}", process.pid, lines
        running.close()
        lines += log.read_text().splitlines()


def workers_command(folder: str, port: int, model: int, arguments: argparse.Namespace) -> list[str]:
    from agentsql.testing import tiny_database

    options = {
        "--db": tiny_database(Path(folder) / "tiny.sqlite"),
        "--port": port,
        "--workers": arguments.workers,
        "--concurrency": arguments.workers * arguments.clients,  # a worker may get all of them; no question waits
        "--sql-model": f"openai:scripted@http://127.0.0.1:{model}/v1",
        "--conversations": arguments.conversations or Path(folder) / "conversations.sqlite",
    }
    command = str(Path(sys.executable).with_name("agentsql"))
    return [command, "serve", *(str(word) for option in options.items() for word in option)]


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def serve_model(port: int, model_s: float) -> None:
    """Run OpenAI's chat completions, which take as long as those in the program."""
    import uvicorn
    from starlette.applications import Starlette
    from starlette.responses import JSONResponse, StreamingResponse
    from starlette.routing import Route

    async def complete(request: Any) -> Any:
        asked = await request.json()
        await asyncio.sleep(model_s / 2)
        said = reply(asked["messages"][-1]["content"])
        common = {"id": "0", "created": 0, "model": "scripted"}
        usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
        message, done = {"role": "assistant", "content": said}, {"index": 0, "finish_reason": "stop"}
        if not asked.get("stream"):
            choices = [{**done, "message": message}]
            return JSONResponse({**common, "object": "chat.completion", "choices": choices, "usage": usage})
        chunk = {**common, "object": "chat.completion.chunk", "choices": [{**done, "delta": message}], "usage": usage}
        return StreamingResponse(
            iter([f"data: {json.dumps(chunk)}\n\n", "data: [DONE]\n\n"]), media_type="text/event-stream"
        )

    async def models(_request: Any) -> Any:
        return JSONResponse({"object": "list", "data": [{"id": "scripted", "object": "model"}]})

    routes = [Route("/v1/chat/completions", complete, methods=["POST"]), Route("/v1/models", models)]
    uvicorn.run(Starlette(routes=routes), port=port, log_level="warning", timeout_keep_alive=120)


def reply(question: str) -> str:
    return "There are 4." if "No SQL" in question else SQL


def serve(port: int, model_s: float, clients: int) -> None:
    """Run the server with a model whose two replies of a question together take `model_s` seconds."""
    import uvicorn

    from agentsql.serving.app import create_app
    from agentsql.serving.fairness import FairQueue
    from agentsql.serving.server import spare_pauses
    from agentsql.serving.service import Service

    with tempfile.TemporaryDirectory() as folder:
        app = create_app(Service({"tiny": agent_in(folder, model_s)}, FairQueue(clients, clients)))
        spare_pauses()
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
    model = Slow(lambda messages: reply(messages[-1].content))
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
        await asyncio.gather(*(ask(http, 0.0) for _ in range(arguments.clients)))  # without a conversation
        for _ in range(arguments.rounds):
            before = processor_s(pid)
            starts = [chance.uniform(0, arguments.model_seconds) for _ in range(arguments.clients)]
            names = [f"{os.getpid()}-{number}" if arguments.workers else None for number in range(arguments.clients)]
            took = await asyncio.gather(*(ask(http, *one) for one in zip(starts, names, strict=True)))
            own += [1000 * (one - arguments.model_seconds) for one in took if one is not None]
            errors += sum(one is None for one in took)
            processor += processor_s(pid) - before
            memory.append(resident_mb(pid))
        turns = await asyncio.gather(*(kept_turns(http, name) for name in names if name))
    own.sort()
    asked = arguments.clients * arguments.rounds
    return {
        "clients": arguments.clients,
        "questions": asked,
        "errors": errors,
        **({"workers": arguments.workers, "turns kept in conversations": sum(turns)} if turns else {}),
        "overhead, median, ms": round(statistics.median(own), 1),
        "overhead, p95, ms": round(own[int(0.95 * len(own))], 1),
        "processor time of a question, ms": round(1000 * processor / asked, 1),
        "memory after the first round, MB": round(memory[0], 1),
        "memory after the last round, MB": round(memory[-1], 1),
        "load of the machine": round(os.getloadavg()[0], 1),
    }


async def kept_turns(http: httpx.AsyncClient, conversation: str) -> int:
    found = await http.get(f"/api/conversations/{conversation}")
    return len(found.json()["turns"]) if found.is_success else 0


async def ask(http: httpx.AsyncClient, start_s: float, conversation: str | None = None) -> float | None:
    """Stream one question after `start_s` seconds and give its wall time; None if it did not end in an answer."""
    await asyncio.sleep(start_s)
    began = time.perf_counter()
    last = ""
    body = {"question": "How many singers are there?", **({"conversation": conversation} if conversation else {})}
    async with http.stream("POST", "/api/ask/stream", json=body) as response:
        async for line in response.aiter_lines():
            if line.startswith("event:"):
                last = line
            elif line.startswith("data:") and (last == "event: error" or response.is_error):
                print(line)
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


def family(pid: int) -> list[int]:
    """Give a process and those that it started."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(one for child in children for one in family(int(child)))]


def processor_s(pid: int) -> float:
    fields = [Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split() for one in family(pid)]
    return sum(int(of[11]) + int(of[12]) for of in fields) / os.sysconf("SC_CLK_TCK")


def resident_mb(pid: int) -> float:
    pages = [int(Path(f"/proc/{one}/statm").read_text().split()[1]) for one in family(pid)]
    return sum(pages) * os.sysconf("SC_PAGE_SIZE") / 1e6


if __name__ == "__main__":
    main()
