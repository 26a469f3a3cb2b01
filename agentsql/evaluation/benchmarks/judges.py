"""The rules by which the benchmarks count a query as right, on databases that are opened read-only."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterable
from functools import lru_cache, partial
from pathlib import Path

from sqlglot import Token, TokenType, tokenize
from sqlglot.errors import SqlglotError

from agentsql.evaluation.metrics import Row, bird_match, defog_match, result_match
from agentsql.evaluation.questions import Question, Verdict
from agentsql.evaluation.servers import ServerQueryError, server_gold_rows, server_result
from agentsql.evaluation.suite import gold_rows, mended_operators, rows_of, suite_match

Judge = Callable[[Question, str], Verdict]

_MOST_ROWS = 100_000
"""Rows of a query that are read at least, where it has them; the rest of a runaway join changes no verdict."""
_FAILURES = (sqlite3.Error, ServerQueryError)
_URL = re.compile(r"(\w+)(?:\+\w+)?://")


def is_url(database: str) -> bool:
    """Tell whether a database is named by an SQLAlchemy URL rather than a path."""
    return bool(_URL.match(database))


def judge_by(rule: Judge) -> Judge:
    """Give a judge that keeps its verdicts, and says in them what `rule` cannot: no gold, a gold that fails.

    Args:
        rule: judges a query on a database that is there, with a gold; may raise `sqlite3.Error` or `ServerQueryError`
            if the gold fails.
    """

    return partial(_judge, rule)  # of functions of this module, so that it can be sent to another process


@lru_cache(maxsize=100_000)
def _judge(rule: Judge, question: Question, sql: str) -> Verdict:
    if not is_url(question.database) and not Path(question.database).is_file():
        return Verdict(False, gold_error=f"there is no database {question.database}")
    if not question.golds:
        return Verdict(None, _found(question, sql) is not None)
    try:
        return rule(question, sql)
    except _FAILURES as exc:
        return Verdict(False, _found(question, sql) is not None, gold_error=str(exc))


def judge_spider(question: Question, sql: str) -> Verdict:
    """Judge by Spider's rule: on the one database as written, on the test suite, and there as written."""
    golds, found = _results(question, map(mended_operators, question.golds), mended_operators(sql))
    correct = found is not None and any(
        result_match(rows, found, ordered="order by" in gold.lower()) for gold, rows in golds.items()
    )
    if not question.suite:
        return Verdict(correct, found is not None)
    databases = [Path(path) for path in question.suite]
    suite = any(suite_match(gold, sql, databases) for gold in golds)
    as_written = correct and any(suite_match(gold, sql, databases, keep_distinct=True) for gold in golds)
    return Verdict(correct, found is not None, suite, as_written)


def judge_bird(question: Question, sql: str) -> Verdict:
    """Judge by BIRD's rule: the same set of rows."""
    golds, found = _results(question, question.golds, sql)
    return Verdict(found is not None and any(bird_match(rows, found) for rows in golds.values()), found is not None)


def judge_defog(question: Question, sql: str) -> Verdict:
    """Judge by defog's rule: the gold's columns are among those of the query, which is asked at the gold's `now`."""
    golds, found = _results(question, question.golds, frozen(sql, question.now) if question.now else sql)
    correct = found is not None and any(defog_match(rows, found, ordered=question.ordered) for rows in golds.values())
    return Verdict(correct, found is not None)


def frozen(sql: str, now: str) -> str:
    """Give the SQL with the text `now` in place of 'now' and of CURRENT_DATE and its like; unchanged if it is no SQL.

    Args:
        now: `2026-11-21 08:25:40`.
    """
    try:
        tokens = tokenize(sql, read="sqlite")
    except SqlglotError:
        return sql
    for token in reversed(tokens):
        if new := _moment(token, now):
            sql = sql[: token.start] + new + sql[token.end + 1 :]
    return sql


def _moment(token: Token, now: str) -> str:
    if token.token_type is TokenType.STRING and token.text.lower() == "now":
        return f"'{now}'"
    return {
        TokenType.CURRENT_DATE: f"'{now[:10]}'",
        TokenType.CURRENT_TIMESTAMP: f"'{now}'",
        TokenType.CURRENT_TIME: f"'{now[11:]}'",
    }.get(token.token_type, "")


def _results(question: Question, golds: Iterable[str], sql: str) -> tuple[dict[str, tuple[Row, ...]], list[Row] | None]:
    """Give the golds that run with their rows, and the rows of the query; None if it does not run.

    Raises:
        sqlite3.Error, ServerQueryError: no gold runs.
    """
    ran: dict[str, tuple[Row, ...]] = {}
    failure: Exception = sqlite3.Error("no gold")
    for gold in golds:
        try:
            ran[gold] = _gold_rows(question.database, gold)
        except _FAILURES as exc:
            failure = exc
    if not ran:
        raise failure
    return ran, _found(question, sql, most=max(_MOST_ROWS, *(len(rows) + 1 for rows in ran.values())))


def _found(question: Question, sql: str, *, most: int = _MOST_ROWS) -> list[Row] | None:
    try:
        if is_url(question.database):
            return list(server_result(question.database, sql, max_rows=most)[1])
        return list(rows_of(Path(question.database), sql, max_rows=most))
    except _FAILURES:
        return None


def _gold_rows(database: str, gold: str) -> tuple[Row, ...]:
    return server_gold_rows(database, gold) if is_url(database) else gold_rows(Path(database), gold)
