"""Measures the value index on a database of 100 tables and ten million rows, which it makes in a temporary folder.

.venv/bin/python benchmarks/values_scale.py [--tables 100] [--rows 100000] [--folder DIR]

Prints how long the index takes to build, for how much of that a processor worked (the machine may be busy), the peak
memory of the process that builds it, and how long a look-up takes. Every table has a name (of 50,000, which a tenth of
the tables share), a city (of 3,000), a status (of 5), a code and a remark that are other in each row, a day, an amount
and a key. The folder needs 2.5 GB and is removed afterwards.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from agentsql import __version__
from agentsql.db.connect import open_database
from agentsql.db.value_match import find_values
from agentsql.db.value_store import ValueStore
from agentsql.db.words import index_words
from agentsql.settings import ValueSettings

RESULTS = Path(__file__).parent / "results" / "values_scale.jsonl"
STATUS = ("open", "closed", "on hold", "Under Review", "cancelled")
QUESTIONS = (
    "How many rows of table_{table} are in {city}?",
    "What is the total amount for {name} in {city}?",
    "List the days on which {name} was {status} in table_{table}",
    "show me everything about {low} that is not {status}",
    "What did {typo} buy on the first day of the year, and for how much in total, ordered by day?",
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tables", type=int, default=100)
    parser.add_argument("--rows", type=int, default=100_000, help="of each table")
    parser.add_argument("--folder", help="where to make the database; a temporary folder if not given")
    parser.add_argument("--seconds", type=float, default=ValueSettings().seconds, help="to read for, as in [values]")
    parser.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        print(json.dumps(_measure(options.measure, options.seconds)))
        return
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        path = Path(folder) / "large.sqlite"
        started = time.perf_counter()
        _make(path, options.tables, options.rows)
        made_s, size = time.perf_counter() - started, path.stat().st_size
        print(f"made {options.tables} tables of {options.rows:,} rows, {size / 1e9:.1f} GB, in {made_s:.0f} s")
        command = [sys.executable, __file__, "--measure", str(path), "--seconds", str(options.seconds)]
        child = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
        row = json.loads(child.stdout)
    for name, value in row.items():
        print(f"{name:28} {value}")
    row |= {"tables": options.tables, "rows": options.rows, "version": __version__, "machine": platform.platform()}
    RESULTS.parent.mkdir(exist_ok=True)
    with RESULTS.open("a", encoding="utf-8") as file:
        file.write(json.dumps(row | {"cpus": os.cpu_count()}) + "\n")


def _measure(path: Path, seconds_bound: float) -> dict[str, float]:
    cache = path.parent / "cache"
    database = open_database(path, cache_dir=cache)
    started, cpu_started = time.perf_counter(), time.process_time()
    schema = database.schema()
    schema_s = time.perf_counter() - started
    before_mb = _peak_mb()
    store = ValueStore(database, ValueSettings(seconds=seconds_bound), cache)
    store.refresh(schema)
    store.wait()
    built_s = time.perf_counter() - started - schema_s
    cpu_s = time.process_time() - cpu_started
    built_mb = _peak_mb()
    index, words = store.index, index_words(schema)
    seconds, cpu_seconds = [], []
    found = 0
    for question in _questions(random.Random(7), len(schema.tables), 1000):
        begun, cpu_begun = time.perf_counter(), time.process_time()
        found += bool(find_values(question, index, words))
        seconds.append(time.perf_counter() - begun)
        cpu_seconds.append(time.process_time() - cpu_begun)
    seconds.sort()
    cpu_seconds.sort()
    (file,) = cache.glob("*.values")
    connection = sqlite3.connect(file)
    (cells,) = connection.execute("SELECT count(*) FROM cells").fetchone()
    (columns, complete) = connection.execute("SELECT count(*), sum(complete) FROM columns").fetchone()
    connection.close()
    store.close()
    database.close()
    return {
        "schema_s": round(schema_s, 1),
        "build_s": round(built_s, 1),
        "cpu_s": round(cpu_s, 1),
        "peak_mb_before": round(before_mb),
        "peak_mb": round(built_mb),
        "peak_mb_with_lookups": round(_peak_mb()),
        "file_mb": round(file.stat().st_size / 1e6),
        "columns": columns,
        "columns_complete": complete,
        "texts": cells,
        "lookup_ms_median": round(1000 * seconds[len(seconds) // 2], 2),
        "lookup_ms_p95": round(1000 * seconds[int(len(seconds) * 0.95)], 2),
        "lookup_ms_p95_cpu": round(1000 * cpu_seconds[int(len(cpu_seconds) * 0.95)], 2),
        "lookup_ms_max": round(1000 * seconds[-1], 2),
        "questions_with_values": found,
    }


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _make(path: Path, tables: int, rows: int) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = OFF")
    connection.execute("PRAGMA synchronous = OFF")
    for number in range(tables):
        connection.execute(
            f"CREATE TABLE table_{number} (id INTEGER PRIMARY KEY, name TEXT, city VARCHAR(40), status TEXT, "
            "code TEXT, remark TEXT, day TEXT, amount REAL)"
        )
        connection.execute("BEGIN")
        marks = ", ".join("?" * 8)
        connection.executemany(f"INSERT INTO table_{number} VALUES ({marks})", _rows(number, rows))
        connection.execute("COMMIT")
    connection.close()


def _rows(table: int, rows: int) -> Iterator[tuple[object, ...]]:
    rng = random.Random(table)
    names, cities = _names(table), _cities()
    days = [
        f"20{year:02}-{month:02}-{day:02}" for year in range(10, 26) for month in range(1, 13) for day in range(1, 29)
    ]
    for row in range(rows):
        remark = f"{rng.choice(names)} asked about order {row} of {rng.choice(cities)}, to be looked at again by March"
        yield (
            row,
            rng.choice(names),
            rng.choice(cities),
            rng.choice(STATUS),
            f"{chr(65 + table % 26)}{chr(65 + row % 26)}-{table:03}{row:06}",
            remark,
            rng.choice(days),
            rng.random() * 1000,
        )


def _names(table: int) -> list[str]:
    rng = random.Random(table % 10)
    first, last = [_word(rng) for _ in range(250)], [_word(rng) for _ in range(200)]
    return [f"{one} {other}" for one in first for other in last]


def _cities() -> list[str]:
    rng = random.Random(2)
    kinds = ("{0}", "{0}ville", "Port {0}", "{0} City", "New {0}", "{0} upon {1}")
    return [kinds[number % len(kinds)].format(_word(rng), _word(rng)) for number in range(3000)]


def _word(rng: random.Random) -> str:
    syllables = [rng.choice("bcdfghklmnprstvw") + rng.choice("aeiou") for _ in range(rng.randint(2, 4))]
    return ("".join(syllables) + rng.choice(["", "n", "r", "s", "l", "th"])).capitalize()


def _questions(rng: random.Random, tables: int, count: int) -> Iterator[str]:
    pools, cities = [_names(table) for table in range(10)], _cities()
    for number in range(count):
        name, city = rng.choice(rng.choice(pools)), rng.choice(cities)
        place = rng.randrange(1, len(name) - 1)
        yield QUESTIONS[number % len(QUESTIONS)].format(
            table=rng.randrange(tables),
            name=name,
            city=city,
            status=rng.choice(STATUS),
            low=city.lower(),
            typo=name[:place] + name[place + 1 :],
        )


if __name__ == "__main__":
    main()
