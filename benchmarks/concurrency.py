"""How much sooner `agentsql run` ends on one vLLM server when it asks several questions at a time.

    scripts/vllm_cpu.sh                                        # a vLLM for the CPU and a model for it, once
    .venv/bin/python benchmarks/concurrency.py [--questions 32] [--graph direct] [--graph default] [--at-once 1 4 16]
    .venv/bin/python benchmarks/concurrency.py --url http://HOST:8000/v1

A server of yours must have been started with VLLM_SERVER_DEV_MODE=1: each run starts with an empty prefix cache.
Seconds are those of the whole command, its own start included. Needs Spider in ../shared/benchmarks/spider.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from harness.questions import SPIDER
from harness.vllm_server import ROOT, vllm_server

import agentsql
from agentsql.evaluation.records import TRACES, read_records


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url", default="", help="base URL of a running server; without it one is started")
    parser.add_argument("--questions", type=int, default=32, help="taken evenly from the open ones of Spider dev")
    parser.add_argument("--graph", action="append", help="may be given several times; default: direct")
    parser.add_argument("--at-once", type=int, nargs="+", default=[1, 4, 16], help="questions in flight")
    arguments = parser.parse_args()
    rows = []
    with vllm_server(arguments.url) as url, tempfile.TemporaryDirectory(prefix="agentsql-concurrency-") as made:
        questions = _questions(arguments.questions, Path(made))
        for graph in arguments.graph or ["direct"]:
            for at_once in arguments.at_once:
                rows.append(_run(questions, graph, at_once, url, Path(made) / f"{graph}-{at_once}"))
                print(json.dumps(rows[-1]), file=sys.stderr)
    _show(rows)
    folder = Path(__file__).resolve().parent / "results"
    folder.mkdir(exist_ok=True)
    with (folder / "concurrency.jsonl").open("a") as file:
        for row in rows:
            file.write(json.dumps(row) + "\n")


def _questions(count: int, folder: Path) -> Path:
    """Write `count` questions, evenly taken, in Spider's own layout."""
    rows = json.loads((SPIDER / "dev.json").read_text())
    path = folder / "dev.json"
    path.write_text(json.dumps(rows[:: len(rows) // count][:count]))
    for beside in ("tables.json", "database"):
        (folder / beside).symlink_to(SPIDER / beside)
    return path


def _run(questions: Path, graph: str, at_once: int, url: str, out: Path) -> dict[str, object]:
    _reset_cache(url)
    started = time.perf_counter()
    command = [ROOT / ".venv/bin/agentsql", "run", "--questions", questions, "--out", out, "--graph", graph]
    command += ["--sql-model", f"vllm:sql@{url}", "--chat-model", f"vllm:chat@{url}", "--concurrency", str(at_once)]
    subprocess.run(list(map(str, command)), check=True, stdout=sys.stderr)
    seconds = time.perf_counter() - started
    records = list(read_records(out / TRACES))
    return {
        "graph": graph,
        "at_once": at_once,
        "questions": len(records),
        "seconds": round(seconds, 1),
        "right": sum(bool(one.suite if one.suite is not None else one.correct) for one in records),
        "calls": sum(one.calls for one in records),
        "completion_tokens": sum(one.completion_tokens for one in records),
        "errors": sum(one.status == "error" for one in records),
        "machine": platform.machine(),
        "cores": os.cpu_count(),
        "version": agentsql.__version__,
    }


def _reset_cache(url: str) -> None:
    request = urllib.request.Request(f"{url.removesuffix('/v1')}/reset_prefix_cache", method="POST")
    with urllib.request.urlopen(request, timeout=30):
        pass


def _show(rows: list[dict[str, object]]) -> None:
    print("| graph | at once | questions | seconds | as fast as the first | right | calls | completion tokens |")
    print("|---|---|---|---|---|---|---|---|")
    first: dict[object, float] = {}
    for row in rows:
        seconds = float(str(row["seconds"]))
        ratio = first.setdefault(row["graph"], seconds) / seconds
        shown = [row["graph"], row["at_once"], row["questions"], row["seconds"], f"{ratio:.1f}", row["right"]]
        print("| " + " | ".join(map(str, [*shown, row["calls"], row["completion_tokens"]])) + " |")


if __name__ == "__main__":
    main()
