"""What the columns of a server's tables hold: samples, read with LIMIT and within seconds."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from agentsql.db.profile import TEXT_CHARS, ProfileBounds, Read, profile_tables
from agentsql.db.quote import quote_identifier
from agentsql.db.schema import Column, Schema
from agentsql.types import Cell, ExecutionResult

_BOUNDS = {"seconds": 5.0, "table_seconds": 2.0, "rows": 2000, "scanned": 500_000}
_NOT_READ = re.compile(r"\[|json|blob|binary|bytea|image|xml|geo|point|polygon|vector|array|struct|map|raw", re.I)
"""Types of columns whose cells are too large or too odd to be shown."""
_PLAIN = re.compile(r"int(?!erval)|serial|num|dec|real|doub|float|bool|bit", re.I)
_TEXT_TYPES = {"mysql": "CHAR", "tsql": "VARCHAR(MAX)", "oracle": "VARCHAR2(4000)", "bigquery": "STRING"}


def with_samples(schema: Schema, run: Callable[..., ExecutionResult], samples: int) -> Schema:
    """Give the schema with row counts of small tables, and values of columns that do not have theirs already.

    A table that the server estimates at more than half a million rows is neither counted nor searched for all values
    of a column. All of it takes five seconds at most; tables that are not reached have no values.

    Args:
        run: `Database.run_behind_second_lock`, or `run`: it keeps the time of each statement.
        samples: values kept of a column that has too many to keep all.
    """

    def read(sql: str, seconds: float) -> list[tuple[Cell, ...]] | None:
        result = run(sql, max_rows=_BOUNDS["rows"] + 1, timeout_s=seconds)
        return None if result.error else [tuple(map(_plain, row)) for row in result.rows]

    bounds = ProfileBounds(samples, **_BOUNDS)  # type: ignore[arg-type]  # whole numbers and seconds alike
    reader: Read = read
    return profile_tables(schema, bounds, reader, lambda column: _short_cell(column, schema.dialect))


def _short_cell(column: Column, dialect: str) -> str:
    """Select numbers as they are and other cells as text of at most 301 characters, one more than is read."""
    name = quote_identifier(column.name, dialect)
    if _NOT_READ.search(column.type):
        return "'" + "x" * (TEXT_CHARS + 1) + "'"  # stands for a cell that was not read
    if _PLAIN.search(column.type):
        return name
    text = f"CAST({name} AS {_TEXT_TYPES.get(dialect, 'VARCHAR')})"
    return f"SUBSTR({text}, 1, {TEXT_CHARS + 1})" if dialect not in ("tsql",) else f"LEFT({text}, {TEXT_CHARS + 1})"


def _plain(cell: Any) -> Cell:
    """Give a cell that JSON can hold: a decimal as a number, a moment as text."""
    if isinstance(cell, Decimal):
        return int(cell) if cell == cell.to_integral_value() else float(cell)
    return cell if cell is None or isinstance(cell, str | int | float | bytes) else str(cell)
