"""The sheets against the first lock: everything refused must be, and nothing harmless may be."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlglot

from agentsql.db.guard import MAX_CHARS, StatementRefused, read_only_query
from tests.db.adversarial.sheets import FAMILIES, Entry, read_sheet

WAREHOUSES = ("snowflake", "bigquery")
BENCHMARKS = Path(__file__).resolve().parents[4] / "shared" / "benchmarks"
EVERY = 40
"""One gold query of this many is looked at by default; all of them take two minutes."""


def refusal(sql: str, dialect: str) -> str:
    """Give why lock one refuses a statement; empty if it passes."""
    try:
        read_only_query(sql, dialect)
    except StatementRefused as refused:
        assert refused.failure.message and refused.failure.hint
        return refused.failure.message
    return ""


def listed(entries: list[Entry], dialect: str) -> list[str]:
    """Give the statements with their lines, and what lock one says, for a person to read in a failure."""
    return [f"{one.place} ({one.reason}): {one.sql[:120]!r}: {refusal(one.sql, dialect)}" for one in entries]


@pytest.mark.parametrize("dialect", FAMILIES + WAREHOUSES)
def test_no_statement_of_the_refused_sheet_passes(dialect: str) -> None:
    passed = [one for one in read_sheet("refused", dialect) if not refusal(one.sql, dialect)]
    assert not passed, "\n".join(listed(passed, dialect))


@pytest.mark.parametrize("dialect", FAMILIES + WAREHOUSES)
def test_every_statement_of_the_harmless_sheet_passes(dialect: str) -> None:
    refused = [one for one in read_sheet("harmless", dialect) if refusal(one.sql, dialect)]
    assert not refused, "\n".join(listed(refused, dialect))


@pytest.mark.parametrize("kind", ("refused", "harmless"))
@pytest.mark.parametrize("dialect", FAMILIES + WAREHOUSES)
def test_a_sheet_is_as_long_as_it_is_said_to_be(kind: str, dialect: str) -> None:
    entries = read_sheet(kind, dialect)
    assert len({one.sql for one in entries}) == len(entries)
    assert len(entries) >= (300 if dialect in FAMILIES else 60)


@pytest.mark.parametrize("dialect", WAREHOUSES)
def test_plain_queries_pass_after_transpiling(dialect: str) -> None:
    kinds = ("plain", "windows", "set", "questions")
    plain = [one.sql for one in read_sheet("harmless", "sqlite") if one.reason.startswith(kinds)]
    written = [sqlglot.transpile(sql, read="sqlite", write=dialect)[0] for sql in plain]
    assert [sql for sql in written if refusal(sql, dialect)] == []


def gold() -> Iterator[tuple[str, str]]:
    """Yield dialect and text of every gold query at hand."""
    for file in sorted((BENCHMARKS / "spider").glob("*.json")):
        for row in json.loads(file.read_text(encoding="utf-8")):
            if row.get("query"):
                yield "sqlite", row["query"]
    for file in sorted((BENCHMARKS / "bird").glob("dev.json")):
        for row in json.loads(file.read_text(encoding="utf-8")):
            yield "sqlite", row["SQL"]
    for name, dialect in (("questions_postgres.jsonl", "postgres"), ("questions.jsonl", "sqlite")):
        file = BENCHMARKS / "defog" / name
        for line in file.read_text(encoding="utf-8").splitlines() if file.exists() else ():
            row = json.loads(line)
            for sql in (row["gold_sql"], *row.get("gold_sql_alternatives", ())):
                yield dialect, sql


def false_refusals(queries: list[tuple[str, str]]) -> list[str]:
    return [f"{sql[:200]!r}: {why}" for dialect, sql in queries if (why := refusal(sql, dialect))]


def test_one_gold_query_in_forty_of_the_benchmarks_passes() -> None:
    queries = list(gold())
    if not queries:
        pytest.skip(f"no benchmark lies in {BENCHMARKS}; see its place in the benchmarks' README")
    assert false_refusals(queries[::EVERY]) == []


@pytest.mark.slow
def test_every_gold_query_of_the_benchmarks_passes() -> None:
    queries = list(gold())
    if not queries:
        pytest.skip(f"no benchmark lies in {BENCHMARKS}; see its place in the benchmarks' README")
    assert false_refusals(queries) == []


def test_a_function_that_the_policy_allows_passes_but_none_that_reaches_outside() -> None:
    for sql, allowed in (("SELECT margin(1)", "margin"), ("SELECT Sales.Margin(1)", "sales.*"), ("SELECT a.f(1)", "f")):
        assert refusal(sql, "postgres")
        read_only_query(sql, "postgres", functions=(allowed,))
    with pytest.raises(StatementRefused):
        read_only_query("SELECT pg_sleep(1)", "postgres", functions=("*",))


LONG = (
    "SELECT 1 FROM a" + " JOIN a" * 27 + " ON 1",
    "SELECT 1 FROM a" + " JOIN (a" * 27,
    "SELECT 1 FROM a" + " JOIN a" * 6 + " JOIN (SELECT " + "1 + " * 4_000 + "1)",
    "SELECT 1 FROM a" + " LEFT JOIN (SELECT 1) b" * 40,
    "SELECT 1 FROM a" + " NATURAL LEFT JOIN a" * 40,
    "SELECT " + "(" * 59 + "1" + ")" * 59,
    "SELECT " + "- " * 9_000 + "1",
    "SELECT " + "/**/" * 9_000 + "1",
    "SELECT 1" + "--\n" * 9_000,
    "SELECT " + "'" * 49_000,
    "SELECT $a" * 5_000,
    "SELECT " + "[" * 59 + "]" * 59,
    "SELECT 1" + " + 1" * 4_000,
    "SELECT * FROM " + "(SELECT * FROM " * 28 + "t" + ")" * 28,
    "WITH " + ", ".join(f"c{n} AS (SELECT 1)" for n in range(1_000)) + " SELECT 1",
    "SELECT 1" + " UNION SELECT 1" * 1_500,
    "VALUES " + "(1)," * 4_000 + "(1)",
    "SELECT CASE" + " WHEN 1 THEN 1" * 3_000 + " END",
    "f(" * 9_000,
    "SELECT x" + " -> x" * 4_000,
)


@pytest.mark.parametrize("dialect", ["sqlite", "duckdb"])  # the shortest and the longest grammar
def test_no_text_takes_the_guard_longer_than_its_length_deserves(dialect: str) -> None:
    for sql in LONG:
        assert len(sql) < MAX_CHARS + 100
        started = time.process_time()
        refusal(sql, dialect)
        assert time.process_time() - started < 30, sql[:40]
