"""The text values of a database's cells, looked up by how they are written: exactly, folded, nearly, abbreviated.

The file is made by `value_build` and never changed afterwards, so any number of processes may read it.
"""

from __future__ import annotations

import sqlite3
import threading
import weakref
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rapidfuzz import fuzz, process

from agentsql.db.words import value_key

LONGEST_TEXT = 100
"""Characters; a longer text is prose, which no question repeats."""
_MOST_PLACES = 256
"""Cells looked at for one key: a word that stands in more columns than that tells nothing."""
_MOST_NEAR = 10_000
"""Keys that begin or end alike, of which the most similar are sought; so many are read in 2 ms."""
_NEAREST = 8
SHORTEST_FUZZY = 5
"""Letters below which one typing error is another word."""
TWO_ERRORS = 15
"""Letters from which two typing errors are forgiven."""


@dataclass(frozen=True, slots=True)
class Place:
    """A value and one column that holds it."""

    table: str
    column: str
    text: str
    """As the cell holds it."""
    distinct: int
    """Texts known of the column."""


class ValueIndex:
    """Looks up cell texts. Without a file it knows nothing, and says so. Safe to use from several threads."""

    def __init__(self, path: Path | None = None, *, current: bool = True) -> None:
        """Read the index file at `path`.

        Args:
            current: False if the data has changed since the file was made; then nothing is said to be absent.

        Raises:
            sqlite3.Error, KeyError: the file is not such an index.
        """
        self._current = current
        self._mutex = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._columns: dict[int, tuple[str, str, bool, int]] = {}
        self._ids: dict[tuple[str, str], int] = {}
        if path is not None:
            self._open(path)

    @property
    def is_current(self) -> bool:
        """True if it was made from the data as it is now."""
        return self._current

    @property
    def is_empty(self) -> bool:
        """True if it knows no column."""
        return not self._columns

    def covers(self, table: str, column: str) -> bool:
        """True if texts of that column are in it, all or some."""
        return self._id_of(table, column) is not None

    def holds(self, table: str, column: str, value: str) -> bool | None:
        """Say whether a cell of that column is exactly `value`; None if that is not known.

        Names are taken without regard to letter case. It is not known for columns that are excluded, not of a text
        type, of a view, or too large to be read in full, and for texts of more than 100 characters.
        """
        identity = self._id_of(table, column)
        if identity is None:
            return None
        found = self._rows(
            "SELECT 1 FROM cells WHERE key = ? AND column_id = ? AND text = ? LIMIT 1",
            (value_key(value), identity, value),
        )
        if found:
            return True
        complete = self._columns[identity][2]
        return False if complete and self._current and len(value) <= LONGEST_TEXT else None

    def spellings(self, table: str, column: str, value: str) -> tuple[str, ...]:
        """Give the texts of that column that differ from `value` only in case, blanks, accents or punctuation."""
        identity = self._id_of(table, column)
        key = value_key(value)
        if identity is None or not key:
            return ()
        sql = "SELECT text FROM cells WHERE key = ? AND column_id = ? ORDER BY text LIMIT ?"
        return tuple(text for (text,) in self._rows(sql, (key, identity, _MOST_PLACES)))

    def columns_holding(self, value: str) -> tuple[tuple[str, str], ...]:
        """Give the (table, column) pairs of the whole schema that hold exactly `value`, in the schema's order.

        Takes well under a millisecond. At most 256 are given.
        """
        found = self._rows(
            "SELECT DISTINCT column_id FROM cells WHERE key = ? AND text = ? ORDER BY column_id LIMIT ?",
            (value_key(value), value, _MOST_PLACES),
        )
        return tuple(self._columns[identity][:2] for (identity,) in found)

    def places(self, key: str) -> tuple[Place, ...]:
        """Give the cells that have this key (see `words.value_key`); none if there are more than 256."""
        found = self._rows("SELECT column_id, text FROM cells WHERE key = ? LIMIT ?", (key, _MOST_PLACES + 1))
        return self._as_places(found) if len(found) <= _MOST_PLACES else ()

    def places_by_initials(self, initials: str) -> tuple[Place, ...]:
        """Give the cells of several words whose first letters are these, such as `us`; none if there are many."""
        found = self._rows("SELECT column_id, text FROM cells WHERE initials = ? LIMIT ?", (initials, _MOST_PLACES + 1))
        return self._as_places(found) if len(found) <= _MOST_PLACES else ()

    def beginning(self, key: str, *, table: str = "", column: str = "") -> tuple[Place, ...]:
        """Give cells whose keys begin with `key`, 256 at most, in the order of the keys.

        Args:
            table, column: look in this table, or in this column of it, only.
        """
        wanted = [
            identity
            for (of, name), identity in self._ids.items()
            if table.casefold() in ("", of) and column.casefold() in ("", name)
        ]
        sql = "SELECT column_id, text FROM cells WHERE key >= ? AND key < ?"
        bounds: list[object] = [key, key + chr(0x10FFFF)]
        if table:
            sql += f" AND column_id IN ({', '.join('?' * len(wanted))})"
            bounds += wanted
        return self._as_places(self._rows(f"{sql} ORDER BY key, text, column_id LIMIT ?", [*bounds, _MOST_PLACES]))

    def near(self, key: str, *, least: float, table: str = "", column: str = "") -> tuple[tuple[float, Place], ...]:
        """Give the cells whose keys are `key` but for typing errors, most similar first, with their similarity.

        Args:
            key: of 5 letters or more; one error is forgiven, from 15 letters on two.
            least: rapidfuzz's ratio, 0 to 100, below which a cell is not given.
            table, column: look in this column only.
        """
        identity = self._id_of(table, column) if table else None
        if len(key) < SHORTEST_FUZZY or (table and identity is None):
            return ()
        # An error spoils one half of a word and two errors two thirds of it, so its beginning or its end is right.
        size = max(3, len(key) // (3 if len(key) >= TWO_ERRORS else 2))
        alike = {*self._beginning(key[:size], len(key), "cells", "key")}
        alike |= {ending[::-1] for ending in self._beginning(key[::-1][:size], len(key), "endings", "ending")}
        near = process.extract(key, alike - {key}, scorer=fuzz.ratio, score_cutoff=least, limit=_NEAREST)
        return tuple(
            (score, place)
            for found, score, _ in sorted(near, key=lambda one: (-one[1], one[0]))
            for place in self.places(found)
            if not table or self._id_of(place.table, place.column) == identity
        )

    def close(self) -> None:
        """Close the file; the index then knows nothing."""
        with self._mutex:
            if self._connection:
                self._connection.close()
            self._connection, self._columns, self._ids = None, {}, {}

    def _open(self, path: Path) -> None:
        connection = sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False)
        try:
            rows = connection.execute(
                "SELECT id, table_name, column_name, complete, texts FROM columns ORDER BY id"
            ).fetchall()
            connection.execute("SELECT ending FROM endings LIMIT 1").fetchone()
            self._columns = {row[0]: (row[1], row[2], bool(row[3]), row[4]) for row in rows}
        except BaseException:
            connection.close()
            raise
        self._ids = {(row[0].casefold(), row[1].casefold()): identity for identity, row in self._columns.items()}
        self._connection = connection
        weakref.finalize(self, connection.close)

    def _beginning(self, start: str, length: int, source: str, name: str) -> Iterator[str]:
        """Yield the distinct texts of a sorted column that begin so and are about as long."""
        sql = (
            f"SELECT DISTINCT {name} FROM (SELECT {name} FROM {source} WHERE {name} >= ? AND {name} < ? LIMIT ?) "
            f"WHERE length({name}) BETWEEN ? AND ?"
        )
        bounds = (start, start + chr(0x10FFFF), _MOST_NEAR, length - 2, length + 2)
        return (text for (text,) in self._rows(sql, bounds))

    def _id_of(self, table: str, column: str) -> int | None:
        return self._ids.get((table.casefold(), column.casefold()))

    def _rows(self, sql: str, parameters: Sequence[object]) -> list[Any]:
        with self._mutex:
            if self._connection is None:
                return []
            return self._connection.execute(sql, parameters).fetchall()

    def _as_places(self, rows: Iterable[Any]) -> tuple[Place, ...]:
        found = ((self._columns[identity], text) for identity, text in rows)
        return tuple(Place(table, column, text, texts) for (table, column, _, texts), text in found)
