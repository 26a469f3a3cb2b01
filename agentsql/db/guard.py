"""The first lock: a statement is parsed, and passes only if it is one query that stays inside the data."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from itertools import pairwise

from sqlglot import Token, TokenType, exp
from sqlglot.dialects.dialect import Dialect
from sqlglot.errors import ParseError, SqlglotError

from agentsql.db.calls import check_calls
from agentsql.db.parsing import parse_statements
from agentsql.db.refusal import StatementRefused
from agentsql.db.spelling import check_characters, check_spelling
from agentsql.db.system_tables import check_table
from agentsql.types import FailureKind

__all__ = ["StatementRefused", "read_only_query"]

MAX_CHARS = 50_000
MAX_TOKENS = 20_000
"""About two seconds of parsing."""
MAX_PARSING = 100_000
"""Tokens that the parser may read, those read again counted again: it reads each JOIN without a condition twice."""
MAX_NESTING = 60
"""Parentheses and CASEs open at once; the parser needs about 15 Python frames for each."""

MAX_LIMITS = 6
"""LIMITs and OFFSETs, each in the number of the one before."""

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
    *(exp.Show, exp.Summarize, exp.NextValueFor, exp.Hint, exp.Comment, exp.Execute, exp.Install, exp.Revoke),
    *(exp.Declare, exp.ReadCSV, exp.ReadParquet, exp.ToFile, exp.ListStage, exp.DirectoryStage),
)
_OF_THE_SERVER = (
    *(exp.CurrentUser, exp.SessionUser, exp.CurrentRole, exp.CurrentSchema, exp.CurrentSchemas, exp.CurrentDatabase),
    *(exp.CurrentCatalog, exp.CurrentVersion, exp.CurrentAccount, exp.CurrentAccountName, exp.CurrentAvailableRoles),
    *(exp.CurrentClient, exp.CurrentIpAddress, exp.CurrentOrganizationName, exp.CurrentOrganizationUser),
    *(exp.CurrentRegion, exp.CurrentRoleType, exp.CurrentSecondaryRoles, exp.CurrentSession, exp.CurrentStatement),
    *(exp.CurrentTransaction, exp.CurrentUserId, exp.CurrentWarehouse, exp.ObjectIdentifier, exp.Operator),
)
"""`ObjectIdentifier` is a type of PostgreSQL's such as `regclass`, which looks into the catalogue; `Operator` calls any
function by the name of an operator."""
_CATALOGUE_TYPE = re.compile(
    r'(.*\.)?"?reg(class|collation|config|dictionary|namespace|oper|operator|proc|procedure|role|type)"?'
)
"""A type of PostgreSQL's such as `pg_catalog.regclass`."""
_QUERY_HINT = "write one SELECT (it may start with WITH)"


def read_only_query(sql: str, dialect: str, *, functions: Collection[str] = ()) -> exp.Query:
    """Parse `sql` and return it if it is one query that cannot write and stays inside the data.

    A trailing semicolon and comments are allowed. This is the first of two locks; a function that only computes by its
    name may be one that users have put in the place of it, so the connection itself must be read-only too: see
    `db/lock.py`.

    Args:
        functions: globs of functions that may be called beside those that only compute, as `margin` or `sales.*`; none
            of them makes up for a function that reaches outside the data.

    Raises:
        StatementRefused: with the kind `syntax` (it does not parse), `other` (an unknown function) or `refused` (it
            parses, and may not run).
    """
    _check_length(sql)
    check_characters(sql)
    try:
        tokens = Dialect.get_or_raise(dialect).tokenize(sql)
        _check_tokens(tokens, dialect)
        check_spelling(sql, tokens, dialect)
        parsed = [one for one in parse_statements(sql, dialect, tokens) if not isinstance(one, exp.Semicolon)]
    except RecursionError:
        raise StatementRefused("syntax", "the statement nests too deeply", "write it flatter, with joins") from None
    except SqlglotError as problem:
        message = f"not valid {dialect}: {_syntax_message(problem)}"
        place_named = not isinstance(problem, ParseError) or problem.errors
        hint = "mend the statement near the place named" if place_named else "write it more plainly"
        raise StatementRefused("syntax", message, hint) from None
    query = _only_query(parsed)
    if dialect == "sqlite":
        _spell_out_in(query)
    for node in query.walk():
        _check_node(node, dialect)
    check_calls(tokens, query, dialect, functions)
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


def _check_length(sql: str) -> None:
    if len(sql) > MAX_CHARS:
        message = f"the statement has {len(sql)} characters, {len(sql) - MAX_CHARS} more than the {MAX_CHARS} allowed"
        raise StatementRefused("syntax", message, "write a shorter statement")


def _check_tokens(tokens: list[Token], dialect: str) -> None:
    """Look at what the parser would accept too kindly: a second statement, a command, nesting."""
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
    starts = _STARTS | {TokenType.PIVOT, TokenType.UNPIVOT} if dialect == "duckdb" else _STARTS
    is_word = first.token_type == TokenType.VAR and first.text.upper() not in _COMMAND_WORDS
    if first.token_type not in starts and not is_word:  # any other word is left to the parser, which says more
        raise StatementRefused("refused", f"expected a query, got {first.text.upper()}", _QUERY_HINT)
    if any(_is_inner_command(token, before, after, dialect) for before, token, after in _threes(tokens)):
        raise StatementRefused("refused", "a command stands in the place of a query", _QUERY_HINT)
    for token in tokens:
        if token.token_type == TokenType.L_BRACE and dialect in ("sqlite", "postgres", "mysql"):
            raise StatementRefused("syntax", f"{dialect} has no braces", "write SQL without {")
        if token.token_type == TokenType.VAR and token.text.startswith("$") and dialect == "sqlite":
            raise StatementRefused("syntax", f"{token.text[:60]} is a placeholder without a binding", "write the value")
        if dialect == "oracle" and token.token_type in (TokenType.VAR, TokenType.PARAMETER) and "@" in token.text:
            raise StatementRefused("refused", "@ reaches another server", _QUERY_HINT)
    _check_joins(tokens)
    _check_limits(tokens)
    depth = 0
    for token in tokens:
        depth += (token.token_type in _OPENS) - (token.token_type in _CLOSES)
        if depth > MAX_NESTING:
            message = f"the statement nests deeper than {MAX_NESTING} levels"
            raise StatementRefused("syntax", message, "write it flatter, with joins")
    if len(tokens) > MAX_TOKENS:
        message = f"the statement has {len(tokens)} words and signs, more than the {MAX_TOKENS} allowed"
        raise StatementRefused("syntax", message, "write a shorter statement")


def _check_joins(tokens: list[Token]) -> None:
    """Bound what sqlglot reads again: a row of n JOINs that wait for their ON takes it 2 to the n times as long."""
    waiting = [0]
    most = 0
    for before, token in pairwise(tokens):
        kind = token.token_type
        if kind == TokenType.L_PAREN:
            waiting.append(0)
        elif kind == TokenType.R_PAREN and len(waiting) > 1:
            waiting.pop()
        elif kind == TokenType.SELECT:
            waiting[-1] = 0
        elif kind in (TokenType.JOIN, TokenType.STRAIGHT_JOIN) and before.token_type != TokenType.CROSS:
            waiting[-1] += 1
            most = max(most, sum(waiting))
        elif kind in (TokenType.ON, TokenType.USING):
            waiting[-1] = max(0, waiting[-1] - 1)
    if len(tokens) << max(0, most - 1) > MAX_PARSING:
        raise StatementRefused("syntax", f"{most} joins in a row have no condition", "give each JOIN its ON")


def _check_limits(tokens: list[Token]) -> None:
    """Bound limits within limits: sqlglot reads each LIMIT twice, so n of them take it 2 to the n times as long."""
    has_limit = [False]
    for token in tokens:
        kind = token.token_type
        if kind == TokenType.L_PAREN:
            has_limit.append(False)
        elif kind == TokenType.R_PAREN and len(has_limit) > 1:
            has_limit.pop()
        elif kind == TokenType.SELECT:
            has_limit[-1] = False
        elif kind in (TokenType.LIMIT, TokenType.OFFSET):
            has_limit[-1] = True
            if sum(has_limit) > MAX_LIMITS:
                message = f"more than {MAX_LIMITS} limits stand within each other"
                raise StatementRefused("syntax", message, "write the number itself after LIMIT")


def _threes(tokens: list[Token]) -> Iterator[tuple[Token, Token, Token]]:
    return zip(tokens, tokens[1:], tokens[2:], strict=False)


def _is_inner_command(token: Token, before: Token, after: Token, dialect: str) -> bool:
    """True for `TABLE t`, and DuckDB's `(SHOW ...)`: sqlglot may take the first word for a table's name."""
    if token.token_type == TokenType.TABLE:
        return after.token_type != TokenType.L_PAREN and before.token_type not in (TokenType.DOT, TokenType.ALIAS)
    is_word = after.token_type not in (TokenType.COMMA, TokenType.R_PAREN, TokenType.DOT, TokenType.L_PAREN)
    is_command = token.token_type in (TokenType.SHOW, TokenType.VAR) and token.text.upper() == "SHOW"
    return dialect == "duckdb" and before.token_type == TokenType.L_PAREN and is_command and is_word


def _only_query(statements: list[exp.Expr]) -> exp.Query:
    if len(statements) != 1:
        message = f"expected one statement, got {len(statements)}"
        raise StatementRefused("refused", message, "write exactly one statement")
    (found,) = statements
    if isinstance(found, exp.Values):
        if not found.alias:  # servers want one, where a policy has the tree written anew
            found.set("alias", exp.TableAlias(this=exp.to_identifier("listed")))
        return exp.select("*").from_(found)
    if isinstance(found, exp.Pivot):
        return exp.select("*").from_(exp.Subquery(this=found))
    if not isinstance(found, exp.Query) or isinstance(found, exp.Table):
        what = "an expression" if isinstance(found, exp.Alias | exp.Column) else found.key.upper()
        kind: FailureKind = "syntax" if what == "an expression" else "refused"
        raise StatementRefused(kind, f"expected a query, got {what}", _QUERY_HINT)
    if isinstance(found, exp.Select) and not found.expressions:
        raise StatementRefused("syntax", "SELECT names no column", _QUERY_HINT)
    return found


def _spell_out_in(query: exp.Query) -> None:
    """Turn SQLite's `a IN t` into `a IN (SELECT * FROM t)`, so that whoever looks for tables finds this one."""
    for node in query.find_all(exp.In):
        field = node.args.get("field")
        if isinstance(field, exp.Column):
            table = exp.Table(this=field.this, db=field.args.get("table"))
        elif isinstance(field, exp.Func):
            table = exp.Table(this=field)
        else:
            continue
        node.set("field", None)
        node.set("query", exp.Subquery(this=exp.select("*").from_(table)))


def _check_node(node: exp.Expr, dialect: str) -> None:
    if isinstance(node, _FORBIDDEN):
        raise StatementRefused("refused", f"a query may not contain {node.key.upper()}", _QUERY_HINT)
    if isinstance(node, exp.CTE) and not isinstance(node.this, exp.Query | exp.Values):
        raise StatementRefused("refused", f"WITH {node.alias} holds no query", _QUERY_HINT)
    if isinstance(node, _OF_THE_SERVER):
        message = f"{node.sql(dialect)[:60]} tells of the server or the session, not of the data"
        raise StatementRefused("refused", message, "ask for data only")
    if isinstance(node, exp.DataType) and _CATALOGUE_TYPE.fullmatch(str(node.args.get("kind") or "").casefold()):
        raise StatementRefused("refused", f"the type {node.args['kind']} looks into the catalogue", "ask for data only")
    if isinstance(node, exp.Placeholder):
        message = f"{node.sql(dialect)[:60]} is a placeholder without a binding"
        raise StatementRefused("syntax", message, "write the value itself in its place")
    if isinstance(node, exp.Parameter | exp.SessionParameter):
        message = f"{node.sql(dialect)[:60]} is a variable of the session or the server"
        raise StatementRefused("refused", message, "write the value itself in its place")
    if isinstance(node, exp.Table):
        check_table(node, dialect)
