"""sql-create-context: questions on CREATE TABLE texts without data, so that SQL is compiled, and never executed."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from functools import lru_cache
from pathlib import Path
from typing import Any

from agentsql.db.execute import Limits, compile_failure
from agentsql.evaluation.benchmarks.rows import Row, has, read_rows, with_unique_ids
from agentsql.evaluation.questions import Benchmark, Question, Verdict
from agentsql.evaluation.schema_only import open_empty

usual_files = ("sql_create_context_v4.json", "sql_create_context.json")
_LIMITS = Limits(max_rows=1, max_bytes=1_000_000, timeout_s=5.0)


def recognises(path: Path, first: Mapping[str, Any]) -> bool:  # noqa: ARG001 - the row says enough
    """Tell by `question`, `context` and `answer`."""
    return has(first, "question context answer") and str(first["context"]).lstrip()[:6].upper() == "CREATE"


def read(path: Path, databases: Path | None) -> Benchmark:  # noqa: ARG001 - there are none
    """Read the questions; those of one context have one `db_id`, which is made of it."""
    rows = read_rows(path)

    def question(number: int, row: Row) -> Question:
        context = row.text("context")
        return Question(
            id=row.optional("question_id") or str(number),
            db_id=f"context-{hashlib.sha256(context.encode()).hexdigest()[:12]}",
            text=row.text("question"),
            golds=(row.text("answer"),),
            schema_sql=context,
        )

    questions = with_unique_ids(rows, (question(number, row) for number, row in enumerate(rows)))
    return Benchmark("create-context", questions, judge_compiled)


@lru_cache(maxsize=100_000)
def judge_compiled(question: Question, sql: str) -> Verdict:
    """Tell whether a query compiles on the empty tables.

    Whether it is right stays open: there are no rows to compare, another text may mean the same, and exact set match
    leaves out the values of a query.
    """
    try:
        connection = open_empty(question.schema_sql)
    except sqlite3.Error as exc:
        return Verdict(None, gold_error=f"its tables cannot be made: {exc}")
    with closing(connection):
        return Verdict(None, compile_failure(connection, sql, _LIMITS) is None)
