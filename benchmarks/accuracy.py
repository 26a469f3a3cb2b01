"""Asks the questions of a benchmark with one or several graphs, and prints what each gets right at what cost.

    .venv/bin/python benchmarks/accuracy.py --benchmark spider --graph direct --graph default --details runs/a.jsonl
    .venv/bin/python benchmarks/accuracy.py --benchmark spider --every 4 --ladder --model local:qwen2.5-coder-0.5b
    .venv/bin/python benchmarks/accuracy.py --benchmark spider-train --questions 120 --ablate
    .venv/bin/python benchmarks/accuracy.py --summarise runs/a.jsonl runs/b.jsonl

Each question is a JSON line in --details; a run that was killed goes on there. Every completion is kept in --record and
given back when the same is asked again: remove the file, or name another, to ask the models anew.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import platform
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import Any

from harness.details import Row, append_row, code_hash, key_of, read_rows, row_of, row_of_error
from harness.examples import examples_settings
from harness.questions import BENCHMARKS, load_benchmark
from harness.recorder import TALLY, Recording, RecordingEndpoint, Tally
from harness.summary import graph_summary, is_right, tables
from ladder import ABLATIONS, LADDER, graph_named

import agentsql
from agentsql import Settings, SQLAgent
from agentsql.errors import AgentSQLError
from agentsql.evaluation.questions import Benchmark, Question
from agentsql.graph import GraphSpec
from agentsql.models.spec import open_endpoint
from agentsql.settings import BudgetSettings, ExamplesSettings, SchemaSettings
from agentsql.types import Answered, StepFinished

VALUES_WAIT_S = 120.0
MOST_FAILURES = 3
"""Questions in a row that cannot be asked, after which the run ends, to be gone on with later."""
BUDGET = BudgetSettings(calls=40)
"""More than the default of 12, which would end `feather` in the middle of its corrections."""
RESULTS = Path(__file__).resolve().parent / "results"


def main() -> None:
    options = _options()
    if options.summarise:
        print(tables(read_rows(options.summarise)))
        return
    benchmark = load_benchmark(options.benchmark, every=options.every, first=options.questions)
    recording = Recording(options.record)
    rows: list[Row] = []
    for graph in options.graph:
        spec = graph_named(graph, plain=options.plain)
        name = graph if spec == graph_named(graph) else f"{graph}, plain"
        shown = any(node.step_name == "retrieve" for node in spec.nodes)
        examples = examples_settings(benchmark.questions) if shown else ExamplesSettings()
        answered = asyncio.run(Run(name, spec, options, recording, examples).answer(benchmark))
        _write_summary(answered, options)
        rows += answered
    recording.close()
    print(tables(rows))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--benchmark", default="spider", choices=list(BENCHMARKS))
    parser.add_argument("--questions", type=int, help="how many, from the start; of spider-train, the sample's size")
    parser.add_argument("--every", type=int, default=1, help="of these, ask only each so-many-th")
    parser.add_argument("--graph", action="append", help="may be given several times; default: direct, default")
    parser.add_argument("--ladder", action="store_true", help="instead: direct, with one part more each time")
    parser.add_argument("--ablate", action="store_true", help="instead: the default graph with one part off each time")
    parser.add_argument("--plain", action="store_true", help="let no model word the answers")
    parser.add_argument("--model", default=Settings().agent.sql_model)
    parser.add_argument("--chat-model", default="", help="the SQL model plays both roles without one")
    parser.add_argument("--concurrency", type=int, default=1, help="questions asked at a time")
    parser.add_argument("--details", type=Path, help="default: a new file in benchmarks/results")
    parser.add_argument("--record", type=Path, default=RESULTS / "completions.sqlite")
    parser.add_argument("--summarise", type=Path, nargs="+", metavar="DETAILS", help="print the tables of these files")
    options = parser.parse_args()
    options.graph = list(LADDER if options.ladder else ABLATIONS if options.ablate else options.graph or ())
    options.graph = options.graph or ["direct", "default"]
    options.details = options.details or RESULTS / f"accuracy-{time.strftime('%Y%m%d-%H%M%S')}.jsonl"
    return options


@dataclass(slots=True)
class Run:
    """One graph on the questions of a benchmark."""

    name: str
    spec: GraphSpec
    options: argparse.Namespace
    recording: Recording
    examples: ExamplesSettings

    async def answer(self, benchmark: Benchmark) -> list[Row]:
        """Ask what the details file does not have yet, and give the lines of all questions."""
        code = code_hash(self.spec)
        run_keys = {
            "benchmark": benchmark.name,
            "graph": self.name,
            "model": self.options.model,
            "chat_model": self.options.chat_model,
        }
        wanted = {key_of({**run_keys, "question_id": one.id}): one for one in benchmark.questions}
        rows = {key_of(row): row for row in read_rows([self.options.details]) if row["status"] != "error"}
        rows = {key: row for key, row in rows.items() if key in wanted}
        if other := sum(row["code"] != code for row in rows.values()):
            print(f"{self.name}: {other} questions in the details were answered by other code", file=sys.stderr)
        missing = [question for key, question in wanted.items() if key not in rows]
        failures = 0
        for _, group in groupby(missing, key=lambda one: one.db_id):
            of_database = list(group)
            free = asyncio.Semaphore(self.options.concurrency)
            with self._agent(of_database[0]) as agent:
                _wait_for_values(agent)
                for finished in asyncio.as_completed([_asked(agent, benchmark, one, free) for one in of_database]):
                    row = {**run_keys, "code": code, **await finished}
                    rows[key_of(row)] = row
                    append_row(self.options.details, row)
                    self._show_progress(list(rows.values()), len(wanted))
                    failures = failures + 1 if row["status"] == "error" else 0
                    if failures == MOST_FAILURES:
                        sys.exit(f"\n{failures} questions in a row could not be asked; the last: {row['text']}")
        print(file=sys.stderr)
        return list(rows.values())

    def _agent(self, question: Question) -> SQLAgent:
        models = [
            RecordingEndpoint(open_endpoint(spec, settings=Settings().models), self.recording)
            for spec in (self.options.model, self.options.chat_model)
            if spec
        ]
        notes = SchemaSettings(notes=question.notes)
        settings = replace(Settings(), budget=BUDGET, schema=notes, examples=self.examples)
        return SQLAgent(
            question.database, sql_model=models[0], chat_model=models[-1], graph=self.spec, settings=settings
        )

    def _show_progress(self, rows: Sequence[Row], total: int) -> None:
        right = 100 * sum(map(is_right, rows)) / len(rows)
        replayed = sum(row["replayed"] for row in rows)
        asked = sum(row["asked"] for row in rows)
        line = f"{self.name}: {len(rows)}/{total}, {right:.1f} % right, {replayed} of {asked} calls replayed"
        print(f"\r{line:<78}", end="", file=sys.stderr)


def _wait_for_values(agent: SQLAgent) -> None:
    """Wait until cell values can be looked up: else the first questions would be asked without them."""
    give_up_at = time.monotonic() + VALUES_WAIT_S
    while not agent.resources().values.is_current and time.monotonic() < give_up_at:
        time.sleep(0.1)


async def _asked(agent: SQLAgent, benchmark: Benchmark, question: Question, free: asyncio.Semaphore) -> Row:
    """Ask one question when it is its turn, and judge what comes; an error of the model is a line too."""
    async with free:
        tally = Tally()
        TALLY.set(tally)
        seen: dict[str, Any] = {}
        try:
            async for event in agent.astream(question.text, evidence=question.evidence):
                if isinstance(event, StepFinished):
                    seen.update(event.updates)
                elif isinstance(event, Answered):
                    answer = event.answer
        except AgentSQLError as exc:
            return row_of_error(question, exc)
    # A failed question is wrong even where the gold gives no rows either.
    sql = answer.sql if answer.status == "answered" else ""
    verdict = await asyncio.to_thread(benchmark.judge, question, sql)
    return row_of(question, answer, verdict, tally, seen)


def _write_summary(rows: Sequence[Row], options: argparse.Namespace) -> None:
    summary = {
        "benchmark": options.benchmark,
        "model": options.model,
        "chat_model": options.chat_model,
        "questions": len(rows),
        **graph_summary(rows),
        "concurrency": options.concurrency,
        "date": time.strftime("%Y-%m-%d"),
        "version": agentsql.__version__,
        "machine": f"{platform.machine()}, {platform.python_version()}",
    }
    RESULTS.mkdir(exist_ok=True)
    with (RESULTS / "accuracy.jsonl").open("a") as file:
        file.write(json.dumps(summary) + "\n")


if __name__ == "__main__":
    main()
