"""Asks questions of Spider and prints execution accuracy, seconds, calls and tokens for each graph.

    .venv/bin/python benchmarks/spider.py --questions 200 --graph direct --graph default
    .venv/bin/python benchmarks/spider.py --sample 120 --ablate --model local:qwen2.5-coder-0.5b

One row of benchmarks/results/spider.jsonl is written for each run, and every question to --details.
"""

from __future__ import annotations

import argparse
import json
import platform
import random
import sqlite3
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import Any

import agentsql
from agentsql import Answer, Settings, SQLAgent
from agentsql.evaluation.metrics import result_match
from agentsql.graph import GraphSpec, load_graph
from agentsql.settings import DatabaseSettings

HERE = Path(__file__).resolve().parent
SPIDER = HERE.parents[1] / "shared" / "benchmarks" / "spider"
GOLD_ROWS = 100_000

DEFAULT = load_graph("default")


def _without_correct(spec: GraphSpec) -> GraphSpec:
    to_select = {"failed": ("select",), "given_up": ("select",)}
    spec = spec.replace_node("check", next={"passed": ("execute",), **to_select})
    spec = spec.replace_node("execute", next={"done": ("select",), **to_select})
    return replace(spec, nodes=tuple(node for node in spec.nodes if node.name != "correct"))


ABLATIONS = {
    "default": DEFAULT,
    "no hints": DEFAULT.replace_node("generate", options={"hints": False}),
    "no meaning": DEFAULT.replace_node("check", options={"meaning": False}),
    "no mending": DEFAULT.replace_node("correct", options={"mend": False}),
    "no correct": _without_correct(DEFAULT),
    "direct": load_graph("direct"),
}
"""The default graph with one part of it off: value hints, the check for meaning, mending by the schema, correction."""


def main() -> None:
    options = _options()
    rows = _questions(options)
    print(f"{'graph':<10} {'model':<28} {'right':>11} {'mean s':>7} {'p95 s':>7} {'calls':>6} {'tokens':>7}")
    for graph in options.graph:
        answers = list(_run(rows, graph, options))
        summary = _summary(answers, graph, options)
        print(
            f"{graph:<10} {options.model:<28} {summary['right']:>3}/{len(rows)} {summary['accuracy']:>4.1f}% "
            f"{summary['mean_s']:>6.2f} {summary['p95_s']:>7.2f} {summary['calls']:>6.2f} {summary['tokens']:>7.0f}"
        )
        (HERE / "results").mkdir(exist_ok=True)
        with (HERE / "results" / "spider.jsonl").open("a") as file:
            file.write(json.dumps(summary) + "\n")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--graph", action="append", help="may be given several times; default: direct, default")
    parser.add_argument("--model", default=Settings().agent.sql_model)
    parser.add_argument("--questions", type=int, default=200, help="how many, from the start of the file")
    parser.add_argument("--sample", type=int, help="instead: this many of the training questions, by a fixed seed")
    parser.add_argument("--details", type=Path, help="write a JSON line for each question here")
    parser.add_argument(
        "--ablate", action="store_true", help="instead of --graph: the default graph, a part off each time"
    )
    options = parser.parse_args()
    options.graph = list(ABLATIONS) if options.ablate else options.graph or ["direct", "default"]
    return options


def _questions(options: argparse.Namespace) -> list[dict[str, Any]]:
    """The first questions of dev, or for tuning ten a database from databases that dev does not have."""
    if not options.sample:
        rows: list[dict[str, Any]] = json.loads((SPIDER / "dev.json").read_text())
        return rows[: options.questions]
    rng = random.Random(7)
    train = sorted(json.loads((SPIDER / "train_spider.json").read_text()), key=lambda row: str(row["db_id"]))
    groups = [list(group) for _, group in groupby(train, key=lambda row: row["db_id"])]
    picked: list[dict[str, Any]] = []
    for group in rng.sample(groups, len(groups)):
        with_rows = [row for row in group if _database(row).exists() and _gold(row)]
        if len(with_rows) >= 10 and len(picked) < options.sample:
            picked += rng.sample(with_rows, 10)
    return picked[: options.sample]


def _run(rows: list[dict[str, Any]], graph: str, options: argparse.Namespace) -> Iterator[tuple[Answer, bool]]:
    settings = replace(Settings(), database=DatabaseSettings(max_rows=GOLD_ROWS))
    done = right = 0
    for _, group in groupby(rows, key=lambda row: row["db_id"]):
        questions = list(group)
        with SQLAgent(
            _database(questions[0]), graph=ABLATIONS.get(graph, graph), sql_model=options.model, settings=settings
        ) as agent:
            for row in questions:
                answer = agent.ask(row["question"])
                # A question without rows may still be right, if the gold has none either; a failed one is wrong.
                matched = answer.status == "answered" and _matches(row, answer)
                done, right = done + 1, right + matched
                print(f"\r{graph}: {done}/{len(rows)}, {100 * right / done:.1f}% right", end="", file=sys.stderr)
                if options.details:
                    _write_details(options.details, graph, row, answer, matched)
                yield answer, matched
    print(file=sys.stderr)


def _write_details(path: Path, graph: str, row: dict[str, Any], answer: Answer, matched: bool) -> None:
    notes = [f"{event.step}: {note}" for event in answer.trace for note in event.notes]
    details = {
        "graph": graph, "db_id": row["db_id"], "question": row["question"], "gold": row["query"], "sql": answer.sql,
        "correct": matched, "status": answer.status, "text": answer.text, "seconds": round(answer.seconds, 2),
        "calls": answer.usage.calls, "candidates": [one.sql for one in answer.candidates], "notes": notes,
    }  # fmt: skip
    with path.open("a") as file:
        file.write(json.dumps(details) + "\n")


def _matches(row: dict[str, Any], answer: Answer) -> bool:
    return result_match(_gold(row), answer.rows, ordered="order by" in row["query"].lower())


def _gold(row: dict[str, Any]) -> list[tuple[Any, ...]]:
    connection = sqlite3.connect(f"file:{_database(row)}?mode=ro", uri=True)
    connection.text_factory = lambda raw: raw.decode(errors="replace")
    try:
        return connection.execute(row["query"]).fetchmany(GOLD_ROWS)
    except sqlite3.Error:
        return []
    finally:
        connection.close()


def _database(row: dict[str, Any]) -> Path:
    return SPIDER / "database" / row["db_id"] / f"{row['db_id']}.sqlite"


def _summary(answers: list[tuple[Answer, bool]], graph: str, options: argparse.Namespace) -> dict[str, Any]:
    seconds = sorted(answer.seconds for answer, _ in answers)
    right = sum(matched for _, matched in answers)
    count = len(answers)
    return {
        "graph": graph,
        "model": options.model,
        "questions": f"train sample {options.sample}" if options.sample else f"dev, first {options.questions}",
        "right": right,
        "accuracy": round(100 * right / count, 1),
        "mean_s": round(sum(seconds) / count, 2),
        "p95_s": round(seconds[int(0.95 * (count - 1))], 2),
        "calls": round(sum(answer.usage.calls for answer, _ in answers) / count, 2),
        "tokens": round(sum(answer.usage.tokens for answer, _ in answers) / count),
        "cached_tokens": round(sum(answer.usage.cached_tokens for answer, _ in answers) / count),
        "statuses": dict(Counter(answer.status for answer, _ in answers)),
        "date": time.strftime("%Y-%m-%d"),
        "version": agentsql.__version__,
        "machine": f"{platform.machine()}, {platform.python_version()}",
    }


if __name__ == "__main__":
    main()
