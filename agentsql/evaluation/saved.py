"""An evaluation as a file, `evaluation.json`: first a summary for people and programs, then every question."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from agentsql.errors import UsageError
from agentsql.evaluation.examples import worth_looking_at
from agentsql.evaluation.questions import Question, Verdict
from agentsql.evaluation.records import record_from
from agentsql.evaluation.score import (
    Evaluation,
    GroupedBy,
    Preview,
    Scored,
    Share,
    accuracy,
    costs,
    grouped,
    metric_mean,
)
from agentsql.types import Cell

FILE = "evaluation.json"
_FORMAT = 1
_GROUPINGS: tuple[GroupedBy, ...] = ("hardness", "database", "feature")
_OF_THE_QUESTION = ("question_id", "db_id", "question", "evidence", "hardness", "golds")
"""Keys of a record that the question has as well."""


def summary(evaluation: Evaluation) -> dict[str, Any]:
    """Give what the questions come to: accuracy with its interval, by group, metrics, failures and costs."""
    scored = evaluation.scored
    wrong = [one for one in scored if not one.right]
    return {
        "rule": evaluation.rule,
        "accuracy": _share(accuracy(scored)),
        "by": {by: {name: _share(accuracy(found)) for name, found in grouped(scored, by).items()} for by in _GROUPINGS},
        "metrics": {name: metric_mean(scored, name) for name in evaluation.metric_names},
        "failures": {name: len(found) for name, found in grouped(wrong, "category").items()},
        "lost_at": {name: len(found) for name, found in grouped(wrong, "lost_at").items()},
        "missing": sum(one.record.error.startswith("missing:") for one in scored),
        "gold_broken": [one.question.id for one in scored if one.verdict.gold_error],
        "exact_match_components": evaluation.components,
        "worth_a_look": [
            {"question_id": one.scored.question.id, "why": one.why} for one in worth_looking_at(evaluation)
        ],
        "costs": asdict(costs(scored, evaluation.prices)),
    }


def write_evaluation(evaluation: Evaluation, path: Path) -> None:
    """Write the file, as a whole or not at all."""
    found = {
        "format": _FORMAT,
        "name": evaluation.name,
        "benchmark": evaluation.benchmark,
        "summary": summary(evaluation),
        "prices": evaluation.prices,
        "run": evaluation.run,
        "questions": [_as_object(one) for one in evaluation.scored],
    }
    part = path.with_name(f"{path.name}.part")
    # Text of a model can hold lone surrogates, which no file takes.
    with part.open("w", encoding="utf-8", errors="backslashreplace") as file:
        json.dump(found, file, ensure_ascii=False, indent=1, default=_as_text)
        file.write("\n")
    part.replace(path)


def read_evaluation(path: Path) -> Evaluation:
    """Read a file that `write_evaluation` wrote.

    Raises:
        UsageError: it is no such file.
    """
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        if found["format"] != _FORMAT:
            raise ValueError(f"its format is {found['format']}, not {_FORMAT}")
        return Evaluation(
            name=found["name"],
            benchmark=found["benchmark"],
            scored=tuple(map(_scored, found["questions"])),
            run=found["run"],
            prices=tuple(found["prices"]) if found["prices"] else None,
            components=found["summary"].get("exact_match_components", {}),
        )
    except (OSError, KeyError, TypeError, ValueError) as exc:
        raise UsageError(f"{str(path)!r} is no evaluation: {exc}; make it again with `agentsql evaluate`") from exc


def _share(share: Share) -> dict[str, Any]:
    low, high = share.interval
    return {"right": share.right, "total": share.total, "value": share.value, "low": low, "high": high}


def _as_object(scored: Scored) -> dict[str, Any]:
    found = asdict(scored)
    question = {key: one for key, one in found.pop("question").items() if one and key != "suite"}
    record = {key: value for key, value in found.pop("record").items() if key not in _OF_THE_QUESTION}
    return {
        "right": scored.right,
        "question": question,
        **found,
        "record": record,
    }


def _scored(found: Mapping[str, Any]) -> Scored:
    asked = found["question"]
    question = Question(**{"text": "", **asked, "golds": tuple(asked.get("golds", ()))})
    record = record_from(
        {
            **found["record"],
            "question_id": question.id,
            "db_id": question.db_id,
            "question": question.text,
            "evidence": question.evidence,
            "hardness": question.hardness,
            "golds": question.golds,
        }
    )
    return Scored(
        record=record,
        question=question,
        verdict=Verdict(**found["verdict"]),
        metrics=found["metrics"],
        features=tuple(found["features"]),
        category=found["category"],
        also=tuple(found["also"]),
        lost_at=found["lost_at"],
        gold_result=_preview(found["gold_result"]),
        result=_preview(found["result"]),
    )


def _preview(found: Mapping[str, Any] | None) -> Preview | None:
    if found is None:
        return None
    rows = tuple(map(tuple, found["rows"]))
    return Preview(tuple(found["columns"]), rows, found["total"], found["more"], found["error"])


def _as_text(cell: Cell) -> str:
    return f"x'{cell.hex()}'" if isinstance(cell, bytes) else str(cell)
