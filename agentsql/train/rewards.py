"""How good a reply is, as numbers between 0 and 1: pure functions of texts and results."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from rapidfuzz.distance import Levenshtein
from sqlglot import exp, tokenize
from sqlglot.errors import SqlglotError

from agentsql.db.parsing import parse_statement
from agentsql.db.schema import Schema
from agentsql.evaluation.metrics import result_match
from agentsql.types import ExecutionResult

_LONGEST = 3.0
"""Times the gold's length at which the reward of a length is 0."""


def execution_match(gold: ExecutionResult, found: ExecutionResult, *, ordered: bool) -> float:
    """Give 1 where both results hold the same rows by Spider's rule, else 0.

    >>> one, other = (ExecutionResult("", ("n",), ((value,),), False, 0.0) for value in (1, 2))
    >>> execution_match(one, one, ordered=False), execution_match(one, other, ordered=False)
    (1.0, 0.0)
    """
    if gold.error or found.error or gold.truncated or found.truncated:
        return 0.0
    return float(result_match(gold.rows, found.rows, ordered=ordered))


def executable(found: ExecutionResult) -> float:
    """Give 1 where a query ran to its end, else 0."""
    return float(found.error is None)


def schema_validity(sql: str, schema: Schema) -> float:
    """Give the share of the tables and columns that a query names which exist; 0 if it is no SQL.

    What the query itself names, by WITH or AS, counts as existing.

    >>> from agentsql.db.schema import Column, Table
    >>> schema = Schema("sqlite", (Table("singer", (Column("name", "TEXT"), Column("age", "INT"))),))
    >>> schema_validity("SELECT name, age FROM singer", schema)
    1.0
    >>> schema_validity("SELECT name, height FROM singers", schema)
    0.3333333333333333
    """
    try:
        query = parse_statement(sql, schema.dialect)
    except (SqlglotError, RecursionError):
        return 0.0
    own = {one.alias_or_name.casefold() for one in query.find_all(exp.CTE, exp.Alias, exp.Subquery)}
    tables = {table.name.casefold() for table in schema} | own
    columns = {column.name.casefold() for table in schema for column in table.columns} | own
    named = {(True, one.name.casefold()) for one in query.find_all(exp.Table) if one.name}
    named |= {(False, one.name.casefold()) for one in query.find_all(exp.Column) if one.name and one.name != "*"}
    known = [name in (tables if is_table else columns) for is_table, name in named]
    return sum(known) / len(known) if known else 1.0


def ngram_likeness(sql: str, gold: str, *, size: int = 2) -> float:
    """Give the share of runs of `size` tokens that both queries have among those that either has (Jaccard).

    Source: Pourreza et al., "Reasoning-SQL" (arXiv 2503.23157), the n-gram similarity of section 3.

    >>> ngram_likeness("SELECT name FROM singer", "select name from singer")
    1.0
    >>> ngram_likeness("SELECT name FROM singer", "SELECT name FROM concert")
    0.5
    """
    one, other = (_runs(_tokens(text), size) for text in (sql, gold))
    if not one and not other:
        return float(_tokens(sql) == _tokens(gold))
    return len(one & other) / len(one | other)


def levenshtein_likeness(sql: str, gold: str) -> float:
    """Give 1 less the letters to change over those of the longer query; case and blanks do not count.

    Source: HexamindOrganisation/HexamindTextToSQL, rl_training.py (commit 2f3608f), which takes the negative number
    of letters; as a share, long queries are not punished for their length.

    >>> levenshtein_likeness("SELECT  a FROM t", "select b from t")
    0.9333333333333333
    """
    return float(Levenshtein.normalized_similarity(_folded(sql), _folded(gold)))


def length_reward(sql: str, gold: str) -> float:
    """Give 1 for a query no longer than the gold, falling to 0 at thrice its length; 0 for none.

    >>> length_reward("SELECT 1", "SELECT 1"), length_reward("SELECT 1" * 2, "SELECT 1"), length_reward("", "SELECT 1")
    (1.0, 0.5, 0.0)
    """
    if not sql.strip():
        return 0.0
    ratio = len(_folded(sql)) / max(1, len(_folded(gold)))
    return min(1.0, max(0.0, (_LONGEST - ratio) / (_LONGEST - 1)))


def names_likeness(found: Collection[str], gold: Collection[str]) -> float:
    """Give the F1 of names against those that are right, letter case ignored.

    >>> names_likeness(["singer.name", "singer.age"], ["Singer.Name"])
    0.6666666666666666
    """
    one, other = ({name.casefold() for name in names} for names in (found, gold))
    if not one or not other:
        return float(one == other)
    return 2 * len(one & other) / (len(one) + len(other))


def weighted(rewards: Mapping[str, float | None], weights: Mapping[str, float]) -> float:
    """Give the sum of the rewards by their weights; one that nobody can tell (None) counts as 0.

    >>> weighted({"execution": 1.0, "length": 0.5, "schema": None}, {"execution": 2.0, "length": 1.0, "schema": 1.0})
    2.5
    """
    return sum(weight * (rewards.get(name) or 0.0) for name, weight in weights.items())


def _tokens(sql: str) -> list[str]:
    try:
        return [token.text.casefold() for token in tokenize(sql, read="sqlite")]
    except SqlglotError:
        return sql.casefold().split()


def _runs(tokens: list[str], size: int) -> set[tuple[str, ...]]:
    return {tuple(tokens[at : at + size]) for at in range(len(tokens) - size + 1)}


def _folded(sql: str) -> str:
    return " ".join(sql.casefold().split())
