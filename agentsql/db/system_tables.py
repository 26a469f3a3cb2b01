"""Which tables belong to the database system or stand for files, and hold no data to ask about."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sqlglot import exp

from agentsql.db.functions import SQLITE_TABLES
from agentsql.db.refusal import StatementRefused
from agentsql.db.spelling import folded

_FILE = re.compile(r"[/\\:*?]|\.[a-z][a-z0-9]{1,8}$")
"""A path, a URL, a glob, or a name with an extension: DuckDB would read it as a file."""


@dataclass(frozen=True, slots=True)
class _System:
    """Names in small letters."""

    schemas: tuple[str, ...] = ("information_schema",)
    tables: frozenset[str] = frozenset()
    prefixes: tuple[str, ...] = ()
    """Of tables that need no schema before them."""


_POSTGRES = _System(("information_schema", "pg_catalog", "pg_toast", "pg_internal"), prefixes=("pg_", "svv_", "stl_"))
_SYSTEMS = {
    "sqlite": _System((), SQLITE_TABLES, ("sqlite_", "pragma_")),
    "postgres": _POSTGRES,
    "redshift": _System(_POSTGRES.schemas, prefixes=("pg_", "svv_", "svl_", "svcs_", "stl_", "stv_", "sys_")),
    "mysql": _System(("information_schema", "mysql", "performance_schema", "sys", "ndbinfo")),
    "duckdb": _System(
        ("information_schema", "pg_catalog", "system"), prefixes=("duckdb_", "pragma_", "pg_", "sqlite_")
    ),
    "snowflake": _System(("information_schema", "snowflake", "account_usage", "organization_usage")),
    "bigquery": _System(("information_schema",), frozenset({"__tables__", "__tables_summary__"})),
    "tsql": _System(("information_schema", "sys", "master", "msdb", "tempdb", "model"), prefixes=("sysobjects", "#")),
    "oracle": _System(("sys", "system", "dbsnmp", "mdsys"), prefixes=("dba_", "all_", "user_", "v$", "gv$", "cdb_")),
    "clickhouse": _System(("information_schema", "system")),
}
_ANY = _System(("information_schema", "pg_catalog", "performance_schema", "sys", "system"))


def check_table(table: exp.Table, dialect: str) -> None:
    """Look at one table of a statement.

    Raises:
        StatementRefused: it belongs to the database system, or is a file or a stage.
    """
    if isinstance(table.this, exp.Var | exp.Parameter | exp.Literal):
        _refuse(f"{table.sql(dialect)!r} reads a file, not a table")
    system = _SYSTEMS.get(dialect, _ANY)
    parts = [folded(part) for written in table.parts for part in _split(written.name, dialect)]
    if not parts or isinstance(table.this, exp.Func):
        return
    name, above = parts[-1], parts[:-1]
    if len(table.parts) > 3:
        _refuse(f"{table.name!r} lies on another server")
    if (
        any(part in system.schemas or (part.startswith("pg_") and system is _POSTGRES) for part in above)
        or name in system.tables
        or (name.startswith(system.prefixes) and (not above or dialect != "postgres"))
    ):
        _refuse(f"the table {table.name!r} belongs to the database system, not to the data")
    if dialect == "duckdb" and _FILE.search(name):
        _refuse(f"{table.name!r} reads a file, not a table")


def _split(name: str, dialect: str) -> list[str]:
    """BigQuery takes `a.b.c` in one pair of quotes too."""
    return name.split(".") if dialect == "bigquery" else [name]


def _refuse(message: str) -> None:
    raise StatementRefused("refused", message, "use only the tables of the schema")
