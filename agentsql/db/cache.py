"""Schemas on disk, so that a second start does not read the database again."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from agentsql.db.diagram import render_schema_json
from agentsql.db.schema import Column, ForeignKey, Schema, Table

logger = logging.getLogger(__name__)

FORMAT = 3
"""Raised when the file's layout or the way values are chosen changes; files of another format are not read."""

Stamp = Mapping[str, int | str]
Marks = Mapping[str, str]
"""By the name of a table, what changes when the table is made anew or its rows change."""


class SchemaCache:
    """One JSON file for each database, readable by its owner only, because values may be private.

    A cache that cannot be read or written costs time and nothing else: that is logged once, and the work goes on.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._warned = False

    def file_of(self, identity: str) -> Path:
        """Give the path of a database's cache file; `identity` is whatever tells databases apart."""
        return self._directory / f"{hashlib.sha256(identity.encode('utf-8', 'surrogatepass')).hexdigest()[:32]}.json"

    def load(self, identity: str, stamp: Stamp) -> Schema | None:
        """Give the schema stored under this stamp; None if there is none, or the database has changed since."""
        found = self._read(identity, stamp)
        return found[0] if found else None

    def last(self, identity: str) -> tuple[Schema, Marks] | None:
        """Give the schema stored last, under whatever stamp, and the marks of its tables; None if there is none."""
        return self._read(identity, None)

    def _read(self, identity: str, stamp: Stamp | None) -> tuple[Schema, Marks] | None:
        path = self.file_of(identity)
        try:
            stored = json.loads(path.read_text(encoding="utf-8"))
            if stored["format"] != FORMAT or stored["identity"] != identity:
                return None
            if stamp is not None and stored["stamp"] != dict(stamp):
                return None
            return _schema(stored["schema"], stored["views"]), dict(stored.get("marks", {}))
        except FileNotFoundError:
            return None
        except OSError as problem:
            self._warn("read", problem)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as problem:
            self._warn("understand", problem)
        return None

    def store(self, identity: str, stamp: Stamp, schema: Schema, marks: Marks | None = None) -> None:
        """Replace what is stored for this database, in one step: readers see the old file or the new one."""
        content = {"format": FORMAT, "identity": identity, "stamp": dict(stamp), "marks": dict(marks or {})}
        content["schema"] = render_schema_json(schema)
        content["views"] = {one.name: [one.definition, one.stored] for one in schema if one.definition or one.stored}
        try:
            self._directory.mkdir(parents=True, exist_ok=True, mode=0o700)
            handle, temporary = tempfile.mkstemp(prefix=".schema-", dir=self._directory)  # mode 0600
            try:
                with os.fdopen(handle, "w", encoding="utf-8") as file:
                    file.write(json.dumps(content))  # json.dump has no C encoder: ten times as long
                Path(temporary).replace(self.file_of(identity))
            except BaseException:
                with suppress(OSError):
                    Path(temporary).unlink()
                raise
        except (OSError, UnicodeError) as problem:
            self._warn("write", problem)

    def _warn(self, what: str, problem: Exception) -> None:
        level = logging.DEBUG if self._warned else logging.WARNING
        logger.log(level, "could not %s the schema cache in %s (%s); going on without", what, self._directory, problem)
        self._warned = True


def _schema(stored: Mapping[str, Any], views: Mapping[str, tuple[str, bool]]) -> Schema:
    tables = tuple(_table(one, *views.get(one["name"], ("", False))) for one in stored["tables"])
    return Schema(stored["dialect"], tables, stored["fingerprint"], tuple(stored["namespaces"]))


def _table(stored: Mapping[str, Any], definition: str, is_stored: bool) -> Table:
    return Table(
        name=stored["name"],
        columns=tuple(Column(**{**column, "values": tuple(column["values"])}) for column in stored["columns"]),
        primary_key=tuple(stored["primary_key"]),
        foreign_keys=tuple(
            ForeignKey(tuple(key["columns"]), key["to_table"], tuple(key["to_columns"]))
            for key in stored["foreign_keys"]
        ),
        comment=stored["comment"],
        rows=stored["rows"],
        kind=stored["kind"],
        namespace=stored["namespace"],
        definition=definition,
        stored=is_stored,
    )
