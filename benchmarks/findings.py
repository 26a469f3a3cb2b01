"""Measures how often each kind of finding (`agentsql/db/findings`) is right, and what its mends do.

    .venv/bin/python benchmarks/accuracy.py --benchmark spider-train --graph direct --plain --details runs/train.jsonl
    .venv/bin/python benchmarks/findings.py runs/train.jsonl [more files] [--golds 2] [--show 5]

Reads the details of `accuracy.py` on Spider, of any model and graph; every query that a model wrote for a question
counts once, after wrong names have been put right by the schema. No model is asked. `--golds N` also examines each N-th
gold query of Spider train: whatever is found there is taken for a false alarm, though many of those golds are wrong.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any

from harness.details import Row, read_rows
from harness.questions import SPIDER, whole_benchmark

import agentsql
from agentsql import SQLAgent
from agentsql.db.findings.finding import PRECISION, SURE, Finding
from agentsql.evaluation.questions import Question
from agentsql.resources import Resources
from agentsql.steps.check import check, findings_of
from agentsql.steps.mend import mend
from agentsql.steps.shared import linked_by_words
from agentsql.testing import ScriptedModel
from agentsql.types import Candidate

RESULTS = Path(__file__).parent / "results" / "findings.jsonl"
VALUES_WAIT_S = 120.0


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
    parser.add_argument("details", type=Path, nargs="+")
    parser.add_argument("--golds", type=int, default=0, metavar="N", help="also each N-th gold query of Spider train")
    parser.add_argument("--show", type=int, default=0, help="queries to print of each kind")
    options = parser.parse_args()
    tally = Tally()
    for resources, rows in _by_database(_written(read_rows(options.details))):
        for row in rows:
            _count(row, resources, tally)
    for resources, rows in _by_database(_golds(options.golds) if options.golds else []):
        for row in rows:
            _count_gold(row, resources, tally)
    _print(tally, options.show)
    RESULTS.parent.mkdir(exist_ok=True)
    with RESULTS.open("a", encoding="utf-8") as file:
        for kind, count in tally.kinds.items():
            numbers = {name: getattr(count, name) for name in Count.__slots__}
            line = {"kind": kind, "version": agentsql.__version__, "date": time.strftime("%Y-%m-%d"), **numbers}
            file.write(json.dumps(line) + "\n")


def _written(rows: Iterable[Row]) -> list[Row]:
    """Give a row for each different query that a model wrote for a question; mended and corrected ones are left out."""
    written: dict[tuple[str, str, str], Row] = {}
    for row in rows:
        for candidate in row.get("candidates", ()) if row["benchmark"].startswith("spider") else ():
            if "." not in candidate["name"]:
                key = (row["model"], row["question_id"], candidate["sql"])
                written.setdefault(key, {**row, "sql": candidate["sql"]})
    return list(written.values())


def _golds(every: int) -> list[Row]:
    rows = json.loads((SPIDER / "train_spider.json").read_text(encoding="utf-8"))
    return [{**row, "benchmark": "spider-train", "gold": row["query"]} for row in rows[::every]]


def _by_database(rows: list[Row]) -> Iterator[tuple[Resources, list[Row]]]:
    """Yield the rows of one database at a time, with what the steps need to examine them."""
    for name, group in groupby(sorted(rows, key=lambda row: str(row["db_id"])), key=lambda row: str(row["db_id"])):
        path = SPIDER / "database" / name / f"{name}.sqlite"
        if not path.exists():
            continue
        with SQLAgent(path, sql_model=ScriptedModel("")) as agent:
            give_up_at = time.monotonic() + VALUES_WAIT_S
            while not agent.resources().values.is_current and time.monotonic() < give_up_at:
                time.sleep(0.05)
            yield agent.resources(), list(group)


def _count(row: Row, resources: Resources, tally: Tally) -> None:
    state = _state(row, resources)
    totals = tally.models.setdefault(f"{row['benchmark']}, {row['model']}", Totals())
    written = Candidate("full-1", row["sql"])
    named = _run(written, state, resources, meaning=False)[-1]
    final = _run(written, state, resources, meaning=True)
    was_right = named.failure is None and _is_right(row, named.sql)
    totals.queries += 1
    totals.as_written += resources.database.check(written.sql) is None and _is_right(row, written.sql)
    totals.names += was_right
    totals.every += final[-1].failure in (None, named.failure) and _is_right(row, final[-1].sql)
    found = findings_of(named.sql, state, resources) if named.failure is None else ()
    is_sure = any(one.precision >= SURE for one in found)
    totals.sure += _is_right(row, final[-1].sql) if is_sure or named.failure else was_right
    totals.doubtful += bool(found) and not is_sure
    for one in found:
        count = tally.kinds[one.kind]
        is_right = bool(one.mended) and _is_right(row, one.mended)
        count.flagged += 1
        count.wrong += not was_right
        count.mended += bool(one.mended)
        count.put_right += is_right and not was_right
        count.harmed += bool(one.mended) and was_right and not is_right
        tally.shown[one.kind].append(_shown(row, named.sql, one, was_right, is_right))


def _count_gold(row: Row, resources: Resources, tally: Tally) -> None:
    if resources.database.check(row["gold"]) is not None:
        return
    tally.golds += 1
    for one in findings_of(row["gold"], _state(row, resources), resources):
        tally.kinds[one.kind].golds += 1
        tally.kinds[one.kind].golds_changed += bool(one.mended) and not _is_right(row, one.mended)


def _run(candidate: Candidate, state: dict[str, Any], resources: Resources, *, meaning: bool) -> list[Candidate]:
    """Give the query as checked, and its mended form where there is one."""
    options = {"meaning": meaning}
    (checked,) = _call(check, {**state, "candidates": (candidate,)}, resources, options)
    return [checked, *_call(mend, {**state, "candidates": (checked,)}, resources, options)]


def _call(step: Any, state: dict[str, Any], resources: Resources, options: dict[str, Any]) -> tuple[Candidate, ...]:
    found: tuple[Candidate, ...] = step.function(state, resources, **options)["candidates"]
    return found


def _state(row: Row, resources: Resources) -> dict[str, Any]:
    state = {"question": row["question"], "evidence": row.get("evidence", ""), "history": ()}
    return {**state, "links": linked_by_words(state, resources)}


def _is_right(row: Row, sql: str) -> bool:
    verdict = whole_benchmark(row["benchmark"]).judge(_questions(row["benchmark"])[str(row["question_id"])], sql)
    return bool(verdict.correct if verdict.suite is None else verdict.suite)


@cache
def _questions(benchmark: str) -> dict[str, Question]:
    return {one.id: one for one in whole_benchmark(benchmark).questions}


def _shown(row: Row, sql: str, finding: Finding, was_right: bool, is_right: bool) -> str:
    lines = [
        f"{'right' if was_right else 'wrong'} -> {'right' if is_right else 'wrong'} | {row['question']}",
        f"gold    {row['gold']}",
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
