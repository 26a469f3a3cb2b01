"""The questions of a report as the page's script reads them: short rows for its table, and the rest in packed parts."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Any

from agentsql.evaluation.records import Record
from agentsql.evaluation.score import Evaluation, Preview, Scored
from agentsql.types import Cell

PART = 50
"""Questions whose details are packed together; the page unpacks a part when one of them is opened."""
_SQL_CHARACTERS = 4000
_TEXT_CHARACTERS = 1000
_CELL_CHARACTERS = 100
_RESULT_ROWS = 8
_RESULT_COLUMNS = 24
_CANDIDATES = 40
_TOKEN_KINDS = (
    ("Keyword", "k"),
    ("Name.Builtin", "k"),
    ("Literal.String", "s"),
    ("Literal.Number", "n"),
    ("Comment", "c"),
)


def question_rows(evaluations: Sequence[Evaluation]) -> list[dict[str, Any]]:
    """Give one object a question: all that the page's table shows, filters, sorts and searches."""
    return [
        {
            "id": first.question.id,
            "db": first.question.db_id,
            "hardness": first.question.hardness,
            "text": _short(first.question.text, _TEXT_CHARACTERS),
            "evidence": _short(first.question.evidence, _TEXT_CHARACTERS),
            "golds": [_short(one, _SQL_CHARACTERS) for one in first.question.golds],
            "features": first.features,
            "runs": [_outcome(one) if one else None for one in ones],
        }
        for first, ones in _across(evaluations)
    ]


def packed_details(evaluations: Sequence[Evaluation]) -> list[str]:
    """Give the details of `PART` questions each, in the order of `question_rows`: JSON, gzipped, in base64."""
    details = [
        {
            "marks": [_marks(_short(one, _SQL_CHARACTERS)) for one in first.question.golds],
            "result": _preview(next((one.gold_result for one in ones if one and one.gold_result), None)),
            "error": first.verdict.gold_error,
            "runs": [_details(one) if one else None for one in ones],
        }
        for first, ones in _across(evaluations)
    ]
    return [_packed(details[start : start + PART]) for start in range(0, len(details), PART)]


def _across(evaluations: Sequence[Evaluation]) -> list[tuple[Scored, list[Scored | None]]]:
    """Give each question as first scored, and as each run has it; None where a run lacks it."""
    by_id = [{one.question.id: one for one in evaluation.scored} for evaluation in evaluations]
    firsts = {one.question.id: one for evaluation in reversed(evaluations) for one in evaluation.scored}
    order = dict.fromkeys(one.question.id for evaluation in evaluations for one in evaluation.scored)
    return [(firsts[name], [found.get(name) for found in by_id]) for name in order]


def _outcome(scored: Scored) -> dict[str, Any]:
    record = scored.record
    return {
        "right": scored.right,
        "category": scored.category,
        "lost": scored.lost_at,
        "sql": _short(record.sql, _SQL_CHARACTERS),
        "seconds": round(record.seconds, 3),
        "calls": record.calls,
        "tokens": record.prompt_tokens + record.completion_tokens,
        "confidence": None if record.confidence is None else round(record.confidence, 3),
    }


def _details(scored: Scored) -> dict[str, Any]:
    record = scored.record
    return {
        "marks": _marks(_short(record.sql, _SQL_CHARACTERS)),
        "result": _preview(scored.result),
        "status": record.status,
        "text": _short(record.text, _TEXT_CHARACTERS),
        "error": _short(record.error, _TEXT_CHARACTERS),
        "path": record.path,
        "only_here": bool(scored.verdict.correct) and scored.verdict.suite is False,
        "also": scored.also,
        "metrics": {name: round(value, 3) for name, value in scored.metrics.items() if value is not None},
        "steps": [
            [one.step, round(one.seconds, 3), one.calls, one.prompt_tokens, one.completion_tokens,
             [_short(note, _TEXT_CHARACTERS) for note in one.notes], one.tables,
             None if one.columns is None else [f"{table}.{column}" for table, column in one.columns]]
            for one in record.steps
        ],
        "candidates": _candidates(record),
        "examples": [[_short(text, _TEXT_CHARACTERS), _short(sql, _SQL_CHARACTERS)] for text, sql in record.examples],
    }  # fmt: skip


def _candidates(record: Record) -> list[list[Any]]:
    return [
        [one.name, sql := _short(one.sql, _SQL_CHARACTERS), _marks(sql), _short(one.failure, _TEXT_CHARACTERS),
         one.rows, one.result[:8], None if one.logprob is None else round(one.logprob, 3)]
        for one in record.candidates[:_CANDIDATES]
    ]  # fmt: skip


def _preview(preview: Preview | None) -> dict[str, Any] | None:
    if preview is None:
        return None
    return {
        "columns": [_short(one, _CELL_CHARACTERS) for one in preview.columns[:_RESULT_COLUMNS]],
        "rows": [[_cell(one) for one in row[:_RESULT_COLUMNS]] for row in preview.rows[:_RESULT_ROWS]],
        "total": preview.total,
        "more": preview.more,
        "hidden": max(0, len(preview.columns) - _RESULT_COLUMNS),
        "error": _short(preview.error, _TEXT_CHARACTERS),
    }


def _cell(value: Cell) -> str | None:
    """Give a value as text: as JSON numbers, large integers would lose digits and NaN could not be read."""
    if value is None:
        return None
    if isinstance(value, bytes):
        return _short(f"x'{value[:_CELL_CHARACTERS].hex()}'", _CELL_CHARACTERS)
    return _short(str(value), _CELL_CHARACTERS)


def _short(text: str, characters: int) -> str:
    if len(text) <= characters:
        return text
    return f"{text[:characters]}… ({len(text) - characters:,} more characters)"


@lru_cache(maxsize=4096)
def _marks(sql: str) -> str:
    """Give the colours of a query: a letter and a length for each piece, as in `k6 -1 n3`; lengths in code points."""
    pieces: list[tuple[str, int]] = []
    for _, token, text in _lexer().get_tokens_unprocessed(sql):
        letter = _letter(token)
        if pieces and pieces[-1][0] == letter:
            pieces[-1] = (letter, pieces[-1][1] + len(text))
        else:
            pieces.append((letter, len(text)))
    return " ".join(f"{letter}{length}" for letter, length in pieces)


@cache
def _lexer() -> Any:
    from pygments.lexers.sql import SqlLexer

    return SqlLexer()


@cache
def _letter(token: tuple[str, ...]) -> str:
    """Give the letter of a kind of token, which pygments names by a path such as `Literal.String.Single`."""
    name = ".".join(token)
    return next((letter for kind, letter in _TOKEN_KINDS if f"{name}.".startswith(f"{kind}.")), "-")


def _packed(details: Sequence[dict[str, Any]]) -> str:
    # Without a time in its header, so that the same runs always give the same file.
    text = json.dumps(details, separators=(",", ":"))
    return base64.b64encode(gzip.compress(text.encode(), mtime=0)).decode()
