"""One JSON line for each question: what was asked, answered and spent; and reading such lines again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import agentsql
from agentsql import Answer
from agentsql.evaluation.questions import Question, Verdict
from agentsql.graph import GraphSpec
from agentsql.types import Candidate
from harness.recorder import Tally

Row = dict[str, Any]
Key = tuple[str, str, str, str, str]
"""Benchmark, question, graph, SQL model, chat model."""


def code_hash(spec: GraphSpec) -> str:
    """Give 12 hex digits of the package's files and the graph: rows of two hashes may come from different code."""
    digest = hashlib.sha256()
    package = Path(agentsql.__file__).parent
    for path in sorted(package.rglob("*")):
        if path.suffix in (".py", ".txt", ".toml"):
            digest.update(path.read_bytes())
    nodes = [(node.name, node.step_name, sorted(node.options.items()), node.router_name) for node in spec.nodes]
    digest.update(repr((spec.start, nodes, [sorted(node.next.items()) for node in spec.nodes])).encode())
    return digest.hexdigest()[:12]


def row_of(question: Question, answer: Answer, verdict: Verdict, tally: Tally, seen: Mapping[str, Any]) -> Row:
    """Give the line of an answered question, without the keys that say which run it belongs to.

    Args:
        seen: what the steps wrote of `links`, `tables` and `examples`.
    """
    links = seen.get("links")
    return {
        **_asked(question),
        "sql": answer.sql,
        "status": answer.status,
        "text": answer.text,
        "correct": verdict.correct,
        "suite": verdict.suite,
        "suite_as_written": verdict.suite_as_written,
        "gold_error": verdict.gold_error,
        "confidence": answer.confidence,
        "calls": answer.usage.calls,
        "prompt_tokens": answer.usage.prompt_tokens,
        "completion_tokens": answer.usage.completion_tokens,
        "cached_tokens": answer.usage.cached_tokens,
        "seconds": round(answer.seconds + tally.replayed_s, 3),
        "asked": tally.asked,
        "replayed": tally.replayed,
        "steps": [
            {
                "step": event.step,
                "seconds": round(event.seconds, 3),
                "calls": event.usage.calls,
                "tokens": event.usage.tokens,
            }
            for event in answer.trace
        ],
        "candidates": [_candidate(one) for one in answer.candidates],
        "notes": [f"{event.step}: {note}" for event in answer.trace for note in event.notes],
        "links": {"tables": links.tables, "columns": links.columns, "values": links.values} if links else None,
        "tables": seen.get("tables"),
        "examples": seen.get("examples", ()),
    }


def row_of_error(question: Question, error: Exception) -> Row:
    """Give the line of a question that could not be asked: it counts as wrong until a later run asks it again."""
    return {
        **_asked(question),
        "sql": "",
        "status": "error",
        "text": f"{type(error).__name__}: {error}",
        "correct": False,
        "suite": False if question.suite else None,
        "suite_as_written": False if question.suite else None,
        "confidence": None,
        "calls": 0,
        "prompt_tokens": 0,
        "completion_tokens": 0,
        "seconds": 0.0,
        "asked": 0,
        "replayed": 0,
    }


def key_of(row: Mapping[str, Any]) -> Key:
    """Give what tells a line from others; the last line of a key is the one that counts."""
    return (row["benchmark"], row["question_id"], row["graph"], row["model"], row["chat_model"])


def read_rows(paths: Iterable[Path]) -> list[Row]:
    """Give the lines of details files, the last of each key; a line that was cut off by a kill is passed over."""
    rows: dict[Key, Row] = {}
    for path in paths:
        for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else ():
            try:
                row = json.loads(line)
            except ValueError:
                continue
            rows[key_of(row)] = row
    return list(rows.values())


def append_row(path: Path, row: Mapping[str, Any]) -> None:
    """Write a line at the end, on a line of its own even if the last one was cut off."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+b") as file:
        end = file.seek(0, 2)
        if end:
            file.seek(end - 1)
            if file.read(1) != b"\n":
                file.write(b"\n")
        file.write(json.dumps(row, default=str).encode() + b"\n")


def _asked(question: Question) -> Row:
    return {
        "question_id": question.id,
        "db_id": question.db_id,
        "hardness": question.hardness,
        "question": question.text,
        "evidence": question.evidence,
        "gold": question.golds[0],
    }


def _candidate(candidate: Candidate) -> Row:
    result, failure = candidate.result, candidate.failure
    rows = sorted(map(repr, result.rows)) if result and not result.error else None
    return {
        "name": candidate.name,
        "sql": candidate.sql,
        "failure": f"{failure.kind}: {failure.message}" if failure else "",
        "result": hashlib.sha256("\n".join(rows).encode()).hexdigest()[:10] if rows is not None else "",
        "rows": len(rows) if rows is not None else None,
        "logprob": candidate.logprob,
    }
