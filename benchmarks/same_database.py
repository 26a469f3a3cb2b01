"""What solved questions of the same database gain: each question is shown others of its database, never its own SQL.

    .venv/bin/python benchmarks/same_database.py --questions 60 --model local:qwen2.5-coder-0.5b

A database in use gathers confirmed questions (`\\good`); here Spider's training questions stand for them. A question
is shown neither itself nor an example whose rows are those of its gold SQL, so that no answer is told. Prints `default`
with and without them, without a vote.
"""

from __future__ import annotations

import argparse
import sqlite3
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

from accuracy import RESULTS, Measurement
from harness.examples import examples_settings
from harness.questions import load_benchmark
from harness.recorder import Recording
from harness.summary import tables
from ladder import without_vote

from agentsql import Settings
from agentsql.errors import AgentSQLError
from agentsql.evaluation.questions import Question
from agentsql.graph import GraphSpec
from agentsql.resources import Resources
from agentsql.steps.retrieve import retrieve
from agentsql.steps.step import Step

POOL = 12
"""Examples looked at, of which those that would tell the answer are left out and three are shown."""
SHOWN = 3


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--questions", type=int, default=60)
    parser.add_argument("--model", default=Settings().agent.sql_model)
    parser.add_argument("--out", type=Path, default=RESULTS / f"same-database-{time.strftime('%Y%m%d-%H%M%S')}")
    parser.add_argument("--record", type=Path, default=RESULTS / "completions.sqlite")
    options = parser.parse_args()
    benchmark = load_benchmark("spider-train", first=options.questions)
    examples = replace(examples_settings(benchmark.questions), exclude="")
    plain = without_vote().replace_node("answer", options={"by": "rows"})
    graphs = {"without": _options(plain, k=0), "same database": _with_others(plain, benchmark.questions)}
    recording = Recording(options.record)
    measurement = Measurement(benchmark, options.out, recording, options.model)
    try:
        print(tables([measurement.evaluation_of(name, spec, examples) for name, spec in graphs.items()]))
    except AgentSQLError as exc:
        sys.exit(f"\n{exc}")
    finally:
        recording.close()


def _options(spec: GraphSpec, **options: Any) -> GraphSpec:
    return spec.replace_node("retrieve", options=options)


def _with_others(spec: GraphSpec, questions: Sequence[Question]) -> GraphSpec:
    """Give the graph whose `retrieve` leaves out the examples that would tell the answer."""
    asked = {one.text: one for one in questions}

    async def retrieve_others(state: Mapping[str, Any], resources: Resources, **_: Any) -> Mapping[str, Any]:
        question = asked[state["question"]]
        found = await retrieve(state, resources, k=POOL, databases="same", tokens=6000)
        gold = _rows(question, question.golds[0])
        others = [(text, sql) for text, sql in found["examples"] if text != question.text]
        shown = [(text, sql) for text, sql in others if _rows(question, sql) != gold]
        return {"examples": tuple(shown[-SHOWN:])}

    step = Step("retrieve_others", retrieve_others, retrieve.reads, retrieve.optional, retrieve.writes, ())
    return spec.replace_node("retrieve", step=step, options={})


def _rows(question: Question, sql: str) -> list[str]:
    with closing(sqlite3.connect(f"file:{question.database}?mode=ro", uri=True)) as connection:
        connection.text_factory = lambda raw: raw.decode(errors="replace")
        try:
            return sorted(map(repr, connection.execute(sql).fetchmany(10_000)))
        except sqlite3.Error:
            return ["does not run", sql]


if __name__ == "__main__":
    main()
