"""Plain questions: JSON lines, a JSON array or CSV with `question` and `database` or `db_id`; SQL where it is known."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from agentsql.evaluation.benchmarks import bird, defog, spider
from agentsql.evaluation.benchmarks.judges import is_url, judge_by, judge_spider
from agentsql.evaluation.benchmarks.places import database_path, databases_folder
from agentsql.evaluation.benchmarks.rows import Row, has, read_rows, with_unique_ids
from agentsql.evaluation.questions import Benchmark, Question

usual_files = ("questions.jsonl", "questions.json", "questions.csv")
_DATABASES = ("databases", "database", ".")
_GOLDS = ("query", "sql", "gold", "SQL")


def recognises(path: Path, first: Mapping[str, Any]) -> bool:
    """Tell by `question` and `database` or `db_id`, where the row is not of a layout that has more."""
    if not has(first, "question") or not ("database" in first or "db_id" in first):
        return False
    return not (spider.recognises(path, first) or bird.is_bird_row(first) or defog.recognises(path, first))


def read(path: Path, databases: Path | None) -> Benchmark:
    """Read the questions; a relative `database` is a path seen from the questions file, or from `databases`."""
    rows = read_rows(path)
    database_of = _finder(path, databases)

    def question(number: int, row: Row) -> Question:
        named = row.text("database", "db_id")
        gold = row.optional(*_GOLDS)
        return Question(
            id=row.optional("question_id", "id") or str(number),
            db_id=row.optional("db_id") or (_name_in(named) if is_url(named) else Path(named).stem),
            text=row.text("question"),
            database=database_of(named),
            golds=(gold,) if gold.strip() else (),
            evidence=row.optional("evidence"),
            hardness=row.optional("hardness", "difficulty"),
        )

    questions = with_unique_ids(rows, (question(number, row) for number, row in enumerate(rows)))
    return Benchmark("jsonl", questions, judge_by(judge_spider))


def _finder(path: Path, databases: Path | None) -> Callable[[str], str]:
    @cache
    def find(named: str) -> str:
        if is_url(named):
            return named
        folder = databases_folder(path, databases, (".",))
        if (folder / named).is_file():
            return str(folder / named)
        return str(database_path(databases_folder(path, databases, _DATABASES), named))

    return find


def _name_in(url: str) -> str:
    """Give the database's own name: what a run writes down must hold no password."""
    return urlsplit(url).path.rpartition("/")[2]
