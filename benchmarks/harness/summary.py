"""Tables of a run, made from its details alone."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from statistics import fmean
from typing import Any

from agentsql.evaluation.statistics import calibration_error, mcnemar, reliability, wilson_interval

Row = Mapping[str, Any]
_BASELINES = ("direct", "default")


def tables(rows: Sequence[Row]) -> str:
    """Give Markdown: for each benchmark and pair of models a table of graphs, of paired tests, and of confidence."""
    parts: list[str] = []
    for (benchmark, model, chat_model), found in grouped(rows, "benchmark", "model", "chat_model"):
        by_graph = {graph: group for (graph,), group in grouped(found, "graph")}
        with_chat = f", chat {chat_model}" if chat_model else ""
        parts.append(f"## {benchmark}, {model}{with_chat}\n")
        parts.append(markdown(map(graph_summary, by_graph.values())))
        if paired := [one for baseline in _BASELINES for one in _paired(by_graph, baseline)]:
            parts.append(f"Paired, {_rule(found)}:\n\n{markdown(paired)}")
        if hardness := _by_hardness(by_graph):
            parts.append(f"By hardness, {_rule(found)}, right/total:\n\n{markdown(hardness)}")
        parts += [text for graph, group in by_graph.items() if (text := _confidence(graph, group))]
        parts += _remarks(by_graph)
    return "\n\n".join(parts)


def is_right(row: Row) -> bool:
    """By the test suite where the benchmark has one, else by the benchmark's own rule on the one database."""
    return bool(row["correct"] if row["suite"] is None else row["suite"])


def graph_summary(rows: Sequence[Row]) -> dict[str, str]:
    """Give one line of figures on the questions of one graph."""
    seconds = sorted(row["seconds"] for row in rows)
    summary = {"graph": rows[0]["graph"], "one database": _share(row["correct"] for row in rows)}
    if rows[0]["suite"] is not None:
        summary["test suite"] = _share(row["suite"] for row in rows)
        summary["suite, DISTINCT counts"] = _share((row["suite_as_written"] for row in rows), interval=False)
    return summary | {
        "no answer": f"{100 * fmean(row['status'] != 'answered' for row in rows):.1f} %",
        "calls": f"{fmean(row['calls'] for row in rows):.2f}",
        "of these to word": f"{fmean(map(_wording_calls, rows)):.2f}",
        "prompt tokens": f"{fmean(row['prompt_tokens'] for row in rows):.0f}",
        "completion tokens": f"{fmean(row['completion_tokens'] for row in rows):.0f}",
        "mean s": f"{fmean(seconds):.2f}",
        "p95 s": f"{seconds[math.ceil(0.95 * len(seconds)) - 1]:.2f}",
        "replayed": f"{100 * sum(row['replayed'] for row in rows) / max(1, sum(row['asked'] for row in rows)):.0f} %",
    }


def paired_test(rows: Sequence[Row], baseline: Sequence[Row]) -> tuple[int, int, int, float]:
    """Give shared questions, gained and lost against the baseline, and the p-value of McNemar's test."""
    before = {row["question_id"]: is_right(row) for row in baseline}
    changes = Counter((before[row["question_id"]], is_right(row)) for row in rows if row["question_id"] in before)
    gained, lost = changes[False, True], changes[True, False]
    return changes.total(), gained, lost, mcnemar(gained, lost)


def _paired(by_graph: Mapping[str, Sequence[Row]], baseline: str) -> Iterator[dict[str, str]]:
    for graph, rows in by_graph.items():
        if baseline not in by_graph or graph == baseline:
            continue
        shared, gained, lost, p = paired_test(rows, by_graph[baseline])
        yield {
            "graph": graph,
            "against": baseline,
            "questions": str(shared),
            "gained": str(gained),
            "lost": str(lost),
            "net": f"{gained - lost:+d}",
            "p": f"{p:.3g}",
        }


def _by_hardness(by_graph: Mapping[str, Sequence[Row]]) -> list[dict[str, str]]:
    lines = []
    for graph, rows in by_graph.items():
        kinds = {kind: group for (kind,), group in grouped(rows, "hardness") if kind}
        counts = {kind: f"{sum(map(is_right, group))}/{len(group)}" for kind, group in kinds.items()}
        if counts:
            lines.append({"graph": graph, **counts})
    return lines


def _confidence(graph: str, rows: Sequence[Row]) -> str:
    pairs = [(row["confidence"], is_right(row)) for row in rows if row["confidence"] is not None]
    bins = reliability(pairs)
    if len(bins) < 2:
        return ""
    lines = [
        {
            "confidence": f"{one.low:.1f}-{one.high:.1f}",
            "answers": str(one.count),
            "mean confidence": f"{one.confidence:.2f}",
            "right": f"{one.accuracy:.2f}",
        }
        for one in bins
    ]
    return (
        f"Confidence of {graph}: {len(pairs)} of {len(rows)} answers have one, "
        f"calibration error {calibration_error(bins):.3f}\n\n{markdown(lines)}"
    )


def _remarks(by_graph: Mapping[str, Sequence[Row]]) -> list[str]:
    remarks = []
    for graph, rows in by_graph.items():
        codes = Counter(row["code"] for row in rows)
        if len(codes) > 1:
            states = ", ".join(f"{code}: {count}" for code, count in codes.items())
            remarks.append(f"Note: {graph} was answered by {len(codes)} states of the code ({states}).")
        if errors := sum(row["status"] == "error" for row in rows):
            remarks.append(f"Note: {errors} questions of {graph} could not be asked; a new run asks them again.")
        if broken := [row["question_id"] for row in rows if row.get("gold_error")]:
            remarks.append(f"Note: the gold of {len(broken)} questions fails, so they count as wrong: {broken[:5]}.")
    return remarks


def _wording_calls(row: Row) -> int:
    return sum(step["calls"] for step in row.get("steps", ()) if step["step"] == "answer")


def _rule(rows: Sequence[Row]) -> str:
    return "test suite" if rows[0]["suite"] is not None else "one database"


def _share(found: Iterable[object], *, interval: bool = True) -> str:
    verdicts = [bool(one) for one in found]
    low, high = wilson_interval(sum(verdicts), len(verdicts))
    bounds = f" [{100 * low:.1f}, {100 * high:.1f}]" if interval else ""
    return f"{sum(verdicts)}/{len(verdicts)} {100 * sum(verdicts) / len(verdicts):.1f} %{bounds}"


def grouped(rows: Sequence[Row], *names: str) -> list[tuple[tuple[str, ...], list[Row]]]:
    """Give the rows by the values of these keys, in the order in which a value first comes."""
    place = {key: number for number, key in enumerate(dict.fromkeys(_values(row, names) for row in rows))}
    ordered = sorted(rows, key=lambda row: place[_values(row, names)])
    return [(key, list(group)) for key, group in groupby(ordered, key=lambda row: _values(row, names))]


def _values(row: Row, names: Sequence[str]) -> tuple[str, ...]:
    return tuple(str(row[name]) for name in names)


def markdown(lines: Iterable[Mapping[str, str]]) -> str:
    """Give the lines as a Markdown table with all their names as its columns."""
    shown = list(lines)
    names = list(dict.fromkeys(name for line in shown for name in line))
    rows = [names, ["---"] * len(names), *([line.get(name, "") for name in names] for line in shown)]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)
