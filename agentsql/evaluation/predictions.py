"""Reads the SQL that any system wrote for a benchmark, in the layouts of the benchmarks' own scripts and others."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from agentsql.errors import UsageError
from agentsql.evaluation.questions import Question
from agentsql.evaluation.records import Record, read_records

_SQL_KEYS = ("sql", "answer_sql", "predicted_sql", "pred_sql", "prediction", "predicted", "pred", "query", "SQL")
_ID_KEYS = ("question_id", "id", "qid")
_BIRD_MARK = "\t----- bird -----\t"
"""Stands between a query and its db_id in BIRD's file of predictions."""
_CSV_CELL = 10_000_000

Row = Mapping[str, Any]


def read_predictions(path: Path, questions: Sequence[Question]) -> dict[str, Record]:
    """Give the prediction for each question that has one, by question id; ids that no question has are kept too.

    `.csv`, `.json` and `.jsonl` files have a row a question with `question_id` (or the rows are in the order of the
    questions) and `sql`; cost columns such as `calls` and `seconds` are taken where they are there. BIRD's and
    Feather's JSON, `traces.jsonl`, and Spider's text with a query a line are understood too.

    Raises:
        UsageError: the file cannot be read, is of no known layout, or names a question twice.
    """
    try:
        read = _READERS.get(path.suffix.lower(), _read_lines)
        return read(path, questions)
    except (OSError, UnicodeDecodeError, csv.Error, json.JSONDecodeError) as exc:
        raise UsageError(f"{str(path)!r} cannot be read as predictions: {exc}") from exc


def _read_lines(path: Path, questions: Sequence[Question]) -> dict[str, Record]:
    r"""Read Spider's `predict.sql`: a query a line in the order of the questions, `\t db_id` behind it where given."""
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    while lines and not lines[-1].strip():
        lines.pop()
    _check_count(path, len(lines), questions)
    pairs = [line.rpartition("\t")[::2] if "\t" in line else (line, "") for line in lines]
    for number, ((_, db_id), question) in enumerate(zip(pairs, questions, strict=False), 1):
        if db_id.strip() and db_id.strip() != question.db_id:
            raise UsageError(
                f"line {number} of {str(path)!r} is on database {db_id.strip()!r}, question {number} on "
                f"{question.db_id!r}; give the predictions in the order of the questions, an empty line for none"
            )
    return {
        question.id: _record(question.id, sql, {"db_id": question.db_id})
        for (sql, _), question in zip(pairs, questions, strict=False)
    }


def _read_json(path: Path, questions: Sequence[Question]) -> dict[str, Record]:
    found = json.loads(path.read_text(encoding="utf-8-sig"))
    if isinstance(found, dict) and all(isinstance(one, str | int | None) for one in found.values()):
        return _of_bird(path, found, questions)
    if isinstance(found, dict):
        lists = [one for one in found.values() if isinstance(one, list)]
        found = (
            lists[0] if len(lists) == 1 else [{"question_id": key, **_as_row(path, one)} for key, one in found.items()]
        )
    if isinstance(found, list) and all(isinstance(one, str) for one in found):
        found = [{"sql": one} for one in found]
    if not isinstance(found, list):
        raise UsageError(
            f"{str(path)!r} is no list of predictions and no object of them; see `agentsql evaluate --help`"
        )
    return _of_rows(path, [_as_row(path, one) for one in found], questions)


def _of_bird(path: Path, found: Mapping[str, Any], questions: Sequence[Question]) -> dict[str, Record]:
    """Read BIRD's object of number → query; the numbers are question ids, or places where those are no numbers."""
    ids = {question.id for question in questions}
    by_place = not set(found) & ids and all(key.isdigit() for key in found)
    records = {}
    for key, text in found.items():
        place = int(key) if by_place else -1
        if by_place and place >= len(questions):
            raise UsageError(f"{str(path)!r} has a prediction number {key}, and there are {len(questions)} questions")
        name = questions[place].id if by_place else key
        records[name] = _record(name, str(text or "").partition(_BIRD_MARK)[0], {})
    return records


def _read_json_lines(path: Path, questions: Sequence[Question]) -> dict[str, Record]:
    lines = [line for line in path.read_text(encoding="utf-8-sig").splitlines() if line.strip()]
    rows = [_as_row(path, json.loads(line)) for line in lines]
    if rows and {"steps", "candidates", "sql"} <= set(rows[0]):
        return _by_id(path, [(one.question_id, one) for one in read_records(path)])
    return _of_rows(path, rows, questions)


def _read_csv(path: Path, questions: Sequence[Question]) -> dict[str, Record]:
    csv.field_size_limit(_CSV_CELL)
    with path.open(encoding="utf-8-sig", newline="") as file:
        return _of_rows(path, list(csv.DictReader(file)), questions)


def _of_rows(path: Path, rows: Sequence[Row], questions: Sequence[Question]) -> dict[str, Record]:
    if not rows:
        return {}
    keys = dict.fromkeys(key for row in rows for key in row)
    sql_key = next((key for key in _SQL_KEYS if key in keys), None)
    if sql_key is None:
        raise UsageError(
            f"{str(path)!r} has no column `sql`, only {', '.join(map(str, keys))}; rename the one with the queries"
        )
    id_key = next((key for key in _ID_KEYS if key in keys), None)
    if id_key is None:
        _check_count(path, len(rows), questions)
        names: Iterable[str] = [question.id for question in questions[: len(rows)]]
    else:
        names = [str(row.get(id_key, "")) for row in rows]
    return _by_id(path, [(name, _record(name, row.get(sql_key), row)) for name, row in zip(names, rows, strict=True)])


def _by_id(path: Path, records: Iterable[tuple[str, Record]]) -> dict[str, Record]:
    found: dict[str, Record] = {}
    for name, record in records:
        if name in found:
            raise UsageError(f"{str(path)!r} has two predictions for question {name!r}; leave one of them out")
        found[name] = record
    return found


def _record(name: str, sql: object, row: Row) -> Record:
    """Make a record of a prediction; without SQL, or with another status than `answered`, it is one of no answer."""
    text = "" if sql is None else str(sql).strip()
    status = str(row.get("status") or "answered")
    return Record(
        question_id=name,
        db_id=str(row.get("db_id") or ""),
        question=str(row.get("question") or ""),
        sql=text,
        status="failed" if status == "answered" and not text else status,
        path=str(row.get("path") or ""),
        confidence=_number(row.get("confidence")),
        calls=int(_number(row.get("calls")) or 0),
        prompt_tokens=int(_number(row.get("prompt_tokens")) or 0),
        completion_tokens=int(_number(row.get("completion_tokens")) or 0),
        seconds=_number(row.get("seconds")) or 0.0,
    )


def _number(value: object) -> float | None:
    try:
        return float(str(value))
    except ValueError:
        return None


def _as_row(path: Path, found: object) -> Row:
    if not isinstance(found, dict):
        raise UsageError(
            f"{str(path)!r} has a prediction that is no object with `question_id` and `sql`: {str(found)[:80]!r}"
        )
    return found


def _check_count(path: Path, count: int, questions: Sequence[Question]) -> None:
    if count > len(questions):
        raise UsageError(
            f"{str(path)!r} has {count} predictions for {len(questions)} questions; name them by `question_id`"
        )


_READERS: dict[str, Callable[[Path, Sequence[Question]], dict[str, Record]]] = {
    ".json": _read_json,
    ".jsonl": _read_json_lines,
    ".csv": _read_csv,
}
