"""A database as one principal sees it: the same contract, behind a policy."""

from __future__ import annotations

import logging
import re
import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlglot import exp

from agentsql.db.database import Database, Enforced
from agentsql.db.guard import StatementRefused, read_only_query
from agentsql.db.names import check_names
from agentsql.db.policy import Policy
from agentsql.db.policy_access import access_for
from agentsql.db.policy_gate import Access, written
from agentsql.db.policy_rewrite import rewrite
from agentsql.db.schema import Column, Schema, Table
from agentsql.db.statement import NAME_FAILURES
from agentsql.types import Cell, ExecutionResult, Principal, QueryFailure

logger = logging.getLogger(__name__)

_SAMPLED_ROWS = 200
_SAMPLE_S = 2.0
"""Longest time of reading the samples of one filtered table."""
_SAMPLES = 5
_COMPLETE = 8
"""Different texts up to which a column of a table read whole is known to hold no others."""
_PIECE = 12
"""Characters of the SQL that ran that a message may not repeat."""
_WORD = re.compile(r"\w+")


class PolicedDatabase:
    """A database behind a policy, for one principal. It does not own the database below and leaves it open."""

    def __init__(self, inner: Database, policy: Policy, principal: Principal) -> None:
        self._inner = inner
        self._policy = policy
        self.principal = principal
        self.name = inner.name
        self.dialect = inner.dialect
        self.product = inner.product
        self._mutex = threading.Lock()
        self._known: tuple[Schema, Access] | None = None
        self._shown: tuple[Access, Schema] | None = None

    def access(self) -> Access:
        """Give what is seen, found anew when the schema has changed.

        Raises:
            PolicyError: the policy does not fit the schema or the principal.
            DatabaseError: the schema cannot be read.
        """
        schema = self._inner.schema()
        with self._mutex:
            if self._known is None or self._known[0] is not schema:
                self._known = schema, access_for(self._policy, self.principal, schema)
            return self._known[1]

    def schema(self) -> Schema:
        """Give the visible schema; values of filtered tables are those of rows that the principal sees."""
        access = self.access()
        if self._shown is None or self._shown[0] is not access:
            tables = [self._with_samples(one, access) if one.name in access.filtered else one for one in access.schema]
            # A mask's cells are worth nothing in a prompt, and its column keeps none.
            tables = [_without_masked(one, access) for one in tables]
            self._shown = access, replace(access.schema, tables=tuple(tables))
        return self._shown[1]

    def check(self, sql: str) -> QueryFailure | None:
        """Give why `sql` may not or cannot run for this principal."""
        access = self.access()
        rewritten = self._rewritten(sql, access)
        if isinstance(rewritten, QueryFailure):
            return rewritten
        failure = self._inner.check(rewritten)
        return None if failure is None else self._told(failure, sql, rewritten, access)

    def run(self, sql: str, *, max_rows: int | None = None, timeout_s: float | None = None) -> ExecutionResult:
        """Execute one query as the policy lets this principal; `executed` is what really ran."""
        access = self.access()
        rewritten = self._rewritten(sql, access)
        if isinstance(rewritten, QueryFailure):
            return ExecutionResult(sql, (), (), False, 0.0, rewritten)
        result = self._inner.run(rewritten, max_rows=max_rows, timeout_s=timeout_s)
        error = None if result.error is None else self._told(result.error, sql, rewritten, access)
        executed = self._without_key(rewritten)
        logger.debug("under the policy, for %r: %s", self.principal.name, executed)
        return replace(result, sql=sql, error=error, executed=executed)

    def data_stamp(self) -> Mapping[str, int | str] | None:
        """Give the stamp of the database with what this principal sees of it, so that values are kept apart."""
        stamp = self._inner.data_stamp()
        if stamp is None:
            return None
        return {**stamp, "identity": f"{stamp.get('identity', '')} policy:{self.access().digest}"}

    def enforcement(self) -> tuple[Enforced, ...]:
        """Give what the database below enforces."""
        return self._inner.enforcement()

    def close(self) -> None:
        """Do nothing: the database below belongs to its opener."""

    def rewritten(self, sql: str) -> str:
        """Give what runs in place of a query that `check` passes, for an administrator to read; empty for another."""
        found = self._rewritten(sql, self.access())
        return "" if isinstance(found, QueryFailure) else self._without_key(found)

    def _rewritten(self, sql: str, access: Access) -> str | QueryFailure:
        try:
            return rewrite(self._parsed(sql, access), access)
        except StatementRefused as refusal:
            return refusal.failure
        except RecursionError:
            return _TOO_DEEP

    def _without_key(self, sql: str) -> str:
        return sql.replace(self._policy.hash_key, "(key)")

    def _parsed(self, sql: str, access: Access) -> exp.Query:
        return read_only_query(sql, self.dialect, functions=access.rules.functions)

    def _told(self, failure: QueryFailure, sql: str, rewritten: str, access: Access) -> QueryFailure:
        """Give the failure in words that name nothing hidden, unless the asker wrote the name, which tells nothing."""
        if failure.kind in NAME_FAILURES:
            try:
                visible = check_names(self._parsed(sql, access), access.schema)
            except StatementRefused as refusal:
                visible = refusal.failure
            if visible is not None:
                return visible
            failure = replace(failure, hint="use only tables and columns of the schema")
        written = {word.casefold() for word in _WORD.findall(sql)}
        secret = {word for name in access.hidden for word in _WORD.findall(name)} - written
        said = {word.casefold() for word in _WORD.findall(f"{failure.message} {failure.hint}")}
        if said & secret or _quotes(failure.message, rewritten, sql):
            logger.debug("a message that names what is hidden was withheld: %s", failure.message)
            return QueryFailure(failure.kind, "the database could not run the query", "write it in a simpler way")
        return failure

    def _with_samples(self, table: Table, access: Access) -> Table:
        """Give the table with values of visible rows, read with one query."""
        gate = written(access.gates[table.name].select(), self.dialect)
        result = self._inner.run(gate, max_rows=_SAMPLED_ROWS, timeout_s=_SAMPLE_S)
        if result.error is not None or not result.rows:
            return table
        cells = zip(*result.rows, strict=True)
        sampled = tuple(
            _with_values(column, found, whole=not result.truncated)
            for column, found in zip(table.columns, cells, strict=True)
        )
        return replace(table, columns=sampled)


def _quotes(message: str, rewritten: str, sql: str) -> bool:
    """True if a message repeats a piece of what ran that the asker did not write, such as a filter or a key."""
    pieces = (message[start : start + _PIECE] for start in range(len(message) - _PIECE + 1))
    return any(piece in rewritten and piece not in sql for piece in pieces)


_TOO_DEEP = QueryFailure("syntax", "the statement nests too deeply", "write it flatter, with joins")


def _with_values(column: Column, cells: tuple[Cell, ...], *, whole: bool) -> Column:
    plain = (cell for cell in cells if isinstance(cell, str | int | float) and cell != "" and len(str(cell)) <= 100)
    counts = Counter(plain)
    is_text = all(isinstance(cell, str) for cell in counts)
    few = whole and is_text and 0 < len(counts) <= _COMPLETE and len(counts) == len(set(cells) - {None})
    chosen = [cell for cell, _ in counts.most_common(None if few else _SAMPLES)]
    return replace(column, values=tuple(sorted(chosen, key=_rank)), values_complete=few)


def _rank(cell: Cell) -> tuple[bool, Any]:
    """Sort numbers before texts."""
    return isinstance(cell, str), cell


def _without_masked(table: Table, access: Access) -> Table:
    cells = access.gates[table.name].cells
    columns = tuple(
        replace(column, values=(), values_complete=False) if column.name in cells else column
        for column in table.columns
    )
    return replace(table, columns=columns)
