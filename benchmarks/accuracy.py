"""Asks the questions of a benchmark with one or several graphs, and prints what each gets right at what cost.

    .venv/bin/python benchmarks/accuracy.py --benchmark spider --graph direct --graph default --out runs/a
    .venv/bin/python benchmarks/accuracy.py --benchmark spider --every 4 --ladder --model local:qwen2.5-coder-0.5b
    .venv/bin/python benchmarks/accuracy.py --benchmark spider-train --questions 120 --ablate
    .venv/bin/python benchmarks/accuracy.py --hardness hard --hardness extra --graph default --graph decomposed
    .venv/bin/python benchmarks/accuracy.py --summarise runs/a/direct runs/a/default

Each graph is a run's folder in --out, as of `agentsql run`; a run that was killed goes on there. Every completion is
kept in --record and given back when the same is asked again: remove the file, or name another, to ask the models anew.
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from harness.examples import examples_settings
from harness.questions import BENCHMARKS, load_benchmark
from harness.recorder import RecordedAgent, Recording, RecordingEndpoint
from harness.summary import graph_summary, tables
from ladder import ABLATIONS, LADDER, graph_named

import agentsql
from agentsql import Settings, SQLAgent
from agentsql.cli.evaluate_load import Source, load_evaluation
from agentsql.errors import AgentSQLError
from agentsql.evaluation.evaluate import evaluate
from agentsql.evaluation.questions import Benchmark, Question
from agentsql.evaluation.records import TRACES, read_records
from agentsql.evaluation.saved import FILE, write_evaluation
from agentsql.evaluation.score import Evaluation
from agentsql.graph import GraphSpec
from agentsql.models.spec import open_endpoint
from agentsql.runs.batch import RunPlan, bounds_for, run_benchmark
from agentsql.runs.manifest import read_manifest
from agentsql.runs.progress import Progress
from agentsql.settings import BudgetSettings, ExamplesSettings

BUDGET = BudgetSettings(calls=40)
"""More than the default of 12, which would end `feather` in the middle of its corrections."""
RESULTS = Path(__file__).resolve().parent / "results"


def main() -> None:
    options = _options()
    try:
        evaluations = _read(options.summarise) if options.summarise else _measure(options)
    except AgentSQLError as exc:
        sys.exit(f"\n{exc}")
    print(tables(evaluations))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--benchmark", default="spider", choices=list(BENCHMARKS))
    parser.add_argument("--questions", type=int, help="how many, from the start; of spider-train, the sample's size")
    parser.add_argument("--every", type=int, default=1, help="of these, ask only each so-many-th")
    parser.add_argument(
        "--hardness", action="append", help="of these, ask only those so hard; may be given several times"
    )
    parser.add_argument("--graph", action="append", help="may be given several times; default: direct, default")
    parser.add_argument("--ladder", action="store_true", help="instead: direct, with one part more each time")
    parser.add_argument("--ablate", action="store_true", help="instead: the default graph with one part off each time")
    parser.add_argument("--plain", action="store_true", help="let no model word the answers")
    parser.add_argument("--model", default=Settings().agent.sql_model)
    parser.add_argument("--chat-model", default="", help="the SQL model plays both roles without one")
    parser.add_argument("--concurrency", type=int, default=1, help="questions asked at a time")
    parser.add_argument("--out", type=Path, help="default: a new folder in benchmarks/results")
    parser.add_argument("--record", type=Path, default=RESULTS / "completions.sqlite")
    parser.add_argument("--summarise", type=Path, nargs="+", metavar="FOLDER", help="print the tables of these runs")
    options = parser.parse_args()
    options.graph = list(LADDER if options.ladder else ABLATIONS if options.ablate else options.graph or ())
    options.graph = options.graph or ["direct", "default"]
    options.out = options.out or RESULTS / f"accuracy-{time.strftime('%Y%m%d-%H%M%S')}"
    return options


@dataclass(frozen=True, slots=True)
class Measurement:
    """Questions that several graphs are asked with the same models."""

    benchmark: Benchmark
    out: Path
    recording: Recording
    model: str
    chat_model: str = ""
    concurrency: int = 1

    def evaluation_of(self, name: str, spec: GraphSpec, examples: ExamplesSettings) -> Evaluation:
        """Ask what the graph's folder does not have yet, and score all of it."""
        folder = self.out / name

        def opened(question: Question, settings: Settings) -> SQLAgent:
            models = [
                RecordingEndpoint(open_endpoint(one, settings=settings.models), self.recording)
                for one in (self.model, self.chat_model)
                if one
            ]
            # Examples as they are given: the run would leave out those of the evaluated databases in any case.
            return RecordedAgent(
                question.database,
                sql_model=models[0],
                chat_model=models[-1],
                graph=spec,
                settings=replace(settings, examples=examples),
            )

        def report(progress: Progress) -> None:
            right = 100 * (progress.accuracy or 0)
            line = f"{name}: {progress.done}/{progress.total}, {right:.1f} % right on one database"
            print(f"\r{line:<78}", end="", file=sys.stderr)

        plan = RunPlan(
            replace(Settings(), budget=BUDGET, examples=examples),
            graph=spec,
            sql_model=self.model,
            chat_model=self.chat_model or None,
            open_with=opened,
            source={"questions": str(BENCHMARKS[self.benchmark.name]), "databases": "", "benchmark": ""},
        )
        # One question at a time, so that none waits for the model of another.
        bounds = replace(bounds_for(plan), concurrency=self.concurrency, databases=1, in_order=True)
        run_benchmark(
            self.benchmark,
            folder,
            replace(plan, bounds=bounds),
            resume=True,
            retry_errors=True,
            report=report,
            say=lambda line: print(f"\n{line}", file=sys.stderr),
        )
        print(file=sys.stderr)
        records = {record.question_id: record for record in read_records(folder / TRACES)}
        found = evaluate(self.benchmark, records, name=name, run=read_manifest(folder))
        write_evaluation(found, folder / FILE)
        return found


def _measure(options: argparse.Namespace) -> list[Evaluation]:
    benchmark = load_benchmark(
        options.benchmark, every=options.every, first=options.questions, hardness=tuple(options.hardness or ())
    )
    if not benchmark.questions:
        sys.exit(f"no question of {options.benchmark} is left of those asked for; look at --hardness and --questions")
    recording = Recording(options.record)
    measurement = Measurement(benchmark, options.out, recording, options.model, options.chat_model, options.concurrency)
    evaluations = []
    try:
        for graph in options.graph:
            spec = graph_named(graph, plain=options.plain)
            shown = any(node.step_name == "retrieve" for node in spec.nodes)
            examples = examples_settings(benchmark.questions) if shown else ExamplesSettings()
            evaluations.append(measurement.evaluation_of(Path(graph).stem, spec, examples))
            _write_summary(evaluations[-1], options)
    finally:
        recording.close()
    return evaluations


def _read(folders: Sequence[Path]) -> list[Evaluation]:
    """Give the evaluations of runs, under names of which no two are equal."""
    names = Counter(folder.resolve().name for folder in folders)
    evaluations = [load_evaluation(folder, Source()) for folder in folders]
    return [
        replace(one, name=str(folder)) if names[folder.resolve().name] > 1 else one
        for folder, one in zip(folders, evaluations, strict=True)
    ]


def _write_summary(evaluation: Evaluation, options: argparse.Namespace) -> None:
    summary = {
        "benchmark": options.benchmark,
        "model": options.model,
        "chat_model": options.chat_model,
        "plain": options.plain,
        "questions": len(evaluation.scored),
        "hardness": options.hardness,
        **graph_summary(evaluation),
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
