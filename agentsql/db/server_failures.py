"""The error codes of database servers, sorted into kinds of failures."""

from __future__ import annotations

from sqlalchemy import URL
from sqlalchemy.exc import DBAPIError, NoSuchModuleError

from agentsql.db.failures import error_for_model
from agentsql.types import FailureKind, QueryFailure

_SLOW = "read fewer rows: add a filter, join on keys, and end every recursion"
_READ_ONLY = "the database can only be read: write one SELECT"
_NAMES = "use only tables of the schema, spelled as there"
_COLUMNS = "use only columns of the schema, on the table that has them"
_ALIAS = "put the table or its alias before the column"
_MEND = "mend the statement near the place named"
_TYPES = "compare values of one type; CAST where needed"
_GROUP = "name every plain column of SELECT and ORDER BY in GROUP BY, or aggregate it"
_LOST = "try again; if that fails too, see that the server runs"

_Sorted = tuple[FailureKind, str]

_SQLSTATES: dict[str, _Sorted] = {
    "42P01": ("unknown_table", _NAMES),
    "3F000": ("unknown_table", _NAMES),
    "42703": ("unknown_column", _COLUMNS),
    "42P10": ("unknown_column", _COLUMNS),
    "42702": ("ambiguous", _ALIAS),
    "42725": ("type", "CAST the arguments, so that one function fits"),
    "42883": ("type", "use a function or operator that the database has, and CAST its arguments to the types it takes"),
    "42803": ("syntax", _GROUP),
    "42P20": ("syntax", "put the window function into a subquery and filter outside of it"),
    "42804": ("type", _TYPES),
    "42846": ("type", _TYPES),
    "22P02": ("type", _TYPES),
    "22007": ("type", "write dates as 'YYYY-MM-DD'"),
    "22008": ("type", "write dates as 'YYYY-MM-DD'"),
    "22012": ("other", "divide by NULLIF(x, 0)"),
    "57014": ("timeout", _SLOW),
    "55P03": ("timeout", "another program holds a lock on the table: try again"),
    "40P01": ("other", "another program holds a lock on the table: try again"),
    "25006": ("refused", _READ_ONLY),
    "42501": ("refused", "use only the tables of the schema, with ordinary functions"),
    "0A000": ("syntax", "write it without what is not supported"),
    "42P11": ("refused", _READ_ONLY),
    "53100": ("other", "the server's disk is full: read and sort fewer rows, or tell its administrator"),
    "53200": ("other", "the server is out of memory: read and sort fewer rows"),
    "53300": ("other", "the server has no connection left: try again later"),
}
_CLASSES: dict[str, _Sorted] = {
    "08": ("other", _LOST),
    "57": ("other", _LOST),
    "42": ("syntax", _MEND),
    "22": ("type", _TYPES),
    "54": ("syntax", "write it simpler, with fewer joins and columns"),
}
_MYSQL: dict[int, _Sorted] = {
    1146: ("unknown_table", _NAMES),
    1109: ("unknown_table", _NAMES),
    1049: ("unknown_table", _NAMES),
    1051: ("unknown_table", _NAMES),
    1054: ("unknown_column", _COLUMNS),
    1052: ("ambiguous", _ALIAS),
    1060: ("ambiguous", "give the columns of a subquery different names"),
    1064: ("syntax", _MEND),
    1149: ("syntax", _MEND),
    1055: ("syntax", _GROUP),
    1056: ("syntax", "group by plain columns"),
    1111: ("syntax", "an aggregate belongs in SELECT, HAVING or ORDER BY, or in a subquery"),
    1140: ("syntax", _GROUP),
    1222: ("syntax", "give both sides of the set operation the same columns"),
    1241: ("syntax", "let the subquery give exactly one column"),
    1242: ("other", "let the subquery give at most one row: use IN, or LIMIT 1"),
    1248: ("syntax", "give every subquery in FROM an alias"),
    1066: ("syntax", "give each table of the FROM another alias"),
    1305: ("other", "use functions the database has"),
    1582: ("type", "give the function the arguments it takes"),
    1292: ("type", _TYPES),
    1267: ("type", "the texts have different collations: use COLLATE"),
    1690: ("type", "the number is too large: CAST it to DECIMAL or DOUBLE"),
    1365: ("other", "divide by NULLIF(x, 0)"),
    1317: ("timeout", _SLOW),
    1969: ("timeout", _SLOW),
    3024: ("timeout", _SLOW),
    1205: ("timeout", "another program holds a lock on the table: try again"),
    1792: ("refused", _READ_ONLY),
    1290: ("refused", _READ_ONLY),
    1044: ("refused", _NAMES),
    1142: ("refused", _NAMES),
    1143: ("refused", _COLUMNS),
    1227: ("refused", "use only the tables of the schema, with ordinary functions"),
    1370: ("refused", "use only ordinary functions"),
    1021: ("other", "the server's disk is full: read and sort fewer rows, or tell its administrator"),
    1040: ("other", "the server has no connection left: try again later"),
    2006: ("other", _LOST),
    2013: ("other", _LOST),
}


def postgres_failure(state: str, message: str, timeout_s: float) -> QueryFailure:
    """Sort a SQLSTATE with its message."""
    return _failure(_SQLSTATES.get(state) or _CLASSES.get(state[:2]), message, timeout_s)


def mysql_failure(number: int, message: str, timeout_s: float) -> QueryFailure:
    """Sort an error number of MySQL's or MariaDB's with its message."""
    return _failure(_MYSQL.get(number), message, timeout_s)


def lost_failure(name: str) -> QueryFailure:
    """Say that the server ended the connection while a query ran, or cannot be reached."""
    return QueryFailure("other", f"the connection to the database server of {name!r} was lost", _LOST)


def _failure(found: _Sorted | None, message: str, timeout_s: float) -> QueryFailure:
    kind, hint = found or ("other", "")
    if kind == "timeout" and hint == _SLOW:
        return QueryFailure(kind, f"the query passed its {timeout_s:g} s limit and was stopped", hint)
    return QueryFailure(kind, error_for_model(message), hint)


def said_by_driver(problem: Exception, url: URL) -> str:
    """Give the driver's own words on one line, without the password, wherever a driver may have put it."""
    if isinstance(problem, NoSuchModuleError):
        return f"no SQLAlchemy dialect for it is installed ({url.drivername})"
    said = str(problem.orig if isinstance(problem, DBAPIError) and problem.orig else problem)
    for secret in filter(None, (url.password, *(v for k, v in url.query.items() if "pass" in k or "token" in k))):
        said = said.replace(str(secret), "***")
    return error_for_model(said)
