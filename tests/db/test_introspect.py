"""What is read of a database's structure and contents, and how fast."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from agentsql.db.introspect import read_structure
from agentsql.db.profile import ProfileBounds, add_profile
from agentsql.db.render import render_schema
from agentsql.db.schema import Column, ForeignKey, Schema
from agentsql.db.sqlite import SQLiteDatabase

_SECONDS_FOR_500_TABLES = 2.0


def _structure(script: str) -> Schema:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(script)
        return read_structure(connection)


def _profiled(script: str, bounds: ProfileBounds) -> Schema:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(script)
        return add_profile(connection, read_structure(connection), bounds)


def _column(schema: Schema, table: str, column: str) -> Column:
    found = next(one for one in schema if one.name == table).column(column)
    assert found is not None
    return found


def test_columns_have_their_declared_types_and_nullability() -> None:
    (table,) = _structure("CREATE TABLE t (a INTEGER NOT NULL, b VARCHAR(20), c, d AS (a + 1))")
    assert table.columns == (
        Column("a", "INTEGER", nullable=False),
        Column("b", "VARCHAR(20)"),
        Column("c", ""),
        Column("d", ""),
    )


def test_a_key_of_several_columns_keeps_its_own_order() -> None:
    (table,) = _structure("CREATE TABLE t (a, b, c, PRIMARY KEY (c, a))")
    assert table.primary_key == ("c", "a")


@pytest.mark.parametrize(
    ("clause", "keys"),
    [
        ("FOREIGN KEY (x) REFERENCES p", (ForeignKey(("x",), "p", ("id",)),)),
        ("FOREIGN KEY (X) REFERENCES P (ID)", (ForeignKey(("x",), "p", ("id",)),)),
        ("FOREIGN KEY (x, y) REFERENCES q (b, a)", (ForeignKey(("x", "y"), "q", ("b", "a")),)),
        ("FOREIGN KEY (x, y) REFERENCES q", (ForeignKey(("x", "y"), "q", ("a", "b")),)),
        ("FOREIGN KEY (x) REFERENCES q", ()),
        ("FOREIGN KEY (x) REFERENCES gone (id)", ()),
        ("FOREIGN KEY (x) REFERENCES t (y)", (ForeignKey(("x",), "t", ("y",)),)),
    ],
)
def test_foreign_keys_name_real_columns_of_tables_that_exist(clause: str, keys: tuple[ForeignKey, ...]) -> None:
    schema = _structure(
        f"CREATE TABLE p (id PRIMARY KEY); CREATE TABLE q (a, b, PRIMARY KEY (a, b));CREATE TABLE t (x, y, {clause})"
    )
    assert schema.tables[2].foreign_keys == keys


def test_odd_names_survive() -> None:
    names = ["two words", 'say "hi"', "it's", "order", "東京", "a]b", "per%cent", "semi;colon"]
    script = ";".join('CREATE TABLE "{0}" ("{0}" TEXT)'.format(name.replace('"', '""')) for name in names)
    schema = _profiled(script, ProfileBounds(3))
    assert [(table.name, table.columns[0].name, table.rows) for table in schema] == [
        (name, name, 0) for name in sorted(names)
    ]


def test_views_are_read_and_a_broken_one_is_left_out(caplog: pytest.LogCaptureFixture) -> None:
    script = "CREATE TABLE t (a); CREATE VIEW v AS SELECT a AS b FROM t; CREATE VIEW bad AS SELECT x FROM gone"
    assert [(table.name, table.kind) for table in _structure(script)] == [("t", "table"), ("v", "view")]
    assert "bad cannot be opened" in caplog.text


def test_the_fingerprint_follows_structure_and_not_data() -> None:
    one = _structure("CREATE TABLE t (a INT)")
    same = _structure("CREATE TABLE t (a INT); INSERT INTO t VALUES (1)")
    other = _structure("CREATE TABLE t (a TEXT)")
    assert one.fingerprint == same.fingerprint != other.fingerprint
    assert len(one.fingerprint) == 64


FRUIT = """
    CREATE TABLE t (id INTEGER PRIMARY KEY, kind TEXT, name TEXT, size REAL, photo BLOB, empty TEXT, long, mixed);
    WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c LIMIT 500)
    INSERT INTO t SELECT n, CASE n % 3 WHEN 0 THEN 'pear' WHEN 1 THEN 'fig' END, 'name ' || (n % 100), n / 2.0,
        zeroblob(9), NULL, hex(zeroblob(400)), CASE n % 2 WHEN 0 THEN n % 4 ELSE 'odd' END FROM c;
"""


def test_few_texts_are_kept_completely_and_many_as_a_sample() -> None:
    schema = _profiled(FRUIT, ProfileBounds(3))
    found = {column.name: (column.values, column.values_complete) for column in schema.tables[0].columns}
    assert schema.tables[0].rows == 500
    assert found == {
        "id": ((1, 2, 3), False),
        "kind": (("fig", "pear"), True),
        "name": (("name 1", "name 2", "name 3"), False),
        "size": ((0.5, 1.0, 1.5), False),
        "photo": ((), False),
        "empty": ((), False),
        "long": ((), False),
        "mixed": ((0, 2, "odd"), False),
    }


def test_a_rare_value_beyond_the_rows_read_is_still_in_a_complete_set() -> None:
    script = FRUIT + "INSERT INTO t (kind) VALUES ('quince');"
    schema = _profiled(script, ProfileBounds(3, rows=100))
    assert _column(schema, "t", "kind").values == ("fig", "pear", "quince")
    assert _column(schema, "t", "kind").values_complete


def test_without_time_the_structure_is_still_there() -> None:
    schema = _profiled(FRUIT, ProfileBounds(3, seconds=0.0))
    assert (schema.tables[0].rows, schema.tables[0].columns[1].values) == (None, ())


def test_a_view_that_never_ends_costs_its_time_and_no_more() -> None:
    started = time.perf_counter()
    schema = _profiled(
        "CREATE TABLE t (a TEXT); INSERT INTO t VALUES ('x');"
        "CREATE VIEW endless AS WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT max(n) FROM c",
        ProfileBounds(3, table_seconds=0.1),
    )
    assert time.perf_counter() - started < 2
    assert [(table.name, table.rows) for table in schema] == [("endless", None), ("t", 1)]
    assert _column(schema, "t", "a").values == ("x",)


def test_five_hundred_tables_are_read_and_rendered_in_two_seconds(
    make_file: Callable[..., Path], open_file: Callable[..., SQLiteDatabase]
) -> None:
    columns = ", ".join(f"column_{number} TEXT" for number in range(10))
    tables = [
        f"CREATE TABLE table_{number} (id INTEGER PRIMARY KEY, {columns}, up INT REFERENCES table_{number // 2});"
        f"INSERT INTO table_{number} (id, column_1, column_2) VALUES (1, 'a', 'b'), (2, 'c', 'b');"
        for number in range(500)
    ]
    database = open_file(make_file("BEGIN;" + "".join(tables) + "COMMIT;"))
    started = time.process_time()
    rendered = render_schema(database.schema(), prompt_tokens=6000, sample_values=3)
    assert time.process_time() - started < _SECONDS_FOR_500_TABLES
    assert len(rendered.tables) + len(rendered.dropped) == 500
