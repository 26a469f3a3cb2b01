"""Samples of a server's columns: what is asked of it, and what is left alone."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from agentsql.db.schema import Column, Schema, Table
from agentsql.db.server_profile import with_samples
from agentsql.types import ExecutionResult, QueryFailure

COLUMNS = (Column("id", "integer"), Column("state", "text"), Column("price", "numeric"), Column("doc", "jsonb"))
ROWS = tuple((number, f"s{number % 3}", Decimal("2.50"), "x" * 301) for number in range(30))


def server(asked: list[str], *, fails: str = "none") -> Callable[..., ExecutionResult]:
    """Answer as a server would, and keep what it was asked."""

    def run(sql: str, *, max_rows: int, timeout_s: float) -> ExecutionResult:
        asked.append(sql)
        assert 0 < timeout_s <= 2
        if fails in sql:
            return ExecutionResult(sql, (), (), False, 0.0, QueryFailure("timeout", "stopped"))
        rows: tuple[tuple[object, ...], ...] = ROWS
        if "count(*)" in sql:
            rows = ((len(ROWS),),)
        elif sql.endswith("FROM a LIMIT 2000"):
            rows = (("calm",), (None,))
        elif "DISTINCT" in sql:
            rows = (("s0",), ("s1",), ("s2",))
        return ExecutionResult(sql, ("a",), rows[:max_rows], False, 0.0)  # type: ignore[arg-type]

    return run


@pytest.mark.parametrize("dialect", ["postgres", "mysql", "snowflake", "tsql", "bigquery"])
def test_a_small_table_is_counted_and_its_texts_are_known_completely(dialect: str) -> None:
    asked: list[str] = []
    (table,) = with_samples(Schema(dialect, (Table("t", COLUMNS),)), server(asked), 3)
    assert table.rows == 30
    _, state, price, doc = table.columns
    assert (state.values, state.values_complete) == (("s0", "s1", "s2"), True)
    assert price.values == (2.5,)
    assert doc.values == ()
    assert "doc" not in asked[1]  # a document is not even read


def test_a_huge_table_is_neither_counted_nor_searched() -> None:
    asked: list[str] = []
    (table,) = with_samples(Schema("postgres", (Table("t", COLUMNS, rows=9_000_000),)), server(asked), 3)
    assert table.rows == 9_000_000
    assert len(asked) == 1
    assert asked[0].endswith("FROM t LIMIT 2000")
    assert (table.columns[1].values, table.columns[1].values_complete) == (("s0", "s1", "s2"), False)


def test_values_that_the_type_gives_stay_and_a_table_that_cannot_be_read_has_none() -> None:
    enum = Column("mood", "mood", values=("calm", "loud"), values_complete=True)
    schema = Schema("postgres", (Table("a", (enum,)), Table("b", COLUMNS)))
    first, second = with_samples(schema, server([], fails="FROM b"), 3)
    assert first.columns == (enum,)
    assert all(column.values == () for column in second.columns)
