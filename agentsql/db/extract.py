"""Finds the SQL in what a model wrote."""

from __future__ import annotations

import re
from collections.abc import Iterator

import sqlglot
from sqlglot import TokenType, exp
from sqlglot.errors import SqlglotError

from agentsql.db.dialects.own import FOREIGN

_FENCE = re.compile(r"```[ \t]*([\w+-]*)[ \t]*\n?(.*?)(?:```|\Z)", re.DOTALL)
_STATEMENT = r"(?:SELECT|WITH|VALUES|INSERT|UPDATE|DELETE|REPLACE|MERGE|CREATE|DROP|ALTER|TRUNCATE|PRAGMA|ATTACH)"
_AT_LINE = re.compile(rf"^[ \t]*[(]*(?P<at>{_STATEMENT})\b", re.IGNORECASE | re.MULTILINE)
_IN_LINE = re.compile(r"(?<![\w'\"])(?P<at>SELECT\b|WITH\s+(?:RECURSIVE\s+)?\"?\w+\"?\s*(?:\([^)]*\)\s*)?AS\b)")
_MOST_CUTS = 40
_TAGS = frozenset({"", "sql", "sqlite", "postgresql", "postgres", "pgsql", "mysql", "mariadb", "duckdb"})
# To sqlglot a lone word is an expression too; here it is prose.
_STATEMENTS = (exp.Query, exp.DML, exp.DDL, exp.Drop, exp.Alter, exp.Pragma, exp.Attach, exp.TruncateTable)


def extract_sql(text: str, dialect: str, *, prefix: str = "") -> str:
    """Give the first statement in `text`, its characters untouched, without fence, prose and semicolon.

    What parses as it stands is given as it stands. A text without any SQL is given back stripped: it fails in the
    guard, and the correcting model sees it. Whether a text is a statement is decided by sqlglot; regular
    expressions only look for places where one may begin.

    Args:
        prefix: what the model's reply was made to begin with, such as `SELECT`; put back unless it was repeated.
    """
    if prefix and not text.lstrip().casefold().startswith(prefix.casefold()) and "```" not in text:
        text = f"{prefix.rstrip()} {text.lstrip()}"
    for whole in (_until_semicolon(text, dialect), _first_statement(text, dialect)):
        if whole and (_parses(whole, dialect) or _is_foreign(whole, dialect)):
            return whole
    blocks = [body for tag, body in _FENCE.findall(text) if tag.casefold() in _TAGS or tag.casefold() == dialect]
    fallback = ""
    for body in (*blocks, text):
        for start in _starts(body):
            if found := _longest_parsing(body[start:], dialect):
                return found
            fallback = fallback or _first_statement(body[start:], dialect)
    return fallback or _FENCE.sub(r"\2", text).strip()


def bare_sql(sql: str, dialect: str) -> str:
    """Give SQL to show to a model, without comments, empty lines and the line breaks in texts."""
    if not any(mark in sql for mark in ("\n", "\r", "--", "/*", "#")):
        return sql
    try:
        tokens = sqlglot.tokenize(sql, read=dialect)
    except SqlglotError:
        return " ".join(sql.split())
    parts: list[str] = []
    end = 0
    for token in tokens:
        between = sql[end : token.start]
        parts.append("\n" if "\n" in between and parts else " " if between and parts else "")
        parts.append(" ".join(sql[token.start : token.end + 1].splitlines()))
        end = token.end + 1
    return "".join(parts)


def _starts(text: str) -> Iterator[int]:
    for pattern in (_AT_LINE, _IN_LINE):
        for match in pattern.finditer(text):
            opened = match.start() if pattern is _AT_LINE and "(" in match.group() else match.start("at")
            yield opened


def _longest_parsing(text: str, dialect: str) -> str:
    """Give the statement at the start of `text`, with trailing lines cut off until it parses; empty if none does."""
    statement = _first_statement(text, dialect)
    lines = statement.splitlines()
    for kept in range(len(lines), max(0, len(lines) - _MOST_CUTS), -1):
        shorter = "\n".join(lines[:kept]).strip()
        if _parses(shorter, dialect):
            return shorter
    return ""


def _first_statement(text: str, dialect: str) -> str:
    """Cut at the end of a fence, then as `_until_semicolon` does; a text that begins with a fence has no statement."""
    return _until_semicolon(text.split("```")[0], dialect)


def _until_semicolon(text: str, dialect: str) -> str:
    """Cut at the first semicolon outside strings and comments."""
    try:
        tokens = sqlglot.tokenize(text, read=dialect)
    except SqlglotError:
        return text.split(";")[0].strip()
    end = next((token.start for token in tokens if token.token_type is TokenType.SEMICOLON), len(text))
    return text[:end].strip()


def _is_foreign(text: str, dialect: str) -> bool:
    """True if what begins like a query parses as one of another dialect: cut shorter, it would be another query."""
    if dialect == "sqlite" or not text[:6].upper().startswith(("SELECT", "WITH")):  # SQLite's takes their quotes too
        return False
    return any(_parses(text, other) for other in FOREIGN if other != dialect)


def _parses(sql: str, dialect: str) -> bool:
    try:
        statements = sqlglot.parse(sql, read=dialect)
    except (SqlglotError, RecursionError):
        return False
    return any(isinstance(found, _STATEMENTS) for found in statements)
