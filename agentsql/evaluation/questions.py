"""What a benchmark is: its questions, and the rule by which it counts an answer as right."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Question:
    """One question of a benchmark."""

    id: str
    """Unique within its benchmark."""
    db_id: str
    text: str
    database: str = ""
    """Path or SQLAlchemy URL; empty where the benchmark has no more than `schema_sql`."""
    golds: tuple[str, ...] = ()
    """SQL that is right; matching one of them is enough. Empty where nobody knows."""
    evidence: str = ""
    hardness: str = ""
    """As the benchmark calls it, such as `medium`, `challenging`, or defog's category; empty if it does not."""
    schema_sql: str = ""
    """CREATE TABLE statements, where there is no database: SQL is then written and compiled, never executed."""
    notes: str = ""
    """Path of a notes.toml on the database."""
    suite: tuple[str, ...] = ()
    """Paths of the distilled test-suite databases of this `db_id`."""
    ordered: bool = False
    """Whether the order of rows counts, where the gold SQL does not say it."""
    now: str = ""
    """The moment that `now` and CURRENT_DATE mean in a gold whose rows depend on it."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a query is right, by the rule of its benchmark."""

    correct: bool | None
    """On the one database, queries as written; None without a gold."""
    executable: bool | None = None
    """Whether it runs on the database, or compiles where there is only a schema; None if nobody looked."""
    suite: bool | None = None
    """On all databases of Spider's test suite by its official rule, which strips DISTINCT; None if there are none."""
    suite_as_written: bool | None = None
    """Likewise, with DISTINCT as written."""
    gold_error: str = ""
    """Why it cannot be judged: no gold can be executed, or there is no database to do it on. Nothing is right then."""


WRONG = Verdict(False, False)
"""Of a question without SQL: it is wrong even where the gold gives no rows either."""


def without_sql(question: Question, judge: Callable[[Question, str], Verdict]) -> Verdict:
    """Give the verdict on an answer without SQL: wrong, unless the benchmark leaves open of every query whether it is.

    Raises whatever `judge` does.
    """
    if not question.golds or (question.schema_sql and judge(question, question.golds[0]).correct is None):
        return Verdict(None, False)
    return replace(WRONG, suite=False, suite_as_written=False) if question.suite else WRONG


@dataclass(frozen=True, slots=True)
class Benchmark:
    """Questions with the rule that judges them."""

    name: str
    questions: tuple[Question, ...]
    judge: Callable[[Question, str], Verdict]
    """Judges a query; safe to call from several threads."""


class BenchmarkReader(Protocol):
    """What an entry point of the group `agentsql.benchmarks` names, a module as a rule: one layout of question files.

    It may also have `usual_files`, a tuple of names under which its questions lie in a benchmark's folder, the most
    usual first; and `read_on_server(path, url)`, which reads a questions file whose databases are on a server, with
    `server_files`, the usual names of those. The URL has `*` where the name of each database goes.
    """

    def recognises(self, path: Path, first: Mapping[str, Any]) -> bool:
        """Tell whether a questions file is of this layout, by its path and its first row."""
        ...

    def read(self, path: Path, databases: Path | None) -> Benchmark:
        """Read a questions file.

        Args:
            databases: the folder of databases, where it does not lie where the layout has it.

        Raises:
            UsageError: the file cannot be read, or a row of it is not as the layout says.
        """
        ...
