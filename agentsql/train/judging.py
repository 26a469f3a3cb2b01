"""Replies of the model in training, run on their databases behind both locks, several at a time."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType

from agentsql.data.rows import About
from agentsql.db.connect import open_database
from agentsql.db.database import Database
from agentsql.db.extract import extract_sql
from agentsql.errors import DatabaseError
from agentsql.evaluation.benchmarks.create_context import judge_compiled
from agentsql.evaluation.questions import Question
from agentsql.settings import DatabaseSettings, SchemaSettings
from agentsql.steps.shared import json_object
from agentsql.train import rewards
from agentsql.types import ExecutionResult

_WORKERS = 4
_MOST_ROWS = 10_000
"""Rows of one result that are compared; a query that gives more is taken for a runaway join, and counts as wrong."""

Scores = Mapping[str, float | None]
"""Rewards by their name in the recipe; None where nobody can tell."""


class Judge:
    """Judges replies; a context manager that keeps databases open, each opened once.

    Args:
        timeout_s: after which a query of the model's is stopped, and counts as wrong.
    """

    def __init__(self, *, timeout_s: float) -> None:
        self._timeout_s = timeout_s
        self._databases: dict[str, Database | None] = {}
        self._golds: dict[tuple[str, str], ExecutionResult] = {}
        self._lock = threading.Lock()
        self._pool = ThreadPoolExecutor(_WORKERS, thread_name_prefix="judge")

    def __enter__(self) -> Judge:
        return self

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close every database."""
        self._pool.shutdown()
        for database in self._databases.values():
            if database is not None:
                database.close()
        self._databases.clear()

    def right(self, abouts: Sequence[About], replies: Sequence[str]) -> list[float | None]:
        """Give how right each reply is, 0 to 1: by execution for SQL, by F1 for a list of columns."""
        return [scores["execution"] for scores in self.scores(abouts, replies)]

    def scores(self, abouts: Sequence[About], replies: Sequence[str]) -> list[Scores]:
        """Give every reward of each reply."""
        return list(self._pool.map(self._scored, abouts, replies))

    def _scored(self, about: About, reply: str) -> Scores:
        if about.task == "schema":
            listed = json_object(reply).get("columns")
            likeness = rewards.names_likeness([str(one) for one in listed or ()], about.columns)
            return {"execution": likeness, "executable": float(isinstance(listed, list)), "schema": likeness}
        if about.task == "select":
            return {"execution": float(reply.strip() == about.gold.strip()), "executable": 1.0, "schema": None}
        database = self._database(about.database) if about.database else None
        sql = extract_sql(reply, database.dialect if database else "sqlite")
        likenesses = {
            "ngrams": rewards.ngram_likeness(sql, about.gold),
            "levenshtein": rewards.levenshtein_likeness(sql, about.gold),
            "length": rewards.length_reward(sql, about.gold),
        }
        return {**likenesses, **(self._run(database, about, sql) if database else _compiled(about, sql))}

    def _run(self, database: Database, about: About, sql: str) -> Scores:
        validity = rewards.schema_validity(sql, database.schema())
        if (failure := database.check(sql)) is not None:
            del failure  # refused by a lock or naming what is not there; either is not run
            return {"execution": 0.0, "executable": 0.0, "schema": validity}
        found = database.run(sql, max_rows=_MOST_ROWS, timeout_s=self._timeout_s)
        gold = self._gold(database, about)
        ordered = "order by" in about.gold.casefold()
        match = None if gold.error else rewards.execution_match(gold, found, ordered=ordered)
        return {"execution": match, "executable": rewards.executable(found), "schema": validity}

    def _gold(self, database: Database, about: About) -> ExecutionResult:
        key = (about.database, about.gold)
        if key not in self._golds:
            self._golds[key] = database.run(about.gold, max_rows=_MOST_ROWS)
        return self._golds[key]

    def _database(self, target: str) -> Database | None:
        """Give the open database; None if it cannot be opened, so that its rows count as nobody can tell."""
        with self._lock:
            if target not in self._databases:
                try:
                    settings = DatabaseSettings(timeout_s=30.0, max_rows=_MOST_ROWS)
                    self._databases[target] = open_database(
                        target, settings=settings, schema_settings=SchemaSettings(sample_values=0)
                    )
                except DatabaseError:
                    self._databases[target] = None
            return self._databases[target]


def _compiled(about: About, sql: str) -> Scores:
    if not about.schema_sql:
        return {"execution": None, "executable": None, "schema": None}
    question = Question(
        about.question_id, about.db_id, about.question, golds=(about.gold,), schema_sql=about.schema_sql
    )
    compiles = judge_compiled(question, sql).executable
    value = None if compiles is None else float(compiles)
    return {"execution": None, "executable": value, "schema": value}
