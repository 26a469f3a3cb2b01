"""The whole refused sheet sent past lock one: nothing may change, last, or stay behind."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from throwaway import KINDS, Throwaway, left_behind, throwaway

from agentsql.types import ExecutionResult
from tests.db.adversarial.sheets import HERE, Entry, read_sheet

TIMEOUT_S = 0.5
GRACE_S = 60.0
"""Seconds that a busy machine may take beyond the limit."""
SETTINGS = {
    "postgres": "SELECT name, setting FROM pg_settings WHERE name <> 'transaction_isolation' ORDER BY name",
    "mysql": "SELECT variable_name, variable_value FROM information_schema.session_variables WHERE variable_name NOT "
    "IN ('TIMESTAMP', 'LAST_GTID', 'WARNING_COUNT', 'ERROR_COUNT', 'RAND_SEED1', 'RAND_SEED2', 'PSEUDO_THREAD_ID', "
    "'LAST_INSERT_ID', 'IDENTITY') AND variable_name NOT LIKE '%gtid%' ORDER BY 1",
    "duckdb": "SELECT name, value FROM duckdb_settings() ORDER BY name",
}
PERMITTED: dict[str, dict[str, str]] = json.loads((HERE / "permitted.json").read_text(encoding="utf-8"))
"""By dialect: the beginnings of statements, or of a heading after `reason: `, that lock two lets run, and why that does
no harm."""


SLOW = pytest.mark.slow  # half a minute each: what sleeps has to reach its limit, and DuckDB starts processes


@pytest.fixture(params=["sqlite", *(pytest.param(kind, marks=SLOW) for kind in KINDS if kind != "sqlite")])
def hostile_ground(request: pytest.FixtureRequest, tmp_path: Path):
    kind = request.param
    if kind == "duckdb":
        pytest.importorskip("duckdb")
    servers = {"postgres": "postgres_server", "mysql": "mariadb_server"}
    server = request.getfixturevalue(servers[kind]) if kind in servers else ""
    with throwaway(kind, tmp_path, server=server, timeout_s=TIMEOUT_S) as made:
        yield made


def session(ground: Throwaway) -> object:
    """Give the settings of the one connection that there is."""
    query = SETTINGS.get(ground.dialect)
    return query and ground.database.run_behind_second_lock(query, max_rows=2000, timeout_s=30).rows


def is_permitted(entry: Entry, dialect: str) -> bool:
    known = {**PERMITTED["all"], **PERMITTED[dialect]}
    text = entry.sql.strip().casefold()
    return any(text.startswith(start.casefold()) or f"reason: {entry.reason}".startswith(start) for start in known)


def sent(ground: Throwaway, sql: str) -> ExecutionResult | None:
    """Send a statement past lock one; None if the driver itself cannot send it."""
    try:
        return ground.database.run_behind_second_lock(sql)
    except UnicodeError:
        return None


def test_the_whole_refused_sheet_leaves_a_database_as_it_was_behind_lock_two_alone(
    hostile_ground: Throwaway, tmp_path: Path
) -> None:
    left, state, settings = left_behind(tmp_path), hostile_ground.state(), session(hostile_ground)
    slow, unexplained = [], []
    for entry in read_sheet("refused", hostile_ground.dialect):
        started = time.monotonic()
        result = sent(hostile_ground, entry.sql)
        if time.monotonic() - started > TIMEOUT_S + GRACE_S:
            slow.append(entry)
        if result and result.error is None and not is_permitted(entry, hostile_ground.dialect):
            unexplained.append(f"{entry.place} ({entry.reason}): {entry.sql!r}")
    assert slow == []
    assert hostile_ground.state() == state
    assert left_behind(tmp_path) == left
    assert session(hostile_ground) == settings
    assert not unexplained, "\n".join(unexplained)


@pytest.mark.parametrize("kind", ["sqlite", "duckdb"])
def test_every_harmless_statement_runs_through_both_locks(kind: str, tmp_path: Path) -> None:
    if kind == "duckdb":
        pytest.importorskip("duckdb")
    with throwaway(kind, tmp_path, timeout_s=60) as ground:
        failed = []
        for entry in read_sheet("harmless", kind)[::4]:
            result = ground.database.run(entry.sql)
            if result.error is not None and "Deprecated lambda" not in result.error.message:
                failed.append(f"{entry.place}: {entry.sql!r}: {result.error.message}")
    assert not failed, "\n".join(failed)
