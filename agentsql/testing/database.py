"""The conformance test of a database plugin: what the rest of agentsql relies on, asked of the real thing."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import unquote, urlsplit, urlunsplit

from sqlglot import exp
from sqlglot.dialects.dialect import Dialect

from agentsql.db.connect import Opener, open_database
from agentsql.db.database import Database, Enforced
from agentsql.db.quote import identifier, quote_table, table_source
from agentsql.db.schema import Schema, Table
from agentsql.errors import DatabaseError
from agentsql.settings import DatabaseSettings
from agentsql.types import ExecutionResult, QueryFailure

_TABLES = 20
"""Tables that are read, spread over all."""
_THREADS = 8
_STOPPED_S = 60.0
"""Seconds within which a query with a limit of half a second must be back, on the slowest machine."""
_TEXT = "x" * 100
_MANY_ROWS = " UNION ALL ".join(f"SELECT {number} AS number, '{_TEXT}' AS word" for number in range(30))
_DIGITS = " UNION ALL ".join(f"SELECT {digit} AS i" for digit in range(10))
_ENDLESS = (
    f"WITH d AS ({_DIGITS}) SELECT MAX({' + '.join(f't{n}.i' for n in range(14))}) AS most "
    f"FROM {', '.join(f'd t{n}' for n in range(14))}"
)
"""A hundred million million rows to look at."""


def check_database(opener: Opener, target: str | Path, *, slow_query: str = _ENDLESS) -> Schema:
    """Open a database by a plugin's opener, ask everything of it that agentsql relies on, and give its schema.

    The database needs one table or more; nothing is changed if the plugin is right, so give a database that may be
    changed. Where the plugin has a method `run_behind_second_lock(sql)`, which runs what the guard has not seen, it is
    proven that the connection refuses writes by itself.

    Args:
        opener: what the entry point of the group `agentsql.databases` holds.
        target: a path or URL; its password, if it has one, must appear nowhere.
        slow_query: a query that takes hours, for a dialect that cannot run the usual one.

    Raises:
        AssertionError: something does not fit the contract; the text says how to mend it.
    """
    # The standard library knows no scheme with an underscore, which a plugin's backend may have.
    scheme, separator, rest = str(target).partition("://")
    password = unquote(urlsplit(f"scheme://{rest}").password or "") if scheme and separator else ""
    settings = DatabaseSettings(timeout_s=120.0)
    with TemporaryDirectory() as folder:

        def open_it(limits: DatabaseSettings) -> Database:
            return open_database(target, settings=limits, cache_dir=Path(folder), find_opener=lambda _name: opener)

        database = open_it(settings)
        try:
            _check_names(database, password)
            schema = _check_schema(database)
            _check_enforcement(database)
            _check_queries(database, schema)
            _check_failures(database, schema, password)
            _check_writes(database, schema)
            _check_threads(database)
            _check_stamp(database)
        finally:
            _close_twice(database)
        _check_again(open_it, settings, schema)
        _check_limits(open_it, settings, slow_query)
        _check_missing(opener, target, Path(folder), password)
    return schema


def _check_names(database: Database, password: str) -> None:
    assert isinstance(database.name, str) and database.name, "a database needs a `name`, for messages and file names"
    assert not password or password not in database.name, "`name` holds the password; name the database only"
    try:
        Dialect.get_or_raise(database.dialect)
    except ValueError as exc:
        raise AssertionError(f"`dialect` must be a name that sqlglot knows, not {database.dialect!r}") from exc


def _check_schema(database: Database) -> Schema:
    schema = database.schema()
    assert isinstance(schema, Schema), "schema() must give an agentsql.db.schema.Schema"
    assert schema.dialect == database.dialect, f"the schema says {schema.dialect!r}, the database {database.dialect!r}"
    assert schema.tables, "schema() gave no table; raise DatabaseError of a database without any"
    assert schema.fingerprint, "the schema needs a `fingerprint`; agentsql.db.introspect.fingerprint makes one"
    names = [table.name for table in schema]
    assert names == sorted(names), "the tables must be sorted by name, so that one database gives one prompt"
    assert len(set(names)) == len(names), "two tables have one name; put the schema before those of others, and a dot"
    for table in schema:
        _check_table(schema, table)
    assert database.schema() is schema, "schema() must give the same object until the structure or the data changes"
    return schema


def _check_table(schema: Schema, table: Table) -> None:
    where = f"table {table.name!r}"
    assert table.columns, f"{where} has no column; leave it out"
    for part in table.primary_key:
        assert table.column(part), f"{where}: its primary key names {part!r}, which is none of its columns"
    for key in table.foreign_keys:
        target = schema.table(key.to_table)
        assert target, f"{where}: a foreign key points at {key.to_table!r}, which is not in the schema; leave it out"
        assert len(key.columns) == len(key.to_columns), f"{where}: a foreign key's columns must be pairs"
        for own, other in zip(key.columns, key.to_columns, strict=True):
            assert table.column(own) and target.column(other), f"{where}: no columns {own!r} and {other!r} of a key"
    for column in table.columns:
        try:
            json.dumps(column.values)
        except TypeError as exc:
            raise AssertionError(
                f"{where}: the values of {column.name!r} must be texts and numbers, which JSON can keep: {exc}"
            ) from exc


def _check_enforcement(database: Database) -> None:
    enforced = database.enforcement()
    assert isinstance(enforced, tuple) and all(isinstance(one, Enforced) for one in enforced), (
        "enforcement() must give a tuple of agentsql.db.database.Enforced"
    )
    assert enforced, "enforcement() must say at least whether writes are refused by the connection itself"


def _check_queries(database: Database, schema: Schema) -> None:
    for table in schema.tables[:: max(1, len(schema.tables) // _TABLES)]:
        columns = [exp.column(identifier(column.name, schema.dialect)) for column in table.columns]
        query = exp.select(*columns).from_(table_source(table, schema.dialect)).limit(3)
        sql = query.sql(dialect=schema.dialect)
        failure = database.check(sql)
        assert failure is None, f"check() refuses {sql!r}, a query on all columns of the schema: {failure}"
        result = database.run(sql)
        assert isinstance(result, ExecutionResult), "run() must give an agentsql.types.ExecutionResult"
        assert result.error is None, f"check() passes {sql!r} and run() does not: {result.error}"
        assert result.sql == sql, "the result's `sql` must be the text that was given"
        assert len(result.columns) == len(table.columns), f"{sql!r} gave the columns {result.columns}"
        assert all(len(row) == len(result.columns) for row in result.rows), "each row must be as long as `columns`"


def _check_failures(database: Database, schema: Schema, password: str) -> None:
    table = schema.tables[0]
    name = quote_table(table, schema.dialect)
    wrong = replace(table, name=f"{table.name}_agentsql_missing")
    cases: tuple[tuple[str, str], ...] = (
        (f"SELECT * FROM {quote_table(wrong, schema.dialect)}", "unknown_table"),
        (f"SELECT agentsql_missing_column FROM {name}", "unknown_column"),
        (f"SELECT FROM {name} WHERE WHERE", "syntax"),
    )
    for sql, kind in cases:
        failures = (database.check(sql), database.run(sql).error)
        for asked, failure in zip(("check()", "run()"), failures, strict=True):
            assert isinstance(failure, QueryFailure), f"{asked} must give a QueryFailure for {sql!r}, gave {failure!r}"
            assert failure.kind == kind, f"{asked} says {failure.kind!r} of {sql!r}; it must be {kind!r}: {failure}"
            text = f"{failure.message} {failure.hint}"
            assert not password or password not in text, f"{asked} shows the password: keep it out of messages"
        checked = failures[0]
        assert checked and checked.hint, f"check() must say what would mend {sql!r}, such as the nearest real names"


def _check_writes(database: Database, schema: Schema) -> None:
    table = next((one for one in schema if one.kind == "table"), schema.tables[0])
    name, column = quote_table(table, schema.dialect), identifier(table.columns[0].name, schema.dialect)
    count = f"SELECT COUNT(*) FROM {name}"
    before = database.run(count).rows
    writes = (
        f"DELETE FROM {name}",
        f"UPDATE {name} SET {column.sql(dialect=schema.dialect)} = NULL",
        f"INSERT INTO {name} SELECT * FROM {name}",
        f"DROP TABLE {name}",
        "CREATE TABLE agentsql_made_this (a INTEGER)",
    )
    behind: Callable[[str], ExecutionResult] | None = getattr(database, "run_behind_second_lock", None)
    for sql in writes:
        for failure in (database.check(sql), database.run(sql).error):
            assert failure, f"{sql!r} is not refused: call agentsql.db.guard.read_only_query before anything else"
            assert failure.kind == "refused", f"{sql!r} must be `refused`, not {failure.kind!r}"
        if behind:
            error = behind(sql).error
            assert error, f"the connection itself runs {sql!r}: open it read-only, or in a read-only transaction"
    assert database.run("SELECT 1; SELECT 2").error, "two statements in one text must be refused"
    assert database.run(count).rows == before, f"{name} has other rows than before: a write went through"


def _check_threads(database: Database) -> None:
    sql = "SELECT 7 AS seven"
    found: list[object] = []

    def ask() -> None:
        found.append((database.check(sql), database.run(sql).rows))

    threads = [threading.Thread(target=ask) for _ in range(_THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [(None, ((7,),))] * _THREADS, f"threads that share a database must not disturb each other: {found}"


def _check_stamp(database: Database) -> None:
    stamp = database.data_stamp()
    if stamp is None:
        return
    assert isinstance(stamp, Mapping) and all(isinstance(one, int | str) for one in stamp.values()), (
        "data_stamp() must give texts and whole numbers, or None"
    )
    assert stamp.get("identity"), "data_stamp() needs an `identity`, which tells databases apart, or must be None"
    assert database.data_stamp() == stamp, "data_stamp() must not change while nobody writes"


def _close_twice(database: Database) -> None:
    database.close()
    database.close()


def _check_again(open_it: Callable[[DatabaseSettings], Database], settings: DatabaseSettings, schema: Schema) -> None:
    again = open_it(settings)
    try:
        assert again.schema() == schema, "a second opening gives another schema; read it in a fixed order"
    finally:
        again.close()


def _check_limits(open_it: Callable[[DatabaseSettings], Database], settings: DatabaseSettings, slow_query: str) -> None:
    database = open_it(replace(settings, max_rows=7, max_bytes=1_000_000))
    try:
        result = database.run(_MANY_ROWS)
        assert (len(result.rows), result.truncated) == (7, True), "`max_rows` must bound the rows and set `truncated`"
        result = database.run(_MANY_ROWS, max_rows=30)
        assert (len(result.rows), result.truncated) == (30, False), "run(max_rows=30) must win over the setting"
        started = time.monotonic()
        result = database.run(slow_query, timeout_s=0.5)
        assert result.error and result.error.kind == "timeout", f"a query past its time gave {result.error}"
        assert time.monotonic() - started < _STOPPED_S, "a query must be stopped at its deadline, not when it is done"
        assert database.run("SELECT 1").error is None, "after a query that was stopped the next one must run"
    finally:
        database.close()
    small = open_it(replace(settings, max_bytes=1000))
    try:
        result = small.run(_MANY_ROWS)
        assert result.truncated and len(result.rows) < 15, "`max_bytes` must bound the bytes of the rows that are kept"
    finally:
        small.close()


def _check_missing(opener: Opener, target: str | Path, folder: Path, password: str) -> None:
    if "://" in str(target):
        parts = urlsplit(str(target))
        missing: str | Path = urlunsplit(parts._replace(path=f"{parts.path}_agentsql_missing"))
    else:
        missing = Path(f"{target}_agentsql_missing")
    try:
        open_database(missing, cache_dir=folder, find_opener=lambda _name: opener).close()
    except DatabaseError as problem:
        assert not password or password not in str(problem), "the error of opening shows the password"
        return
    raise AssertionError("a database that is not there must raise agentsql.errors.DatabaseError when it is opened")
