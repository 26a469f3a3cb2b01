"""Makes the file of a value index: reads the distinct texts of a database's columns, within bounds.

The work is kept in a `.part` file, a transaction a column, so that a process that ends early loses one column at most.
"""

from __future__ import annotations

import logging
import re
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Protocol

from sqlglot import exp

from agentsql.db.quote import table_source
from agentsql.db.schema import Column, Schema, Table
from agentsql.db.value_index import LONGEST_TEXT, SHORTEST_FUZZY
from agentsql.db.words import value_key
from agentsql.settings import ValueSettings
from agentsql.types import ExecutionResult

logger = logging.getLogger(__name__)

FORMAT = 1
"""Raised when the file's layout or the way texts are folded changes; files of another format are made anew."""
_NO_TEXT = re.compile(
    r"int|real|floa|doub|num|dec|bool|date|time|blob|binary|bytea|json|xml|uuid|money|serial|bit", re.I
)
"""Declared types of columns that are not read; a question names no value of them by words."""
_COLUMN_S = 10.0
"""Seconds one column may take; one that takes longer is not known at all."""
_FEW = 2000
"""Texts up to which every column is read before a larger one is, because questions filter by those; then ten times
that. A column of more order numbers or sentences is left out: each is one row's, and a question writes it in full."""
_JUDGED = 100
"""Texts of a large column that are looked at for that."""
_LONG_CODE = 16
"""Characters of a hash, a UUID or a token; a column of them is left out however small."""
_FUZZY_KEY = 60
"""Characters; longer keys are found as they are written only."""
_PROSE_WORDS = 12
"""A sample of more words than that is a sentence."""
_INITIALS_TEXTS = 1000
"""A column with more texts than that gets no initials: `js` would be one of a hundred people."""


class Run(Protocol):
    """`Database.run`."""

    def __call__(self, sql: str, *, max_rows: int | None = None, timeout_s: float | None = None) -> ExecutionResult: ...


def text_columns(schema: Schema, exclude: str) -> Iterator[tuple[Table, Column]]:
    """Give the columns to index, those of small tables first; views repeat their tables and are left out."""
    patterns = exclude_patterns(exclude)
    tables = [table for table in schema if table.kind == "table"]
    for table in sorted(tables, key=lambda one: (one.rows is None, one.rows or 0, one.name)):
        for column in table.columns:
            if _may_hold_text(column) and not is_excluded(table.name, column.name, patterns):
                yield table, column


def exclude_patterns(exclude: str) -> tuple[str, ...]:
    """Split the setting into its patterns, folded; one without a dot is a table."""
    parts = [part.strip().casefold() for part in exclude.split(",")]
    return tuple(part if "." in part else f"{part}.*" for part in parts if part)


def is_excluded(table: str, column: str, patterns: tuple[str, ...]) -> bool:
    """True if a pattern of `exclude_patterns` fits the column."""
    name = f"{table}.{column}".casefold()
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def build_values(
    part: Path,
    schema: Schema,
    run: Run,
    settings: ValueSettings,
    *,
    stopped: Callable[[], bool] = lambda: False,
) -> bool:
    """Read what `part` does not hold yet and make an index file of it; False if it was stopped before it was done.

    Args:
        part: the unfinished file, perhaps of an earlier run on the same data; it is created for its owner only.
        run: runs one query through both locks.
        stopped: asked between columns.

    Raises:
        OSError, sqlite3.Error: the file cannot be written.
    """
    part.touch(mode=0o600, exist_ok=True)
    with closing(sqlite3.connect(part, isolation_level=None)) as file:
        file.executescript(_LAYOUT)
        _Reader(file, schema, run, settings, stopped).read()
        if stopped():
            return False
        _finish(file)
    return True


_LAYOUT = """
PRAGMA synchronous = OFF;
PRAGMA cache_size = -65536;
CREATE TABLE IF NOT EXISTS columns
    (id INTEGER PRIMARY KEY, table_name TEXT, column_name TEXT, complete INTEGER, texts INTEGER);
CREATE TABLE IF NOT EXISTS cells (id INTEGER PRIMARY KEY, key TEXT, column_id INTEGER, text TEXT, initials TEXT);
"""
_FINISH = """
CREATE INDEX cells_by_key ON cells (key, column_id);
CREATE INDEX cells_by_initials ON cells (initials) WHERE initials IS NOT NULL;
"""
_ENDINGS = f"""
CREATE TABLE endings (ending TEXT PRIMARY KEY) WITHOUT ROWID;
INSERT INTO endings SELECT DISTINCT backwards(key) FROM cells
    WHERE length(key) BETWEEN {SHORTEST_FUZZY} AND {_FUZZY_KEY} AND key GLOB '*[^0-9 ]*' ORDER BY 1;
"""


class _Reader:
    def __init__(
        self, file: sqlite3.Connection, schema: Schema, run: Run, settings: ValueSettings, stopped: Callable[[], bool]
    ) -> None:
        self._file = file
        self._schema = schema
        self._run = run
        self._settings = settings
        self._stopped = stopped
        self._ends = time.monotonic() + settings.seconds
        self._is_short: dict[str, bool] = {}

    def read(self) -> None:
        """Read the columns with few texts, then larger ones, until all are read or a bound is reached."""
        done = set(self._file.execute("SELECT table_name, column_name FROM columns"))
        left = [
            one for one in text_columns(self._schema, self._settings.exclude) if (one[0].name, one[1].name) not in done
        ]
        most = self._settings.distinct
        for limit in sorted({min(_FEW, most), min(10 * _FEW, most), most}):
            larger = []
            for table, column in left:
                if self._stopped() or self._is_spent():
                    return
                if not self._read_column(table, column, limit):
                    larger.append((table, column))
            left = larger

    def _is_spent(self) -> bool:
        (pages,) = self._file.execute("PRAGMA page_count").fetchone()
        (page_bytes,) = self._file.execute("PRAGMA page_size").fetchone()
        if time.monotonic() < self._ends and pages * page_bytes < self._settings.megabytes * 1_000_000:
            return False
        logger.info("not all values are indexed: [values] seconds or megabytes is reached")
        return True

    def _read_column(self, table: Table, column: Column, limit: int) -> bool:
        """Store the column's texts, unless it is of no use; False if it has more than `limit` and may have them."""
        if column.values_complete:
            texts, truncated, failed = [str(value) for value in column.values], False, False
        else:
            timeout_s = max(0.1, min(_COLUMN_S, self._ends - time.monotonic()))
            result = self._run(self._query(table, column, limit), max_rows=limit, timeout_s=timeout_s)
            texts = [row[0] for row in result.rows if isinstance(row[0], str)]
            truncated, failed = result.truncated, result.error is not None
        if truncated and limit < self._settings.distinct:
            return all(_is_code(text, 1) or _is_prose(text) for text in texts[:_JUDGED])
        if failed:
            logger.debug("no values of %s.%s: reading it took too long or failed", table.name, column.name)
            return True
        read_whole = column.values_complete or self._is_read_whole(table)
        self._store(table, column, [text for text in texts if len(text) <= LONGEST_TEXT], read_whole and not truncated)
        return True

    def _is_read_whole(self, table: Table) -> bool:
        """True if the table has no more rows than are read; counted here where reading the schema had no time to."""
        if table.rows is not None:
            return table.rows <= self._settings.rows
        if table.name not in self._is_short:
            source = table_source(table, self._schema.dialect)
            rows = exp.select("1").from_(source).limit(self._settings.rows + 1).subquery("cells")
            sql = exp.select(exp.Count(this=exp.Star())).from_(rows).sql(dialect=self._schema.dialect)
            counted = self._run(sql, max_rows=1, timeout_s=_COLUMN_S).rows
            self._is_short[table.name] = bool(counted) and int(str(counted[0][0])) <= self._settings.rows
        return self._is_short[table.name]

    def _query(self, table: Table, column: Column, limit: int) -> str:
        name = exp.column(exp.to_identifier(column.name, quoted=True))
        source = table_source(table, self._schema.dialect)
        cells = exp.select(name.copy()).from_(source).limit(self._settings.rows).subquery("cells")
        query = exp.select(name.copy()).distinct().from_(cells).where(exp.Length(this=name.copy()) <= LONGEST_TEXT)
        return query.limit(limit + 1).sql(dialect=self._schema.dialect)

    def _store(self, table: Table, column: Column, texts: list[str], complete: bool) -> None:
        file = self._file
        with_initials = len(texts) <= _INITIALS_TEXTS
        file.execute("BEGIN")
        identity = file.execute(
            "INSERT INTO columns (table_name, column_name, complete, texts) VALUES (?, ?, ?, ?)",
            (table.name, column.name, complete, len(texts)),
        ).lastrowid
        file.executemany(
            "INSERT INTO cells (key, column_id, text, initials) VALUES (?, ?, ?, ?)",
            ((value_key(text), identity, text, _initials(text) if with_initials else None) for text in texts),
        )
        file.execute("COMMIT")


def _may_hold_text(column: Column) -> bool:
    """False for a column of numbers, or of nothing but prose or long codes as far as its samples show."""
    if _NO_TEXT.search(column.type):
        return False
    texts = [value for value in column.values if isinstance(value, str)]
    return any(not (_is_code(text, _LONG_CODE) or _is_prose(text)) for text in texts) or not column.values


def _is_code(text: str, least: int) -> bool:
    """True for one word of at least that many characters, digits among them: a hash, a UUID, an order number."""
    return len(text) >= least and " " not in text and any(map(str.isdigit, text))


def _is_prose(text: str) -> bool:
    return len(text.split()) > _PROSE_WORDS


def _initials(text: str) -> str | None:
    """Give the first letters of two to five words, without the small ones between them."""
    words = [word for word in value_key(text).split() if word not in ("of", "the", "and", "de", "la", "for")]
    return "".join(word[0] for word in words) if 2 <= len(words) <= 5 and all(map(str.isalpha, words)) else None


def _finish(file: sqlite3.Connection) -> None:
    file.create_function("backwards", 1, lambda key: key[::-1], deterministic=True)
    file.executescript(_FINISH + _ENDINGS)
