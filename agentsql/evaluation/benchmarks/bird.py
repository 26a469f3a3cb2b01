"""BIRD and its mini-dev: `dev.json` with evidence, `dev_databases/ID/ID.sqlite`, description files beside each."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from agentsql.errors import UsageError
from agentsql.evaluation.benchmarks.judges import judge_bird, judge_by
from agentsql.evaluation.benchmarks.places import database_finder
from agentsql.evaluation.benchmarks.rows import Row, has, read_rows, with_unique_ids
from agentsql.evaluation.questions import Benchmark, Question

usual_files = ("dev.json", "mini_dev_sqlite.json", "train.json")
_DATABASES = ("dev_databases", "train_databases", "databases", "database")
_OTHER_DIALECTS = ("mysql", "postgresql")


def recognises(path: Path, first: Mapping[str, Any]) -> bool:
    """Tell by `question`, `evidence`, `SQL` and `db_id`, unless Feather's flat databases lie beside."""
    return is_bird_row(first) and not has_flat_database(path, str(first["db_id"]))


def read(path: Path, databases: Path | None) -> Benchmark:
    """Read the questions; description files beside a database are part of its schema wherever that is shown."""
    if other := next((dialect for dialect in _OTHER_DIALECTS if path.stem.endswith(dialect)), ""):
        raise UsageError(f"the golds of {path} are written for {other}; take the file for SQLite")
    return read_benchmark("bird", path, databases, _DATABASES)


def is_bird_row(first: Mapping[str, Any]) -> bool:
    """Tell whether a row has what BIRD's and Feather's have."""
    return has(first, "question evidence SQL db_id")


def has_flat_database(path: Path, db_id: str) -> bool:
    """Tell whether `ID.sqlite` lies beside the questions or in a folder of databases there."""
    folders = (path.parent, *(path.parent / name for name in flat_folders(path)))
    return any((folder / f"{db_id}.sqlite").is_file() for folder in folders)


def flat_folders(path: Path) -> tuple[str, ...]:
    """Give names of folders that may hold Feather's databases: it keeps those of `dev.json` in `dev_database`."""
    return (f"{path.stem}_database", f"{path.stem}_databases", "databases", "database", ".")


def read_benchmark(name: str, path: Path, databases: Path | None, folders: tuple[str, ...]) -> Benchmark:
    """Read rows of BIRD's keys, judged by its rule."""
    rows = read_rows(path)
    database_of = database_finder(path, databases, folders)

    def question(number: int, row: Row) -> Question:
        db_id = row.text("db_id")
        return Question(
            id=row.optional("question_id") or str(number),
            db_id=db_id,
            text=row.text("question"),
            database=database_of(db_id),
            golds=(row.text("SQL"),),
            evidence=row.optional("evidence"),
            hardness=row.optional("difficulty"),
        )

    questions = with_unique_ids(rows, (question(number, row) for number, row in enumerate(rows)))
    return Benchmark(name, questions, judge_by(judge_bird))
