"""Defog's questions on a real PostgreSQL: loads its databases, and checks that every gold runs there and on SQLite.

    scripts/services.sh start
    .venv/bin/python benchmarks/defog_postgres.py load
    .venv/bin/python benchmarks/defog_postgres.py check

`load` makes a database `defog_NAME` for each of the eleven, and a user who may only read them; it prints the command
that answers the questions there with a model. `check` needs no model. Dates in five of the databases are relative to
the moment of loading, so golds and answers are asked at the same time, and a new day wants a new load.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import make_url

from agentsql.db.safe_role import ROLE, safe_role
from agentsql.evaluation.benchmarks import open_benchmark
from agentsql.evaluation.questions import Benchmark
from agentsql.evaluation.servers import without_password

HERE = Path(__file__).resolve().parents[1]
DEFOG = HERE.parent / "shared" / "benchmarks" / "defog"
PREFIX = "defog_"
READER = f"{ROLE}_defog"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("load", "check"))
    parser.add_argument("--server", default="", help="URL of a PostgreSQL and a user who may create databases")
    parser.add_argument("--defog", type=Path, default=DEFOG)
    parser.add_argument("--out", type=Path, help="write the counts there, as JSON")
    options = parser.parse_args()
    server = options.server or _started()
    if options.what == "load":
        names = [path.stem for path in sorted((options.defog / "postgres_sql").glob("*.sql"))]
        for name in names:
            load(server, name, options.defog / "postgres_sql" / f"{name}.sql")
        print(f"loaded {len(names)} databases; answer their questions there with:")
        print(answering(server, options.defog))
        return
    found = [
        golds_that_run(open_benchmark(options.defog / "questions_postgres.jsonl", reader_url(server), "defog")),
        golds_that_run(open_benchmark(options.defog / "questions.jsonl", name="defog")),
    ]
    for name, one in zip(("PostgreSQL", "SQLite"), found, strict=True):
        print(
            f"{name}: {one['golds_run']} of {one['golds']} golds run, {one['right']} of {one['questions']} questions "
            f"have a first gold that is judged right, in {one['seconds']} s"
        )
        for problem in one["problems"]:
            print("  ", problem)
    if options.out:
        told = {"made": time.strftime("%Y-%m-%d"), "postgres": found[0], "sqlite": found[1]}
        options.out.write_text(json.dumps(told, indent=2) + "\n")


def load(server: str, name: str, script: Path) -> None:
    """Make the database anew from defog's own script, and let the reader read all of its schemas."""
    database = f"{PREFIX}{name}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database)))
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(database)))
        known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (READER,)).fetchone()
    with psycopg.connect(_url(server, database), autocommit=True) as connection:
        connection.execute(script.read_text(encoding="utf-8"))  # type: ignore[call-overload]  # a script, not a literal
        schemas = [row[0] for row in connection.execute(_SCHEMAS)]
        for statement in safe_role("postgres", database, schemas):
            if known and statement.startswith("CREATE ROLE"):
                continue
            connection.execute(statement.replace(ROLE, READER).replace("'...'", f"'{READER}'"))
        # What is read unless `[database] schemas` names others: ewallet's tables are not in public.
        path = sql.SQL(", ").join(map(sql.Identifier, schemas))
        connection.execute(sql.SQL("ALTER DATABASE {} SET search_path = {}").format(sql.Identifier(database), path))
        connection.execute("ANALYZE")


_SCHEMAS = """
    SELECT DISTINCT table_schema FROM information_schema.tables
    WHERE table_schema NOT IN ('pg_catalog', 'information_schema') ORDER BY 1
"""


def golds_that_run(benchmark: Benchmark) -> dict[str, Any]:
    """Count the golds that run, and the questions whose first gold the judge takes for right."""
    started = time.perf_counter()
    right = runs = golds = 0
    problems: list[str] = []
    for question in benchmark.questions:
        for number, gold in enumerate(question.golds):
            verdict = benchmark.judge(question, gold)
            golds += 1
            runs += verdict.executable is True
            right += number == 0 and verdict.correct is True
            if not verdict.executable or not verdict.correct:
                problems.append(
                    f"{question.id} ({question.db_id}) gold {number}: {verdict.gold_error or 'does not run'}"
                )
    counted = Counter(question.db_id for question in benchmark.questions)
    return {
        "questions": len(benchmark.questions),
        "databases": len(counted),
        "golds": golds,
        "golds_run": runs,
        "right": right,
        "seconds": round(time.perf_counter() - started, 1),
        "problems": problems,
    }


def reader_url(server: str) -> str:
    """Give the URL of all databases for the user who may only read, with `*` for their names."""
    return _url(server, f"{PREFIX}*", user=READER, password=READER)


def answering(server: str, defog: Path) -> str:
    """Give the command that answers the questions with a model, and the one that scores them."""
    url = without_password(reader_url(server))
    return (
        f"PGPASSWORD={READER} agentsql run --benchmark defog --questions {defog / 'questions_postgres.jsonl'} "
        f"--databases '{url}' --sql-model local:qwen2.5-coder-0.5b --out runs/defog-postgres\n"
        f"PGPASSWORD={READER} agentsql evaluate runs/defog-postgres"
    )


def _url(server: str, database: str, **changes: str) -> str:
    parts = make_url(server).set(drivername="postgresql", database=database)
    if changes:
        parts = parts.set(username=changes["user"], password=changes["password"])
    return parts.render_as_string(hide_password=False).replace("%2A", "*")


def _started() -> str:
    done = subprocess.run([HERE / "scripts" / "services.sh", "status"], capture_output=True, text=True, check=False)
    found = next((line for line in done.stdout.splitlines() if line.startswith("postgresql://")), "")
    return found or sys.exit(
        "no PostgreSQL answers; start one with `scripts/services.sh start`, or name it by --server"
    )


if __name__ == "__main__":
    main()
