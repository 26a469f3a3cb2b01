"""Tables of scored runs, side by side; and of the lines of other systems."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from statistics import fmean
from typing import Any

from agentsql.evaluation.compare import compare
from agentsql.evaluation.report.sections import sections
from agentsql.evaluation.score import Evaluation, Scored, Share, accuracy, costs
from agentsql.evaluation.statistics import mcnemar
from harness.recorder import replayed_calls

Row = Mapping[str, Any]
_BASELINES = ("direct", "default")
_SHOWN = ("by-hardness", "by-category", "confidence")
"""Sections of the package's report that are printed too."""


def tables(evaluations: Sequence[Evaluation]) -> str:
    """Give Markdown: for each benchmark and its models a table of graphs, of paired tests, and parts of the report."""
    parts: list[str] = []
    told: dict[str, list[Evaluation]] = {}
    for one in evaluations:
        told.setdefault(_title(one), []).append(one)
    for title, found in told.items():
        parts += [f"## {title}", markdown(map(graph_summary, found))]
        if paired := list(_paired(found)):
            parts.append(f"Paired, {found[0].rule}:\n\n{markdown(paired)}")
        for section in sections(found):
            if section.id in _SHOWN:
                lines = (dict(zip(section.columns, row.cells, strict=True)) for row in section.rows)
                parts += [f"### {section.title}", section.about, markdown(lines)]
        parts += _remarks(found)
    return "\n\n".join(parts)


def graph_summary(evaluation: Evaluation) -> dict[str, str]:
    """Give one line of figures on a run."""
    scored, spent = evaluation.scored, costs(evaluation.scored)
    records = [one.record for one in scored]
    summary = {"graph": evaluation.name, "one database": _share(one.verdict.correct for one in scored)}
    if evaluation.rule == "test suite":
        summary["test suite"] = _share_text(accuracy(scored))
        summary["suite, DISTINCT counts"] = _share(one.verdict.suite_as_written for one in scored)
    return summary | {
        "no answer": f"{100 * fmean(one.status != 'answered' for one in records):.1f} %",
        "calls": f"{spent.calls:.2f}",
        "of these to word": f"{fmean(map(_wording_calls, scored)):.2f}",
        "prompt tokens": f"{spent.prompt_tokens:.0f}",
        "completion tokens": f"{spent.completion_tokens:.0f}",
        "mean s": f"{spent.seconds:.2f}",
        "p95 s": f"{spent.p95_s:.2f}",
        "replayed": f"{100 * sum(map(replayed_calls, records)) / max(1, sum(one.calls for one in records)):.0f} %",
    }


def _title(evaluation: Evaluation) -> str:
    models = evaluation.run.get("models", {})
    sql, chat = (models.get(role, "") for role in ("sql", "chat"))
    benchmark = evaluation.run.get("benchmark", evaluation.benchmark)
    return f"{benchmark}, {sql}" + (f", chat {chat}" if chat != sql else "")


def _paired(evaluations: Sequence[Evaluation]) -> Iterator[dict[str, str]]:
    """Hold every run against the baselines; against the first, if none is one."""
    baselines = [one for name in _BASELINES for one in evaluations if one.name == name] or evaluations[:1]
    for baseline in baselines:
        for one in evaluations:
            if one is baseline:
                continue
            found = compare(baseline, one, shared_only=True)
            boot = found.bootstrap
            yield {
                "graph": one.name,
                "against": baseline.name,
                "questions": str(len(found.first.scored)),
                "gained": str(len(found.gained)),
                "lost": str(len(found.lost)),
                "points": f"{100 * boot.difference:+.1f} [{100 * boot.low:.1f}, {100 * boot.high:.1f}]",
                "p": f"{found.p:.3g}",
            }


def _remarks(evaluations: Sequence[Evaluation]) -> Iterator[str]:
    for one in evaluations:
        codes = {session["code"] for session in one.run.get("sessions", ())}
        if len(codes) > 1:
            yield f"Note: {one.name} was answered by {len(codes)} states of the code."
        if errors := sum(found.record.status == "error" for found in one.scored):
            yield f"Note: {errors} questions of {one.name} could not be asked; a new run asks them again."
        if broken := [found.question.id for found in one.scored if found.verdict.gold_error]:
            yield f"Note: the gold of {len(broken)} questions fails, so they count as wrong: {broken[:5]}."


def _wording_calls(scored: Scored) -> int:
    return sum(step.calls for step in scored.record.steps if step.step == "answer")


def _share(found: Iterable[bool | None]) -> str:
    verdicts = [bool(one) for one in found]
    return _share_text(Share(sum(verdicts), len(verdicts)))


def _share_text(share: Share) -> str:
    low, high = share.interval
    return f"{share.right}/{share.total} {100 * share.value:.1f} % [{100 * low:.1f}, {100 * high:.1f}]"


def is_right(row: Row) -> bool:
    """Tell of a line whether it is right, as `Scored.right` does."""
    return bool(row["correct"] if row["suite"] is None else row["suite"])


def paired_test(rows: Sequence[Row], baseline: Sequence[Row]) -> tuple[int, int, int, float]:
    """Give shared questions, gained and lost against the baseline, and the p-value of McNemar's test."""
    before = {row["question_id"]: is_right(row) for row in baseline}
    changes = Counter((before[row["question_id"]], is_right(row)) for row in rows if row["question_id"] in before)
    gained, lost = changes[False, True], changes[True, False]
    return changes.total(), gained, lost, mcnemar(gained, lost)


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
