"""What every database does with a statement before it runs: the first lock, then the database's own word on it."""

from __future__ import annotations

from collections.abc import Callable, Collection

from agentsql.db.guard import read_only_query
from agentsql.db.names import check_names
from agentsql.db.refusal import StatementRefused
from agentsql.db.schema import Schema
from agentsql.types import ExecutionResult, FailureKind, QueryFailure

NAME_FAILURES: tuple[FailureKind, ...] = ("unknown_table", "unknown_column", "ambiguous")
"""Failures for which the schema gives better advice than the database does."""


def check_statement(
    sql: str,
    dialect: str,
    functions: Collection[str],
    *,
    compiled: Callable[[], QueryFailure | None],
    schema: Callable[[], Schema],
    compiles_names: bool = True,
) -> QueryFailure | None:
    """Give why `sql` may not or cannot run; None if it can.

    Args:
        functions: globs of functions that may be called beside those that only compute.
        compiled: asks the database itself, which has the last word: a query it compiles is never refused for a name.
        compiles_names: False for a database that cannot compile without running; then the schema alone judges names.
    """
    try:
        query = read_only_query(sql, dialect, functions=functions)
    except StatementRefused as refusal:
        return refusal.failure
    failure = compiled()
    if failure is None and compiles_names:
        return None
    if failure is not None and failure.kind not in NAME_FAILURES:
        return failure
    return check_names(query, schema()) or failure


def run_statement(
    sql: str, dialect: str, functions: Collection[str], run: Callable[[], ExecutionResult]
) -> ExecutionResult:
    """Call `run`, which is behind the second lock, if `sql` passes the first; otherwise give the refusal."""
    try:
        read_only_query(sql, dialect, functions=functions)
    except StatementRefused as refusal:
        return ExecutionResult(sql, (), (), False, 0.0, refusal.failure)
    return run()
