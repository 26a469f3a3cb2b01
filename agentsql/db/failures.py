"""What a model is told about a statement that failed: a kind, a short message and a hint."""

from __future__ import annotations

import re

from agentsql.types import FailureKind, QueryFailure

MESSAGE_CHARS = 300

_ANSI = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")
_PATH = re.compile(r"(?<![\w)\]])(?:[A-Za-z]:)?(?:[/\\][^\s/\\'\":,;()]+){2,}[/\\]?")
_CELL = re.compile(r"(?i)((?:invalid input|invalid text|incorrect \w+ value|out of range|detail)[^:]*:).*")
_SPACE = re.compile(r"[\s\x00-\x1f]+")

_SQLITE: tuple[tuple[str, FailureKind, str], ...] = (
    ("interrupted", "timeout", "read fewer rows: add a filter, join on keys, and end every recursion"),
    ("not authorized", "refused", "use only SELECT on the tables of the schema, with ordinary functions"),
    ("authorization denied", "refused", "the database can only be read: write one SELECT"),
    ("vtable constructor failed", "refused", "use only the tables of the schema"),
    ("prohibited", "refused", "use only the tables of the schema"),
    ("readonly", "refused", "the database can only be read: write one SELECT"),
    ("one statement at a time", "refused", "write exactly one statement"),
    ("no such table", "unknown_table", "use only tables of the schema, spelled as there"),
    ("no such column", "unknown_column", "use only columns of the schema, on the table that has them"),
    ("cannot join using column", "unknown_column", "join with ON and name both columns"),
    ("ambiguous column name", "ambiguous", "put the table or its alias before the column"),
    ("no such function", "other", "use functions SQLite has, such as strftime, substr, instr, round, iif"),
    ("wrong number of arguments", "type", "give the function the arguments it takes"),
    ("misuse of aggregate", "syntax", "an aggregate belongs in SELECT, HAVING or ORDER BY, or in a subquery"),
    ("misuse of window function", "syntax", "put the window function into a subquery and filter outside of it"),
    ("aggregate functions are not allowed", "syntax", "group by plain columns"),
    ("having clause on a non-aggregate", "syntax", "use WHERE, or add GROUP BY"),
    ("group by clause is required", "syntax", "use WHERE, or add GROUP BY"),
    ("same number of result columns", "syntax", "give both sides of the set operation the same columns"),
    ("order by term", "syntax", "order a set operation by a column of its first SELECT"),
    ("order by clause should come after", "syntax", "put ORDER BY after the last SELECT of the set operation"),
    ("limit clause should come after", "syntax", "put LIMIT after the last SELECT of the set operation"),
    ("sub-select returns", "syntax", "let the subquery give exactly one column"),
    ("row value misused", "syntax", "compare single columns"),
    ("binding", "syntax", "write the value itself in place of a placeholder"),
    ("syntax error", "syntax", "mend the statement near the place named"),
    ("incomplete input", "syntax", "the statement stops too early: close what it opens"),
    ("unrecognized token", "syntax", "remove or quote the token"),
    ("null character", "syntax", "remove the NUL character"),
    ("datatype mismatch", "type", "compare values of one type; CAST where needed"),
    ("malformed json", "type", "the column holds no JSON: do not use JSON functions on it"),
    ("integer overflow", "type", "use CAST(... AS REAL) or total() in place of sum()"),
    ("too big", "other", "a cell is too large to read: select less of it, with substr or length"),
    ("database is locked", "other", "another program is writing: try again"),
)


def error_for_model(message: str) -> str:
    """Give one line a model may read: no ANSI codes, no paths, no cell contents, at most 300 characters."""
    plain = _CELL.sub(r"\1 ...", _ANSI.sub("", message))
    line = _SPACE.sub(" ", _PATH.sub("(path)", plain)).strip()
    return line if len(line) <= MESSAGE_CHARS else line[: MESSAGE_CHARS - 3] + "..."


def sqlite_failure(message: str) -> QueryFailure:
    """Sort a message of SQLite's into a kind, with the hint that goes with it."""
    folded = message.casefold()
    for part, kind, hint in _SQLITE:
        if part in folded:
            return QueryFailure(kind, error_for_model(message), hint)
    return QueryFailure("other", error_for_model(message))
