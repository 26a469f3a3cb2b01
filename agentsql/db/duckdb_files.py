"""What DuckDB reads at a path: a database file, one data file, or a folder of data files, each of them a table."""

from __future__ import annotations

import os
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from agentsql.errors import DatabaseError, nearest

_DATABASE_ENDING = ".duckdb"
_DATABASE_MARK = b"DUCK"
"""Bytes 8 to 11 of a DuckDB file; before them stands a checksum."""
_READERS: dict[str, Literal["read_csv", "read_json", "read_parquet"]] = {
    **dict.fromkeys((".csv", ".tsv", ".csv.gz", ".tsv.gz", ".csv.zst", ".tsv.zst"), "read_csv"),
    **dict.fromkeys((".json", ".jsonl", ".ndjson", ".json.gz", ".jsonl.gz", ".ndjson.gz"), "read_json"),
    ".parquet": "read_parquet",
}
_SHEETS = (".xlsx", ".xls", ".xlsm", ".ods")
_KINDS = ".csv, .tsv, .parquet, .json or .jsonl"
_NOT_IN_NAME = re.compile(r"\W+")


@dataclass(frozen=True, slots=True)
class DataFile:
    """One file that becomes a table."""

    path: Path
    table: str
    reader: Literal["read_csv", "read_json", "read_parquet"]


def is_for_duckdb(path: Path) -> bool:
    """True if the path is one that DuckDB reads, or that it is to say why not; SQLite files are none."""
    if path.is_dir():
        return bool(_data_files(path)) or not any(one.suffix.startswith((".sqlite", ".db")) for one in _entries(path))
    if path.suffix.lower() in (_DATABASE_ENDING, *_SHEETS) or _reader_of(path):
        return True
    try:
        return _has_mark(path)
    except (OSError, ValueError):
        return False


def found_at(path: Path) -> Path | tuple[DataFile, ...]:
    """Give the path itself if it is a database file, else the data file or those of the folder, sorted by table.

    Raises:
        DatabaseError: nothing there, or nothing that DuckDB reads.
    """
    try:
        if path.is_dir():
            return _folder(path)
        is_empty = path.stat().st_size == 0
        # A program that has the file open loses its lock when it opens and closes it once more, so a name is believed.
        is_database = path.suffix.lower() == _DATABASE_ENDING or (not is_empty and _has_mark(path))
    except FileNotFoundError:
        names = [entry.name for entry in _entries(path.parent)]
        raise DatabaseError(f"there is no file {str(path)!r}{nearest(path.name, names)}; nothing was created") from None
    except PermissionError:
        raise DatabaseError(f"no permission to read {str(path)!r}; ask its owner, or copy it") from None
    except (OSError, ValueError) as problem:
        raise DatabaseError(f"{str(path)!r} cannot be read: {problem}; check the path and its disk") from problem
    if is_empty:
        raise DatabaseError(f"{str(path)!r} is empty (0 bytes): it holds no table; is it the right file?")
    if is_database:
        return path
    if path.suffix.lower() in _SHEETS:
        raise DatabaseError(f"{str(path)!r} is a spreadsheet; save each of its sheets as a .csv file and give those")
    if _reader_of(path) is None:
        raise DatabaseError(f"{str(path)!r} is not a DuckDB database; give a .duckdb file, or a {_KINDS} file")
    return _named([path])


def stamp_of(paths: tuple[Path, ...]) -> dict[str, int | str]:
    """Give what a write changes of each file; a file that is gone has no entry.

    Raises:
        OSError: one cannot be looked at.
    """
    stamp: dict[str, int | str] = {}
    for path in paths:
        try:
            status = path.stat()
        except FileNotFoundError:
            continue
        stamp[f"{path.name}.mtime_ns"] = status.st_mtime_ns
        stamp[f"{path.name}.size"] = status.st_size
        stamp[f"{path.name}.inode"] = status.st_ino
    return stamp


def _folder(path: Path) -> tuple[DataFile, ...]:
    found = _data_files(path)
    if found:
        return _named(found)
    databases = sorted(one.name for one in _entries(path) if one.suffix in (".duckdb", ".sqlite", ".sqlite3", ".db"))
    advice = f"did you mean {databases[0]!r} in it?" if databases else f"give one with {_KINDS} files, each a table"
    raise DatabaseError(f"the folder {str(path)!r} holds no data file; {advice}")


def _data_files(folder: Path) -> list[Path]:
    return [
        one for one in _entries(folder) if not one.name.startswith((".", "_")) and _reader_of(one) and one.is_file()
    ]


def _entries(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []


def _named(paths: list[Path]) -> tuple[DataFile, ...]:
    """Name tables by their files: letters, digits and `_`; those of one name by their endings too."""
    short = {path: _name(path.name.lower().removesuffix(_ending(path)), path) for path in paths}
    taken = Counter(name.casefold() for name in short.values())
    named: dict[str, DataFile] = {}
    for path in paths:
        name = short[path] if taken[short[path].casefold()] == 1 else _name(path.name, path)
        while name.casefold() in named:
            name += "_"
        reader = _reader_of(path)
        assert reader is not None
        named[name.casefold()] = DataFile(path.absolute(), name, reader)
    return tuple(named[name] for name in sorted(named))


def _name(text: str, path: Path) -> str:
    """Give `text` in the letter case it has in the path, as a name that needs no quotes."""
    name = _NOT_IN_NAME.sub("_", path.name[: len(text)]).strip("_") or "data"
    return f"t_{name}" if name[0].isdigit() else name


def _reader_of(path: Path) -> Literal["read_csv", "read_json", "read_parquet"] | None:
    return _READERS.get(_ending(path))


def _ending(path: Path) -> str:
    """Give the ending in small letters, `.csv.gz` for a compressed file."""
    return "".join(path.suffixes[-2:]).lower() if path.suffix.lower() in (".gz", ".zst") else path.suffix.lower()


def _has_mark(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(12)[8:] == _DATABASE_MARK


def load_statements(files: tuple[DataFile, ...]) -> tuple[str, ...]:
    """Give the statements that make a table of each text file, and a view of each Parquet file.

    Texts are read once, because reading them is most of a query's time; Parquet is as quick as a table.
    """
    return tuple(
        f"CREATE {'VIEW' if one.reader == 'read_parquet' else 'TABLE'} {_identifier(one.table)} AS "
        f"SELECT * FROM {one.reader}({_literal(os.fspath(one.path))})"
        for one in files
    )


def _identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
