"""What was mined of each question, as a line of the journal, and the report on all of them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from agentsql.data.lengths import TokenCounter, histogram, lengths_from, lengths_of
from agentsql.data.mine import Mined
from agentsql.data.rows import PreferenceRow, TrainingRow
from agentsql.types import Message

KINDS = ("preferences", "corrections", "selections", "schema")
"""The files that are made, each `KIND.jsonl`."""
_EXAMPLES = 3


def as_mapping(mined: Mined, db_id: str, texts: int) -> dict[str, Any]:
    """Give what JSON can hold of what one question gave; `rows` are lines.

    Args:
        texts: how many queries were written for it.
    """
    rows: tuple[Sequence[TrainingRow | PreferenceRow], ...] = (
        mined.pairs,
        mined.corrections,
        mined.selections,
        mined.schema,
    )
    return {
        "db_id": db_id,
        "texts": texts,
        "rows": {kind: [row.to_json() for row in of_kind] for kind, of_kind in zip(KINDS, rows, strict=True)},
        "dropped": asdict(mined.dropped) if mined.dropped else None,
        "remarks": mined.remarks,
        "hard": mined.hard,
    }


class Tally:
    """Counts what was mined."""

    def __init__(self, counter: TokenCounter) -> None:
        self._counter = counter
        self._questions = 0
        self._texts = 0
        self._hard = 0
        self._of_kind: Counter[str] = Counter()
        self._questions_of: Counter[str] = Counter()
        self._hardness: Counter[str] = Counter()
        self._databases: set[str] = set()
        self._dropped: Counter[str] = Counter()
        self._examples: dict[str, list[dict[str, str]]] = {}
        self._remarks: Counter[str] = Counter()
        self._lengths: dict[str, list[int]] = {}

    def add(self, found: Mapping[str, Any]) -> None:
        """Count one question, in the form of `as_mapping`."""
        self._questions += 1
        self._texts += found["texts"]
        if dropped := found["dropped"]:
            self._dropped[dropped["reason"]] += 1
            examples = self._examples.setdefault(dropped["reason"], [])
            if len(examples) < _EXAMPLES:
                examples.append(dropped)
            return
        self._hard += found["hard"]
        self._remarks.update(found["remarks"])
        self._databases.add(found["db_id"])
        for kind, lines in found["rows"].items():
            self._of_kind[kind] += len(lines)
            self._questions_of[kind] += bool(lines)
            for line in lines:
                row = json.loads(line)
                self._lengths.setdefault(kind, []).append(self._tokens(row))
                if kind == "preferences":
                    self._hardness[row["hardness"]] += 1

    def _tokens(self, row: Mapping[str, Any]) -> int:
        """Give the tokens of the prompt with its longest reply."""
        prompt = [Message(one["role"], one["content"]) for one in row["prompt"]]
        replies = [row[key][0]["content"] for key in ("completion", "chosen", "rejected") if key in row]
        return sum(self._counter.of_row(prompt, max(replies, key=len)))

    def report(self, made_of: Mapping[str, Any]) -> dict[str, Any]:
        """Give all counts."""
        return {
            "made_of": dict(made_of),
            "questions": self._questions,
            "queries": self._texts,
            "databases": len(self._databases),
            "rows": {kind: {"count": self._of_kind[kind], "questions": self._questions_of[kind]} for kind in KINDS},
            "hard_negatives": self._hard,
            "hardness": dict(self._hardness.most_common()),
            "remarks": dict(self._remarks.most_common()),
            "dropped": {
                reason: {"count": count, "examples": self._examples[reason]}
                for reason, count in self._dropped.most_common()
            },
            "tokens": {
                "method": self._counter.method,
                **{kind: asdict(found) for kind, all_of in self._lengths.items() if (found := lengths_of(all_of))},
            },
        }


def as_markdown(report: Mapping[str, Any]) -> str:
    """Give the report as text."""
    lines = [
        "# Mined data",
        "",
        f"{report['questions']:,} questions of {report['databases']:,} databases, {report['queries']:,} queries.",
        "",
        "| rows | | questions |",
        "|---|---|---|",
        *(f"| {kind} | {one['count']:,} | {one['questions']:,} |" for kind, one in report["rows"].items()),
        "",
        f"Of the wrong queries in pairs {report['hard_negatives']:,} run.",
        "",
    ]
    for title, key in (("Pairs by hardness", "hardness"), ("Worth knowing", "remarks")):
        if report[key]:
            lines += [f"## {title}", "", *(f"- {count:,}: {name}" for name, count in report[key].items()), ""]
    if report["dropped"]:
        lines += ["## Dropped", ""]
        for reason, one in report["dropped"].items():
            lines.append(f"- {one['count']:,}: {reason}")
            lines += [
                f"  - `{shown['id']}` {shown['question']} {shown['detail']}".rstrip() for shown in one["examples"]
            ]
        lines.append("")
    lines += ["## Tokens of prompt and longest reply", "", f"Counted: {report['tokens']['method']}.", ""]
    for kind, one in report["tokens"].items():
        if kind != "method":
            found = lengths_from(one)
            lines += [
                f"{kind}: half up to {found.p50:,}, longest {found.most:,}",
                "",
                "```",
                histogram(found),
                "```",
                "",
            ]
    return "\n".join(lines).rstrip() + "\n"
