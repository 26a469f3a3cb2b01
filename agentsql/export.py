"""Rows into a file: CSV, JSON, Parquet or a spreadsheet."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Sequence
from datetime import datetime, time
from pathlib import Path
from typing import TYPE_CHECKING

from agentsql.errors import UsageError, nearest
from agentsql.formats import Json, json_cell, to_csv, to_json, without_formula
from agentsql.safe import printable
from agentsql.types import Cell, Row

if TYPE_CHECKING:
    import pyarrow as pa

_XLSX_ROWS = 1_048_575
_XLSX_TEXT = 32_767
_EXTRA = "pip install 'agentsql-framework[export]'"


def export_rows(path: Path, columns: Sequence[str], rows: Sequence[Row], *, overwrite: bool = False) -> str:
    """Write rows to `path` in the format its ending names, all or nothing.

    Returns:
        What a person should know of the file beyond its name; may be empty.

    Raises:
        UsageError: an ending we do not write, a file that is there, a folder that is not, or a missing extra.
    """
    if path.suffix.lower() not in _WRITERS:
        known = ", ".join(_WRITERS)
        raise UsageError(f"cannot export to {path.name!r}; the file must end in one of {known}{_ending_meant(path)}")
    if path.exists() and (path.is_dir() or not overwrite):
        raise UsageError(
            f"{str(path)!r} is there already; choose another name, or `\\export -f FILE` to overwrite a file"
        )
    if not path.parent.is_dir():
        raise UsageError(f"there is no folder {str(path.parent)!r}; make it, or choose another")
    write = _WRITERS[path.suffix.lower()]
    handle, partial = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}-", suffix=path.suffix)
    os.close(handle)
    try:
        note = write(Path(partial), columns, rows)
        Path(partial).chmod(0o666 & ~_umask())
        Path(partial).replace(path)
    finally:
        Path(partial).unlink(missing_ok=True)
    return note


def _ending_meant(path: Path) -> str:
    return nearest(path.suffix.lower(), _WRITERS) if path.suffix else ""


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _write_csv(path: Path, columns: Sequence[str], rows: Sequence[Row]) -> str:
    """Write CSV; a text that a spreadsheet would run as a formula gets a `'` in front."""
    guarded = [tuple(map(without_formula, row)) for row in rows]
    changed = sum(
        old is not new
        for before, after in zip(rows, guarded, strict=True)
        for old, new in zip(before, after, strict=True)
    )
    path.write_text(to_csv(columns, guarded), encoding="utf-8", newline="")
    if not changed:
        return ""
    return f"{changed} text cells begin like a formula and got a ' in front, so that no spreadsheet runs them"


def _write_json(path: Path, columns: Sequence[str], rows: Sequence[Row]) -> str:
    """Write a list with an object for each row."""
    names = _unique(columns)
    records: list[Json] = [dict(zip(names, map(json_cell, row), strict=True)) for row in rows]
    path.write_text(to_json(records) + "\n", encoding="utf-8")
    return ""


def _write_parquet(path: Path, columns: Sequence[str], rows: Sequence[Row]) -> str:
    """Write Parquet with the types of the cells; a column of mixed types becomes text."""
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError as exc:
        raise UsageError(f"a .parquet file needs pyarrow: {_EXTRA}") from exc
    by_column = list(zip(*rows, strict=True)) or [()] * len(columns)
    arrays = [_arrow_array([*cells]) for cells in by_column]
    pq.write_table(pa.Table.from_arrays(arrays, names=_unique(columns)), path)
    mixed = [
        name
        for name, cells, array in zip(columns, by_column, arrays, strict=True)
        if pa.types.is_string(array.type) and any(cell is not None and not isinstance(cell, str) for cell in cells)
    ]
    return f"columns of mixed types were written as text: {', '.join(mixed)}" if mixed else ""


def _arrow_array(cells: list[Cell]) -> pa.Array:
    import pyarrow as pa

    try:
        return pa.array(cells)
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError, OverflowError, UnicodeError):
        return pa.array([None if cell is None else _as_text(cell) for cell in cells], pa.string())


def _as_text(cell: Cell) -> str:
    text = cell.hex() if isinstance(cell, bytes) else str(cell)
    return text.encode("utf-8", "replace").decode("utf-8")


def _write_xlsx(path: Path, columns: Sequence[str], rows: Sequence[Row]) -> str:
    """Write a spreadsheet in which every text stays a text, whatever it begins with."""
    try:
        from openpyxl import Workbook
        from openpyxl.cell import WriteOnlyCell
    except ImportError as exc:
        raise UsageError(f"an .xlsx file needs openpyxl: {_EXTRA}") from exc
    if len(rows) > _XLSX_ROWS:
        raise UsageError(f"{len(rows):,} rows are more than a spreadsheet holds ({_XLSX_ROWS:,}); use .csv or .parquet")
    book = Workbook(write_only=True)
    sheet = book.create_sheet("agentsql")
    for row in (tuple(columns), *rows):
        cells = []
        for value in map(_xlsx_value, row):
            cell = WriteOnlyCell(sheet, value=value)
            if isinstance(value, str):
                cell.data_type = "s"
            cells.append(cell)
        sheet.append(cells)
    book.save(path)
    long = sum(isinstance(cell, str) and len(cell) > _XLSX_TEXT for row in rows for cell in row)
    return f"{long} texts were cut at {_XLSX_TEXT:,} characters, the most a spreadsheet cell holds" if long else ""


def _xlsx_value(cell: Cell) -> Cell:
    """Give what a spreadsheet cell can hold for a cell; the rest as text."""
    if isinstance(cell, str):
        return printable(cell)[:_XLSX_TEXT]
    if isinstance(cell, bytes):
        return cell.hex()[:_XLSX_TEXT]
    if isinstance(cell, int) and not isinstance(cell, bool) and abs(cell) >= 10**15:
        return str(cell)  # a spreadsheet number has 15 digits
    if isinstance(cell, float) and (cell != cell or cell in (float("inf"), float("-inf"))):
        return str(cell)
    if isinstance(cell, datetime | time) and cell.tzinfo is not None:
        return cell.isoformat()
    return cell


def _unique(columns: Sequence[str]) -> list[str]:
    """Give the labels with `_2`, `_3` … where one repeats."""
    names: list[str] = []
    for label in columns:
        name, number = label, 1
        while name in names:
            number += 1
            name = f"{label}_{number}"
        names.append(name)
    return names


_WRITERS: dict[str, Callable[[Path, Sequence[str], Sequence[Row]], str]] = {
    ".csv": _write_csv,
    ".json": _write_json,
    ".parquet": _write_parquet,
    ".xlsx": _write_xlsx,
}
