"""What a report says, as tables of text with the chart that shows the same; HTML and Markdown both print these."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from agentsql.evaluation.examples import worth_looking_at
from agentsql.evaluation.report import charts
from agentsql.evaluation.report.parts import Row, Section, count_text, query, share_text
from agentsql.evaluation.score import (
    Evaluation,
    GroupedBy,
    Scored,
    Share,
    accuracy,
    costs,
    grouped,
    metric_mean,
    percentile,
)
from agentsql.evaluation.statistics import ReliabilityBin, calibration_error, reliability

_HARDNESS = ("easy", "simple", "medium", "moderate", "hard", "challenging", "extra")
"""Spider's and BIRD's, from easy to hard; others follow as they come."""
_PERCENTILES = (0.5, 0.75, 0.9, 0.95, 0.99, 1.0)
_COLUMNS: dict[GroupedBy, str] = {
    "hardness": "Hardness", "database": "Database", "feature": "SQL feature", "category": "Reason", "lost_at": "Step",
}  # fmt: skip
_LOST = "The first step behind which a needed table, column or right candidate was gone."
WORTH = "worth-looking-at"
_CHARTED = 40
"""Groups in one chart; a table holds them all."""


def sections(evaluations: Sequence[Evaluation]) -> tuple[Section, ...]:
    """Give the sections that have something to say of these runs, in the order of a report."""
    found = (
        _accuracy_by(evaluations, "hardness", "Accuracy by hardness", "As the benchmark grades its questions."),
        _accuracy_by(evaluations, "feature", "Accuracy by SQL feature", "A gold query can have several features."),
        _accuracy_by(evaluations, "database", "Accuracy by database", "Hardest first."),
        _failures(evaluations, "category", "Why it failed", "The first reason that holds of each wrong answer."),
        _failures(evaluations, "lost_at", "Where it was lost", _LOST),
        _cost(evaluations),
        _latency(evaluations),
        _confidence(evaluations),
        _metrics(evaluations),
        _components(evaluations),
        _answers(evaluations),
        _worth_looking_at(evaluations),
    )  # fmt: skip
    return tuple(one for one in found if one.rows)


def settings(evaluations: Sequence[Evaluation]) -> Section:
    """Give all that the runs' run.json files say, one line a leaf."""
    flat = [dict(_leaves(one.run)) for one in evaluations]
    names = dict.fromkeys(name for one in flat for name in one)
    rows = tuple(Row((name, *(one.get(name, "") for one in flat))) for name in names)
    return Section(
        "settings", "Settings of the run", "From run.json.", ("Setting", *(one.name for one in evaluations)), rows
    )


def _accuracy_by(evaluations: Sequence[Evaluation], by: GroupedBy, title: str, about: str) -> Section:
    groups = [grouped(one.scored, by) for one in evaluations]
    names = list(dict.fromkeys(name for one in groups for name in one))
    shares = {name: [accuracy(one.get(name, ())) for one in groups] for name in names}
    if by == "hardness":
        names.sort(key=lambda name: _HARDNESS.index(name) if name in _HARDNESS else len(_HARDNESS))
    else:
        names.sort(key=lambda name: (shares[name][0].value, -shares[name][0].total, name))
    rows = tuple(
        Row((name, str(max(one.total for one in shares[name])), *map(share_text, shares[name])), query(**{by: name}))
        for name in names
    )
    runs = [one.name for one in evaluations]
    bars = [
        charts.share_bar(name, run, share)
        for name in names[:_CHARTED]
        for run, share in zip(runs, shares[name], strict=True)
        if share.total
    ]
    columns = (_COLUMNS[by], "Questions", *_headings(evaluations, "Accuracy"))
    return Section(f"by-{by}", title, _cut(about, names), columns, rows, charts.shares_chart(bars) if bars else None)


def _failures(evaluations: Sequence[Evaluation], by: GroupedBy, title: str, about: str) -> Section:
    wrong = [[one for one in evaluation.scored if not one.right] for evaluation in evaluations]
    groups = [grouped(found, by) for found in wrong]
    names = list(dict.fromkeys(name for one in groups for name in one))
    counts = {name: [len(one.get(name, ())) for one in groups] for name in names}
    names.sort(key=lambda name: -max(counts[name]))
    key = "category" if by == "category" else "lost"
    rows = tuple(
        Row(
            (name, *(_part(count, len(found)) for count, found in zip(counts[name], wrong, strict=True))),
            query(**{key: name}),
        )
        for name in names
    )  # fmt: skip
    runs = [one.name for one in evaluations]
    bars = [
        charts.Bar(name, run, count, label=f"{run}, {name}: {count}")
        for name in names[:_CHARTED]
        for run, count in zip(runs, counts[name], strict=True)
    ]
    columns = (_COLUMNS[by], *_headings(evaluations, "Wrong answers"))
    return Section(f"by-{key}", title, _cut(about, names), columns, rows, charts.counts_chart(bars) if bars else None)


def _cost(evaluations: Sequence[Evaluation]) -> Section:
    spending = [one for one in evaluations if any(scored.record.calls for scored in one.scored)]
    if not spending:
        return Section("cost", "", "", (), ())
    columns = ["Run", "Accuracy", "Calls", "Prompt tokens", "Completion tokens", "Seconds"]
    priced = any(one.prices for one in spending)
    rows, points = [], []
    for one in spending:
        spent, share = costs(one.scored, one.prices), accuracy(one.scored)
        tokens = spent.prompt_tokens + spent.completion_tokens
        cells = [one.name, share_text(share), f"{spent.calls:.1f}", count_text(spent.prompt_tokens)]
        cells += [count_text(spent.completion_tokens), f"{spent.seconds:.2f}"]
        rows.append(Row((*cells, *([_price(spent.price)] if priced else []))))
        points.append((one.name, tokens, share, f"{one.name}: {share_text(share)}, {count_text(tokens)} tokens"))
    about = "Means of one question" + ("; the price is of all of them." if priced else ".")
    if len(spending) == 1:
        points = _by_tokens(spending[0])
        about += " The chart splits the questions into quarters by the tokens that each took."
    chart = charts.cost_chart(points, "tokens a question", joined=len(spending) == 1) if points else None
    return Section(
        "cost", "Accuracy against cost", about, (*columns, *(["Price"] if priced else [])), tuple(rows), chart
    )


def _by_tokens(evaluation: Evaluation) -> list[tuple[str, float, Share, str]]:
    ordered = sorted(evaluation.scored, key=_tokens)
    quarters = [ordered[len(ordered) * place // 4 : len(ordered) * (place + 1) // 4] for place in range(4)]
    points = []
    for found in filter(None, quarters):
        mean, share = sum(map(_tokens, found)) / len(found), accuracy(found)
        points.append((evaluation.name, mean, share, f"about {count_text(mean)} tokens: {share_text(share)}"))
    return points


def _latency(evaluations: Sequence[Evaluation]) -> Section:
    timed = [(one.name, [scored.record.seconds for scored in one.scored]) for one in evaluations]
    timed = [(name, seconds) for name, seconds in timed if any(seconds)]
    rows = tuple(
        Row((name, *(f"{percentile(seconds, share):.2f}" for share in _PERCENTILES))) for name, seconds in timed
    )
    columns = ("Run", *(f"p{share * 100:.0f}" for share in _PERCENTILES[:-1]), "Slowest")
    about = "Seconds from asking to the answer."
    return Section("latency", "Latency", about, columns, rows, charts.latency_chart(timed) if timed else None)


def _confidence(evaluations: Sequence[Evaluation]) -> Section:
    binned = {one.name: reliability(_confidences(one.scored)) for one in evaluations}
    rows = tuple(
        Row((name, f"{one.low:.1f} to {one.high:.1f}", str(one.count), f"{one.confidence:.2f}", f"{one.accuracy:.1%}"))
        for name, bins in binned.items()
        for one in bins
    )
    points = [
        (name, one.confidence, one.accuracy, one.count, _bin_label(name, one))
        for name, bins in binned.items()
        for one in bins
    ]
    errors = ", ".join(f"{calibration_error(bins):.3f} ({name})" for name, bins in binned.items() if bins)
    about = f"Where confidence is honest, the points lie on the dashed line. Expected calibration error: {errors}."
    columns = ("Run", "Confidence", "Answers", "Mean confidence", "Right")
    chart = charts.reliability_chart(points) if points else None
    return Section("confidence", "Is its confidence honest?", about, columns, rows, chart)


def _bin_label(run: str, one: ReliabilityBin) -> str:
    return f"{run}: confidence {one.confidence:.2f}, right {one.accuracy:.0%} of {one.count}"


def _confidences(scored: Iterable[Scored]) -> list[tuple[float, bool]]:
    return [(one.record.confidence, one.right) for one in scored if one.record.confidence is not None]


def _metrics(evaluations: Sequence[Evaluation]) -> Section:
    names = dict.fromkeys(name for one in evaluations for name in one.metric_names)
    rows = tuple(
        Row((name.replace("_", " "), *(_mean(metric_mean(one.scored, name)) for one in evaluations))) for name in names
    )
    about = "Means over the questions that a metric says something of."
    return Section("metrics", "All metrics", about, ("Metric", *_headings(evaluations, "Mean")), rows)


def _components(evaluations: Sequence[Evaluation]) -> Section:
    names = dict.fromkeys(name for one in evaluations for name in one.components)
    rows = tuple(Row((name, *(_mean(one.components.get(name, {}).get("f1")) for one in evaluations))) for name in names)
    about = "F1 of each clause of exact set match, values left out."
    return Section("components", "Clause by clause", about, ("Clause", *_headings(evaluations, "F1")), rows)


def _worth_looking_at(evaluations: Sequence[Evaluation]) -> Section:
    rows = tuple(
        Row(
            (one.scored.question.text, evaluation.name, one.scored.question.db_id, one.why),
            query(open=one.scored.question.id),
        )
        for evaluation in evaluations
        for one in worth_looking_at(evaluation)
    )
    about = "Wrong answers that say more than others: sure ones, dropped right ones, and the surest of each reason."
    return Section(WORTH, "Worth looking at", about, ("Question", "Run", "Database", "Why"), rows)


def _answers(evaluations: Sequence[Evaluation]) -> Section:
    tests: dict[str, Callable[[Scored], bool]] = {
        "no SQL": lambda one: not one.record.sql.strip(),
        "SQL that cannot be executed": lambda one: bool(one.record.sql.strip()) and one.verdict.executable is False,
        "gold SQL that fails": lambda one: bool(one.verdict.gold_error),
    }
    statuses = dict.fromkeys(one.record.status for evaluation in evaluations for one in evaluation.scored)
    for status in statuses:
        tests[f"status: {status}"] = lambda one, status=status: one.record.status == status  # type: ignore[misc]
    rows = tuple(
        Row((name, *(str(sum(map(test, evaluation.scored))) for evaluation in evaluations)))
        for name, test in tests.items()
    )
    return Section("answers", "What came back", "", ("Answers", *_headings(evaluations, "Questions")), rows)


def _headings(evaluations: Sequence[Evaluation], only: str) -> tuple[str, ...]:
    return (only,) if len(evaluations) == 1 else tuple(one.name for one in evaluations)


def _cut(about: str, names: Sequence[str]) -> str:
    return about if len(names) <= _CHARTED else f"{about} The chart shows the first {_CHARTED} of {len(names)}."


def _tokens(scored: Scored) -> int:
    return scored.record.prompt_tokens + scored.record.completion_tokens


def _part(count: int, total: int) -> str:
    return f"{count} ({count / total:.0%})" if total else "0"


def _mean(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _price(value: float | None) -> str:
    return "-" if value is None else f"{value:.4g}"


def _leaves(found: Mapping[str, Any], prefix: str = "") -> Iterable[tuple[str, str]]:
    for name, value in found.items():
        if isinstance(value, Mapping):
            yield from _leaves(value, f"{prefix}{name}.")
        else:
            yield (
                f"{prefix}{name}",
                value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str),
            )
