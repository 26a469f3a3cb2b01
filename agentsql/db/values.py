"""Checks the text values a query compares columns with against what is in those columns."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from rapidfuzz import fuzz, process
from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.scope import traverse_scope

from agentsql.db.quote import quote_identifier, quote_table
from agentsql.db.repair import own_columns, owners, scope_tables
from agentsql.db.schema import Column, Schema, Table
from agentsql.db.value_index import ValueIndex
from agentsql.db.words import value_key
from agentsql.types import ExecutionResult

_ALIKE = 60.0
"""Of rapidfuzz's ratios, 0 to 100; below it a value is not worth naming."""


@dataclass(frozen=True, slots=True)
class ValueMismatch:
    """A text literal that no cell of the column it is compared with holds."""

    literal: exp.Literal
    table: str
    column: str
    same_but_case: str
    """The one real value that differs in letter case or outer blanks only; empty if there is none, or several."""
    nearest: tuple[str, ...]
    """Real values most like it; at most three."""
    elsewhere: tuple[tuple[str, str], ...] = ()
    """(table, column) pairs that do hold it, those of the query's own tables first; at most three."""


def find_value_mismatches(
    query: exp.Query, schema: Schema, run: Callable[[str], ExecutionResult], index: ValueIndex | None = None
) -> tuple[ValueMismatch, ...]:
    """Give the `column = 'text'` and `column IN ('text', …)` of `query` whose text is not in the column.

    A column whose values are all known, to the schema or to `index`, is not asked about; for the others `run` executes
    one small query a literal. Only with an index is it said which other columns hold the text.
    """
    index = index or ValueIndex()
    used = {table.name.casefold() for table in query.find_all(exp.Table)}
    found = []
    for table, column, literal in compared_texts(query, schema):
        if mismatch := _mismatch(table, column, literal, schema, run, index):
            others = sorted(index.columns_holding(literal.name), key=lambda place: place[0].casefold() not in used)
            found.append(replace(mismatch, elsewhere=tuple(others[:3])))
    return tuple(found)


def compared_texts(query: exp.Query, schema: Schema) -> Iterator[tuple[Table, Column, exp.Literal]]:
    """Give each text that `query` compares a column with by `=` or `IN`, with the column and its table."""
    try:
        scopes = traverse_scope(query)
    except SqlglotError:
        return
    for scope in scopes:
        tables = scope_tables(scope, schema)
        for column in own_columns(scope):
            owned = owners(column, tables)
            if len(owned) != 1:
                continue
            table = tables[owned[0]]
            found = table.column(column.name)
            for literal in _literals(column):
                if found:
                    yield table, found, literal


def _literals(column: exp.Column) -> list[exp.Literal]:
    parent = column.parent
    if isinstance(parent, exp.EQ):
        others: list[exp.Expression] = [parent.expression if parent.this is column else parent.this]
    elif isinstance(parent, exp.In) and parent.this is column:
        others = list(parent.expressions)
    else:
        return []
    return [other for other in others if isinstance(other, exp.Literal) and other.is_string]


def _mismatch(
    table: Table,
    column: Column,
    literal: exp.Literal,
    schema: Schema,
    run: Callable[[str], ExecutionResult],
    index: ValueIndex,
) -> ValueMismatch | None:
    wanted = literal.name
    known = [value for value in column.values if isinstance(value, str)]
    holds = index.holds(table.name, column.name, wanted)
    if wanted in known or holds:
        return None
    if not column.values_complete and holds is False:
        near_ones = index.near(value_key(wanted), least=_ALIKE, table=table.name, column=column.name)
        known = [*known, *(place.text for _, place in near_ones)]
        spellings = index.spellings(table.name, column.name, wanted)
        same = [text for text in spellings if text.strip().casefold() == wanted.strip().casefold()]
        known.extend(spellings)
    elif not column.values_complete:
        same, present = _look_up(table, column, wanted, schema.dialect, run)
        if present:
            return None
    else:
        same = [value for value in known if value.strip().casefold() == wanted.strip().casefold()]
    near = process.extract(wanted, known, scorer=fuzz.WRatio, limit=3, score_cutoff=_ALIKE)
    return ValueMismatch(
        literal,
        table.name,
        column.name,
        same[0] if len(same) == 1 else "",
        tuple(dict.fromkeys([*same[:3], *(value for value, _, _ in near)]))[:3],
    )


def _look_up(
    table: Table, column: Column, wanted: str, dialect: str, run: Callable[[str], ExecutionResult]
) -> tuple[list[str], bool]:
    """Give the values equal to `wanted` but for case and blanks, and whether it must be taken as present."""
    name = quote_identifier(column.name, dialect)
    folded = exp.Literal.string(wanted.strip().lower()).sql(dialect)
    sql = f"SELECT DISTINCT {name} FROM {quote_table(table, dialect)} WHERE LOWER(TRIM({name})) = {folded} LIMIT 4"
    result = run(sql)
    if result.error:
        return [], True
    found = [row[0] for row in result.rows if isinstance(row[0], str)]
    # A number column compared with a numeral in quotes is SQLite's affinity rules at work, not a mismatch.
    is_other_type = any(not isinstance(row[0], str) for row in result.rows)
    return found, wanted in found or is_other_type
