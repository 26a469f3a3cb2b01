"""Measure two graphs on questions of your own, and say whether one is better.

    python examples/evaluation.py [FOLDER]

The same by commands: agentsql run, agentsql evaluate, agentsql evaluate compare. The folder keeps both runs.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from agentsql.evaluation.benchmarks import open_benchmark
from agentsql.evaluation.compare import compare
from agentsql.evaluation.evaluate import evaluate
from agentsql.evaluation.records import TRACES, read_records
from agentsql.evaluation.score import Evaluation, accuracy
from agentsql.runs.batch import RunPlan, run_benchmark
from agentsql.settings import load_settings

QUESTIONS = Path(__file__).with_name("bookshop.questions.jsonl")


def measured(graph: str, folder: Path) -> Evaluation:
    """Answer all questions by a graph, and judge the answers by execution."""
    benchmark = open_benchmark(QUESTIONS)
    run_benchmark(benchmark, folder / graph, RunPlan(load_settings().settings, graph=graph), resume=True)
    records = {record.question_id: record for record in read_records(folder / graph / TRACES)}
    return evaluate(benchmark, records, name=graph)


def main() -> None:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp(prefix="agentsql-runs-"))
    direct, default = measured("direct", folder), measured("default", folder)
    for run in (direct, default):
        share = accuracy(run.scored)
        print(f"{run.name}: {share.right} of {share.total} right")
        for one in run.scored:
            if not one.right:
                print(f"  wrong: {one.question.text} ({one.category}, lost at {one.lost_at})")
    found = compare(direct, default)
    print(f"default wins {len(found.gained)} and loses {len(found.lost)}; by chance with p = {found.p:.2f}")
    print(f"runs: {folder}")


if __name__ == "__main__":
    main()
