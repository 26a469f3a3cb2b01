"""Measures how often each kind of finding (`agentsql/db/findings`) is right, and what its mends do.

    .venv/bin/python benchmarks/accuracy.py --benchmark spider-train --graph direct --plain --out runs/train
    .venv/bin/python benchmarks/findings.py runs/train/direct [more folders] [--golds 2] [--show 5]

Reads runs of `accuracy.py` on Spider, of any model and graph; without a folder, those of its last measurement in
benchmarks/results. Every query that a model wrote for a question counts once, after wrong names have been put right by
the schema. No model is asked. `--golds N` also examines each N-th gold query of Spider train: whatever is found there
is taken for a false alarm, though many of those golds are wrong.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any

from harness.questions import BENCHMARKS, whole_benchmark

import agentsql
from agentsql import SQLAgent
from agentsql.db.findings.finding import PRECISION, SURE, Finding
from agentsql.errors import AgentSQLError
from agentsql.evaluation.evaluate import is_right
from agentsql.evaluation.questions import Question
from agentsql.evaluation.records import TRACES, read_records
from agentsql.resources import Resources
from agentsql.runs.manifest import read_manifest
from agentsql.steps.check import check, findings_of
from agentsql.steps.mend import mend
from agentsql.steps.shared import linked_by_words
from agentsql.testing import ScriptedModel
from agentsql.types import Candidate

RESULTS = Path(__file__).parent / "results" / "findings.jsonl"
VALUES_WAIT_S = 120.0


@dataclass(frozen=True, slots=True)
class Query:
    """A query for a question."""

    question: Question
    sql: str
    benchmark: str
    """Of BENCHMARKS."""
    model: str = ""
    """Who wrote it; empty of a gold."""


@dataclass(slots=True)
class Count:
    """What one kind of finding did."""

    flagged: int = 0
    wrong: int = 0
    mended: int = 0
    put_right: int = 0
    harmed: int = 0
    golds: int = 0
    golds_changed: int = 0


@dataclass(slots=True)
class Totals:
    """Right queries of one model, by how much of the mending is taken."""

    queries: int = 0
    as_written: int = 0
    names: int = 0
    sure: int = 0
    every: int = 0
    doubtful: int = 0


@dataclass(slots=True)
class Tally:
    """All counts of one run."""

    kinds: dict[str, Count] = field(default_factory=lambda: {kind: Count() for kind in PRECISION})
    models: dict[str, Totals] = field(default_factory=dict)
    golds: int = 0
    shown: dict[str, list[str]] = field(default_factory=lambda: {kind: [] for kind in PRECISION})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", type=Path, nargs="*", metavar="FOLDER", help="of a run on Spider")
    parser.add_argument("--golds", type=int, default=0, metavar="N", help="also each N-th gold query of Spider train")
    parser.add_argument("--show", type=int, default=0, help="queries to print of each kind")
    options = parser.parse_args()
    tally = Tally()
    try:
        written = _written(options.runs or _last_runs())
    except (AgentSQLError, OSError, ValueError) as exc:
        sys.exit(f"the runs cannot be read: {exc}")
    if not written and not options.golds:
        sys.exit("there is no query to examine: name folders of runs that `accuracy.py` made on Spider")
    for resources, queries in _by_database(written):
        for query in queries:
            _count(query, resources, tally)
    for resources, queries in _by_database(_golds(options.golds) if options.golds else []):
        for query in queries:
            _count_gold(query, resources, tally)
    _print(tally, options.show)
    RESULTS.parent.mkdir(exist_ok=True)
    with RESULTS.open("a", encoding="utf-8") as file:
        for kind, count in tally.kinds.items():
            numbers = {name: getattr(count, name) for name in Count.__slots__}
            line = {"kind": kind, "version": agentsql.__version__, "date": time.strftime("%Y-%m-%d"), **numbers}
            file.write(json.dumps(line) + "\n")


def _last_runs() -> list[Path]:
    """Give the folders of the last measurement of `accuracy.py`; none if there is none."""
    last = sorted(RESULTS.parent.glob("accuracy-*/"))[-1:]
    return [found.parent for folder in last for found in sorted(folder.glob(f"*/{TRACES}"))]


def _written(folders: Iterable[Path]) -> list[Query]:
    """Give each different query that a model wrote for a question; mended and corrected ones are left out."""
    written: dict[tuple[str, str, str], Query] = {}
    for folder in folders:
        run = read_manifest(folder) or {}
        benchmark = str(run.get("benchmark", ""))
        if not (benchmark in BENCHMARKS and benchmark.startswith("spider")):
            print(f"{folder} is no run on Spider, and is left out", file=sys.stderr)
            continue
        questions = {one.id: one for one in whole_benchmark(benchmark).questions}
        model = str(run["models"]["sql"])
        for record in read_records(folder / TRACES):
            for candidate in record.candidates:
                if "." not in candidate.name:
                    query = Query(questions[record.question_id], candidate.sql, benchmark, model)
                    written.setdefault((model, record.question_id, candidate.sql), query)
    return list(written.values())


def _golds(every: int) -> list[Query]:
    name = "spider-train"
    return [Query(one, one.golds[0], name) for one in whole_benchmark(name).questions[::every]]


def _by_database(queries: list[Query]) -> Iterator[tuple[Resources, list[Query]]]:
    """Yield the queries of one database at a time, with what the steps need to examine them."""
    for _, group in groupby(sorted(queries, key=_db_id), key=_db_id):
        found = list(group)
        with SQLAgent(found[0].question.database, sql_model=ScriptedModel("")) as agent:
            agent.wait_for_values(VALUES_WAIT_S)
            yield agent.resources(), found


def _db_id(query: Query) -> str:
    return query.question.db_id


def _count(query: Query, resources: Resources, tally: Tally) -> None:
    state = _state(query, resources)
    totals = tally.models.setdefault(f"{query.benchmark}, {query.model}", Totals())
    written = Candidate("full-1", query.sql)
    named = _run(written, state, resources, meaning=False)[-1]
    final = _run(written, state, resources, meaning=True)
    was_right = named.failure is None and _is_right(query, named.sql)
    totals.queries += 1
    totals.as_written += resources.database.check(written.sql) is None and _is_right(query, written.sql)
    totals.names += was_right
    totals.every += final[-1].failure in (None, named.failure) and _is_right(query, final[-1].sql)
    found = findings_of(named.sql, state, resources) if named.failure is None else ()
    is_sure = any(one.precision >= SURE for one in found)
    totals.sure += _is_right(query, final[-1].sql) if is_sure or named.failure else was_right
    totals.doubtful += bool(found) and not is_sure
    for one in found:
        count = tally.kinds[one.kind]
        is_right = bool(one.mended) and _is_right(query, one.mended)
        count.flagged += 1
        count.wrong += not was_right
        count.mended += bool(one.mended)
        count.put_right += is_right and not was_right
        count.harmed += bool(one.mended) and was_right and not is_right
        tally.shown[one.kind].append(_shown(query, named.sql, one, was_right, is_right))


def _count_gold(query: Query, resources: Resources, tally: Tally) -> None:
    if resources.database.check(query.sql) is not None:
        return
    tally.golds += 1
    for one in findings_of(query.sql, _state(query, resources), resources):
        tally.kinds[one.kind].golds += 1
        tally.kinds[one.kind].golds_changed += bool(one.mended) and not _is_right(query, one.mended)


def _run(candidate: Candidate, state: dict[str, Any], resources: Resources, *, meaning: bool) -> list[Candidate]:
    """Give the query as checked, and its mended form where there is one."""
    options = {"meaning": meaning}
    (checked,) = _call(check, {**state, "candidates": (candidate,)}, resources, options)
    return [checked, *_call(mend, {**state, "candidates": (checked,)}, resources, options)]


def _call(step: Any, state: dict[str, Any], resources: Resources, options: dict[str, Any]) -> tuple[Candidate, ...]:
    found: tuple[Candidate, ...] = step.function(state, resources, **options)["candidates"]
    return found


def _state(query: Query, resources: Resources) -> dict[str, Any]:
    state = {"question": query.question.text, "evidence": query.question.evidence, "history": ()}
    return {**state, "links": linked_by_words(state, resources)}


def _is_right(query: Query, sql: str) -> bool:
    return is_right(whole_benchmark(query.benchmark).judge(query.question, sql))


def _shown(query: Query, sql: str, finding: Finding, was_right: bool, is_right: bool) -> str:
    lines = [
        f"{'right' if was_right else 'wrong'} -> {'right' if is_right else 'wrong'} | {query.question.text}",
        f"gold    {query.question.golds[0]}",
        f"query   {sql}",
        f"finding {finding.message}",
        f"mended  {finding.mended or '-'}",
    ]
    return "\n      ".join(lines)


def _precision(count: Count, tally: Tally) -> float:
    """Estimate the share of wrong queries among those flagged.

    Few are flagged, so that the share of the recorded ones says little. With golds it is taken from how often wrong
    queries are flagged, how often golds are, and how many queries are wrong (Bayes), half a query added to each count.
    """
    if not tally.golds:
        return (count.wrong + 0.5) / (count.flagged + 1)
    queries = sum(totals.queries for totals in tally.models.values())
    wrong = queries - sum(totals.names for totals in tally.models.values())
    among_wrong = (count.wrong + 0.5) / (wrong + 1) * wrong / queries
    among_right = (count.golds + 0.5) / (tally.golds + 1) * (1 - wrong / queries)
    return among_wrong / (among_wrong + among_right)


def _print(tally: Tally, show: int) -> None:
    print("kind               flagged  wrong  golds flagged, changed  precision | mended  put right  harmed")
    for kind, count in tally.kinds.items():
        print(
            f"{kind:18} {count.flagged:7}  {count.wrong:5}  {count.golds:13}  {count.golds_changed:7}  "
            f"{_precision(count, tally):9.2f} | {count.mended:6}  {count.put_right:9}  {count.harmed:6}"
        )
        for text in tally.shown[kind][:show]:
            print(f"    {text}")
    print(f"golds examined: {tally.golds}")
    print("\nright:     queries  as written  names mended  and what is sure  and every mend | with doubts only")
    for name, totals in tally.models.items():
        print(
            f"{name}: {totals.queries}  {totals.as_written}  {totals.names}  {totals.sure}  {totals.every}"
            f" | {totals.doubtful}"
        )


if __name__ == "__main__":
    main()
