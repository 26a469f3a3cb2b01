"""What a finding is, what it is found in, and how often each kind is right."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

from sqlglot import exp

from agentsql.db.schema import Schema
from agentsql.db.value_index import ValueIndex
from agentsql.db.values import ValueMismatch
from agentsql.types import Links

Kind = Literal[
    "constant_column",
    "contradiction",
    "count_of_one",
    "counted_rows",
    "cross_join",
    "either_for_both",
    "id_for_name",
    "join_off_keys",
    "missing_distinct",
    "needless_join",
    "unasked_column",
    "unasked_condition",
    "ungrouped",
    "unnamed_table",
    "value_case",
    "value_elsewhere",
]

SURE = 0.9
"""Precision from which a finding forbids the query; below it the query is only held to be uncertain."""

# Measured by benchmarks/findings.py on 748 queries of two small models for training questions of Spider, and on its
# 6,901 gold queries for false alarms; `either_for_both` on 39 other queries and the same golds. The golds with a cross
# join or a value in another case were read: all are wrong.
PRECISION: Mapping[Kind, float] = MappingProxyType(
    {
        "constant_column": 0.96,
        "contradiction": 0.99,
        "count_of_one": 0.98,
        "counted_rows": 0.93,
        "cross_join": 0.98,
        "either_for_both": 0.99,
        "id_for_name": 0.98,
        "join_off_keys": 0.96,
        "missing_distinct": 0.76,
        "needless_join": 0.99,
        "unasked_column": 0.72,
        "unasked_condition": 0.94,
        "ungrouped": 0.94,
        "unnamed_table": 0.91,
        "value_case": 0.94,
        "value_elsewhere": 0.96,
    }
)


@dataclass(frozen=True, slots=True)
class Examined:
    """A query that the guard and the names let pass, with what is known of its question and of the database."""

    query: exp.Query
    """Never changed: who mends it works on a copy."""
    schema: Schema
    question: str
    """With the evidence and the questions before it."""
    links: Links = field(default_factory=Links)
    values: ValueIndex = field(default_factory=ValueIndex)
    mismatches: tuple[ValueMismatch, ...] = ()
    """Of this query's own literals."""

    def as_sql(self, query: exp.Expr) -> str:
        """Write SQL in the schema's dialect."""
        return query.sql(dialect=self.schema.dialect)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing in a query that runs but is hardly meant."""

    kind: Kind
    message: str
    """Holds no row values, as it is shown to the correcting model."""
    hint: str = ""
    """What would put it right; empty if nothing is known."""
    mended: str = ""
    """The query without it, in the schema's dialect; empty where more than one way would be open."""

    @property
    def precision(self) -> float:
        """Share of the queries with such a finding that were wrong."""
        return PRECISION[self.kind]
