"""Rows as the lines of a text table; plain strings, no terminal needed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from agentsql.cli.safe import one_line
from agentsql.formats import LONGEST_CELL, cell_text
from agentsql.types import Cell

_SCREEN_CELL_WIDTH = 48
_NARROWEST = 16
"""Cells on a screen are cut down to this before columns are left out."""
_SHOWN_WIDTH = 24
"""Widest cell where columns had to be left out."""
_BETWEEN = " │ "


@dataclass(frozen=True, slots=True)
class Layout:
    """A drawn table."""

    lines: tuple[str, ...]
    """A header, a rule, then one line for each row."""
    hidden: tuple[str, ...] = ()
    """Labels of the columns there was no room for."""
    has_header: bool = True


def layout(columns: Sequence[str], rows: Sequence[Sequence[Cell]], *, width: int | None = None) -> Layout:
    """Draw rows under their labels.

    Args:
        width: terminal cells there are; cells are cut with `…`, then columns are left out from the right.
            None draws every column.
    """
    labels = [one_line(label) for label in columns]
    longest = LONGEST_CELL if width is None else _SCREEN_CELL_WIDTH
    texts = [[cell_text(cell, longest) for cell in row] for row in rows]
    natural = [min(longest, max(map(_cells, (label, *(row[i] for row in texts))))) for i, label in enumerate(labels)]
    widths = natural if width is None else _fitted(natural, width)
    right = [_numeric([row[i] for row in rows]) for i in range(len(widths))]
    lines = [_line(labels, widths, right), "─┼─".join("─" * one for one in widths)]
    lines += [_line(row, widths, right) for row in texts]
    return Layout(tuple(line.rstrip() for line in lines), tuple(labels[len(widths) :]))


def record(columns: Sequence[str], row: Sequence[Cell]) -> Layout:
    """Draw one row downwards, a line for each column."""
    labels = [one_line(label) for label in columns]
    widest = max(map(_cells, labels), default=0)
    lines = (f"{padded(label, widest)}{_BETWEEN}{cell_text(cell)}" for label, cell in zip(labels, row, strict=True))
    return Layout(tuple(lines), has_header=False)


def _fitted(natural: Sequence[int], width: int) -> list[int]:
    """Give the widths of the columns that fit, at least one."""
    for longest in range(_SCREEN_CELL_WIDTH, _NARROWEST - 1, -1):
        widths = [min(one, longest) for one in natural]
        if _total(widths) <= width:
            return widths
    widths = [min(one, _SHOWN_WIDTH) for one in natural]
    while len(widths) > 1 and _total(widths) > width:
        widths.pop()
    return [min(one, max(width, 1)) for one in widths]


def _total(widths: Sequence[int]) -> int:
    return sum(widths) + len(_BETWEEN) * (len(widths) - 1)


def _numeric(cells: Sequence[Cell]) -> bool:
    known = [cell for cell in cells if cell is not None]
    return bool(known) and all(isinstance(one, int | float | Decimal) and not isinstance(one, bool) for one in known)


def _line(texts: Sequence[str], widths: Sequence[int], right: Sequence[bool]) -> str:
    cells = zip(texts, widths, right, strict=False)
    return _BETWEEN.join(padded(text, width, right=flush) for text, width, flush in cells)


def padded(text: str, width: int, *, right: bool = False) -> str:
    """Give `text` on exactly so many terminal cells, cut with `…` or filled with blanks."""
    if text.isascii():
        text = text if len(text) <= width else text[: width - 1] + "…"
        return text.rjust(width) if right else text.ljust(width)
    used = _cells(text)
    if used > width:
        from rich.cells import set_cell_size

        text = set_cell_size(text, width - 1).rstrip() + "…"
        used = _cells(text)
    blank = " " * (width - used)
    return blank + text if right else text + blank


def _cells(text: str) -> int:
    """Give the terminal cells `text` takes; East Asian characters take two."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)
