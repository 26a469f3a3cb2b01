"""Measures which values of the gold SQL a question's words find: by the schema's samples alone, and by the value index.

.venv/bin/python benchmarks/values.py [--sets spider-dev bird defog spider-train] [--show 20]

A hint is one value that the prompt names with one or two columns. It is right if the gold SQL compares one of those
columns with that text (letter case, blanks and punctuation aside). Recall is over the texts of the gold SQL that are in
their column. Milliseconds are of processor time.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from agentsql import __version__
from agentsql.db.connect import open_database
from agentsql.db.schema import Schema
from agentsql.db.value_index import ValueIndex
from agentsql.db.value_match import find_values
from agentsql.db.value_store import ValueStore
from agentsql.db.values import compared_texts
from agentsql.db.words import index_words, value_key
from agentsql.settings import ValueSettings

SHARED = Path(__file__).resolve().parents[2] / "shared" / "benchmarks"
RESULTS = Path(__file__).parent / "results" / "values.jsonl"

Hint = tuple[str, frozenset[tuple[str, str]]]
"""The key of a text, and the (table, column) pairs it is said to stand in."""
Gold = set[tuple[str, str, str]]


@dataclass(frozen=True, slots=True)
class Asked:
    """One question of a benchmark."""

    database: Path
    question: str
    gold: tuple[str, ...]
    """Queries that are right."""


@dataclass(slots=True)
class Score:
    """Counts over all questions."""

    hints: int = 0
    right: int = 0
    right_text: int = 0
    findable: int = 0
    found: int = 0
    ms: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)

    def row(self) -> dict[str, float]:
        """Give the figures of the table."""
        self.ms.sort()
        return {
            "hints": self.hints,
            "precision": round(self.right / max(1, self.hints), 3),
            "precision_of_text": round(self.right_text / max(1, self.hints), 3),
            "findable": self.findable,
            "recall": round(self.found / max(1, self.findable), 3),
            "ms_median": round(self.ms[len(self.ms) // 2], 2),
            "ms_p95": round(self.ms[int(len(self.ms) * 0.95)], 2),
        }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sets", nargs="+", choices=SETS, default=["spider-dev", "bird", "defog"])
    parser.add_argument("--show", type=int, default=0, help="wrong hints and missed texts to print of each")
    options = parser.parse_args()
    print(f"{'questions':14} {'by':10} hints  precision (text)  findable  recall  median ms  p95 ms")
    for name in options.sets:
        for way, score in _measure(list(SETS[name]())).items():
            row = score.row()
            print(
                f"{name:14} {way:10} {row['hints']:5}  {row['precision']:9.3f} ({row['precision_of_text']:.3f})"
                f"  {row['findable']:8}  {row['recall']:6.3f}  {row['ms_median']:9.2f}  {row['ms_p95']:6.2f}"
            )
            for kind in ("wrong", "missed"):
                lines = getattr(score, kind)
                for line in random.Random(1).sample(lines, min(options.show, len(lines))):
                    print(f"    {kind}: {line}")
            RESULTS.parent.mkdir(exist_ok=True)
            with RESULTS.open("a", encoding="utf-8") as file:
                file.write(json.dumps({"set": name, "by": way, "version": __version__, **row}) + "\n")


def _measure(questions: list[Asked]) -> dict[str, Score]:
    scores = {"samples": Score(), "index": Score()}
    with tempfile.TemporaryDirectory() as folder:
        for path in sorted({one.database for one in questions}):
            database = open_database(path, cache_dir=Path(folder))
            schema = database.schema()
            store = ValueStore(database, ValueSettings(), Path(folder))
            store.refresh(schema)
            store.wait()
            words = index_words(schema)
            ways: dict[str, Callable[[str], tuple[tuple[str, str, str], ...]]] = {
                "samples": lambda text, words=words: words.find(text).values,  # type: ignore[misc]
                "index": lambda text, index=store.index, words=words: find_values(text, index, words),  # type: ignore[misc]
            }
            for asked in (one for one in questions if one.database == path):
                gold = [found for sql in asked.gold if (found := _gold(sql, schema)) is not None]
                if not gold:
                    continue
                for way, find in ways.items():
                    _count(scores[way], asked, find, gold, store.index)
            store.close()
            database.close()
    return scores


def _count(
    score: Score,
    asked: Asked,
    find: Callable[[str], tuple[tuple[str, str, str], ...]],
    gold: list[Gold],
    index: ValueIndex,
) -> None:
    started = time.process_time()
    values = find(asked.question)
    score.ms.append(1000 * (time.process_time() - started))
    hints = _hints(values)
    any_gold = {(table.casefold(), column.casefold(), value_key(text)) for one in gold for table, column, text in one}
    texts = {key for _, _, key in any_gold}
    for key, places in hints:
        is_right = any((table.casefold(), column.casefold(), key) in any_gold for table, column in places)
        score.hints += 1
        score.right += is_right
        score.right_text += key in texts
        if not is_right:
            score.wrong.append(f"{key!r} {sorted(places)} | {asked.question}")
    hinted = {(table.casefold(), column.casefold(), key) for key, places in hints for table, column in places}
    for table, column, text in gold[0]:
        if index.spellings(table, column, text):
            score.findable += 1
            found = (table.casefold(), column.casefold(), value_key(text)) in hinted
            score.found += found
            if not found:
                score.missed.append(f"{table}.{column} = {text!r} | {asked.question}")


def _hints(values: tuple[tuple[str, str, str], ...]) -> list[Hint]:
    """Give what the prompt of `generate` says: values of one or two columns."""
    places: dict[str, set[tuple[str, str]]] = {}
    for table, column, text in values:
        places.setdefault(text, set()).add((table, column))
    return [(value_key(text), frozenset(found)) for text, found in places.items() if len(found) <= 2]


def _gold(sql: str, schema: Schema) -> Gold | None:
    """Give the texts a query compares columns with, by =, <>, IN and LIKE, double quotes read as SQLite reads them.

    None if sqlglot cannot read it.
    """
    try:
        query = sqlglot.parse_one(sql, read="sqlite")
    except SqlglotError:
        return None
    known = {column.name.casefold() for table in schema for column in table.columns}
    for column in list(query.find_all(exp.Column)):
        if column.this.args.get("quoted") and not column.table and column.name.casefold() not in known:
            column.replace(exp.Literal.string(column.name))
    for folded in list(query.find_all(exp.Lower, exp.Upper)):
        folded.replace(folded.this)
    for node in list(query.find_all(exp.NEQ, exp.Like)):
        if isinstance(node.expression, exp.Literal) and node.expression.is_string:
            literal = exp.Literal.string(node.expression.name.strip("%"))
            node.replace(exp.EQ(this=node.this.copy(), expression=literal))
    assert isinstance(query, exp.Query)
    return {(table.name, column.name, literal.name) for table, column, literal in compared_texts(query, schema)}


def _spider(file: str) -> Iterator[Asked]:
    folder = SHARED / "spider"
    for row in json.loads((folder / file).read_text(encoding="utf-8")):
        path = folder / "database" / row["db_id"] / f"{row['db_id']}.sqlite"
        yield Asked(path, row["question"], (row["query"],))


def _bird() -> Iterator[Asked]:
    folder = SHARED / "bird"
    for row in json.loads((folder / "dev.json").read_text(encoding="utf-8")):
        path = folder / "dev_databases" / row["db_id"] / f"{row['db_id']}.sqlite"
        if path.exists():
            yield Asked(path, f"{row['question']} . {row['evidence']}", (row["SQL"],))


def _defog() -> Iterator[Asked]:
    folder = SHARED / "defog"
    for line in (folder / "questions.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        path = folder / "databases" / f"{row['db_id']}.sqlite"
        if path.exists() and row["dialect"] == "sqlite":
            yield Asked(
                path, f"{row['question']} . {row['evidence']}", (row["gold_sql"], *row["gold_sql_alternatives"])
            )


SETS: dict[str, Callable[[], Iterator[Asked]]] = {
    "spider-dev": lambda: _spider("dev.json"),
    "spider-train": lambda: _spider("train_spider.json"),
    "bird": _bird,
    "defog": _defog,
}

if __name__ == "__main__":
    main()
