"""Fuzz both locks: `python benchmarks/fuzz.py [--minutes 60] [--dialect sqlite] [--seed 1] [--cases 0]`.

Each case is a text made by a grammar of hostile and harmless pieces, or a statement of the sheets changed in a few
places. Lock one judges it; what it lets pass runs behind lock two on a throw-away database. Anything that raises, takes
longer than its limit, or changes anything is a problem, reported with its seed; what lock two had to stop is named too.
Case n of a seed is the same in every run: `--seed 1 --first 5000` goes on there.
"""

from __future__ import annotations

import argparse
import json
import logging
import random
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from throwaway import KINDS, Throwaway, left_behind, server_url, throwaway

from agentsql.db.guard import StatementRefused, read_only_query
from tests.db.adversarial.sheets import read_sheet

GUARD_S = 10.0
"""Processor seconds that lock one may take for a text."""
RUN_S = 1.0
GRACE_S = 20.0
STATE_EVERY = 200
"""Statements that passed between two looks at the whole database; what has changed it is then sought one by one."""
FRAMES = (
    "SELECT * FROM ({}) AS f",
    "WITH f AS ({}) SELECT * FROM f",
    "SELECT 1 WHERE EXISTS ({})",
    "SELECT 1 UNION ALL {}",
    "{} LIMIT 3",
    "({})",
    "SELECT (SELECT count(*) FROM ({}) AS f)",
    "/* a */ {} -- b",
)
PIECES = (
    "customer name city id orders total 1 1.5 NULL 'x' '' \"name\" `name` [name] * ( ) , . ; :: -> ->> || := = <> @ "
    "@@a @a $1 ? $$ $a$ E'\\'' N'x' x'00' U&'a' # -- /* */ /*! /*+ {# #} { } [ ] SELECT FROM WHERE GROUP BY HAVING "
    "ORDER LIMIT OFFSET UNION ALL EXCEPT INTERSECT WITH RECURSIVE AS MATERIALIZED JOIN LEFT LATERAL CROSS ON USING "
    "VALUES CASE WHEN THEN ELSE END IN NOT EXISTS LIKE BETWEEN IS DISTINCT OVER PARTITION WINDOW FILTER WITHIN CAST "
    "INTERVAL ARRAY ROW TABLE INTO OUTFILE DUMPFILE FOR UPDATE SHARE LOCK MODE DELETE INSERT DROP SET PRAGMA ATTACH "
    "COPY CALL SHOW DESCRIBE SUMMARIZE PIVOT UNPIVOT TABLESAMPLE pg_sleep(9) sleep(9) benchmark(1,1) load_file('x') "
    "read_text('/etc/passwd') load_extension('x') nextval('s') pg_read_file('x') set_config('a','b',false) "
    "query('SELECT 1') getenv('HOME') lower('A') count(*) now() random() pg_catalog.pg_class sqlite_master "
    "information_schema.tables mysql.user duckdb_tables() 'x.csv' \u00a0 \u200b \r \n \t"
).split(" ")


@dataclass(slots=True)
class Tally:
    """What became of the cases."""

    outcomes: Counter[str] = field(default_factory=Counter)
    problems: list[dict[str, object]] = field(default_factory=list)
    slowest_guard_s: float = 0.0
    slowest_run_s: float = 0.0

    def report(self, what: str, case: str, sql: str) -> None:
        self.outcomes[what] += 1
        self.problems.append({"what": what, "case": case, "sql": sql})
        print(json.dumps(self.problems[-1]), flush=True)


def make_case(dice: random.Random, hostile: list[str], harmless: list[str]) -> str:
    """Give one text: half of them statements of the sheets that are changed, the others put together from pieces."""
    way = dice.random()
    if way < 0.2:
        return " ".join(dice.choices(PIECES, k=dice.randint(1, 30)))
    if way < 0.3:
        return "SELECT " + "".join(dice.choices([*PIECES, " ", " ", " "], k=dice.randint(1, 40)))
    sql = dice.choice(hostile if dice.random() < 0.7 else harmless)
    for _ in range(dice.randint(0, 3)):
        sql = change(dice, sql, dice.choice(hostile if dice.random() < 0.5 else harmless))
    return sql


def change(dice: random.Random, sql: str, other: str) -> str:
    """Change a text in one place, or put it into a frame or together with another."""
    at = dice.randint(0, len(sql))
    to = min(len(sql), at + dice.randint(1, 12))
    ways = (
        lambda: sql[:at] + dice.choice(PIECES) + sql[at:],
        lambda: sql[:at] + " " + dice.choice(PIECES) + " " + sql[at:],
        lambda: sql[:at] + sql[to:],
        lambda: sql[:at] + sql[at:to] * dice.randint(2, 30) + sql[to:],
        lambda: sql[:at] + sql[at:].swapcase(),
        lambda: dice.choice(FRAMES).replace("{}", sql.rstrip("; ")),
        lambda: sql[:at] + other[dice.randint(0, len(other)) :],
        lambda: sql[:at] + "(" + other + ")" + sql[to:],
        lambda: sql[:at] + dice.choice("\t\n\r\x0b\u00a0\u200b\ufeff\u2028'\"`;#/*-\\$@") + sql[at:],
        lambda: sql.replace("customer", "(" + other + ")", 1),
        lambda: sql.replace(" ", dice.choice(["/**/", "\n", " -- x\n", "\t", "/*;*/"])),
    )
    return dice.choice(ways)()[:20_000]


def fuzz(ground: Throwaway, seed: int, first: int, until: float, cases: int, tally: Tally) -> int:
    """Run cases on one database until the clock, or their number, says so; give the number of the next case."""
    hostile = [one.sql for one in read_sheet("refused", ground.dialect)]
    harmless = [one.sql for one in read_sheet("harmless", ground.dialect)]
    state, files, since = ground.state(), left_behind(), list[tuple[str, str]]()
    number = first
    while time.monotonic() < until and not (cases and number - first >= cases):
        case = f"{ground.dialect} seed {seed} case {number}"
        sql = make_case(random.Random(f"{ground.dialect} {seed} {number}"), hostile, harmless)
        number += 1
        if not passes(sql, ground.dialect, case, tally):
            continue
        since.append((case, sql))
        run(ground, sql, case, tally)
        if len(since) >= STATE_EVERY:
            look(ground, state, files, since, tally)
            since.clear()
    look(ground, state, files, since, tally)
    return number


def passes(sql: str, dialect: str, case: str, tally: Tally) -> bool:
    started = time.process_time()
    try:
        read_only_query(sql, dialect)
        passed = True
    except StatementRefused as refused:
        passed = False
        tally.outcomes[f"lock one: {refused.failure.kind}"] += 1
    except Exception as problem:
        tally.report(f"lock one raised {type(problem).__name__}", case, sql)
        return False
    took = time.process_time() - started
    tally.slowest_guard_s = max(tally.slowest_guard_s, took)
    if took > GUARD_S:
        tally.report(f"lock one took {took:.1f} s", case, sql)
    return passed


def run(ground: Throwaway, sql: str, case: str, tally: Tally) -> None:
    started = time.monotonic()
    try:
        result = ground.database.run_behind_second_lock(sql)
    except Exception as problem:
        tally.report(f"lock two raised {type(problem).__name__}", case, sql)
        return
    took = time.monotonic() - started
    tally.slowest_run_s = max(tally.slowest_run_s, took)
    kind = result.error.kind if result.error else "rows"
    tally.outcomes[f"passed, then: {kind}"] += 1
    if kind == "refused":  # as it should be, and worth a look: lock one let it pass
        print(json.dumps({"stopped by lock two": case, "sql": sql}), flush=True)
    if took > RUN_S + GRACE_S:
        tally.report(f"ran {took:.1f} s", case, sql)


def look(ground: Throwaway, state: str, files: list[str], since: list[tuple[str, str]], tally: Tally) -> None:
    if ground.state() != state or left_behind() != files:
        tally.report("CHANGED the database, or left a file", since[0][0] if since else "", repr(since))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=60.0, help="for all dialects together")
    parser.add_argument("--dialect", choices=KINDS, action="append", help="may be given more than once; default: all")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0, help="number of the first case, to go on where a run ended")
    parser.add_argument("--cases", type=int, default=0, help="cases of each dialect; 0: as many as there is time for")
    options = parser.parse_args()
    logging.disable(logging.CRITICAL)
    problems = 0
    kinds = options.dialect or list(KINDS)
    for kind in kinds:
        server = server_url(kind)
        if kind in ("postgres", "mysql") and not server:
            print(f"{kind}: no server; start it by scripts/services.sh start")
            continue
        tally, started = Tally(), time.monotonic()
        with (
            tempfile.TemporaryDirectory() as folder,
            throwaway(kind, Path(folder), server=server, timeout_s=RUN_S) as ground,
        ):
            until = started + options.minutes * 60 / len(kinds)
            after = fuzz(ground, options.seed, options.first, until, options.cases, tally)
        problems += len(tally.problems)
        print(
            f"{kind}: seed {options.seed}, cases {options.first} to {after - 1} in {time.monotonic() - started:.0f} s; "
            f"slowest: lock one {tally.slowest_guard_s:.2f} s of the processor, a run {tally.slowest_run_s:.2f} s"
        )
        for outcome, count in tally.outcomes.most_common():
            print(f"    {count:8} {outcome}")
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
