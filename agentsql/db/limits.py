"""What one query may take, and reading no more than that of its rows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from agentsql.types import Cell, Row

_CELL_OVERHEAD = 16
"""Bytes a cell is counted with beside its text: a row of numbers is not free."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one query may take."""

    max_rows: int
    max_bytes: int
    timeout_s: float
    temp_bytes: int | None = None
    """Bytes of temporary files; None sets no bound here."""

    @property
    def cell_bytes(self) -> int:
        """Bytes of the largest cell that is read at all, so that one row stays within a few cells of `max_bytes`."""
        return max(self.max_bytes // 4, 1000)


def take(source: Iterable[Row], limits: Limits) -> tuple[tuple[Row, ...], bool]:
    """Read rows within the limits, and whether there were more; one at a time, because cells may be large."""
    rows: list[Row] = []
    size = 0
    for row in source:
        size += sum(map(_cell_bytes, row))
        if len(rows) >= limits.max_rows or size > limits.max_bytes:
            return tuple(rows), True
        rows.append(row)
    return tuple(rows), False


def _cell_bytes(cell: Cell) -> int:
    return _CELL_OVERHEAD + (len(cell) if isinstance(cell, str | bytes) else 0)
