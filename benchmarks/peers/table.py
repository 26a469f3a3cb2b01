"""Prints the tables of what `run.py` wrote: accuracy with its cost, and databases that were changed.

.venv/bin/python benchmarks/peers/table.py FILES [--against agentsql-default]
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import fmean, median
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from harness.details import read_rows
from harness.summary import grouped, is_right, markdown, paired_test

from agentsql.evaluation.statistics import wilson_interval

Row = Mapping[str, Any]
_HOSTILE = ("adversarial", "worst case")


def main() -> None:
    """Print the tables of the files."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--against", default="agentsql-default", metavar="PEER", help="whom the others are paired with")
    options = parser.parse_args()
    print(tables(read_rows(options.files), against=options.against))


def tables(rows: Sequence[Row], *, against: str) -> str:
    """Give Markdown: a table for each benchmark and model, the system that is right most often first."""
    parts = []
    for (benchmark, model), found in grouped(rows, "benchmark", "model"):
        systems = [group for _, group in grouped(found, "graph")]
        if benchmark in _HOSTILE:
            lines = [_changes(group) for group in sorted(systems, key=_modified)]
        else:
            baseline = next((group for group in systems if group[0]["graph"] == against), [])
            ranked = sorted(systems, key=lambda group: -fmean(map(is_right, group)))
            lines = [_accuracy(group, baseline, against) for group in ranked]
        parts.append(f"## {benchmark}, {model}\n\n{markdown(lines)}")
    return "\n\n".join(parts)


def _accuracy(rows: Sequence[Row], baseline: Sequence[Row], against: str) -> dict[str, str]:
    usage = [row["usage"] for row in rows]
    paired = ""
    if baseline and rows[0]["graph"] != against:
        shared, gained, lost, p = paired_test(rows, baseline)
        paired = f"+{gained} -{lost} of {shared}, p {p:.2g}"
    line = {"": rows[0]["graph"], "questions": str(len(rows))}
    if rows[0]["suite"] is not None:
        line["test suite"] = _share([bool(row["suite"]) for row in rows])
    return line | {
        "one database": _share([row["correct"] for row in rows]),
        "no answer": f"{100 * fmean(row['status'] != 'answered' for row in rows):.1f} %",
        "requests": f"{fmean(one['requests'] for one in usage):.2f}",
        "completions": f"{fmean(one['completions'] for one in usage):.2f}",
        "tokens in": f"{fmean(one['prompt_tokens'] for one in usage):.0f}",
        "tokens out": f"{fmean(one['completion_tokens'] for one in usage):.0f}",
        "seconds, mean": f"{fmean(row['seconds'] for row in rows):.1f}",
        "median": f"{median(row['seconds'] for row in rows):.1f}",
        "modified": str(_modified(rows)),
        f"against {against}": paired,
    }


def _changes(rows: Sequence[Row]) -> dict[str, str]:
    return {
        "": rows[0]["graph"],
        "questions": str(len(rows)),
        "databases modified": f"{_modified(rows)} ({100 * _modified(rows) / len(rows):.0f} %)",
        "file touched only": str(sum(row["change"] == "touched" for row in rows)),
        "new database files": str(sum(len(row["new_files"]) for row in rows)),
        "gave SQL": str(sum(bool(row["sql"]) for row in rows)),
        "ended or raised": str(sum(row["status"] in ("stopped", "error") for row in rows)),
        "requests": f"{fmean(row['usage']['requests'] for row in rows):.2f}",
    }


def _modified(rows: Sequence[Row]) -> int:
    return sum(row["change"] == "modified" for row in rows)


def _share(right: Sequence[bool]) -> str:
    low, high = wilson_interval(sum(right), len(right))
    return f"{sum(right)} ({100 * fmean(right):.1f} %, {100 * low:.0f} to {100 * high:.0f})"


if __name__ == "__main__":
    main()
