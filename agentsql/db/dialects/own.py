"""A statement that failed, as its author may have meant it: in another dialect, or by looser rules than the own one's.

Small models write the SQL they saw most, whatever the prompt says: `strftime` on PostgreSQL, `DATE_FORMAT` on SQLite,
names without the quotes that a capital letter needs. What comes out here is checked by the database before it is used.
"""

from __future__ import annotations

from collections.abc import Iterator

import sqlglot
from sqlglot import ErrorLevel, exp
from sqlglot.errors import SqlglotError

from agentsql.db.dialects.dates import as_sqlite, neutral_dates
from agentsql.db.dialects.spelling import names_in_double_quotes, respell_names
from agentsql.db.dialects.strict import complete_groups, expand_aliases, fit_types
from agentsql.db.schema import Schema

FOREIGN = ("sqlite", "mysql", "postgres", "tsql", "duckdb")
"""Dialects that small models fall into, most usual first."""
_FORMATS_TO_CHAR = frozenset({"postgres", "redshift", "oracle", "snowflake"})
_LOOSE = frozenset({"sqlite", "mysql"})
"""Dialects that compare any types and select what is not grouped."""


def in_own_dialect(sql: str, schema: Schema) -> Iterator[str]:
    """Yield other forms of a failed statement in the schema's dialect, the nearest to it first, each once.

    First only names and quotes are put right, then types and dates; then it is read as each of the other dialects.
    Nothing is yielded for what is no query in any of them.
    """
    own = schema.dialect
    seen = {sql.strip().rstrip(";")}
    for read in (own, *(one for one in FOREIGN if one != own)):
        query = _parsed(sql, read, schema)
        if query is None:
            continue
        try:
            forms = [_respelt(query, schema), _fitted(query, schema)]
        except (SqlglotError, RecursionError):
            continue
        for form in forms if read == own else forms[1:]:
            if form not in seen:
                seen.add(form)
                yield form


def respelt(query: exp.Query, schema: Schema) -> exp.Query:
    """Give a copy of the query with its names spelt and quoted as the schema's dialect needs them."""
    mended = query.copy()
    respell_names(mended, schema)
    return mended


def _parsed(sql: str, read: str, schema: Schema) -> exp.Query | None:
    try:
        found = sqlglot.parse(names_in_double_quotes(sql, read, schema), read=read)
    except (SqlglotError, RecursionError):
        return None
    if read not in _FORMATS_TO_CHAR and any(one is not None and one.find(exp.ToChar) for one in found):
        return None  # sqlglot would drop the format, and what is left would run
    queries = [one for one in found if one is not None and not isinstance(one, exp.Semicolon)]
    return queries[0] if len(queries) == 1 and isinstance(queries[0], exp.Query) else None


def _respelt(query: exp.Query, schema: Schema) -> str:
    return _written(respelt(query, schema), schema)


def _fitted(query: exp.Query, schema: Schema) -> str:
    fitted = respelt(query, schema)
    neutral_dates(fitted, schema.dialect)
    if schema.dialect == "sqlite":
        as_sqlite(fitted)
    if schema.dialect not in _LOOSE:
        fit_types(fitted, schema)
        expand_aliases(fitted)
        complete_groups(fitted)
    return _written(fitted, schema)


def _written(query: exp.Query, schema: Schema) -> str:
    return query.sql(dialect=schema.dialect, unsupported_level=ErrorLevel.IGNORE)
