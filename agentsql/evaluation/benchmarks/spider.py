"""Spider: `dev.json` or `train_spider.json`, with `database/ID/ID.sqlite` beside it, and its distilled test suite."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from agentsql.evaluation.benchmarks.judges import judge_by, judge_spider
from agentsql.evaluation.benchmarks.places import database_finder
from agentsql.evaluation.benchmarks.rows import Row, has, read_rows, with_unique_ids
from agentsql.evaluation.hardness import spider_hardness
from agentsql.evaluation.questions import Benchmark, Question
from agentsql.evaluation.suite import suite_folder

logger = logging.getLogger(__name__)

usual_files = ("dev.json", "test.json", "train_spider.json")
_DATABASES = ("database", "databases", "test_database")
_SUITES = ("test_suite_database", "spider_test_suite", "testsuitedatabases")
_ARCHIVE = "databases.tar.xz"


def recognises(path: Path, first: Mapping[str, Any]) -> bool:
    """Tell by `question`, `query` and `db_id` in a JSON array."""
    return path.suffix.lower() == ".json" and has(first, "question query db_id")


def read(path: Path, databases: Path | None) -> Benchmark:
    """Read the questions; those of the official files have no id and are numbered from 0.

    Hardness is by the gold where the file does not say it: 7,000 take a second.
    """
    rows = read_rows(path)
    database_of = database_finder(path, databases, _DATABASES)
    suite_of = _suite_finder([*path.parents[:2], *(databases.parents[:2] if databases else ())])

    def question(number: int, row: Row) -> Question:
        db_id, gold = row.text("db_id"), row.text("query")
        return Question(
            id=row.optional("question_id") or str(number),
            db_id=db_id,
            text=row.text("question"),
            database=database_of(db_id),
            golds=(gold,),
            evidence=row.optional("evidence"),
            hardness=row.optional("hardness") or spider_hardness(gold),
            suite=suite_of(db_id),
        )

    questions = with_unique_ids(rows, (question(number, row) for number, row in enumerate(rows)))
    return Benchmark("spider", questions, judge_by(judge_spider))


def _suite_finder(places: list[Path]) -> Callable[[str], tuple[str, ...]]:
    """Give a function from a `db_id` to its databases in the first test suite that lies in one of these folders."""
    folder = next((found for place in places for name in _SUITES if (found := place / name).is_dir()), None)
    if folder and (folder / _ARCHIVE).is_file():
        folder = suite_folder(folder / _ARCHIVE)
    logger.info("the test suite is %s", folder or "not there")

    @cache
    def find(db_id: str) -> tuple[str, ...]:
        return tuple(sorted(map(str, (folder / db_id).glob("*.sqlite")))) if folder else ()

    return find
