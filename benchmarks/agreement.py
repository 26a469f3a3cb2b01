"""Holds our metrics against what the benchmarks' own scripts say, question by question, and prints a table.

.venv/bin/python benchmarks/agreement.py

The scripts' verdicts lie in tests/evaluation/*.json, with the SQL that models wrote; golds and databases are looked up
in ../shared/benchmarks by question id, and what needs them is left out where they are not there. It takes seconds.
"""

from __future__ import annotations

import json
import sqlite3
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from harness.questions import SHARED, SPIDER

from agentsql.db.schema import Schema
from agentsql.evaluation.efficiency import r_ves, ves
from agentsql.evaluation.exact_match import COMPONENTS, ComponentMatch, exact_set_match
from agentsql.evaluation.hardness import spider_hardness
from agentsql.evaluation.metrics import bird_match, defog_match, result_match
from agentsql.evaluation.soft_f1 import soft_f1
from agentsql.evaluation.suite import rows_of, suite_folder, suite_match, without_distinct
from agentsql.evaluation.tables_json import described_schema

_VERDICTS = Path(__file__).resolve().parents[1] / "tests" / "evaluation"
_HARDNESS = ("", "easy", "medium", "hard", "extra")
_SHOWN = 20
_ARCHIVE = SHARED / "spider_test_suite" / "databases.tar.xz"


@dataclass(frozen=True, slots=True)
class Agreement:
    """How one metric compares with its script."""

    metric: str
    script: str
    compared: int
    differing: tuple[str, ...]
    """What each difference is of."""


def main() -> None:
    print(f"{'metric':<42} {'compared':>8} {'equal':>7}  script")
    for compare in COMPARISONS:
        try:
            found = compare()
        except FileNotFoundError as exc:
            print(f"{compare.__name__:<42} {'-':>8} {'-':>7}  needs {exc.filename}", file=sys.stderr)
            continue
        print(f"{found.metric:<42} {found.compared:>8} {found.compared - len(found.differing):>7}  {found.script}")
        for difference in found.differing[:_SHOWN]:
            print(f"    {difference}")


def spider_execution() -> Agreement:
    rows = _recorded("verdicts")["spider"]
    found = (result_match(gold, own, ordered=ordered) is verdict for gold, own, ordered, verdict in rows)
    return _agreement("execution, Spider (made-up results)", _SUITE, found)


def bird_execution() -> Agreement:
    found = (bird_match(gold, own) is verdict for gold, own, _, verdict in _recorded("verdicts")["bird"])
    return _agreement("execution, BIRD (made-up results)", "bird-bench/mini_dev@4d970a9 evaluation_ex.py", found)


def defog_execution() -> Agreement:
    rows = _recorded("verdicts")["defog"]
    found = (defog_match(gold, own, ordered=ordered) is verdict for gold, own, ordered, verdict in rows)
    return _agreement("execution, defog (made-up results)", "defog-ai/sql-eval@079e59c eval/eval.py", found)


def exact_match() -> Agreement:
    """Compare verdict and all components, for SQL that models wrote."""
    rows = _recorded("exact_match")["predictions"]
    found = ((question, _exact(question, sql) == (matched, parts)) for question, sql, matched, parts, _ in rows)
    return _named("exact match, models' SQL", _EXACT, found)


def exact_match_of_golds() -> Agreement:
    """Compare them for one gold taken for the prediction of another."""
    rows = _recorded("exact_match")["golds"]
    found = (
        (f"{question} {other}", _exact(question, spider()[other]["query"]) == (matched, parts))
        for question, other, matched, parts in rows
    )
    return _named("exact match, golds for other golds", _EXACT, found)


def hardness() -> Agreement:
    train = _recorded("exact_match")["hardness_of_train"]
    wanted = {f"spider-train-{number}": _HARDNESS[int(one)] for number, one in enumerate(train) if one != "-"}
    wanted |= {name: row["hardness"] for name, row in spider().items() if name.startswith("spider-dev")}
    found = ((name, spider_hardness(spider()[name]["query"], schema(name)) == hard) for name, hard in wanted.items())
    return _named("hardness, golds of dev and train", _EXACT, found)


def soft_f1_made_up() -> Agreement:
    rows = _recorded("soft_f1")["results"]
    found = (abs(soft_f1(_tuples(gold), _tuples(own)) - verdict) < 1e-5 for gold, own, verdict in rows)
    return _agreement("soft F1 (made-up results)", _F1, found)


def execution_of_models() -> Agreement:
    """Compare the verdict on the one database, without DISTINCT and with it as written."""
    rows = _recorded("execution")["predictions"]
    found = (
        (question, _both_modes(question, sql, (database_of(question),)) == (stripped, written))
        for question, sql, stripped, written, *_ in rows
    )
    return _named("execution, Spider, models' SQL", _SUITE, found)


def suite_of_models() -> Agreement:
    """Compare the verdict on the distilled databases likewise."""
    if not _ARCHIVE.exists():
        raise FileNotFoundError(2, "no test suite", str(_ARCHIVE))
    folder = suite_folder(_ARCHIVE)
    rows = [row for row in _recorded("execution")["predictions"] if row[4] is not None]
    found = (
        (question, _both_modes(question, sql, _suite(folder / spider()[question]["db_id"])) == (stripped, written))
        for question, sql, _, _, stripped, written, *_ in rows
    )
    return _named("execution, Spider's test suite, models' SQL", _SUITE, found)


def bird_of_models() -> Agreement:
    rows = _recorded("execution")["predictions"]
    found = ((row[0], _of_rows(bird_match, row[0], row[1]) == row[6]) for row in rows)
    return _named("execution, BIRD's rule, models' SQL", "bird-bench/mini_dev@4d970a9 evaluation_ex.py", found)


def soft_f1_of_models() -> Agreement:
    rows = _recorded("execution")["predictions"]
    found = ((row[0], abs(_of_rows(soft_f1, row[0], row[1]) - row[7]) < 1e-5) for row in rows)
    return _named("soft F1, models' SQL", _F1, found)


def efficiency() -> Agreement:
    """Compare VES and R-VES on the same seconds."""
    found = (
        abs(ves(matched, gold, own) - root) < 1e-5 and abs(r_ves(matched, gold, own) - reward) < 1e-5
        for matched, gold, own, root, reward in _recorded("efficiency")["rounds"]
    )
    return _agreement("VES and R-VES, on the same seconds", "bird-bench/mini_dev@bb37377 evaluation_ves.py", found)


COMPARISONS: tuple[Callable[[], Agreement], ...] = (
    spider_execution,
    bird_execution,
    defog_execution,
    execution_of_models,
    suite_of_models,
    bird_of_models,
    exact_match,
    exact_match_of_golds,
    hardness,
    soft_f1_made_up,
    soft_f1_of_models,
    efficiency,
)
_SUITE = "taoyds/test-suite-sql-eval@14784c3 exec_eval.py"
_EXACT = "taoyds/test-suite-sql-eval@893d0df evaluation.py"
_F1 = "bird-bench/mini_dev@2932a2b evaluation_f1.py"


@cache
def spider() -> dict[str, dict[str, Any]]:
    """Give the open questions of Spider by id."""
    files = (SPIDER / name for name in ("dev.json", "train_spider.json"))
    return {row["question_id"]: row for path in files for row in json.loads(path.read_text())}


def schema(question_id: str) -> Schema:
    return _schemas()[spider()[question_id]["db_id"]]


@cache
def _schemas() -> dict[str, Schema]:
    return {entry["db_id"]: described_schema(entry) for entry in json.loads((SPIDER / "tables.json").read_text())}


@cache
def _recorded(name: str) -> dict[str, Any]:
    return json.loads((_VERDICTS / f"{name}.json").read_text())


def _exact(question_id: str, sql: str) -> tuple[int, str]:
    found = exact_set_match(spider()[question_id]["query"], sql, schema(question_id))
    return int(found.matched or 0), "".join(_digit(found.components[name]) for name in COMPONENTS)


def _digit(one: ComponentMatch) -> str:
    return str(one.matched + 2 * one.in_gold + 4 * one.in_predicted)


def database_of(question_id: str) -> Path:
    db_id = spider()[question_id]["db_id"]
    return SPIDER / "database" / db_id / f"{db_id}.sqlite"


def _suite(folder: Path) -> tuple[Path, ...]:
    return tuple(sorted(folder.glob("*.sqlite")))


def _both_modes(question_id: str, sql: str, databases: Sequence[Path]) -> tuple[int, int]:
    gold = spider()[question_id]["query"]
    written = suite_match(gold, sql, databases, keep_distinct=True)
    if without_distinct(gold) == gold and without_distinct(sql) == sql:
        return int(written), int(written)
    return int(suite_match(gold, sql, databases)), int(written)


def _of_rows(metric: Callable[[Any, Any], float], question_id: str, sql: str) -> float:
    gold = rows_of(database_of(question_id), spider()[question_id]["query"])
    try:
        return metric(gold, rows_of(database_of(question_id), sql))
    except sqlite3.Error:
        return 0.0


def _tuples(rows: list[list[Any]]) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in rows]


def _agreement(metric: str, script: str, equal: Iterable[bool]) -> Agreement:
    return _named(metric, script, ((f"case {number}", one) for number, one in enumerate(equal)))


def _named(metric: str, script: str, equal: Iterable[tuple[str, bool]]) -> Agreement:
    found = list(equal)
    return Agreement(metric, script, len(found), tuple(name for name, one in found if not one))


if __name__ == "__main__":
    main()
