"""The questions of each benchmark, and the rule by which it counts an answer as right."""

from __future__ import annotations

import json
import random
import re
import sqlite3
import tempfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import groupby
from pathlib import Path
from typing import Any

from sqlglot import Token, TokenType, tokenize

from agentsql.evaluation.metrics import bird_match, defog_match
from agentsql.evaluation.suite import rows_of, suite_folder, suite_match

SHARED = Path(__file__).resolve().parents[3] / "shared" / "benchmarks"
SPIDER = SHARED / "spider"
SUITE = SHARED / "spider_test_suite" / "databases.tar.xz"
BIRD = SHARED / "bird"
DEFOG = SHARED / "defog"

_MOST_ROWS = 100_000
_DEFOG_NOW = "2026-11-21 08:25:40"
"""What `now` is in the golds of defog that depend on it; its rows are relative to that moment."""
_NOTES = tempfile.TemporaryDirectory(prefix="agentsql-notes-")  # removed when the program ends
_ORDERED = re.compile(r"\b(order|sort|arrange)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Question:
    """One question of a benchmark."""

    benchmark: str
    id: str
    db_id: str
    text: str
    golds: tuple[str, ...]
    """SQL that is right; matching one of them is enough."""
    database: Path
    evidence: str = ""
    hardness: str = ""
    notes: Path | None = None
    """A notes.toml on the database."""
    ordered: bool = False
    """Whether the order of rows counts, where the gold SQL does not say it."""
    time_dependent: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether an answer is right."""

    correct: bool
    """On the one database, queries as written."""
    suite: bool | None = None
    """On all databases of Spider's test suite by its official rule, which strips DISTINCT; None if there are none."""
    suite_as_written: bool | None = None
    """Likewise, with DISTINCT as written."""
    gold_error: str = ""
    """Why no gold can be executed; the answer then counts as wrong."""


WRONG = Verdict(False)


def spider() -> list[Question]:
    """Give the open questions of Spider dev."""
    return [_spider_question("spider", row) for row in json.loads((SPIDER / "dev.json").read_text())]


def spider_train(count: int) -> list[Question]:
    """Give `count` training questions for tuning, ten a database, by a fixed seed; dev has none of their databases."""
    rng = random.Random(7)
    train = sorted(json.loads((SPIDER / "train_spider.json").read_text()), key=lambda row: str(row["db_id"]))
    groups = [list(group) for _, group in groupby(train, key=lambda row: row["db_id"])]
    picked: list[Question] = []
    for group in rng.sample(groups, len(groups)):
        questions = [_spider_question("spider-train", row) for row in group]
        with_rows = [one for one in questions if one.database.exists() and _has_rows(one)]
        if len(with_rows) >= 10 and len(picked) < count:
            picked += rng.sample(with_rows, 10)
    return picked[:count]


def bird() -> list[Question]:
    """Give the questions of BIRD whose database is here; its description files lie beside the database."""
    return [
        Question(
            "bird",
            str(row["question_id"]),
            row["db_id"],
            row["question"],
            (row["SQL"],),
            BIRD / "dev_databases" / row["db_id"] / f"{row['db_id']}.sqlite",
            evidence=row["evidence"],
            hardness=row["difficulty"],
        )
        for row in json.loads((BIRD / "dev.json").read_text())
    ]


def defog() -> list[Question]:
    """Give defog's questions on SQLite, with its column descriptions as notes and its instructions as evidence."""
    rows = [json.loads(line) for line in (DEFOG / "questions.jsonl").read_text().splitlines()]
    return [
        Question(
            "defog",
            row["question_id"],
            row["db_id"],
            row["question"],
            (row["gold_sql_frozen"], *row["gold_sql_alternatives_frozen"]),
            DEFOG / "databases" / f"{row['db_id']}.sqlite",
            evidence=row["evidence"],
            hardness=row["category"],
            notes=_defog_notes(row["db_id"]),
            ordered=row["category"] == "order_by" or bool(_ORDERED.search(row["question"])),
            time_dependent=row["time_dependent"],
        )
        for row in rows
    ]


def load_questions(benchmark: str, *, every: int = 1, first: int | None = None) -> list[Question]:
    """Give each `every`-th of the `first` questions (all if None; 120 of the tuning sample), a database at a time."""
    if benchmark == "spider-train":
        questions = spider_train(first or 120)
    else:
        loaders: dict[str, Callable[[], list[Question]]] = {"spider": spider, "bird": bird, "defog": defog}
        questions = loaders[benchmark]()[:first]
    seen = {db_id: place for place, db_id in enumerate(dict.fromkeys(one.db_id for one in questions))}
    return sorted(questions[::every], key=lambda one: seen[one.db_id])


@lru_cache(maxsize=100_000)
def judge(question: Question, sql: str) -> Verdict:
    """Judge a query by the rule of the question's benchmark."""
    rule = {"bird": _judge_bird, "defog": _judge_defog}.get(question.benchmark, _judge_spider)
    try:
        return rule(question, sql)
    except sqlite3.Error as exc:
        return Verdict(False, gold_error=str(exc))


def _judge_spider(question: Question, sql: str) -> Verdict:
    (gold,) = question.golds
    correct = suite_match(gold, sql, [question.database], keep_distinct=True)
    databases = _suite_databases(question.db_id) if question.benchmark == "spider" else ()
    if not databases:
        return Verdict(correct)
    suite = suite_match(gold, sql, databases)
    as_written = correct and suite_match(gold, sql, databases, keep_distinct=True)
    return Verdict(correct, suite, as_written)


def _judge_bird(question: Question, sql: str) -> Verdict:
    (gold,) = question.golds
    wanted = rows_of(question.database, gold)
    found = _rows_or_none(question.database, sql)
    return Verdict(found is not None and bird_match(wanted, found))


def _judge_defog(question: Question, sql: str) -> Verdict:
    golds = [rows_of(question.database, gold) for gold in question.golds]
    found = _rows_or_none(question.database, frozen(sql, _DEFOG_NOW) if question.time_dependent else sql)
    return Verdict(found is not None and any(defog_match(gold, found, ordered=question.ordered) for gold in golds))


def frozen(sql: str, now: str) -> str:
    """Give the SQL with the text `now` in place of 'now' and of CURRENT_DATE and its like."""

    def literal(token: Token) -> str:
        if token.token_type is TokenType.STRING and token.text.lower() == "now":
            return f"'{now}'"
        return {
            TokenType.CURRENT_DATE: f"'{now[:10]}'",
            TokenType.CURRENT_TIMESTAMP: f"'{now}'",
            TokenType.CURRENT_TIME: f"'{now[11:]}'",
        }.get(token.token_type, "")

    for token in reversed(tokenize(sql, read="sqlite")):
        if new := literal(token):
            sql = sql[: token.start] + new + sql[token.end + 1 :]
    return sql


def _spider_question(benchmark: str, row: dict[str, Any]) -> Question:
    database = SPIDER / "database" / row["db_id"] / f"{row['db_id']}.sqlite"
    return Question(
        benchmark,
        row["question_id"],
        row["db_id"],
        row["question"],
        (row["query"],),
        database,
        hardness=row["hardness"],
    )


def _has_rows(question: Question) -> bool:
    return bool(_rows_or_none(question.database, question.golds[0]))


def _rows_or_none(database: Path, sql: str) -> list[tuple[object, ...]] | None:
    try:
        return rows_of(database, sql, max_rows=_MOST_ROWS)
    except sqlite3.Error:
        return None


@cache
def _suite_databases(db_id: str) -> tuple[Path, ...]:
    return tuple(sorted((suite_folder(SUITE) / db_id).glob("*.sqlite"))) if SUITE.exists() else ()


@cache
def _defog_notes(db_id: str) -> Path:
    """Write defog's column descriptions as a notes.toml, without those of columns that the SQLite copy lacks."""
    tables = json.loads((DEFOG / "metadata" / f"{db_id}.json").read_text())["table_metadata"]
    with closing(sqlite3.connect(DEFOG / "databases" / f"{db_id}.sqlite")) as connection:
        there = {
            (table.lower(), column.lower())
            for table, column in connection.execute(
                "SELECT m.name, c.name FROM sqlite_master AS m, pragma_table_info(m.name) AS c WHERE m.type = 'table'"
            )
        }
    lines = []
    for table, columns in tables.items():
        name = table.rpartition(".")[2]
        noted = [one for one in columns if (name.lower(), one["column_name"].lower()) in there]
        lines += [f"[tables.{json.dumps(name)}.columns]"] if noted else []
        lines += [f"{json.dumps(one['column_name'])} = {json.dumps(one['column_description'])}" for one in noted]
    path = Path(_NOTES.name) / f"{db_id}.toml"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path
