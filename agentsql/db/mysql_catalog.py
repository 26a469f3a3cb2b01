"""The structure of MySQL and MariaDB databases from `information_schema`: four queries for all tables together."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from agentsql.db.cache import Marks, Stamp
from agentsql.db.introspect import fingerprint
from agentsql.db.quote import quote_identifier
from agentsql.db.schema import Column, ForeignKey, Schema, Table
from agentsql.db.server_backend import with_known_keys

_TABLES = """
    SELECT table_schema, table_name, table_type, table_rows, table_comment FROM information_schema.tables
    WHERE table_schema IN %(namespaces)s AND table_type IN ('BASE TABLE', 'VIEW', 'SYSTEM VERSIONED')
"""
_VIEWS = """
    SELECT table_schema, table_name, view_definition FROM information_schema.views
    WHERE table_schema IN %(namespaces)s
"""
"""The definition is empty where the user lacks SHOW VIEW."""
_COLUMNS = """
    SELECT table_schema, table_name, column_name, column_type, is_nullable, extra, column_comment, data_type
    FROM information_schema.columns WHERE table_schema IN %(namespaces)s
    ORDER BY table_schema, table_name, ordinal_position
"""
_KEYS = """
    SELECT table_schema, table_name, constraint_name, column_name, referenced_table_schema, referenced_table_name,
           referenced_column_name
    FROM information_schema.key_column_usage
    WHERE table_schema IN %(namespaces)s AND (constraint_name = 'PRIMARY' OR referenced_table_name IS NOT NULL)
    ORDER BY table_schema, table_name, constraint_name, ordinal_position
"""
_JSON = """
    SELECT constraint_schema, table_name, check_clause FROM information_schema.check_constraints
    WHERE constraint_schema IN %(namespaces)s AND check_clause LIKE 'json_valid(%%'
"""
"""MariaDB keeps JSON as a text with a check."""
_STAMP = """
    SELECT count(*), coalesce(sum(crc32(concat_ws('|', table_schema, table_name, column_name, ordinal_position,
                                                  column_type, is_nullable, column_key, extra, column_comment))), 0)
    FROM information_schema.columns WHERE table_schema IN %(namespaces)s
"""
_COMMENTS = """
    SELECT coalesce(sum(crc32(concat_ws('|', table_schema, table_name, table_type, table_comment))), 0)
    FROM information_schema.tables WHERE table_schema IN %(namespaces)s
"""
_DEFINITIONS = """
    SELECT coalesce(sum(crc32(concat_ws('|', table_schema, table_name, view_definition))), 0)
    FROM information_schema.views WHERE table_schema IN %(namespaces)s
"""
_MARKS = """
    SELECT table_schema, table_name, concat_ws(' ', create_time, coalesce(update_time, concat('rows ', table_rows)))
    FROM information_schema.tables
    WHERE table_schema IN %(namespaces)s AND table_type <> 'VIEW' AND create_time IS NOT NULL
"""
_SIZE = """
    SELECT coalesce(sum(table_rows), 0), cast(current_date AS char)
    FROM information_schema.tables WHERE table_schema IN %(namespaces)s
"""
FILLED = """
    SELECT DISTINCT table_schema FROM information_schema.tables
    WHERE table_schema NOT IN ('information_schema', 'mysql', 'performance_schema', 'sys') ORDER BY 1
"""
_GROWTH = 1.25
"""Data counts as changed when the estimated rows have grown by this factor, and on a new day; estimates waver."""
_LABELS = re.compile(r"'((?:[^']|'')*)'")
_JSON_COLUMN = re.compile(r"json_valid\(`((?:[^`]|``)*)`\)\Z")
_WRITES = frozenset(
    "ALL PRIVILEGES,INSERT,UPDATE,DELETE,CREATE,DROP,ALTER,INDEX,FILE,SUPER,EXECUTE,TRIGGER,EVENT,SHUTDOWN,RELOAD,"
    "CREATE USER,GRANT OPTION,CREATE ROUTINE,ALTER ROUTINE,CREATE VIEW,LOCK TABLES".split(",")
)


def read_structure(connection: Any, namespaces: Sequence[str]) -> Schema:
    """Give what the user may read in these databases, without values but those of enums and sets."""
    tables = _rows(connection, _TABLES, namespaces)
    definitions = {(schema, name): text for schema, name, text in _rows(connection, _VIEWS, namespaces)}
    columns: dict[tuple[str, str], list[Column]] = defaultdict(list)
    json_columns = _json_columns(connection, namespaces)
    for schema, table, name, kind, nullable, extra, comment, data_type in _rows(connection, _COLUMNS, namespaces):
        labels = _labels(kind) if data_type in ("enum", "set") else ()
        shown = "json" if (schema, table, name) in json_columns else _without_labels(kind) if labels else kind
        if "GENERATED" in extra.upper() and "DEFAULT_GENERATED" not in extra.upper():
            shown += " GENERATED"
        complete = bool(labels) and data_type == "enum"
        columns[schema, table].append(Column(name, shown, nullable == "YES", comment or "", labels, complete))
    primary, foreign = _keys(connection, namespaces)
    default = namespaces[0]
    found = [
        Table(
            name=_named(schema, name, default),
            columns=tuple(columns[schema, name]),
            primary_key=tuple(primary[schema, name]),
            foreign_keys=tuple(sorted(foreign[schema, name], key=lambda key: (key.columns, key.to_table))),
            comment="" if kind == "VIEW" else comment or "",
            rows=None if kind == "VIEW" or rows is None else int(rows),
            kind="view" if kind == "VIEW" else "table",
            namespace="" if schema == default else schema,
            definition=definitions.get((schema, name)) or "",
        )
        for schema, name, kind, rows, comment in tables
        if columns[schema, name]
    ]
    known = with_known_keys(found)
    return Schema("mysql", known, fingerprint(known), tuple(namespaces))


def read_stamp(connection: Any, namespaces: Sequence[str]) -> Stamp:
    """Give checksums of what the catalogue says of columns and tables."""
    ((count, columns),) = _rows(connection, _STAMP, namespaces)
    ((comments,),) = _rows(connection, _COMMENTS, namespaces)
    ((views,),) = _rows(connection, _DEFINITIONS, namespaces)
    return {"count": int(count), "columns": str(columns), "tables": str(comments), "views": str(views)}


def read_marks(connection: Any, namespaces: Sequence[str]) -> Marks:
    """Give a mark of each table: when it was made or altered and when written, to the second.

    Where a restart made the server forget the latter, its estimated rows stand in. MySQL 8 looks anew once a day only.
    """
    return {
        _named(schema, name, namespaces[0]): str(mark) for schema, name, mark in _rows(connection, _MARKS, namespaces)
    }


def read_size(connection: Any, namespaces: Sequence[str]) -> Stamp:
    """Give the day, and how many rows there are, as steps of a quarter."""
    ((rows, day),) = _rows(connection, _SIZE, namespaces)
    return {"rows": int(math.log(float(rows) + 1, _GROWTH)), "day": str(day)}


def privileges_to_write(connection: Any) -> tuple[str, ...]:
    """Give the privileges by which the user could write or reach out if nothing else stopped it."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW GRANTS FOR CURRENT_USER()")
        grants = [str(row[0]) for row in cursor.fetchall()]
    found: dict[str, None] = {}
    for grant in grants:
        listed, _, place = grant.removeprefix("GRANT ").partition(" ON ")
        where = place.partition(" TO ")[0].replace("`", "")
        for privilege in (re.sub(r"\s*\(.*", "", part).strip().upper() for part in listed.split(", ")):
            if place and privilege in _WRITES:
                found[privilege if privilege == "FILE" else f"{privilege} on {where}"] = None
    return tuple(found)


def reader_grants(namespaces: Sequence[str]) -> tuple[str, ...]:
    """Give the statements that make a user who can read these databases and do nothing else."""
    names = [quote_identifier(name, "mysql", always=True) for name in namespaces]
    return (
        "CREATE USER 'agentsql_reader'@'%' IDENTIFIED BY '...'",
        *(f"GRANT SELECT, SHOW VIEW ON {name}.* TO 'agentsql_reader'@'%'" for name in names),
    )


def _rows(connection: Any, sql: str, namespaces: Sequence[str]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute("SET SESSION sql_select_limit = DEFAULT")
        cursor.execute(sql, {"namespaces": tuple(namespaces)})
        return list(cursor.fetchall())


def _json_columns(connection: Any, namespaces: Sequence[str]) -> set[tuple[str, str, str]]:
    if "mariadb" not in str(connection.get_server_info()).casefold():
        return set()
    found = set()
    for schema, table, clause in _rows(connection, _JSON, namespaces):
        if match := _JSON_COLUMN.match(clause):
            found.add((schema, table, match[1].replace("``", "`")))
    return found


def _keys(
    connection: Any, namespaces: Sequence[str]
) -> tuple[dict[tuple[str, str], list[str]], dict[tuple[str, str], list[ForeignKey]]]:
    primary: dict[tuple[str, str], list[str]] = defaultdict(list)
    pairs: dict[tuple[str, str, str, str, str], list[tuple[str, str]]] = defaultdict(list)
    for schema, table, name, column, to_schema, to_table, to_column in _rows(connection, _KEYS, namespaces):
        if to_table is None:
            primary[schema, table].append(column)
        elif to_schema in namespaces:
            pairs[schema, table, name, to_schema, to_table].append((column, to_column))
    foreign: dict[tuple[str, str], list[ForeignKey]] = defaultdict(list)
    for (schema, table, _, to_schema, to_table), columns in pairs.items():
        own, its = zip(*columns, strict=True)
        foreign[schema, table].append(ForeignKey(own, _named(to_schema, to_table, namespaces[0]), its))
    return primary, foreign


def _named(schema: str, table: str, default: str) -> str:
    return table if schema == default else f"{schema}.{table}"


def _labels(column_type: str) -> tuple[str, ...]:
    return tuple(sorted(label.replace("''", "'") for label in _LABELS.findall(column_type)))


def _without_labels(column_type: str) -> str:
    return column_type.partition("(")[0]
