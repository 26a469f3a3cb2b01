"""Defog's sql-eval: its CSV files, and JSON lines with every accepted gold and the moment that its data were made."""

from __future__ import annotations

import hashlib
import json
import re
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import Any

from agentsql.errors import DatabaseError, UsageError
from agentsql.evaluation.benchmarks.judges import judge_by, judge_defog
from agentsql.evaluation.benchmarks.places import database_finder
from agentsql.evaluation.benchmarks.rows import Row, has, read_rows, with_unique_ids
from agentsql.evaluation.questions import Benchmark, Question
from agentsql.evaluation.servers import database_url, server_schema
from agentsql.folders import cache_folder

usual_files = ("questions.jsonl", "questions_gen_sqlite.csv")
server_files = ("questions_postgres.jsonl", "questions_gen_postgres.csv")
_DATABASES = ("databases", "sqlite_dbs", "database")
_NAMES = {"sqlite": "SQLite", "postgres": "PostgreSQL"}
_ORDERED = re.compile(r"\b(order|sort|arrange)\b", re.IGNORECASE)
_MOMENT = re.compile(r"'(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)'")


def recognises(path: Path, first: Mapping[str, Any]) -> bool:  # noqa: ARG001 - the rows say enough
    """Tell by the CSV's `db_name` and `query_category`, or by the `gold_sql` and `category` of the lines."""
    return has(first, "question query db_name query_category") or has(first, "question gold_sql db_id category")


def read(path: Path, databases: Path | None) -> Benchmark:
    """Read the questions, with the descriptions of columns as notes, and the instructions as evidence."""
    database_of = database_finder(path, databases, _DATABASES)

    def columns_of(db_id: str) -> set[tuple[str, str]] | None:
        database = Path(database_of(db_id))
        return _columns(database) if database.is_file() else None

    return _benchmark(path, "sqlite", database_of, _notes_finder(path.parent / "metadata", columns_of))


def read_on_server(path: Path, url: str) -> Benchmark:
    """Read the questions that are written for a server's dialect.

    Their golds are asked as they stand, at the same moment as the queries that are judged, so no moment is frozen.

    Args:
        url: of the databases, with `*` for their names.

    Raises:
        UsageError: it is no PostgreSQL, or a row is written for another dialect.
    """
    if not url.startswith("postgres"):
        raise UsageError("defog's questions are for PostgreSQL or SQLite; name a postgresql:// URL, or a folder")

    def columns_of(db_id: str) -> set[tuple[str, str]] | None:
        try:
            schema = server_schema(database_url(url, db_id))
        except DatabaseError:
            return None
        return {(table.parts[-1].lower(), column.name.lower()) for table in schema for column in table.columns}

    notes_of = _notes_finder(path.parent / "metadata", columns_of)
    return _benchmark(path, "postgres", lambda db_id: database_url(url, db_id), notes_of)


def _benchmark(
    path: Path, dialect: str, database_of: Callable[[str], str], notes_of: Callable[[str], str]
) -> Benchmark:
    rows = read_rows(path)

    def question(number: int, row: Row) -> Question:
        if (written := row.optional("dialect", "db_type")) not in ("", dialect):
            raise row.refused(f"is written for {written}", f"take the file for {_NAMES[dialect]}")
        db_id, text = row.text("db_name", "db_id"), row.text("question")
        category = row.text("query_category", "category")
        golds = _golds(row)
        is_frozen = dialect == "sqlite" and row.cells.get("time_dependent") is True
        return Question(
            id=row.optional("question_id") or str(number),
            db_id=db_id,
            text=text,
            database=database_of(db_id),
            golds=golds,
            evidence=row.optional("evidence", "instructions"),
            hardness=category,
            notes=notes_of(db_id),
            ordered=category == "order_by" or bool(_ORDERED.search(text)),
            now=_moment(row.optional("gold_sql"), golds[0]) if is_frozen else "",
        )

    questions = with_unique_ids(rows, (question(number, row) for number, row in enumerate(rows)))
    return Benchmark("defog", questions, judge_by(judge_defog))


def _golds(row: Row) -> tuple[str, ...]:
    if "query" in row.cells:
        return all_golds(row.text("query"))
    frozen = "_frozen" if "gold_sql_frozen" in row.cells else ""
    alternatives = row.cells.get(f"gold_sql_alternatives{frozen}") or []
    if not isinstance(alternatives, list) or not all(isinstance(one, str) for one in alternatives):
        raise row.refused(f"has no list of texts under 'gold_sql_alternatives{frozen}'", "make it a list of SQL texts")
    return (row.text(f"gold_sql{frozen}"), *alternatives)


def all_golds(query: str) -> tuple[str, ...]:
    """Give each accepted SQL of a gold: `;` parts them, `{a, b}` stands for any of these columns, `GROUP BY {}` too.

    Source: defog-ai/sql-eval, eval/eval.py, `get_all_minimal_queries` (commit 079e59c).
    """
    golds: list[str] = []
    for part in filter(None, map(str.strip, query.split(";"))):
        head, brace, rest = part.partition("{")
        inside, closed, tail = rest.partition("}")
        if not brace or not closed:
            golds.append(part)
            continue
        columns = inside.split(",")
        for count in range(1, len(columns) + 1):
            for some in combinations(columns, count):
                shown = ", ".join(some)
                golds.append(head + shown + tail.replace("GROUP BY {}", f"GROUP BY {shown}"))
    return tuple(golds)


def _moment(gold: str, frozen: str) -> str:
    """Give the moment that stands in the frozen gold in place of `now`; empty if there is none."""
    return next((moment for moment in _MOMENT.findall(frozen) if moment not in gold), "")


def _notes_finder(folder: Path, columns_of: Callable[[str], set[tuple[str, str]] | None]) -> Callable[[str], str]:
    """Give a function from a `db_id` to a notes.toml of defog's descriptions, kept in the user's cache folder."""

    @cache
    def find(db_id: str) -> str:
        described = folder / f"{db_id}.json"
        there = columns_of(db_id) if described.is_file() else None
        if there is None:
            return ""
        text = _notes(described, there)
        digest = hashlib.sha256(text.encode()).hexdigest()[:12]
        path = cache_folder() / "benchmarks" / "notes" / f"{db_id}-{digest}.toml"
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            unfinished = path.with_suffix(".part")
            unfinished.write_text(text, encoding="utf-8")
            unfinished.replace(path)
        return str(path)

    return find


def _notes(described: Path, there: set[tuple[str, str]]) -> str:
    """Write the descriptions as a notes.toml, without those of columns that the database lacks."""
    try:
        tables = json.loads(described.read_text(encoding="utf-8"))["table_metadata"]
        columns_of = {
            name.rpartition(".")[2]: [(one["column_name"], one["column_description"]) for one in columns]
            for name, columns in tables.items()
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as exc:
        raise UsageError(f"{described} is no metadata of defog's: {exc!r}; mend it or move it away") from exc
    lines = []
    for table, columns in columns_of.items():
        noted = [(column, text) for column, text in columns if (table.lower(), column.lower()) in there]
        lines += [f"[tables.{json.dumps(table)}.columns]"] if noted else []
        lines += [f"{json.dumps(column)} = {json.dumps(text)}" for column, text in noted]
    return "\n".join(lines)


def _columns(database: Path) -> set[tuple[str, str]]:
    with closing(sqlite3.connect(f"{database.resolve().as_uri()}?mode=ro", uri=True)) as connection:
        found = connection.execute(
            "SELECT m.name, c.name FROM sqlite_master AS m, pragma_table_info(m.name) AS c WHERE m.type = 'table'"
        )
        return {(table.lower(), column.lower()) for table, column in found}
