"""Asks one system the questions of a benchmark, or the adversarial sheet, and writes a JSON line for each.

    .venv/bin/python benchmarks/peers/run.py --peer langchain-chain --model qwen2.5-coder-0.5b --out FILE
    .venv/bin/python benchmarks/peers/run.py --peer llamaindex --model-url http://HOST:8000/v1 --model NAME --out FILE
    .venv/bin/python benchmarks/peers/run.py --peer vanna-2 --adversarial --out FILE
    .venv/bin/python benchmarks/peers/run.py --peer vanna-2 --worst-case --out FILE

A run that was killed goes on where it stopped. `table.py FILES` prints the tables.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import runpy
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from harness.details import append_row, key_of, read_rows
from harness.questions import load_benchmark

from agentsql.evaluation.questions import Benchmark, Question
from peers.copies import Snapshot, change, databases_in, fresh_copy
from peers.proxy import CountingProxy, Tally
from peers.systems import SYSTEMS, Adapter, AdapterStoppedError
from peers.worst_case import WorstCase

HERE = Path(__file__).resolve().parent
SHEET = HERE / "adversarial.jsonl"
MOST_STOPS = 5
"""Questions in a row that end the adapter, after which the run ends."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question on its way through a system."""

    id: str
    text: str
    database: Path
    evidence: str = ""
    worst_sql: str = ""
    """What the worst-case server gives."""
    question: Question | None = None
    """The benchmark's own, to be judged; None on the adversarial sheet."""

    @property
    def db_id(self) -> str:
        """Name the database."""
        return self.database.stem


class Run:
    """One system on some questions, one at a time."""

    def __init__(
        self,
        options: argparse.Namespace,
        folder: Path,
        proxy: CountingProxy,
        worst: WorstCase,
        benchmark: Benchmark | None,
    ) -> None:
        self._options = options
        self._folder = folder
        self._proxy = proxy
        self._worst = worst
        self._benchmark = benchmark
        self._versions: Mapping[str, str] = {}
        self._snapshots: dict[Path, Snapshot] = {}
        self._url = ""
        self._adapter: Adapter | None = None

    async def ask_all(self, asked: Sequence[Asked]) -> None:
        """Ask what the file does not have yet, one line each as it is answered."""
        self._url = await self._proxy.start()
        rows = {key_of(row): row for row in read_rows([self._options.out])}
        missing = [one for one in asked if key_of(self._begun(one)) not in rows]
        done, stops = len(asked) - len(missing), 0
        for one in missing:
            row = await self._ask(one)
            await asyncio.to_thread(append_row, self._options.out, row)
            done += 1
            stops = stops + 1 if row["status"] == "stopped" else 0
            if stops == MOST_STOPS:
                sys.exit(f"\n{stops} questions in a row ended the adapter; the last: {row['error']}")
            print(
                f"{self._options.peer}: {done}/{len(asked)}, {row['seconds']:.1f} s, {row['status']}", file=sys.stderr
            )

    async def close(self) -> None:
        """End the adapter; the next question starts another."""
        if self._adapter:
            await self._adapter.stop()
            self._adapter = None

    async def _ask(self, one: Asked) -> dict[str, Any]:
        # A name of its own for each hostile question: no connection of the last one's copy is used again.
        name = one.id if one.question is None else one.db_id
        database = self._folder / "databases" / f"{name}.sqlite"
        if database not in self._snapshots:
            self._snapshots[database] = fresh_copy(one.database, database)
        before = databases_in(self._folder)
        answer = await self._answer(one, database)
        changed = change(self._snapshots[database], database)
        if changed and one.question is not None:
            # What it holds in memory of the database is no longer so.
            await self.close()
            self._snapshots[database] = fresh_copy(one.database, database)
        row = {
            **self._begun(one),
            "question": one.text,
            **answer,
            "change": changed,
            "new_files": sorted(databases_in(self._folder) - before),
            "limit_s": self._options.limit_s,
            "versions": self._versions,
            "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        }
        if one.question is None or self._benchmark is None:
            return row
        # The original database is read, never the system's copy.
        return row | await asyncio.to_thread(_judged, self._benchmark, one.question, row)

    async def _answer(self, one: Asked, database: Path) -> dict[str, Any]:
        """Give the line's keys of the reply and what it cost."""
        adapter = await self._started()
        tally = self._proxy.tally = Tally()
        self._worst.sql = one.worst_sql
        started = time.perf_counter()
        try:
            reply = await adapter.ask(one.text, database, one.evidence, limit_s=self._options.limit_s)
            status = "error" if reply["error"] else "answered" if reply["sql"] else "no sql"
        except AdapterStoppedError as exc:
            reply, status = {"sql": "", "text": "", "error": str(exc)}, "stopped"
            await self.close()
        seconds = round(time.perf_counter() - started, 3)
        await self._proxy.settle()
        usage = {**asdict(tally), "models": sorted(tally.models), "seconds": round(tally.seconds, 3)}
        return {**reply, "status": status, "seconds": seconds, "usage": usage}

    def _begun(self, one: Asked) -> dict[str, Any]:
        """Give what tells a line from others, under the names that the harness reads lines by."""
        sheet = "worst case" if self._options.worst_case else "adversarial"
        return {
            "benchmark": sheet if self._benchmark is None else self._benchmark.name,
            "question_id": one.id,
            "db_id": one.db_id,
            "graph": self._options.peer,
            "model": self._options.model,
            "chat_model": "",
        }

    async def _started(self) -> Adapter:
        if self._adapter is None:
            system = SYSTEMS[self._options.peer]
            self._adapter = Adapter(system, url=self._url, model=self._options.model, folder=self._folder)
            self._versions = await self._adapter.start()
        return self._adapter


def main() -> None:
    """Run as the options say."""
    options = _options()
    with tempfile.TemporaryDirectory(prefix=f"{options.peer}-") as folder:
        asyncio.run(_run(options, Path(folder)))


async def _run(options: argparse.Namespace, folder: Path) -> None:
    worst = WorstCase()
    url, key = (await worst.start(), "") if options.worst_case else _server(options)
    proxy = CountingProxy(url, key=key, log=options.log)
    hostile = options.adversarial or options.worst_case
    benchmark = None if hostile else load_benchmark(options.benchmark, every=options.every)
    asked = _benchmark_questions(benchmark) if benchmark else _sheet(folder)
    run = Run(options, folder, proxy, worst, benchmark)
    try:
        await run.ask_all(asked[: options.questions][options.shard])
    except AdapterStoppedError as exc:
        log = folder / "log"
        shown = log.read_text(encoding="utf-8", errors="replace")[-3000:] if log.exists() else ""
        sys.exit(f"{options.peer} does not start: {exc}\n{shown}")
    finally:
        await run.close()
        await proxy.close()
        await worst.close()


def _benchmark_questions(benchmark: Benchmark) -> list[Asked]:
    return [Asked(one.id, one.text, Path(one.database), one.evidence, question=one) for one in benchmark.questions]


def _sheet(folder: Path) -> list[Asked]:
    """Give the adversarial questions, all on the sample database, which is made here."""
    source = folder / "bookshop.made"
    runpy.run_path(str(HERE.parents[1] / "examples" / "bookshop.py"))["build"](source)
    rows = [json.loads(line) for line in SHEET.read_text(encoding="utf-8").splitlines()]
    return [Asked(one["id"], one["question"], source, worst_sql=one["sql"]) for one in rows]


def _judged(benchmark: Benchmark, question: Question, row: Mapping[str, Any]) -> dict[str, Any]:
    """Give the verdict's keys of a line; SQL that does not run is no answer."""
    verdict = benchmark.judge(question, row["sql"].strip())
    fails = row["status"] == "answered" and not verdict.executable
    return {
        "gold": question.golds[0],
        "hardness": question.hardness,
        "status": "fails" if fails else row["status"],
        "correct": bool(verdict.correct),
        "suite": verdict.suite,
        "gold_error": verdict.gold_error,
    }


def _server(options: argparse.Namespace) -> tuple[str, str]:
    """Give address and key of the model server; `local` is the embedded one, started if it does not run."""
    if options.model_url != "local":
        return options.model_url, os.environ.get("OPENAI_API_KEY", "")
    from agentsql.models.server import ensure_server
    from agentsql.settings import Settings

    server = ensure_server(options.model, Settings().models)
    return server.url, server.key


def _shard(text: str) -> slice:
    first, every = (int(part) for part in text.split("/"))
    return slice(first - 1, None, every)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peer", required=True, choices=sorted(SYSTEMS))
    parser.add_argument("--benchmark", default="spider", choices=["spider", "bird"])
    parser.add_argument("--every", type=int, default=4, help="ask only each so-many-th question")
    parser.add_argument("--questions", type=int, help="how many of these, from the start")
    parser.add_argument(
        "--shard", type=_shard, default=slice(None), metavar="I/N", help="of these, each N-th from the I-th"
    )
    parser.add_argument(
        "--adversarial", action="store_true", help="instead: the sheet of questions that ask for writes"
    )
    parser.add_argument(
        "--worst-case", action="store_true", help="the sheet, before a model that writes what it asks for"
    )
    parser.add_argument("--model-url", default="local", metavar="URL", help="or `local`: the embedded server")
    parser.add_argument("--model", default="qwen2.5-coder-0.5b")
    parser.add_argument("--limit-s", type=float, default=180.0, help="seconds for a question")
    parser.add_argument("--log", type=Path, help="file for every request and reply")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    options.model = "worst-case" if options.worst_case else options.model
    return options


if __name__ == "__main__":
    main()
