"""A query under a policy gives what it gives on a copy of the database without the hidden rows and columns."""

from __future__ import annotations

import json
import random
import shutil
import sqlite3
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from agentsql.db.connect import open_database
from agentsql.db.database import Database
from agentsql.db.policed import PolicedDatabase
from agentsql.db.policy import Policy, Rules
from agentsql.types import ExecutionResult, Principal

_SOME = 45
"""Gold queries compared in the ordinary run, spread over all databases; the slow one takes all 261 (5 s)."""


def _golds(spider: Path) -> list[tuple[str, str]]:
    asked = json.loads((spider / "dev.json").read_text())
    return sorted({(one["db_id"], one["query"]) for one in asked})


def _hidden_copy(source: Path, copy: Path, schema: object, draw: random.Random) -> Rules:
    """Delete rows and drop columns of a copy at random, and give the rules that hide the same in the original."""
    shutil.copy(source, copy)
    connection = sqlite3.connect(copy)
    connection.execute("PRAGMA foreign_keys = OFF")
    rows, denied = {}, []
    for table in schema:  # type: ignore[attr-defined]
        told = draw.choice(table.columns).name
        condition = f'LENGTH(CAST("{told}" AS TEXT)) % {draw.choice((2, 3))} <> 1'
        rows[table.name] = condition
        connection.execute(f'DELETE FROM "{table.name}" WHERE NOT COALESCE({condition}, 0)')
        dropped = draw.choice(table.columns).name
        if dropped != told and len(table.columns) > 2 and draw.random() < 0.4:
            try:
                connection.execute(f'ALTER TABLE "{table.name}" DROP COLUMN "{dropped}"')
            except sqlite3.OperationalError:  # a key or an index needs it
                continue
            denied.append(f"{table.name}.{dropped}")
    connection.commit()
    connection.close()
    return Rules(rows=rows, denied_columns=tuple(denied))


@pytest.fixture
def pair(spider: Path, tmp_path: Path) -> Iterator[object]:
    """Give a function that opens a database of Spider under a random policy, and its copy that follows it."""
    opened: dict[str, tuple[Database, Database]] = {}
    draw = random.Random(7)

    def of(name: str) -> tuple[Database, Database]:
        if name not in opened:
            source = spider / "database" / name / f"{name}.sqlite"
            whole = open_database(source, cache_dir=tmp_path / "cache")
            rules = _hidden_copy(source, tmp_path / f"{name}.sqlite", whole.schema(), draw)
            copy = open_database(tmp_path / f"{name}.sqlite", cache_dir=tmp_path / "cache")
            opened[name] = PolicedDatabase(whole, Policy(rules), Principal()), copy
        return opened[name]

    yield of
    for _, copy in opened.values():
        copy.close()


def _outcome(result: ExecutionResult) -> object:
    """Give the rows as a bag, or how many where equal ranks leave open which come first."""
    if result.error is not None:
        return result.error.kind
    return len(result.rows) if " LIMIT " in result.sql.upper() else Counter(map(repr, result.rows))


def _unlike(golds: list[tuple[str, str]], pair: object) -> tuple[list[str], int]:
    unlike, ran = [], 0
    for name, sql in golds:
        policed, copy = pair(name)  # type: ignore[operator]
        seen, expected = policed.run(sql), copy.run(sql)
        ran += expected.error is None and bool(expected.rows)
        if _outcome(seen) != _outcome(expected):
            unlike.append(sql)
    return unlike, ran


def test_gold_queries_give_what_a_copy_gives(spider, pair):
    golds = _golds(spider)
    unlike, ran = _unlike(golds[:: max(1, len(golds) // _SOME)], pair)
    assert unlike == []
    assert ran > _SOME // 2


@pytest.mark.slow
def test_all_gold_queries_give_what_a_copy_gives(spider, pair):
    golds = _golds(spider)
    unlike, ran = _unlike(golds, pair)
    assert unlike == []
    assert ran > len(golds) // 3, "of the others no row is left under the policy"
