"""The structure of a PostgreSQL database, read from its catalogue: five queries, however many tables there are."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from agentsql.db.cache import Marks, Stamp
from agentsql.db.introspect import fingerprint
from agentsql.db.schema import Column, ForeignKey, Schema, Table

_RELATIONS = """
    SELECT c.oid, n.nspname, c.relname, c.relkind,
           CASE WHEN c.relkind = 'p' THEN (SELECT sum(greatest(l.reltuples, 0)) FROM pg_partition_tree(c.oid) AS t
                                           JOIN pg_class AS l ON l.oid = t.relid WHERE t.isleaf)
                ELSE c.reltuples END,
           obj_description(c.oid, 'pg_class'), CASE WHEN c.relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid) END
    FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE n.nspname = ANY(%(namespaces)s) AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition
      AND has_schema_privilege(n.oid, 'USAGE')
      AND (has_table_privilege(c.oid, 'SELECT') OR has_any_column_privilege(c.oid, 'SELECT'))
      AND NOT EXISTS (SELECT 1 FROM pg_depend AS d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid
                      AND d.deptype = 'e')
"""
"""Tables, partitioned ones as one, views, materialised views and foreign tables; not what belongs to an extension."""
_COLUMNS = """
    SELECT a.attrelid, a.attnum, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attgenerated::text,
           d.description, coalesce(nullif(t.typbasetype, 0), nullif(t.typelem, 0), t.oid)
    FROM pg_attribute AS a JOIN pg_type AS t ON t.oid = a.atttypid
    LEFT JOIN pg_description AS d
           ON d.objoid = a.attrelid AND d.objsubid = a.attnum AND d.classoid = 'pg_class'::regclass
    WHERE a.attrelid = ANY(%(tables)s) AND a.attnum > 0 AND NOT a.attisdropped
      AND (has_table_privilege(a.attrelid, 'SELECT') OR has_column_privilege(a.attrelid, a.attnum, 'SELECT'))
    ORDER BY a.attrelid, a.attnum
"""
_CONSTRAINTS = """
    SELECT contype::text, conrelid, conkey, confrelid, confkey FROM pg_constraint
    WHERE contype IN ('p', 'f') AND conrelid = ANY(%(tables)s) AND conparentid = 0 ORDER BY oid
"""
_ENUMS = "SELECT enumtypid, array_agg(enumlabel::text ORDER BY enumsortorder) FROM pg_enum GROUP BY enumtypid"
_STAMP = """
    SELECT count(*), sum(c.oid::bigint * 31 + hashint8(c.xmin::text::bigint)::bigint) AS relations, (
        SELECT sum(hashint8(a.xmin::text::bigint)::bigint + a.attnum) FROM pg_attribute AS a
        JOIN pg_class AS o ON o.oid = a.attrelid JOIN pg_namespace AS m ON m.oid = o.relnamespace
        WHERE m.nspname = ANY(%(namespaces)s) AND o.relkind IN ('r', 'p', 'v', 'm', 'f') AND a.attnum > 0
    ), (
        SELECT sum(hashint8(d.xmin::text::bigint)::bigint + d.objsubid) FROM pg_description AS d
        WHERE d.classoid = 'pg_class'::regclass AND d.objoid > 16383
    ), (SELECT sum(hashint8(e.xmin::text::bigint)::bigint) FROM pg_enum AS e),
    (SELECT sum(hashint8(k.xmin::text::bigint)::bigint) FROM pg_constraint AS k WHERE k.contype IN ('p', 'f'))
    FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE n.nspname = ANY(%(namespaces)s) AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
"""
"""Every row of the catalogue carries the transaction that wrote it last; VACUUM and ANALYZE write in place."""
_MARKS = """
    SELECT n.nspname, c.relname,
           concat_ws(' ', c.oid, count(*), sum(l.relfilenode::bigint), sum(pg_stat_get_tuples_inserted(l.oid)
                     + pg_stat_get_tuples_updated(l.oid) + pg_stat_get_tuples_deleted(l.oid)))
    FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
    CROSS JOIN LATERAL (SELECT c.oid UNION SELECT relid FROM pg_partition_tree(c.oid) WHERE c.relkind = 'p') AS t (part)
    JOIN pg_class AS l ON l.oid = t.part
    WHERE n.nspname = ANY(%(namespaces)s) AND c.relkind IN ('r', 'p', 'm') AND NOT c.relispartition
    GROUP BY n.nspname, c.relname, c.oid
"""
"""The file of a table is another one after TRUNCATE and REFRESH; a partitioned table's rows are in its leaves."""
_WRITES = """
    SELECT coalesce(sum(s.n_tup_ins + s.n_tup_upd + s.n_tup_del), 0)::bigint, current_date::text
    FROM pg_stat_user_tables AS s WHERE s.schemaname = ANY(%(namespaces)s)
"""
FILLED = """
    SELECT n.nspname FROM pg_namespace AS n
    WHERE n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema' AND has_schema_privilege(n.oid, 'USAGE')
      AND EXISTS (SELECT 1 FROM pg_class AS c WHERE c.relnamespace = n.oid AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
                  AND has_table_privilege(c.oid, 'SELECT'))
    ORDER BY 1
"""
_GROWTH = 1.05
"""Data counts as changed when the rows ever written have grown by this factor, and on a new day."""
_KINDS: dict[str, Literal["table", "view"]] = {"v": "view", "m": "view"}


def read_structure(connection: Any, namespaces: Sequence[str]) -> Schema:
    """Give what the role may read in these schemas, without values but those of enums."""
    relations = connection.execute(_RELATIONS, {"namespaces": list(namespaces)}).fetchall()
    tables = {"tables": [row[0] for row in relations]}
    columns = connection.execute(_COLUMNS, tables).fetchall()
    constraints = connection.execute(_CONSTRAINTS, tables).fetchall()
    enums = dict(connection.execute(_ENUMS).fetchall())
    found = _tables(relations, columns, constraints, enums, namespaces[0])
    return Schema("postgres", found, fingerprint(found), tuple(namespaces))


def read_stamp(connection: Any, namespaces: Sequence[str]) -> Stamp:
    """Give hashes over the rows of the catalogue."""
    row = connection.execute(_STAMP, {"namespaces": list(namespaces)}).fetchone()
    names = ("count", "relations", "columns", "comments", "enums", "keys")
    return {name: str(value or 0) for name, value in zip(names, row, strict=True)}


def read_marks(connection: Any, namespaces: Sequence[str]) -> Marks:
    """Give a mark of each table: which one it is, its files, and the rows ever written to it."""
    rows = connection.execute(_MARKS, {"namespaces": list(namespaces)}).fetchall()
    return {name if schema == namespaces[0] else f"{schema}.{name}": mark for schema, name, mark in rows}


def read_writes(connection: Any, namespaces: Sequence[str]) -> Stamp:
    """Give the day, and how much has been written in all, as steps of a twentieth."""
    written, day = connection.execute(_WRITES, {"namespaces": list(namespaces)}).fetchone()
    return {"written": int(math.log(written + 1, _GROWTH)), "day": day}


def _tables(
    relations: Sequence[Any],
    columns: Sequence[Any],
    constraints: Sequence[Any],
    enums: Mapping[int, Sequence[str]],
    default: str,
) -> tuple[Table, ...]:
    own: dict[int, dict[int, Column]] = defaultdict(dict)
    for table, number, name, kind, required, generated, comment, base in columns:
        labels = tuple(sorted(enums.get(base, ())))
        shown = f"{kind} GENERATED" if generated else kind
        own[table][number] = Column(name, shown, not required, comment or "", labels, bool(labels))
    names = {row[0]: row[2] if row[1] == default else f"{row[1]}.{row[2]}" for row in relations}
    primary: dict[int, tuple[str, ...]] = {}
    foreign: dict[int, list[ForeignKey]] = defaultdict(list)
    for kind, table, key, target, target_key in constraints:
        mine = _named(own[table], key)
        if kind == "p" and mine:
            primary[table] = mine
        elif kind == "f" and mine and target in names and (its := _named(own[target], target_key)):
            foreign[table].append(ForeignKey(mine, names[target], its))
    found = [
        Table(
            name=names[table],
            columns=tuple(own[table].values()),
            primary_key=primary.get(table, ()),
            foreign_keys=tuple(sorted(foreign[table], key=lambda key: (key.columns, key.to_table))),
            comment=comment or "",
            rows=int(count) if count is not None and count >= 0 else None,
            kind=_KINDS.get(kind, "table"),
            namespace="" if namespace == default else namespace,
            definition=definition or "",
            stored=kind == "m",
        )
        for table, namespace, _, kind, count, comment, definition in relations
        if own[table]
    ]
    return tuple(sorted(found, key=lambda table: table.name))


def _named(columns: Mapping[int, Column], numbers: Sequence[int]) -> tuple[str, ...]:
    """Give the names of a key's columns; nothing where one of them may not be read."""
    return tuple(columns[number].name for number in numbers) if all(one in columns for one in numbers) else ()
