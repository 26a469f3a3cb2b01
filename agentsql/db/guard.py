"""The first lock: a statement is parsed, and passes only if it is one query that stays inside the data."""

from __future__ import annotations

import re
from itertools import pairwise

from sqlglot import Token, TokenType, exp, parse
from sqlglot.dialects.dialect import Dialect
from sqlglot.errors import ParseError, SqlglotError

from agentsql.db.failures import error_for_model
from agentsql.db.functions import refused_function
from agentsql.types import FailureKind, QueryFailure

MAX_CHARS = 50_000
MAX_NESTING = 60
"""Parentheses and CASEs open at once; the parser needs about 15 Python frames for each."""

_STARTS = frozenset({TokenType.SELECT, TokenType.WITH, TokenType.VALUES, TokenType.L_PAREN, TokenType.FROM})
_COMMAND_WORDS = frozenset(
    {"REINDEX", "SAVEPOINT", "RELEASE", "CALL", "DO", "LISTEN", "NOTIFY", "HANDLER", "CHECKPOINT"}
)
"""Commands that the tokenizer takes for plain words."""
_OPENS = frozenset({TokenType.L_PAREN, TokenType.CASE, TokenType.L_BRACKET})
_CLOSES = frozenset({TokenType.R_PAREN, TokenType.END, TokenType.R_BRACKET})
_FORBIDDEN = (
    *(exp.DML, exp.DDL, exp.Command, exp.Into, exp.Lock, exp.Pragma, exp.Attach, exp.Detach, exp.Set, exp.Copy),
    *(exp.Drop, exp.Alter, exp.Merge, exp.Transaction, exp.Commit, exp.Rollback, exp.Kill, exp.Use, exp.Describe),
    *(exp.LoadData, exp.TruncateTable, exp.Analyze, exp.Cache, exp.Uncache, exp.Refresh, exp.Export, exp.Grant),
)
_SYSTEM_TABLES = {
    "sqlite": ("sqlite_", "pragma_"),
    "postgres": (
        "pg_shadow",
        "pg_authid",
        "pg_hba_file_rules",
        "pg_file_settings",
        "pg_user_mapping",
        "pg_largeobject",
    ),
    "duckdb": ("duckdb_",),
}
_FILE_MARKS = ("/", "\\", "://", ".csv", ".tsv", ".json", ".parquet", ".db", ".duckdb", ".xlsx", ".txt", ".gz")
_QUERY_HINT = "write one SELECT (it may start with WITH)"


class StatementRefused(Exception):  # noqa: N818 - it carries a refusal, and callers turn it into data
    """A statement did not pass; `failure` says why and never reaches the caller of the library as an exception."""

    def __init__(self, kind: FailureKind, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.failure = QueryFailure(kind, error_for_model(message), hint)


def read_only_query(sql: str, dialect: str) -> exp.Query:
    """Parse `sql` and return it if it is one query that cannot write and stays inside the data.

    A trailing semicolon and comments are allowed. This is the first of two locks; it cannot know functions that users
    define, so the connection itself must be read-only too: see `db/lock.py`.

    Raises:
        StatementRefused: with the kind `syntax` (it does not parse) or `refused` (it parses, and may not run).
    """
    _check_text(sql)
    try:
        _check_tokens(Dialect.get_or_raise(dialect).tokenize(sql), dialect)
        parsed = [found for found in parse(sql, read=dialect) if found and not isinstance(found, exp.Semicolon)]
    except RecursionError:
        raise StatementRefused("syntax", "the statement nests too deeply", "write it flatter, with joins") from None
    except SqlglotError as problem:
        message = f"not valid {dialect}: {_syntax_message(problem)}"
        raise StatementRefused("syntax", message, "mend the statement near the place named") from None
    query = _only_query(parsed)
    for node in query.walk():
        _check_node(node, dialect)
    return query


def _syntax_message(problem: SqlglotError) -> str:
    """Say where the parser stopped, without the names of Python classes that its messages hold."""
    if not isinstance(problem, ParseError) or not problem.errors:
        return str(problem)
    first = problem.errors[0]
    description = re.sub(r"<Token .*?text: (.*?), line.*?>", r"'\1'", str(first["description"]))
    description = re.sub(r"<class '[\w.]*?(\w+)'>", r"\1", description).replace("'SENTINEL'", "the end").rstrip(".")
    near = f" near {first['highlight']!r}" if first["highlight"] else ""
    return f"{description}{near} (line {first['line']}, column {first['col']})"


def _check_text(sql: str) -> None:
    if len(sql) > MAX_CHARS:
        message = f"the statement has {len(sql)} characters, {len(sql) - MAX_CHARS} more than the {MAX_CHARS} allowed"
        raise StatementRefused("syntax", message, "write a shorter statement")
    if "\x00" in sql:
        raise StatementRefused("syntax", "the statement holds a NUL character", "remove the NUL character")
    if not sql.isascii() and any("\ud800" <= char <= "\udfff" for char in sql):
        raise StatementRefused("syntax", "the statement holds half a character (a lone surrogate)", "remove it")


def _check_tokens(tokens: list[Token], dialect: str) -> None:
    """Look at what the parser would accept too kindly: a second statement, a command, nesting, MySQL's `/*! */`."""
    while tokens and tokens[-1].token_type == TokenType.SEMICOLON:
        tokens = tokens[:-1]
    if not tokens:
        raise StatementRefused("syntax", "there is no statement", _QUERY_HINT)
    statements = 1 + sum(
        one.token_type == TokenType.SEMICOLON and after.token_type != TokenType.SEMICOLON
        for one, after in pairwise(tokens)
    )
    if statements > 1:
        raise StatementRefused("refused", f"expected one statement, got {statements}", "write exactly one statement")
    first = tokens[0]
    is_word = first.token_type == TokenType.VAR and first.text.upper() not in _COMMAND_WORDS
    if first.token_type not in _STARTS and not is_word:  # any other word is left to the parser, which says more
        raise StatementRefused("refused", f"expected a query, got {first.text.upper()}", _QUERY_HINT)
    if dialect in {"mysql", "doris", "starrocks", "singlestore"} and any(
        comment.startswith(("!", "M!")) for token in tokens for comment in token.comments
    ):
        raise StatementRefused("refused", "a comment /*! ... */ is run by the server", "remove the comment")
    depth = 0
    for token in tokens:
        depth += (token.token_type in _OPENS) - (token.token_type in _CLOSES)
        if depth > MAX_NESTING:
            message = f"the statement nests deeper than {MAX_NESTING} levels"
            raise StatementRefused("syntax", message, "write it flatter, with joins")


def _only_query(statements: list[exp.Expr]) -> exp.Query:
    if len(statements) != 1:
        message = f"expected one statement, got {len(statements)}"
        raise StatementRefused("refused", message, "write exactly one statement")
    (found,) = statements
    if isinstance(found, exp.Values):
        return exp.select("*").from_(found)
    if not isinstance(found, exp.Query) or isinstance(found, exp.Table):
        what = "an expression" if isinstance(found, exp.Alias | exp.Column) else found.key.upper()
        kind: FailureKind = "syntax" if what == "an expression" else "refused"
        raise StatementRefused(kind, f"expected a query, got {what}", _QUERY_HINT)
    return found


def _check_node(node: exp.Expr, dialect: str) -> None:
    if isinstance(node, _FORBIDDEN):
        raise StatementRefused("refused", f"a query may not contain {node.key.upper()}", _QUERY_HINT)
    if isinstance(node, exp.CTE) and not isinstance(node.this, exp.Query | exp.Values):
        raise StatementRefused("refused", f"WITH {node.alias} holds no query", _QUERY_HINT)
    if isinstance(node, exp.Func):
        for name in _function_names(node):
            if refused_function(name, dialect):
                message = (
                    f"the function {name.lower()} may not be used: it reaches outside the data or cannot be stopped"
                )
                raise StatementRefused("refused", message, "do without the function")
    if isinstance(node, exp.Table):
        _check_table(node, dialect)


def _function_names(node: exp.Func) -> tuple[str, ...]:
    if isinstance(node, exp.Anonymous | exp.AnonymousAggFunc):
        return (node.name,)
    return (*node.sql_names(), node.key)


def _check_table(table: exp.Table, dialect: str) -> None:
    name = table.name.casefold()
    if name.startswith(_SYSTEM_TABLES.get(dialect, ())) or refused_function(name, dialect):
        message = f"the table {table.name!r} belongs to the database system, not to the data"
        raise StatementRefused("refused", message, "use only the tables of the schema")
    if dialect == "duckdb" and any(mark in name for mark in _FILE_MARKS):
        message = f"{table.name!r} reads a file, not a table"
        raise StatementRefused("refused", message, "use only the tables of the schema")
