"""What a model is told about a statement that DuckDB refused."""

from __future__ import annotations

import re

from agentsql.db.failures import error_for_model
from agentsql.types import FailureKind, QueryFailure

_PREFIX = re.compile(r"^[A-Za-z ]+ Error: ")
_PLACE = re.compile(r"\s*\n\s*LINE \d+:.*", re.DOTALL)
_ADVICE = re.compile(r"\s*\n\s*\n?(Possible solutions|Candidate functions|\* ).*", re.DOTALL)
_CELL = re.compile(r"""(string|value|from|field format:|Malformed JSON[^:]*:) ?(?:'.*?'|".*?")""", re.IGNORECASE)

_WITH_CELLS = ("ConversionException", "InvalidInputException", "OutOfRangeException", "ValueError")
"""Errors that come while rows are read, and quote them."""
_READ_ONLY = "the database can only be read: write one SELECT"
_SMALLER = "read fewer rows: add a filter, join on keys, aggregate earlier, and make no long lists or texts"
_BY_CLASS: dict[str, tuple[FailureKind, str]] = {
    "InterruptException": ("timeout", "read fewer rows: add a filter, join on keys, and end every recursion"),
    "PermissionException": ("refused", "use only SELECT on the tables of the schema, with ordinary functions"),
    "ParserException": ("syntax", "mend the statement near the place named"),
    "SyntaxException": ("syntax", "mend the statement near the place named"),
    "OutOfMemoryException": ("other", _SMALLER),
    "MemoryError": ("other", _SMALLER),
    "ConversionException": ("type", "use TRY_CAST, or compare values of one type"),
    "OutOfRangeException": ("type", "use a wider type: CAST(... AS DOUBLE) or HUGEINT"),
    "TypeMismatchException": ("type", "compare values of one type; CAST where needed"),
    "InvalidTypeException": ("type", "compare values of one type; CAST where needed"),
    "ConnectionException": ("other", "open the database again"),
    "IOException": ("other", "open the database again"),
}
_BY_TEXT: tuple[tuple[str, FailureKind, str], ...] = (
    ("read-only mode", "refused", _READ_ONLY),
    ("file system operations are disabled", "refused", "use only the tables of the schema"),
    ("configuration has been locked", "refused", _READ_ONLY),
    ("too big to read", "other", "a cell is too large to read: select less of it, with substring or length"),
    ("maximum allowed", "other", _SMALLER),
    ("ambiguous reference", "ambiguous", "put the table or its alias before the column"),
    ("table with name", "unknown_table", "use only tables of the schema, spelled as there"),
    ("referenced table", "unknown_table", "use a table or alias of the FROM"),
    ("referenced column", "unknown_column", "use only columns of the schema, on the table that has them"),
    ("does not have a column named", "unknown_column", "use only columns of the schema, on the table that has them"),
    ("function with name", "other", "use functions DuckDB has, such as strftime, substring, date_trunc, list, median"),
    ("no function matches", "type", "give the function the arguments it takes; CAST where needed"),
    ("cannot compare values", "type", "compare values of one type; CAST where needed"),
    ("must appear in the group by", "syntax", "group by every plain column of the SELECT, or use any_value()"),
    ("aggregate", "syntax", "an aggregate belongs in SELECT, HAVING or ORDER BY, or in a subquery"),
    ("parameters", "syntax", "write the value itself in place of a placeholder"),
    ("more than one row returned", "syntax", "let the subquery give one row: aggregate it, or use IN"),
    ("max expression depth", "syntax", "write it flatter: use IN, or a list of values"),
)


def duckdb_failure(error: str, message: str, *, timeout_s: float) -> QueryFailure:
    """Sort an exception of DuckDB's, by its class and its message, into a kind with the hint that goes with it."""
    plain = _PREFIX.sub("", _ADVICE.sub("", _PLACE.sub("", message)))
    if error in _WITH_CELLS:
        plain = _CELL.sub(r"\1 ...", plain)
    if error == "InterruptException":
        plain = f"the query passed its {timeout_s:g} s limit and was stopped"
    plain = error_for_model(plain)
    folded = plain.casefold()
    by_class = _BY_CLASS.get(error)
    by_text = next(((kind, hint) for part, kind, hint in _BY_TEXT if part in folded), None)
    if error == "BinderException":
        by_text = by_text or ("syntax", "mend the expression named")
    first, second = (by_class, by_text) if error in ("InterruptException", "ParserException") else (by_text, by_class)
    kind, hint = first or second or ("other", "")
    return QueryFailure(kind, plain, hint)
