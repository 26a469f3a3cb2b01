"""Spider's test suite: a prediction must give the gold's rows on every distilled variant of a database."""

from __future__ import annotations

import sqlite3
import tarfile
import tempfile
from collections.abc import Sequence
from contextlib import closing
from functools import lru_cache
from pathlib import Path

from sqlglot import TokenType, tokenize
from sqlglot.errors import SqlglotError

from agentsql.db.connections import read_only_uri
from agentsql.db.lock import Deadline, locked
from agentsql.evaluation.metrics import result_match
from agentsql.folders import cache_folder

QUERY_TIMEOUT_S = 30.0
_CELL_BYTES = 64 * 1024 * 1024
"""Of the largest cell that is read, so that a query cannot fill the memory with one."""


def suite_folder(archive: Path) -> Path:
    """Give the folder with a folder of databases for each db_id, unpacked from `archive` on its first use.

    It lies in the user's cache folder, under a name of the archive's size and time.

    Raises:
        FileNotFoundError: there is no such archive.
    """
    made = archive.stat()
    folder = cache_folder() / "benchmarks" / f"{archive.parent.name}-{made.st_size}-{int(made.st_mtime)}"
    if folder.is_dir():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as unfinished:
        whole = Path(unfinished) / "whole"
        with tarfile.open(archive) as packed:
            packed.extractall(whole, filter="data")
        if not folder.is_dir():  # another process may have been faster
            whole.replace(folder)
    return folder


def suite_match(gold_sql: str, predicted_sql: str, databases: Sequence[Path], *, keep_distinct: bool = False) -> bool:
    """True if both queries give matching rows on every database; False where the prediction fails on one.

    Args:
        databases: SQLite files of one schema; the source takes all of a folder.
        keep_distinct: compare the queries as written. The source by default strips DISTINCT from both.

    Raises:
        sqlite3.Error: the gold fails.

    Source: taoyds/test-suite-sql-eval, exec_eval.py, `eval_exec_match` (commit 14784c3), without plugging in values.
    """
    gold, predicted = mended_operators(gold_sql), mended_operators(predicted_sql)
    if not keep_distinct:
        gold, predicted = without_distinct(gold), without_distinct(predicted)
    ordered = "order by" in gold.lower()
    for database in databases:
        wanted = gold_rows(database, gold)
        try:
            # One row more than the gold's is enough to differ, and ends a runaway join.
            found = rows_of(database, predicted, max_rows=len(wanted) + 1)
        except sqlite3.Error:
            return False
        if not result_match(wanted, found, ordered=ordered):
            return False
    return True


@lru_cache(maxsize=1024)
def gold_rows(database: Path, gold: str) -> tuple[tuple[object, ...], ...]:
    """Give the rows of a gold query, kept for the next predictions of the same question.

    Raises:
        sqlite3.Error: as of `rows_of`.
    """
    return tuple(rows_of(database, gold))


def rows_of(
    database: Path, sql: str, *, max_rows: int = -1, timeout_s: float = QUERY_TIMEOUT_S
) -> list[tuple[object, ...]]:
    """Give the rows of a query on a SQLite file, as `result_of` does, without its columns."""
    return result_of(database, sql, max_rows=max_rows, timeout_s=timeout_s)[1]


def result_of(
    database: Path, sql: str, *, max_rows: int = -1, timeout_s: float = QUERY_TIMEOUT_S
) -> tuple[tuple[str, ...], list[tuple[object, ...]]]:
    """Give the column labels and rows of a query on a SQLite file; text that is no UTF-8 loses the bad bytes.

    The file is opened read-only and under the lock that model-written SQL always runs under: reads of its tables, and
    nothing else.

    Args:
        max_rows: rows to fetch at most; all if negative.

    Raises:
        sqlite3.Error: it fails, is not exactly one query, or has not ended after `timeout_s` seconds.
    """
    try:
        uri, _ = read_only_uri(database.resolve())
    except OSError as exc:
        raise sqlite3.OperationalError(f"unable to open {database}: {exc.strerror}") from exc
    with (
        closing(sqlite3.connect(uri, uri=True)) as connection,
        locked(connection, Deadline(timeout_s), cell_bytes=_CELL_BYTES),
    ):
        connection.text_factory = lambda raw: raw.decode(errors="ignore")
        try:
            cursor = connection.execute(sql)
        # Python 3.11 says so of a second statement and of half a surrogate pair, and neither is a sqlite3.Error.
        except (sqlite3.Warning, UnicodeEncodeError) as exc:
            raise sqlite3.ProgrammingError(str(exc)) from exc
        if cursor.description is None:
            raise sqlite3.ProgrammingError("no query")
        with closing(cursor):
            columns = tuple(one[0] for one in cursor.description)
            return columns, cursor.fetchall() if max_rows < 0 else cursor.fetchmany(max_rows)


def mended_operators(sql: str) -> str:
    """Give the SQL with `> =`, `< =` and `! =` as one operator each: some of Spider's golds are written so."""
    return sql.replace("> =", ">=").replace("< =", "<=").replace("! =", "!=")


def without_distinct(sql: str) -> str:
    """Give the SQL without any DISTINCT, that in COUNT(DISTINCT …) included; unchanged if it is no SQL."""
    try:
        found = [token for token in tokenize(sql, read="sqlite") if token.token_type is TokenType.DISTINCT]
    except SqlglotError:
        return sql
    for token in reversed(found):
        sql = sql[: token.start] + sql[token.end + 1 :]
    return sql
