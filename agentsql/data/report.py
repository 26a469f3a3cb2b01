"""What became of the questions: counted by reason, by repair, by hardness and length, for people and for programs."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from agentsql.data.journal import JOURNAL
from agentsql.data.leaks import KINDS
from agentsql.data.lengths import TokenCounter, histogram, lengths_from, lengths_of, open_counter
from agentsql.data.rows import TrainingRow, read_preference_rows, read_training_rows
from agentsql.errors import TrainingDataError, UsageError
from agentsql.runs.files import write_whole
from agentsql.types import Message

REPORT = "report.json"
REPORT_TEXT = "report.md"
DROPPED = "dropped.jsonl"
NO_ROWS = (DROPPED, "samples.jsonl", "tries.jsonl", "triplets.jsonl")
"""Files of a finished folder that hold something else than rows."""

DUPLICATE = "a duplicate"
_EXAMPLES = 3
_LEAKS_LISTED = 20
_WARNINGS_LISTED = 20
_DETAIL_CHARS = 200


class Tally:
    """Counts outcomes as they come, in one order every time, because the first of two duplicates is kept."""

    def __init__(self, counter: TokenCounter) -> None:
        self.databases: Counter[str] = Counter()
        """Rows of each database."""
        self._counter = counter
        self._read = 0
        self._kept = 0
        self._dropped: Counter[str] = Counter()
        self._examples: dict[str, list[dict[str, str]]] = {}
        self._remarks: Counter[str] = Counter()
        self._hardness: Counter[str] = Counter()
        self._tasks: Counter[str] = Counter()
        self._tables: Counter[int] = Counter()
        self._leaks: dict[str, list[list[str]]] = {kind: [] for kind in KINDS}
        self._leaking: Counter[str] = Counter()
        self._warnings: Counter[str] = Counter()
        self._prompts: list[int] = []
        self._replies: list[int] = []
        self._seen: set[bytes] = set()

    def add(self, found: Mapping[str, Any]) -> None:
        """Count one outcome, in the form that `prepare.as_mapping` gives."""
        self._read += 1
        if found["warning"]:
            self._warnings[found["warning"]] += 1
        dropped = found["dropped"] or _as_duplicate(found, self._seen)
        if dropped:
            self._drop(*dropped)
            return
        self._kept += 1
        self._remarks.update(found["remarks"])
        rows = [json.loads(line) for line in found["rows"]]
        for kind, place in found["leaks"]:
            self._leaking[kind] += 1
            if len(self._leaks[kind]) < _LEAKS_LISTED:
                self._leaks[kind].append([rows[0]["question_id"], rows[0]["question"], place])
        for row in rows:
            self._count_row(row)

    def reasons(self) -> str:
        """Give why questions were dropped, on one line."""
        return ", ".join(f"{count:,} {reason}" for reason, count in self._dropped.most_common()) or "there are none"

    def lines(self, outcomes: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
        """Yield database and line of each row that is kept, and a line without database for each question dropped."""
        seen: set[bytes] = set()
        for found in outcomes:
            if dropped := found["dropped"] or _as_duplicate(found, seen):
                yield "", json.dumps(_named(*dropped), ensure_ascii=False)
            else:
                yield from ((found["db_id"], line) for line in found["rows"])

    def report(
        self, parts: Mapping[str, str], rows_of_part: Mapping[str, int], *, made_of: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Give all counts."""
        prompts, replies = lengths_of(self._prompts), lengths_of(self._replies)
        both = lengths_of([prompt + reply for prompt, reply in zip(self._prompts, self._replies, strict=True)])
        return {
            "made_of": dict(made_of),
            "read": self._read,
            "kept": self._kept,
            "rows": sum(self.databases.values()),
            "dropped": {
                reason: {"count": count, "examples": self._examples[reason]}
                for reason, count in self._dropped.most_common()
            },
            "remarks": dict(self._remarks.most_common()),
            "warnings": dict(self._warnings.most_common(_WARNINGS_LISTED)),
            "tasks": dict(self._tasks.most_common()),
            "hardness": dict(self._hardness.most_common()),
            "tables_read": dict(sorted(self._tables.items())),
            "parts": {
                name: {"rows": rows, "databases": sum(part == name for part in parts.values())}
                for name, rows in rows_of_part.items()
            },
            "leaks": {kind: {"count": self._leaking[kind], "examples": found} for kind, found in self._leaks.items()}
            if made_of.get("against")
            else {},
            "tokens": {
                "method": self._counter.method,
                **{
                    name: asdict(found)
                    for name, found in (("prompt", prompts), ("reply", replies), ("both", both))
                    if found
                },
            },
        }

    def _drop(self, reason: str, identity: str, question: str, detail: str, source: str) -> None:
        self._dropped[reason] += 1
        examples = self._examples.setdefault(reason, [])
        if len(examples) < _EXAMPLES:
            examples.append(_named(reason, identity, question, detail[:_DETAIL_CHARS], source))

    def _count_row(self, row: Mapping[str, Any]) -> None:
        self.databases[row["db_id"]] += 1
        self._tasks[row["task"]] += 1
        self._hardness[row["hardness"]] += 1
        self._tables[len(row["tables"])] += 1
        messages = [Message(one["role"], one["content"]) for one in row["prompt"]]
        prompt, reply = self._counter.of_row(messages, row["completion"][0]["content"])
        self._prompts.append(prompt)
        self._replies.append(reply)


def report_on_rows(files: Sequence[Path], tokenizer: str, say: Callable[[str], None]) -> dict[str, Any]:
    """Count files of rows that are there; of a pair the reply that is rejected is counted, as the pair's own.

    Raises:
        TrainingDataError: one cannot be read, or there is none.
    """
    tally = Tally(open_counter(tokenizer))
    rows_of: dict[str, Counter[str]] = {}
    for file in files:
        rows_of[file.stem] = Counter()
        for number, row in enumerate(_rows_in(file), 1):
            about = row.about
            asked = (about.question, about.evidence, about.gold, row.prompt[-1].content)
            key = (about.task, about.db_id, *asked, row.completion)
            tally.add(
                {
                    "rows": [row.to_json()],
                    "db_id": about.db_id,
                    "dropped": None,
                    "remarks": (),
                    "leaks": (),
                    "key": key,
                    "warning": "",
                }
            )
            rows_of[file.stem][about.db_id] += 1
            if not number % 1000:
                say(f"{number:,} rows of {file.name}")
    if not tally.databases:
        raise TrainingDataError("there are no training rows; give a file that `agentsql data prepare` made")
    found = tally.report({}, {}, made_of={})
    found["parts"] = {name: {"rows": rows.total(), "databases": len(rows)} for name, rows in rows_of.items()}
    return found


def _rows_in(file: Path) -> Iterator[TrainingRow]:
    with file.open("rb") as lines:
        are_pairs = b'"rejected"' in lines.readline()
    if are_pairs:
        return (TrainingRow(one.prompt, one.rejected, one.about) for one in read_preference_rows(file))
    return read_training_rows(file)


def check_unfinished(folder: Path) -> None:
    """Make a folder if need be, and see that none was finished there.

    Raises:
        UsageError: there is.
    """
    folder.mkdir(parents=True, exist_ok=True)
    # With both of them, the work was stopped at its very end, which is done again.
    if (folder / REPORT).exists() and not (folder / JOURNAL).exists():
        raise UsageError(f"{folder} holds finished data already; name another folder, or remove it")


@contextmanager
def written_into(folder: Path) -> Iterator[None]:
    """Say of a folder that cannot be written how to go on.

    Raises:
        TrainingDataError: it cannot be written.
    """
    try:
        yield
    except OSError as exc:
        raise TrainingDataError(
            f"{folder} cannot be written: {exc.strerror or exc}; what is done is kept there: "
            "make room, and give the same command again"
        ) from exc


def save_report(folder: Path, report: Mapping[str, Any], text: str) -> None:
    """Write it for people and for programs; the one for programs, which says that the folder is finished, last."""
    write_whole(folder / REPORT_TEXT, [text.encode("utf-8", "replace")])
    shown = json.dumps(report, ensure_ascii=False, indent=1) + "\n"
    write_whole(folder / REPORT, [shown.encode("utf-8", "replace")])


def as_markdown(report: Mapping[str, Any]) -> str:
    """Give the report as text."""
    lines = [
        "# Training data",
        "",
        f"{report['read']:,} questions read, {report['kept']:,} kept, which make {report['rows']:,} rows.",
        "",
    ]
    lines += _table(
        "part", {name: f"{one['rows']:,} rows, {one['databases']:,} databases" for name, one in report["parts"].items()}
    )
    if report["dropped"]:
        lines += ["## Dropped", "", "Every one of them is in `dropped.jsonl`.", ""]
        for reason, one in report["dropped"].items():
            lines.append(f"- {one['count']:,}: {reason}")
            lines += [
                f"  - `{example['id']}` {example['question']} {example['detail']}".rstrip()
                for example in one["examples"]
            ]
        lines.append("")
    for title, key in (
        ("Repaired, or worth knowing", "remarks"),
        ("Warnings", "warnings"),
        ("Tasks", "tasks"),
        ("Hardness", "hardness"),
        ("Tables read", "tables_read"),
    ):
        if report[key]:
            lines += [
                f"## {title}",
                "",
                *_table(title.lower(), {str(name): f"{count:,}" for name, count in report[key].items()}),
            ]
    if report["leaks"]:
        lines += ["## Shared with the evaluation set", "", f"`{report['made_of']['against']}`", ""]
        for kind, one in report["leaks"].items():
            lines.append(f"- {one['count']:,}: the same {kind}")
            lines += [
                f"  - `{mine}` {question} (as `{other}`)" for mine, question, other in one["examples"][:_EXAMPLES]
            ]
        lines.append("")
    lines += _lengths_text(report["tokens"])
    return "\n".join(lines).rstrip() + "\n"


def _lengths_text(tokens: Mapping[str, Any]) -> list[str]:
    lines = ["## Tokens", "", f"Counted: {tokens['method']}.", ""]
    for name in ("prompt", "reply", "both"):
        if name in tokens:
            one = lengths_from(tokens[name])
            lines += [
                f"{name}: mean {one.mean:,.0f}, half up to {one.p50:,}, 95 % up to {one.p95:,}, "
                f"99 % up to {one.p99:,}, longest {one.most:,}",
                "",
            ]
    if "both" in tokens:
        lines += ["```", histogram(one), "```"]
    return lines


def _table(head: str, cells: Mapping[str, str]) -> list[str]:
    return [f"| {head} | |", "|---|---|", *(f"| {name} | {text} |" for name, text in cells.items()), ""]


def _as_duplicate(found: Mapping[str, Any], seen: set[bytes]) -> tuple[str, str, str, str, str] | None:
    """Say why it is dropped if its like was seen before."""
    if found["dropped"]:
        return None
    key = hashlib.blake2b("\x1f".join(found["key"]).encode("utf-8", "replace"), digest_size=12).digest()
    if key not in seen:
        seen.add(key)
        return None
    row = json.loads(found["rows"][0])
    return DUPLICATE, row["question_id"], row["question"], row["gold"], row["source"]


def _named(reason: str, identity: str, question: str, detail: str, source: str) -> dict[str, str]:
    return {"reason": reason, "id": identity, "question": question, "detail": detail, "source": source}
