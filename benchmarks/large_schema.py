"""Measures what large schemas cost: 1,000 tables of 20 columns, and all databases of Spider in one.

.venv/bin/python benchmarks/large_schema.py [sqlite duckdb postgres mariadb] [vectors]

With `vectors` the question seeks tables by meaning too: their descriptions are embedded first, which is not counted.

Each database is opened in a process of its own with an empty cache, again from the cache, and once more after one table
has changed; then a scripted model is asked one question. The servers are those that `scripts/services.sh start` has
started; MariaDB has the synthetic tables only. Seconds are wall time, `cpu` those of the processor in this process.
Prints a table and writes `benchmarks/results/large_schema.jsonl`.
"""

from __future__ import annotations

import json
import os
import platform
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psutil

from agentsql.settings import DatabaseSettings

ROOT = Path(__file__).resolve().parent.parent
SPIDER = ROOT.parent / "shared" / "benchmarks" / "spider" / "database"
TABLES, COLUMNS, ROWS = 1000, 20, 20
COLUMNS_SHOWN = (
    *("tables", "columns", "cold s", "cold cpu", "cached s", "cached cpu", "changed s", "changed cpu"),
    *("question s", "question cpu", "prompt tokens", "peak MB", "peak, asked"),
)
WORDS = (
    "account address amount area balance batch branch budget campaign carrier category channel city claim client code "
    "company contact contract country course cost currency customer date deal delivery department device discount "
    "document driver employee event expense factory fee flight fund grade group hotel invoice item job journey key "
    "language lease ledger lesson level license list loan location machine manager market material meeting member menu "
    "message method metric model month network note number office offer option order owner package page part partner "
    "payment permit person phase plan plant policy port position price product profile project purchase quantity quote "
    "rank rate reason receipt region report request result review role room route salary sale sample schedule score "
    "season seat segment sensor service session shift shipment shop site size skill source stage station status step "
    "stock store street student subject supplier survey task tax team term test ticket time title token tool topic "
    "trade train transfer trip type unit user vehicle vendor version visit volume wage ward week weight worker year "
    "zone"
).split()


def main() -> None:
    backends = [one for one in sys.argv[1:] if one in MAKERS] or list(MAKERS)
    results = []
    print(f"{'':<20}" + "".join(f"{name:>14}" for name in COLUMNS_SHOWN), flush=True)
    with tempfile.TemporaryDirectory() as folder:
        for backend in backends:
            for name, statements in (("synthetic", synthetic), ("spider", spider)):
                if name == "spider" and (backend == "mariadb" or not SPIDER.is_dir()):
                    continue
                with MAKERS[backend](Path(folder), name, statements(backend)) as target:
                    done = measured(target, Path(folder) / f"cache-{backend}-{name}", backend)
                results.append({"database": f"{name}, {backend}", **done})
                cells = "".join(f"{done[column]:>14,.2f}".replace(".00", "") for column in COLUMNS_SHOWN)
                print(f"{name + ', ' + backend:<20}{cells}", flush=True)
    machine = {"machine": platform.machine(), "cores": os.cpu_count(), "python": platform.python_version()}
    out = ROOT / "benchmarks" / "results"
    out.mkdir(exist_ok=True)
    with (out / "large_schema.jsonl").open("a") as file:
        for result in results:
            file.write(json.dumps({**result, **machine}) + "\n")


def measured(target: str, cache: Path, backend: str) -> dict[str, float]:
    """Time each way of opening in a process of its own."""
    first = in_process("opened", target, cache)
    cached = in_process("opened", target, cache)
    changed = in_process("changed", target, cache, backend)
    asked = in_process("asked", target, cache, *(["vectors"] if "vectors" in sys.argv else []))
    times = {"cold": first, "cached": cached, "changed": changed, "question": asked}
    return {
        "tables": first["tables"],
        "columns": first["columns"],
        **{f"{name} s": done["seconds"] for name, done in times.items()},
        **{f"{name} cpu": done["cpu"] for name, done in times.items()},
        "prompt tokens": asked["prompt_tokens"],
        "peak MB": first["peak"],
        "peak, asked": asked["peak"],
    }


def in_process(what: str, target: str, cache: Path, *more: str) -> dict[str, float]:
    code = f"import large_schema, json; print(json.dumps(large_schema.{what}(*{(target, str(cache), *more)!r})))"
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent), "XDG_CACHE_HOME": str(cache)}
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, env=environment)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def opened(target: str, cache: str) -> dict[str, float]:
    """Seconds from nothing to a schema; imports are not counted."""
    from agentsql.db.connect import open_database

    started, spent = time.perf_counter(), time.process_time()
    database = open_database(target, settings=settings_of(target), cache_dir=Path(cache))
    schema = database.schema()
    seconds, cpu = time.perf_counter() - started, time.process_time() - spent
    database.close()
    columns = sum(len(table.columns) for table in schema)
    return {"seconds": seconds, "cpu": cpu, "tables": len(schema.tables), "columns": columns, "peak": peak_megabytes()}


def changed(target: str, cache: str, backend: str) -> dict[str, float]:
    """Seconds until the schema is right again after one table has got a column and a row."""
    from agentsql.db.connect import open_database

    database = open_database(target, settings=settings_of(target), cache_dir=Path(cache))
    schema = database.schema()
    table = next(one for one in schema if one.kind == "table" and one.primary_key)
    if backend == "duckdb":  # one program at a time may write
        database.close()
    outer = schema.namespaces[:1] if backend == "postgres" and not table.namespace else ()
    name = ".".join(f'"{part}"' for part in (*outer, *table.parts))
    CHANGERS[backend](target, f"ALTER TABLE {name} ADD COLUMN added_later INTEGER")
    started, spent = time.perf_counter(), time.process_time()
    if backend == "duckdb":
        database = open_database(target, settings=settings_of(target), cache_dir=Path(cache))
    found = database.schema().table(table.name)
    seconds, cpu = time.perf_counter() - started, time.process_time() - spent
    database.close()
    assert found and found.column("added_later"), f"the change of {name} was not seen"
    return {"seconds": seconds, "cpu": cpu}


def asked(target: str, _cache: str, vectors: str = "") -> dict[str, float]:
    """Our own seconds of the first question of a warmed agent, without the model's and the database's."""
    from agentsql import Settings, SQLAgent
    from agentsql.steps import short_list
    from agentsql.testing import ScriptedModel

    if not vectors:
        sys.modules["sentence_transformers"] = None  # type: ignore[assignment]  # as where the extra is not installed
    model = ScriptedModel("SELECT 1 AS one")
    with SQLAgent(target, sql_model=model, settings=Settings(database=settings_of(target))) as agent:
        agent.warm().result()
        short_list._embedding.submit(bool).result()  # the descriptions of the tables are embedded once, for all time
        model.asked.clear()
        spent = time.process_time()
        answer = agent.ask("How many customers paid an invoice in the last year, by region?")
        queries = sum(one.result.seconds for one in answer.candidates if one.result)
        seconds = answer.seconds - answer.usage.seconds - queries
        cpu = time.process_time() - spent
        tokens = max(sum(len(one.content) for one in messages) for messages in model.asked) / 3.5
    return {"seconds": seconds, "cpu": cpu, "prompt_tokens": tokens, "peak": peak_megabytes()}


def settings_of(target: str) -> DatabaseSettings:
    """Name every schema to read, which a server wants to be told."""
    schemas = sorted(file.stem.lower() for file in SPIDER.glob("*/*.sqlite") if file.stem == file.parent.name)
    return DatabaseSettings(schemas=",".join(schemas) if target.endswith("_spider") else "")


def peak_megabytes() -> float:
    """Give the most that this process and the one that DuckDB runs in have had resident.

    `getrusage` would tell that of the program which started this one, where that had more.
    """
    mine = [psutil.Process(), *psutil.Process().children()]
    texts = [Path(f"/proc/{one.pid}/status").read_text() for one in mine]
    return sum(int(text.partition("VmHWM:")[2].split()[0]) for text in texts) / 1024


def synthetic(_backend: str) -> Iterator[str]:
    """Yield statements for tables with keys to each other, whose names are two words of business."""
    for number in range(TABLES):
        name = table_name(number)
        columns = ["id INTEGER PRIMARY KEY"]
        for place in range(1, COLUMNS):
            word = WORDS[(number * 7 + place * 13) % len(WORDS)]
            columns.append(f"{word}_{place} {('VARCHAR(100)', 'INTEGER', 'DOUBLE PRECISION', 'DATE')[place % 4]}")
        if number:
            columns[-1] = f"parent_id INTEGER REFERENCES {table_name(number // 2)} (id)"
        yield f"CREATE TABLE {name} ({', '.join(columns)})"
        rows = (synthetic_row(number, row) for row in range(1, ROWS + 1))
        yield f"INSERT INTO {name} VALUES {', '.join(rows)}"


def table_name(number: int) -> str:
    return f"{WORDS[number % len(WORDS)]}_{WORDS[(number * 31 + number // len(WORDS)) % len(WORDS)]}_{number}"


def synthetic_row(number: int, row: int) -> str:
    cells = [str(row)]
    for place in range(1, COLUMNS):
        text = f"'{WORDS[(number + row * place) % len(WORDS)]} {row % 5}'"
        cells.append((text, str(row * place), f"{row}.5", f"'2024-01-{row:02}'")[place % 4])
    if number:
        cells[-1] = str(row)
    return f"({', '.join(cells)})"


def spider(backend: str) -> Iterator[str]:
    """Yield statements that put every database of Spider into one: a schema each, or a prefix each in SQLite."""
    from sqlglot import exp

    for file in sorted(SPIDER.glob("*/*.sqlite")):
        if file.stem != file.parent.name:
            continue
        schema = file.stem.lower()
        if backend != "sqlite":
            yield f'CREATE SCHEMA "{schema}"'
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as source:
            source.text_factory = lambda raw: raw.decode("utf-8", "replace").replace("\0", "")
            names = source.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name"
            )
            for (name,) in names.fetchall():
                columns = [row[1] for row in source.execute(f'PRAGMA table_info("{name}")')]
                rows = source.execute(f'SELECT * FROM "{name}" LIMIT 50').fetchall()
                target = f'"{schema}_{name}"' if backend == "sqlite" else f'"{schema}"."{name}"'
                keyed = [f'"{column}" VARCHAR' for column in columns]
                yield f"CREATE TABLE {target} (agentsql_row INTEGER PRIMARY KEY, {', '.join(keyed)})"
                if rows:
                    texts = (
                        [str(number)]
                        + ["NULL" if cell is None else exp.Literal.string(str(cell)).sql() for cell in row]
                        for number, row in enumerate(rows)
                    )
                    yield f"INSERT INTO {target} VALUES {', '.join('(' + ', '.join(one) + ')' for one in texts)}"


@contextmanager
def in_sqlite(folder: Path, name: str, statements: Iterator[str]) -> Iterator[str]:
    path = folder / f"{name}.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()
    yield str(path)


@contextmanager
def in_duckdb(folder: Path, name: str, statements: Iterator[str]) -> Iterator[str]:
    import duckdb

    path = folder / f"{name}.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("BEGIN")
        for statement in statements:
            connection.execute(statement)
        connection.execute("COMMIT")
    yield str(path)


@contextmanager
def in_postgres(_folder: Path, name: str, statements: Iterator[str]) -> Iterator[str]:
    import psycopg
    from sqlalchemy import make_url

    server = make_url(server_url("postgresql"))
    database = f"agentsql_large_{name}"
    with psycopg.connect(libpq(server), autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")
        connection.execute(f"CREATE DATABASE {database}")
    url = server.set(database=database)
    with psycopg.connect(libpq(url), autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement)  # one transaction would hold more locks than a server has
        connection.execute("ANALYZE")
    try:
        yield url.render_as_string(hide_password=False)
    finally:
        with psycopg.connect(libpq(server), autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {database} WITH (FORCE)")


@contextmanager
def in_mariadb(_folder: Path, name: str, statements: Iterator[str]) -> Iterator[str]:
    from sqlalchemy import make_url

    server = server_url("mariadb")
    database = f"agentsql_large_{name}"
    change_mariadb(server, f"DROP DATABASE IF EXISTS {database}", f"CREATE DATABASE {database}")
    url = make_url(server).set(database=database).render_as_string(hide_password=False)
    change_mariadb(url, *statements)
    try:
        yield url
    finally:
        change_mariadb(server, f"DROP DATABASE {database}")


def server_url(kind: str) -> str:
    """Give the URL of the server that `scripts/services.sh` started."""
    done = subprocess.run([ROOT / "scripts" / "services.sh", "status"], check=False, capture_output=True, text=True)
    line = next(line for line in done.stdout.splitlines() if line.startswith(kind))
    return line.strip()


def libpq(url: object) -> str:
    return str(url.set(drivername="postgresql").render_as_string(hide_password=False))  # type: ignore[attr-defined]


def change_sqlite(target: str, sql: str) -> None:
    with closing(sqlite3.connect(target)) as connection:
        connection.execute(sql)
        connection.commit()


def change_duckdb(target: str, sql: str) -> None:
    import duckdb

    with duckdb.connect(target) as connection:
        connection.execute(sql)


def change_postgres(target: str, sql: str) -> None:
    import psycopg
    from sqlalchemy import make_url

    with psycopg.connect(libpq(make_url(target)), autocommit=True) as connection:
        connection.execute(sql)


def change_mariadb(target: str, *statements: str) -> None:
    import pymysql
    from sqlalchemy import make_url

    url = make_url(target)
    place = {"host": url.host, "port": url.port, "user": url.username, "password": url.password}
    with closing(
        pymysql.connect(**place, database=url.database, autocommit=True, sql_mode="ANSI_QUOTES")  # type: ignore[arg-type]
    ) as connection:
        for statement in statements:
            connection.cursor().execute(statement)


MAKERS = {"sqlite": in_sqlite, "duckdb": in_duckdb, "postgres": in_postgres, "mariadb": in_mariadb}
CHANGERS: dict[str, Callable[[str, str], None]] = {
    "sqlite": change_sqlite,
    "duckdb": change_duckdb,
    "postgres": change_postgres,
    "mariadb": change_mariadb,
}

if __name__ == "__main__":
    main()
