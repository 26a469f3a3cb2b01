"""The benchmarks that lie beside the checkout, and a sample of Spider's training questions for tuning."""

from __future__ import annotations

import random
import sqlite3
from dataclasses import replace
from functools import cache
from itertools import groupby
from pathlib import Path

from agentsql.evaluation.benchmarks import open_benchmark
from agentsql.evaluation.questions import Benchmark, Question
from agentsql.evaluation.suite import rows_of

SHARED = Path(__file__).resolve().parents[3] / "shared" / "benchmarks"
SPIDER = SHARED / "spider"

BENCHMARKS = {
    "spider": SPIDER / "dev.json",
    "spider-train": SPIDER / "train_spider.json",
    "bird": SHARED / "bird" / "dev.json",
    "defog": SHARED / "defog" / "questions.jsonl",
}
_SAMPLE = 120
_A_DATABASE = 10


@cache
def whole_benchmark(name: str) -> Benchmark:
    """Give all questions of one of BENCHMARKS, under that name."""
    return replace(open_benchmark(BENCHMARKS[name]), name=name)


def load_benchmark(name: str, *, every: int = 1, first: int | None = None, hardness: tuple[str, ...] = ()) -> Benchmark:
    """Give each `every`-th of the `first` questions (all if None; 120 of the tuning sample), a database at a time.

    Args:
        hardness: only questions of these, as the benchmark names them; empty for all.
    """
    whole = whole_benchmark(name)
    questions = tuning_sample(whole.questions, first or _SAMPLE) if name == "spider-train" else whole.questions[:first]
    questions = tuple(one for one in questions if not hardness or one.hardness in hardness)
    seen = {db_id: place for place, db_id in enumerate(dict.fromkeys(one.db_id for one in questions))}
    return replace(whole, questions=tuple(sorted(questions[::every], key=lambda one: seen[one.db_id])))


def tuning_sample(training: tuple[Question, ...], count: int) -> tuple[Question, ...]:
    """Give `count` training questions, ten a database, by a fixed seed; dev has none of their databases."""
    rng = random.Random(7)
    groups = [list(group) for _, group in groupby(sorted(training, key=_db_id), key=_db_id)]
    picked: list[Question] = []
    for group in rng.sample(groups, len(groups)):
        if len(picked) >= count:
            break
        with_rows = [one for one in group if _has_rows(one)]
        if len(with_rows) >= _A_DATABASE:
            picked += rng.sample(with_rows, _A_DATABASE)
    return tuple(picked[:count])


def _db_id(question: Question) -> str:
    return question.db_id


def _has_rows(question: Question) -> bool:
    try:
        return bool(rows_of(Path(question.database), question.golds[0], max_rows=1))
    except sqlite3.Error:
        return False
