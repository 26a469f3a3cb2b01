"""Asks each question with a graph as it is and with `generate.grammar`, and prints what the grammar does.

    .venv/bin/python benchmarks/grammar.py --model local:qwen2.5-coder-0.5b --every 8
    .venv/bin/python benchmarks/grammar.py --model local:qwen2.5-coder-1.5b --graph default
    .venv/bin/python benchmarks/grammar.py --model local:qwen2.5-coder-0.5b --tables 4 --tables 100 --tables 400

The two are asked one after the other, in turns the one and the other first. Tokens a second are those of the second,
which finds the prompt cached, so that the ratio says what the grammar costs even while other programs run.
With --tables no questions are asked: a schema of that many tables is made, and the model is asked for a query, which
costs the grammar least, and for prose, where it has to turn down nearly every word.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import platform
import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import groupby
from pathlib import Path

from harness.questions import BENCHMARKS, load_benchmark

import agentsql
from agentsql import Answer, Settings, SQLAgent
from agentsql.db.grammar import sql_grammar
from agentsql.db.render import render_schema
from agentsql.db.schema import Column, Schema, Table
from agentsql.evaluation.questions import Benchmark, Question
from agentsql.evaluation.statistics import mcnemar
from agentsql.graph import load_graph
from agentsql.models.endpoint import Endpoint
from agentsql.models.spec import open_endpoint
from agentsql.types import Message

RESULTS = Path(__file__).resolve().parent / "results" / "grammar.jsonl"
REQUESTS = {"a query": "Count the rows of each table. Write one sqlite query.", "prose": "Write a poem about the sea."}


@dataclass(frozen=True, slots=True)
class Asked:
    """One question, answered with the grammar or without."""

    question_id: str
    grammar: bool
    right: bool
    ran: bool
    tokens: int
    seconds: float
    """Of the model's calls."""
    warm: bool
    """Whether the same prompt was asked just before."""
    cut_off: bool
    sql: str


def main() -> None:
    options = _options()
    if options.tables:
        lines = asyncio.run(_scale(options.tables, options.model))
    else:
        benchmark = load_benchmark(options.benchmark, every=options.every, first=options.questions)
        lines = _compare(list(_ask(benchmark, options.graph, options.model)))
    print("\n".join(lines))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--benchmark", default="spider", choices=list(BENCHMARKS))
    parser.add_argument("--questions", type=int, help="how many, from the start")
    parser.add_argument("--every", type=int, default=1, help="of these, ask only each so-many-th")
    parser.add_argument("--graph", default="direct")
    parser.add_argument("--model", default=Settings().agent.sql_model)
    parser.add_argument("--tables", type=int, action="append", help="instead: speed on a schema of so many tables")
    return parser.parse_args()


def _ask(benchmark: Benchmark, graph: str, model: str) -> Iterator[Asked]:
    plain = load_graph(graph)
    node = next(node for node in plain.nodes if node.step_name == "generate")
    bound = plain.replace_node(node.name, options={**node.options, "grammar": True})
    done = 0
    for _, group in groupby(benchmark.questions, key=lambda one: one.db_id):
        of_database = list(group)
        path = of_database[0].database
        with SQLAgent(path, graph=plain, sql_model=model) as free, SQLAgent(path, graph=bound, sql_model=model) as tied:
            for question in of_database:
                pair = [(False, free), (True, tied)]
                for warm, (grammar, agent) in enumerate(pair if done % 2 else pair[::-1]):
                    answer = agent.ask(question.text, evidence=question.evidence)
                    asked = _asked(benchmark, question, answer, grammar=grammar, warm=bool(warm))
                    _record({"model": model, "graph": graph, "benchmark": benchmark.name, **asdict(asked)})
                    yield asked
                done += 1
                print(f"\r{done}/{len(benchmark.questions)}", end="", file=sys.stderr)
    print(file=sys.stderr)


def _asked(benchmark: Benchmark, question: Question, answer: Answer, *, grammar: bool, warm: bool) -> Asked:
    ran = answer.status == "answered"
    return Asked(
        question_id=question.id,
        grammar=grammar,
        right=ran and bool(benchmark.judge(question, answer.sql).correct),
        ran=ran,
        tokens=answer.usage.completion_tokens,
        seconds=answer.usage.seconds,
        warm=warm,
        cut_off=any(one.failure is not None and "cut off" in one.failure.message for one in answer.candidates),
        sql=answer.sql or next((one.sql for one in answer.candidates), ""),
    )


def _compare(rows: Sequence[Asked]) -> Iterator[str]:
    yield f"{'grammar':<8} {'right':>12} {'ran':>12} {'cut off':>8} {'tokens':>7} {'tokens/s':>9}"
    speeds = []
    for grammar in (False, True):
        own = [row for row in rows if row.grammar is grammar]
        speeds.append(statistics.median(row.tokens / row.seconds for row in own if row.warm and row.seconds))
        right, ran = (f"{sum(found)} ({sum(found) / len(own):.1%})" for found in zip(*map(_found, own), strict=True))
        cut_off, tokens = sum(row.cut_off for row in own), statistics.mean(row.tokens for row in own)
        name = "with" if grammar else "without"
        yield f"{name:<8} {right:>12} {ran:>12} {cut_off:>8} {tokens:>7.1f} {speeds[-1]:>9.1f}"
    free, tied = ({row.question_id: row.right for row in rows if row.grammar is one} for one in (False, True))
    gained = sum(tied[one] and not free[one] for one in tied)
    lost = sum(free[one] and not tied[one] for one in tied)
    yield f"gained {gained}, lost {lost}, p = {mcnemar(gained, lost):.2f}"
    yield f"speed {speeds[1] / speeds[0]:.2f} of that without"


def _found(row: Asked) -> tuple[bool, bool]:
    return row.right, row.ran


async def _scale(sizes: Sequence[int], model: str) -> list[str]:
    endpoint = open_endpoint(model, settings=Settings().models)
    lines = [
        f"{'tables':>6} {'columns':>8} {'grammar kB':>11} {'made in ms':>11}  tokens/s with (without), for each request"
    ]
    try:
        for size in sizes:
            schema = _schema_of(size)
            started = time.perf_counter()
            grammar = sql_grammar(schema, (), "sqlite")
            made_ms = 1000 * (time.perf_counter() - started)
            speeds = [await _speeds(endpoint, schema, request, grammar) for request in REQUESTS.values()]
            named = zip(REQUESTS, speeds, strict=True)
            shown = ", ".join(f"{request} {tied:.1f} ({free:.1f})" for request, (free, tied) in named)
            columns = sum(len(table.columns) for table in schema)
            lines.append(f"{size:>6} {columns:>8} {len(grammar) / 1000:>11.0f} {made_ms:>11.0f}  {shown}")
            _record({"model": model, "tables": size, "characters": len(grammar), "made_ms": made_ms, "speeds": speeds})
    finally:
        await endpoint.close()
    return lines


def _schema_of(size: int) -> Schema:
    """Give a schema of so many tables of ten columns, three of which no other table has."""
    words = (
        "order customer product payment city staff region invoice supplier address store account branch club".split()
    )
    parts = "id name code date status type amount price address year".split()
    tables = []
    for number in range(size):
        word = f"{words[number % len(words)]}_{words[number // len(words) % len(words)]}_{number}"
        own = [f"{word}_{part}" if place < 3 else part for place, part in enumerate(parts)]
        tables.append(Table(word, tuple(Column(name, "TEXT") for name in own)))
    return Schema("sqlite", tuple(sorted(tables, key=lambda table: table.name)))


async def _speeds(endpoint: Endpoint, schema: Schema, request: str, grammar: str) -> tuple[float, float]:
    """Give the tokens a second without the grammar and with it, medians of three in turn; four tables are shown."""
    few = Schema("sqlite", schema.tables[:4])
    shown = render_schema(few, prompt_tokens=2000, sample_values=0).text
    messages = [Message("system", f"The schema:\n\n{shown}"), Message("user", request)]
    await endpoint.complete(messages, max_tokens=1)
    speeds: dict[bool, list[float]] = {False: [], True: []}
    for turn in range(6):
        bound = bool(turn % 2)
        (one,) = await endpoint.complete(messages, max_tokens=40, grammar=grammar if bound else None)
        speeds[bound].append(one.usage.completion_tokens / one.usage.seconds)
    return statistics.median(speeds[False]), statistics.median(speeds[True])


def _record(row: dict[str, object]) -> None:
    RESULTS.parent.mkdir(exist_ok=True)
    about = {"date": time.strftime("%Y-%m-%d"), "version": agentsql.__version__, "machine": platform.machine()}
    with RESULTS.open("a") as file:
        file.write(json.dumps({**row, **about}) + "\n")


if __name__ == "__main__":
    main()
