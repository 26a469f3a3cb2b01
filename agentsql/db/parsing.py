"""SQL into sqlglot's tree, with what servers take and its parsers do not: each of them reads such a place as it is.

`LIMIT 7 % 3`, PostgreSQL's `@ x`, MySQL's `VALUES (1), (2)` and `EXISTS PATH` in a JSON_TABLE.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from sqlglot import Token, TokenType, exp
from sqlglot.dialects.dialect import Dialect
from sqlglot.errors import ParseError
from sqlglot.parser import Parser
from sqlglot.parsers.duckdb import DuckDBParser
from sqlglot.parsers.mysql import MySQLParser
from sqlglot.parsers.postgres import PostgresParser
from sqlglot.parsers.sqlite import SQLiteParser

_OPERANDS = frozenset(
    {TokenType.NUMBER, TokenType.L_PAREN, TokenType.DASH, TokenType.PLUS, TokenType.VAR, TokenType.IDENTIFIER}
)
"""What may follow `%` where it is no sign for percent."""
_AFTER_LIMIT = frozenset(
    {TokenType.COMMA, TokenType.OFFSET, TokenType.FETCH, TokenType.FOR, TokenType.SEMICOLON, TokenType.UNION}
    | {TokenType.EXCEPT, TokenType.INTERSECT}
)


class _WithModulo(Parser):
    """Reads `%` after LIMIT as the remainder where an operand follows it."""

    def _parse_term(self, parse_mod: bool = True) -> exp.Expr | None:
        return super()._parse_term(parse_mod=parse_mod or self._has_modulo())

    def _has_modulo(self) -> bool:
        """Look ahead to where the limit ends; to parse and come back would take nested limits ever longer."""
        depth = 0
        for at in range(self._index, len(self._tokens) - 1):
            kind = self._tokens[at].token_type
            depth += (kind == TokenType.L_PAREN) - (kind == TokenType.R_PAREN)
            if depth < 0 or (depth == 0 and kind in _AFTER_LIMIT):
                return False
            if depth == 0 and kind == TokenType.MOD and self._tokens[at + 1].token_type in _OPERANDS:
                return True
        return False


class _SQLite(_WithModulo, SQLiteParser):
    pass


class _DuckDB(_WithModulo, DuckDBParser):
    pass


class _Postgres(_WithModulo, PostgresParser):
    # An operator without a precedence of its own binds less than `+`: `@ a - b` is `@ (a - b)`.
    # https://www.postgresql.org/docs/current/sql-syntax-lexical.html#SQL-PRECEDENCE
    UNARY_PARSERS: ClassVar[Any] = {
        **PostgresParser.UNARY_PARSERS,
        TokenType.PARAMETER: lambda self: self._parse_absolute(),
    }

    def _parse_absolute(self) -> exp.Expr | None:
        """Read `@ x`, but not `$1` nor `@x`, which whoever wrote it took for a variable."""
        sign, following = self._prev, self._curr
        is_name = following and (following.token_type == TokenType.IDENTIFIER or following.text[:1].isidentifier())
        if sign.text == "@" and not (is_name and following.start == sign.end + 1):
            return self.expression(exp.Abs(this=self._parse_term()))
        self._retreat(self._index - 1)
        return self._parse_type()


class _MySQL(MySQLParser):
    # `VALUES(column)` is a call in INSERT only, which is no query.
    FUNCTION_PARSERS: ClassVar[Any] = {
        name: one for name, one in MySQLParser.FUNCTION_PARSERS.items() if name != "VALUES"
    }
    FUNC_TOKENS: ClassVar[Any] = MySQLParser.FUNC_TOKENS - {TokenType.VALUES}

    def _parse_value(self, values: bool = True) -> exp.Tuple | None:
        if self._match(TokenType.ROW, advance=False) and self._next and self._next.token_type == TokenType.L_PAREN:
            self._advance()
        return super()._parse_value(values)

    def _parse_json_column_def(self) -> exp.JSONColumnDef:
        """Read a column of JSON_TABLE; what the tree has no place for becomes part of its type or path as text."""
        if self._match_text_seq("NESTED", advance=False):
            return super()._parse_json_column_def()
        name = self._parse_id_var()
        if self._match_pair(TokenType.FOR, TokenType.ORDINALITY):
            return self.expression(exp.JSONColumnDef(this=name, ordinality=True))
        kind: exp.Expr | None = self._parse_types(allow_identifiers=False)
        if kind is not None and self._match(TokenType.EXISTS):
            kind = exp.var(f"{kind.sql('mysql')} EXISTS")
        path: exp.Expr | None = self._parse_string() if self._match_text_seq("PATH") else None
        handling = " ".join(filter(None, map(self._written_handling, ("EMPTY", "ERROR"))))
        if path is not None and handling:
            path = exp.var(f"{path.sql('mysql')} {handling}")
        return self.expression(exp.JSONColumnDef(this=name, kind=kind, path=path))

    def _written_handling(self, on: str) -> str:
        found = self._parse_on_handling(on, "NULL", "ERROR")
        if isinstance(found, exp.Expr) and not isinstance(found, exp.Literal):
            self.raise_error("DEFAULT takes a text or a number")
        return f"DEFAULT {found.sql('mysql')} ON {on}" if isinstance(found, exp.Expr) else found or ""


_PARSERS: Mapping[str, type[Parser]] = {"sqlite": _SQLite, "duckdb": _DuckDB, "postgres": _Postgres, "mysql": _MySQL}


def parse_statements(sql: str, dialect: str, tokens: list[Token] | None = None) -> list[exp.Expr]:
    """Give the statements of a text; an empty one is left out.

    Args:
        tokens: of `sql`, if it has been split already.

    Raises:
        SqlglotError: it does not parse.
    """
    of = Dialect.get_or_raise(dialect)
    parser = _PARSERS.get(dialect, of.parser_class)(dialect=of)
    try:
        parsed = parser.parse(of.tokenize(sql) if tokens is None else tokens, sql)
    except (AssertionError, AttributeError, IndexError, KeyError, TypeError, ValueError) as slip:
        raise ParseError("the statement cannot be understood") from slip  # what sqlglot lets slip on broken ones
    return [found for found in parsed if found is not None]


def parse_statement(sql: str, dialect: str) -> exp.Expr:
    """Give the first statement of a text.

    Raises:
        SqlglotError: it does not parse, or holds none; see `parse_statements`.
    """
    for found in parse_statements(sql, dialect):
        return found
    raise ParseError("there is no statement")
