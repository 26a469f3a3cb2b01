"""Every kind of finding, and what of them a query has."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from sqlglot import exp

from agentsql.db.findings.finding import Examined, Finding, Kind
from agentsql.db.findings.grouping import count_of_one, counted_rows, missing_distinct, ungrouped
from agentsql.db.findings.joins import cross_join, join_off_keys, needless_join, unnamed_table
from agentsql.db.findings.projection import constant_column, id_for_name, unasked_column
from agentsql.db.findings.values import contradiction, either_for_both, unasked_condition, value_case, value_elsewhere
from agentsql.db.schema import Schema
from agentsql.db.value_index import ValueIndex
from agentsql.db.values import find_value_mismatches
from agentsql.db.words import words_of
from agentsql.types import ExecutionResult, Links

FINDERS: Mapping[Kind, Callable[[Examined], Finding | None]] = MappingProxyType(
    {
        "constant_column": constant_column,
        "contradiction": contradiction,
        "count_of_one": count_of_one,
        "counted_rows": counted_rows,
        "cross_join": cross_join,
        "either_for_both": either_for_both,
        "id_for_name": id_for_name,
        "join_off_keys": join_off_keys,
        "missing_distinct": missing_distinct,
        "needless_join": needless_join,
        "unasked_column": unasked_column,
        "unasked_condition": unasked_condition,
        "ungrouped": ungrouped,
        "unnamed_table": unnamed_table,
        "value_case": value_case,
        "value_elsewhere": value_elsewhere,
    }
)

_BY_ENGLISH_WORDS: frozenset[Kind] = frozenset(
    {"id_for_name", "needless_join", "unasked_column", "unasked_condition", "unnamed_table"}
)
"""Kinds that rest on what the question does not say, which a question in another language says in other words."""
_ENGLISH = frozenset(
    "the what which how who are show find give all each with and that many there their does by from count list".split()
)
"""Words of which nearly every English question has one, and those of other languages none."""


def find_all(examined: Examined) -> tuple[Finding, ...]:
    """Give what is found in a query, by kind; one finding of each kind at most."""
    is_english = not _ENGLISH.isdisjoint(words_of(examined.question))
    kinds = (kind for kind in FINDERS if is_english or kind not in _BY_ENGLISH_WORDS)
    return tuple(found for kind in kinds if (found := FINDERS[kind](examined)))


def examine(
    query: exp.Query,
    schema: Schema,
    question: str,
    links: Links,
    values: ValueIndex,
    run: Callable[[str], ExecutionResult],
) -> Examined:
    """Give a query with what the finders need to know of it.

    Args:
        query: changed where it has "text" in double quotes, which SQLite reads as text where no column is called so.
        run: asked for values that neither the schema nor the index knows.
    """
    if schema.dialect == "sqlite":
        _read_quotes(query, schema)
    mismatches = find_value_mismatches(query, schema, run, values)
    return Examined(query, schema, question, links, values, mismatches)


def _read_quotes(query: exp.Query, schema: Schema) -> None:
    known = {column.name.casefold() for table in schema for column in table.columns}
    known |= {alias.alias.casefold() for alias in query.find_all(exp.Alias)}
    for column in list(query.find_all(exp.Column)):
        if column.this.args.get("quoted") and not column.table and column.name.casefold() not in known:
            column.replace(exp.Literal.string(column.name))
