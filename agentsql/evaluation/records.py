"""One JSON line for each question of a run: what was asked, answered and spent; and reading such lines again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from agentsql.observe.records import CandidateRecord, StepRecord

TRACES = "traces.jsonl"
"""Name of the file of these lines in a run's folder."""


@dataclass(frozen=True, slots=True)
class Record:
    """What came of one question."""

    question_id: str
    db_id: str
    question: str
    sql: str
    evidence: str = ""
    hardness: str = ""
    golds: tuple[str, ...] = ()
    status: str = "answered"
    """Of the Answer (`answered`, `chat`, `clarify`, `refused`, `failed`), or `error` if it could not be asked."""
    text: str = ""
    error: str = ""
    """`kind: message` of what went wrong; empty if nothing did."""
    correct: bool | None = None
    executable: bool | None = None
    suite: bool | None = None
    suite_as_written: bool | None = None
    gold_error: str = ""
    """These five are the Verdict of the benchmark, as the run saw it."""
    confidence: float | None = None
    path: str = ""
    """Name of the candidate that won, such as `pruned-3` or `full-1.mend`."""
    calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cached_tokens: int = 0
    seconds: float = 0.0
    """From asking to the answer, judging not included."""
    steps: tuple[StepRecord, ...] = ()
    candidates: tuple[CandidateRecord, ...] = ()
    examples: tuple[tuple[str, str], ...] = ()

    def to_json(self) -> str:
        """Give it as one line without its end."""
        return json.dumps(asdict(self), ensure_ascii=False, default=str)


def record_from(found: dict[str, Any]) -> Record:
    """Make a Record of a line's object; keys it does not know are passed over.

    Raises:
        TypeError: a key that every record has is missing.
    """
    known = {one.name for one in fields(Record)}
    given = {key: value for key, value in found.items() if key in known}
    given["golds"] = tuple(given.get("golds", ()))
    given["steps"] = tuple(_step(one) for one in given.get("steps", ()))
    given["candidates"] = tuple(CandidateRecord(**one) for one in given.get("candidates", ()))
    given["examples"] = tuple((question, sql) for question, sql in given.get("examples", ()))
    return Record(**given)


def read_records(path: Path) -> Iterator[Record]:
    """Yield the records of a file in its order; a last line that was cut off by a kill is passed over.

    Raises:
        OSError: the file cannot be read.
        ValueError: a line other than the last is no record.
    """
    with path.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            if not line.endswith(b"\n"):
                return
            try:
                yield record_from(json.loads(line))
            except (TypeError, ValueError) as exc:
                raise ValueError(f"line {number} of {path} is no record: {exc}") from exc


def _step(found: dict[str, Any]) -> StepRecord:
    given = dict(found)
    for name in ("prompt_hashes", "notes", "models"):
        given[name] = tuple(given.get(name, ()))
    if given.get("tables") is not None:
        given["tables"] = tuple(given["tables"])
    if given.get("columns") is not None:
        given["columns"] = tuple((table, column) for table, column in given["columns"])
    return StepRecord(**given)
