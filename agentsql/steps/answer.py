"""Words the chosen result as a sentence, or says why there is none."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from agentsql.db.parsing import parse_statement
from agentsql.db.quote import on_one_line
from agentsql.errors import BudgetSpentError
from agentsql.resources import Resources
from agentsql.steps.shared import prompt_for, remembered
from agentsql.steps.step import step
from agentsql.steps.wording import foreign_matter
from agentsql.types import Candidate, Cell, ExecutionResult, QueryFailure, Row

_ROWS_WORDED = 5
_CELLS_WORDED = 15
_ROWS_LISTED = 10
_CELL_CHARACTERS = 60
_COLUMNS_LISTED = 20
_LIKE_A_SENTENCE = re.compile(r"[.!?;:,](?:\s|$)|://|…$|[<>“”]")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


@step(
    reads=("question", "candidates", "chosen"),
    optional=("evidence", "history", "tables"),
    writes=("status", "text", "history"),
    choices={"by": ("model", "rows")},
)
async def answer(state: Mapping[str, Any], resources: Resources, *, by: str = "model") -> dict[str, Any]:
    """Let the chat model word a small result in a sentence, and check that sentence against the rows.

    A sentence with a number that is neither in the result nor in the question is thrown away for a plain one made
    from the rows, as is one that holds SQL, was cut off, or says nothing of some row (in a ranking, of the first).
    With `by = "rows"`, or for a large result, the plain one is used at once.
    """
    chosen = next((one for one in state["candidates"] if one.name == state["chosen"]), None)
    if chosen is None or chosen.result is None:
        status, text = _no_answer(state["candidates"])
        return {"status": status, "text": text}
    result = chosen.result
    worded = await _worded(state, result, resources) if by == "model" and _can_be_worded(result) else ""
    text = worded or sentence_from_rows(result)
    history = remembered(state, text, chosen.sql, result.columns)
    return {"status": "answered", "text": text, "history": history}


def _can_be_worded(result: ExecutionResult) -> bool:
    """True for a few short cells: a longer text could not be said in full, and might tell the model what to say."""
    small = 0 < len(result.rows) <= _ROWS_WORDED and len(result.rows) * len(result.columns) <= _CELLS_WORDED
    return small and not any(
        isinstance(cell, str) and len(cell) > _CELL_CHARACTERS for row in result.rows for cell in row
    )


async def _worded(state: Mapping[str, Any], result: ExecutionResult, resources: Resources) -> str:
    shape = f"{len(result.rows)} row{'s' * (len(result.rows) != 1)}"
    rows = "\n".join(" | ".join(map(_shown, row)) for row in (result.columns, *result.rows))
    cells = {cell for row in result.rows for cell in row if isinstance(cell, str)}
    # The schema stays in front, though a sentence needs none: it is the prefix that the server has cached.
    tables = state.get("tables", ())
    prompt = prompt_for("answer", {**state, "history": ()}, resources, tables=tables, shape=shape, rows=rows)
    try:
        (completion,) = await resources.complete("chat", prompt, max_tokens=160, stream=True)
    except BudgetSpentError:
        resources.note("no budget left to word the result")
        return ""
    text = " ".join(completion.text.split())
    if completion.finish_reason == "length" or not text:
        resources.note("the chat model's sentence was cut off; the rows are given plainly")
        return ""
    if "```" in text or text.split()[0].upper() in ("SELECT", "WITH"):
        resources.note("the chat model wrote SQL in place of a sentence; the rows are given plainly")
        return ""
    if foreign := foreign_matter(text, cells):
        resources.note(f"the chat model's sentence had {foreign!r} in it; the rows are given plainly")
        return ""
    count = str(len(result.rows)) if len(result.rows) > 1 else ""
    if strange := numbers_not_in(text, f"{state['question']} {count} {rows}"):
        resources.note(f"the chat model's sentence had {', '.join(strange)}, which the result has not")
        return ""
    to_say = result.rows[:1] if _is_ranking(result.sql, resources.database.dialect) else result.rows
    if unsaid := [row for row in to_say if not _is_named(row, text)]:
        resources.note(f"the chat model's sentence left out {len(unsaid)} of the {len(to_say)} rows it had to name")
        return ""
    return text


def _is_ranking(sql: str, dialect: str) -> bool:
    return parse_statement(sql, dialect).args.get("order") is not None


def _is_named(row: Row, text: str) -> bool:
    """True if a sentence says one of the row's texts, or one of its numbers if it has no text."""
    names = [cell for cell in row if isinstance(cell, str)]
    return any(_is_said(cell, text) for cell in names or row)


def _is_said(cell: Cell, text: str) -> bool:
    """True if a sentence holds the cell: a text in any letter case, a number rounded to six digits or fewer."""
    if isinstance(cell, str):
        return " ".join(cell.split()).casefold() in text.casefold()
    if isinstance(cell, int | float):
        written = _NUMBER.findall(text)
        return any(not numbers_not_in(one, f"{abs(cell):.10g}") for one in written)
    return not isinstance(cell, bytes) and (cell is None or str(cell) in text)


def sentence_from_rows(result: ExecutionResult) -> str:
    """Give a plain sentence that says what the rows hold."""
    if not result.rows:
        return "No rows match."
    if len(result.rows) == 1 and len(result.columns) == 1:
        # A label such as COUNT(*) is no name for a person.
        name = f"{_shown(result.columns[0])}:" if result.columns[0].isidentifier() else "The result is"
        return f"{name} {_said(result.rows[0][0])}."
    if len(result.rows) == 1:
        pairs = list(zip(result.columns, result.rows[0], strict=True))[:_COLUMNS_LISTED]
        return "; ".join(f"{_shown(column)}: {_said(cell)}" for column, cell in pairs) + "."
    count = f"More than {len(result.rows)}" if result.truncated else str(len(result.rows))
    if len(result.rows) <= _ROWS_LISTED and len(result.columns) == 1:
        return f"{count} rows: {', '.join(_said(row[0]) for row in result.rows)}."
    columns = ", ".join(map(_shown, result.columns[:_COLUMNS_LISTED]))
    return f"{count} rows of {columns}; the first is {', '.join(map(_said, result.rows[0][:_COLUMNS_LISTED]))}."


def numbers_not_in(text: str, source: str) -> tuple[str, ...]:
    """Give the numbers of `text` that `source` does not hold, to the digits that `text` gives.

    >>> numbers_not_in("There are 1,234 of them, 12.35 each", "1234 | 12.3456")
    ()
    >>> numbers_not_in("There are 7", "6")
    ('7',)
    """
    known = {float(found) for one in _NUMBER.findall(source) if (found := _plain(one)) is not None}
    strange = []
    for written in _NUMBER.findall(text):
        number = _plain(written)
        digits = len(written.partition(".")[2])
        if number is not None and not any(abs(number - one) <= 0.5 * 10**-digits + 1e-9 for one in known):
            strange.append(written)
    return tuple(strange)


def _plain(written: str) -> float | None:
    try:
        return float(written.replace(",", ""))
    except ValueError:
        return None


def _said(cell: Cell) -> str:
    """Give a cell for a sentence of ours, in quotes where it might be taken for one itself."""
    text = _shown(cell)
    if not isinstance(cell, str) or not _LIKE_A_SENTENCE.search(text):
        return text
    inside = text.replace("”", '"')
    return f"“{inside}”"


def _shown(cell: Cell) -> str:
    if cell is None:
        return "NULL"
    if isinstance(cell, bytes):
        return f"{len(cell)} bytes"
    text = f"{cell:.6g}" if isinstance(cell, float) and abs(cell) < 1e6 else str(cell)
    text = on_one_line(text)
    return text if len(text) <= _CELL_CHARACTERS else text[: _CELL_CHARACTERS - 1] + "…"


def _no_answer(candidates: tuple[Candidate, ...]) -> tuple[str, str]:
    failure = last_failure(candidates)
    if failure is None:
        return "failed", "No query was written."
    if failure.kind == "refused":
        return "refused", f"The query was refused: {failure.message}."
    return "failed", f"No query could be run: {failure.message}."


def last_failure(candidates: tuple[Candidate, ...]) -> QueryFailure | None:
    """Give what is held against the newest query that failed; None if nothing is."""
    return next((one.failure for one in reversed(candidates) if one.failure), None)
