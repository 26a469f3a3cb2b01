"""Measures how many of the tables a question needs come first when they are ranked without a language model.

.venv/bin/python benchmarks/linking.py                       # dev, on its own databases and on all of Spider joined
.venv/bin/python benchmarks/linking.py --train 2000          # the same on training questions, for tuning

The joined schema is one SQLite file with the tables, keys and rows of every Spider database; those that have no
database here come from tables.json, empty. A table keeps its name; where several have one name, the database goes in
front (`db__table`) or, with less to go by, a number behind (`table__2`). Times are of the whole way to the ranking,
values and the embedding of the question included. One row each goes to benchmarks/results/linking.jsonl.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import platform
import random
import sqlite3
import statistics
import tempfile
import time
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path

from harness.questions import SPIDER

import agentsql
from agentsql import SQLAgent
from agentsql.db.connect import open_database
from agentsql.db.quote import quote_identifier
from agentsql.db.schema import Schema, Table
from agentsql.evaluation.linking import names_read
from agentsql.evaluation.statistics import mcnemar
from agentsql.evaluation.tables_json import described_schema
from agentsql.state import first_state
from agentsql.steps.short_list import rank_tables, short_list
from agentsql.testing import ScriptedModel

CUTS = (1, 3, 5, 10, 15, 20)
HEAD = 15

Names = dict[tuple[str, str], str]
"""(database, folded table name) → name in the joined schema."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question and the tables its gold SQL reads."""

    text: str
    db_id: str
    tables: frozenset[str]


@dataclass(frozen=True, slots=True)
class Measured:
    """Of each question: the share of its tables among the first k, the time, and how long the list was."""

    shares: dict[int, list[float]] = field(default_factory=dict)
    seconds: list[float] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)

    def add(self, one: Asked, listed: tuple[str, ...], seconds: float, cuts: tuple[int, ...] = CUTS) -> None:
        for k in cuts:
            self.shares.setdefault(k, []).append(len(one.tables.intersection(listed[:k])) / len(one.tables))
        self.seconds.append(seconds)
        self.sizes.append(len(listed))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--train", type=int, default=0, help="so many training questions in place of dev")
    options = parser.parse_args()
    schemas = spider_schemas()
    asked = load_questions(schemas, options.train)
    name = f"{len(asked)} training questions" if options.train else "dev"
    print(f"{name}: questions with all their tables among the first k / mean share of their tables, %")
    print(f"{'schema':<30} {'ranked by':<15}" + "".join(f"{f'@{k}':>14}" for k in CUTS) + f"{'ms':>7}{'p95':>7}")
    own_databases(asked, name)
    with tempfile.TemporaryDirectory(prefix="agentsql-linking-") as folder:
        for names in (in_front(schemas), behind(schemas)):
            path = Path(folder) / f"{len(list(Path(folder).iterdir()))}.sqlite"
            join_databases(schemas, names, path)
            label = "number behind" if any(one.endswith("__2") for one in names.values()) else "database in front"
            asyncio.run(joined_database(asked, names, path, name, label))


def own_databases(asked: list[Asked], name: str) -> None:
    """Rank the tables of each question's own database, by words alone: no such schema has more than 30 tables."""
    every, larger = Measured(), Measured()
    for db_id in sorted({one.db_id for one in asked}):
        with SQLAgent(database_of(db_id), sql_model=ScriptedModel()) as agent:
            wait_for_values(agent)
            chosen = (every, larger) if len(agent.schema.tables) > 10 else (every,)
            asyncio.run(rank_all([one for one in asked if one.db_id == db_id], agent, chosen, meaning=False))
    report(every, name, "its own", "words")
    if larger.seconds:
        report(larger, name, "its own, of 11 or more tables", "words")


async def joined_database(asked: list[Asked], names: Names, path: Path, name: str, label: str) -> None:
    renamed = [
        replace(one, tables=frozenset(names[one.db_id, table.casefold()] for table in one.tables)) for one in asked
    ]
    with SQLAgent(path, sql_model=ScriptedModel()) as agent:
        wait_for_values(agent)
        schema = f"{len(agent.schema.tables)}, {label}"
        started = time.perf_counter()
        await wait_for_vectors(agent)
        print(f"loading the embedding model and embedding the tables took {time.perf_counter() - started:.1f} s")
        words, both, listed = Measured(), Measured(), Measured()
        await rank_all(renamed, agent, (words,), meaning=False)
        report(words, name, schema, "words")
        await rank_all(renamed, agent, (both,), meaning=True)
        report(both, name, schema, "words, meaning")
        for one in renamed:
            started = time.perf_counter()
            tables = await short_list(first_state(one.text, ""), agent.resources())
            listed.add(one, tables, time.perf_counter() - started, (len(agent.schema.tables),))
        report(listed, name, schema, "the short list")
    for k in (10, HEAD):
        pairs = Counter(zip((one == 1 for one in words.shares[k]), (one == 1 for one in both.shares[k]), strict=True))
        more, fewer = pairs[False, True], pairs[True, False]
        print(f"by meaning {more} questions more @{k}, {fewer} fewer: p = {mcnemar(more, fewer):.4f}")


async def rank_all(asked: list[Asked], agent: SQLAgent, into: tuple[Measured, ...], *, meaning: bool) -> None:
    for one in asked:
        started = time.perf_counter()
        ranked = await rank_tables(first_state(one.text, ""), agent.resources(), meaning=meaning)
        seconds = time.perf_counter() - started
        for measured in into:
            measured.add(one, ranked, seconds)


def wait_for_values(agent: SQLAgent) -> None:
    agent.wait_for_values(600)


async def wait_for_vectors(agent: SQLAgent) -> None:
    resources = agent.resources()
    await rank_tables(first_state("warm up", ""), resources, meaning=True)
    if any("still" in note for note in resources.log.notes):
        await wait_for_vectors(agent)


def database_of(db_id: str) -> Path:
    return SPIDER / "database" / db_id / f"{db_id}.sqlite"


def spider_schemas() -> dict[str, Schema]:
    """Give the schema of every Spider database, as SQLite has it, or else as tables.json does."""
    schemas = {}
    for entry in json.loads((SPIDER / "tables.json").read_text()):
        if not database_of(entry["db_id"]).exists():
            schemas[entry["db_id"]] = described_schema(entry)
            continue
        database = open_database(database_of(entry["db_id"]))
        schemas[entry["db_id"]] = database.schema()
        database.close()
    return schemas


def in_front(schemas: dict[str, Schema]) -> Names:
    """Name each table by itself; where there are several of the name, with its database in front."""
    counts = Counter(table.name.casefold() for schema in schemas.values() for table in schema)
    return {
        (db_id, table.name.casefold()): table.name if counts[table.name.casefold()] == 1 else f"{db_id}__{table.name}"
        for db_id, schema in schemas.items()
        for table in schema
    }


def behind(schemas: dict[str, Schema]) -> Names:
    """Name each table by itself; where there are several of the name, all but the first with a number behind."""
    seen: Counter[str] = Counter()
    names = {}
    for db_id, schema in schemas.items():
        for table in schema:
            seen[table.name.casefold()] += 1
            number = seen[table.name.casefold()]
            names[db_id, table.name.casefold()] = table.name if number == 1 else f"{table.name}__{number}"
    return names


def join_databases(schemas: dict[str, Schema], names: Names, path: Path) -> None:
    """Write one SQLite file with all tables, their keys and rows."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for db_id, schema in schemas.items():
            has_rows = database_of(db_id).exists()
            if has_rows:
                connection.execute("ATTACH ? AS one", (f"file:{database_of(db_id)}?mode=ro",))
            connection.execute("BEGIN")
            for table in schema:
                if table.kind == "table":
                    connection.execute(create_statement(table, db_id, names))
                if has_rows and table.kind == "table":
                    new, old = (
                        quote_identifier(one, "sqlite") for one in (names[db_id, table.name.casefold()], table.name)
                    )
                    connection.execute(f"INSERT INTO {new} SELECT * FROM one.{old}")
            connection.execute("COMMIT")
            if has_rows:
                connection.execute("DETACH one")


def create_statement(table: Table, db_id: str, names: Names) -> str:
    def quoted(columns: tuple[str, ...]) -> str:
        return ", ".join(quote_identifier(column, "sqlite") for column in columns)

    def name_of(table_name: str) -> str:
        return quote_identifier(names[db_id, table_name.casefold()], "sqlite")

    items = [f"{quoted((column.name,))} {column.type}" for column in table.columns]
    items += [f"PRIMARY KEY ({quoted(table.primary_key)})"] if table.primary_key else []
    items += [
        f"FOREIGN KEY ({quoted(key.columns)}) REFERENCES {name_of(key.to_table)}({quoted(key.to_columns)})"
        for key in table.foreign_keys
    ]
    return f"CREATE TABLE {name_of(table.name)} ({', '.join(items)})"


def load_questions(schemas: dict[str, Schema], train: int) -> list[Asked]:
    """Give the questions of dev, or so many of train by a fixed seed, with the tables their gold reads."""
    rows = json.loads((SPIDER / ("train_spider.json" if train else "dev.json")).read_text())
    if train:
        rows = random.Random(7).sample([row for row in rows if database_of(row["db_id"]).exists()], train)
    return [Asked(row["question"], row["db_id"], gold_tables(row["query"], schemas[row["db_id"]])) for row in rows]


def gold_tables(sql: str, schema: Schema) -> frozenset[str]:
    read = names_read(sql, schema)
    found = [schema.table(name) for name in (read.tables if read else ())]
    return frozenset(table.name for table in found if table)


def report(measured: Measured, name: str, schema: str, by: str) -> None:
    cells = {}
    for k, shares in measured.shares.items():
        every = 100 * sum(share == 1 for share in shares) / len(shares)
        cells[k] = (round(every, 1), round(100 * statistics.mean(shares), 1))
    milliseconds = sorted(1000 * one for one in measured.seconds)
    median, p95 = statistics.median(milliseconds), milliseconds[int(0.95 * (len(milliseconds) - 1))]
    if set(cells) == set(CUTS):
        shown = "".join(f"{f'{every:.1f} / {mean:.1f}':>14}" for every, mean in cells.values())
    else:
        ((every, mean),) = cells.values()
        shown = f"  all of {statistics.mean(measured.sizes):.1f} tables: {every:.1f} / {mean:.1f}".ljust(14 * len(CUTS))
    print(f"{schema:<30} {by:<15}{shown}{median:>7.1f}{p95:>7.1f}", flush=True)
    row = {
        "questions": name, "count": len(milliseconds), "schema": schema, "by": by, "found": cells,
        "median_ms": round(median, 1), "p95_ms": round(p95, 1),
        "mean_tables": round(statistics.mean(measured.sizes), 1),
        "date": time.strftime("%Y-%m-%d"), "version": agentsql.__version__,
        "machine": f"{platform.machine()}, {platform.python_version()}",
    }  # fmt: skip
    results = Path(__file__).resolve().parent / "results"
    results.mkdir(exist_ok=True)
    with (results / "linking.jsonl").open("a") as file:
        file.write(json.dumps(row) + "\n")


if __name__ == "__main__":
    main()
