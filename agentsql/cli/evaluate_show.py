"""Evaluations and comparisons on a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from rich.console import Console

from agentsql.cli.layout import layout
from agentsql.cli.show import make_console, plural, say, show_lines
from agentsql.evaluation.compare import Comparison
from agentsql.evaluation.examples import worth_looking_at
from agentsql.evaluation.saved import summary
from agentsql.evaluation.score import Costs, Evaluation, Scored, Share, accuracy, costs, grouped, metric_mean
from agentsql.types import Cell

_HARDNESS = ("easy", "simple", "medium", "moderate", "hard", "challenging", "extra")
_LISTED = 8
_PIPE_WIDTH = 100


def show_evaluations(found: Sequence[Evaluation]) -> None:
    """Print each: accuracy with its interval, by hardness, why answers are wrong, metrics and cost."""
    console = make_console()
    for number, one in enumerate(found):
        if number:
            say(console, "")
        _show_one(console, one)


def show_comparison(found: Comparison) -> None:
    """Print both accuracies and costs, what was gained and lost, and whether that may be chance."""
    console = make_console()
    rows: list[tuple[Cell, ...]] = [
        (label, one.name, *_share_cells(share), f"{cost.calls:.1f}", f"{_tokens(cost):,.0f}", f"{cost.seconds:.2f}")
        for label, one, share, cost in zip("AB", (found.first, found.second), found.shares, found.costs, strict=True)
    ]
    _table(console, ("", "run", "right", "accuracy", "95 %", "calls", "tokens", "s"), rows)
    boot = found.bootstrap
    say(
        console,
        f"\nB minus A: {_points(boot.difference)} points [{_points(boot.low)}, {_points(boot.high)}], paired bootstrap",
    )
    say(console, f"gained {len(found.gained)}, lost {len(found.lost)}: McNemar p = {found.p:.3g} ({_meaning(found)})")
    for label, pairs in (("gained", found.gained), ("lost", found.lost)):
        names = [pair[0].question.id for pair in pairs]
        if names:
            more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
            say(console, f"{label}: {', '.join(names[:_LISTED])}{more}", style="dim")
    if found.left_out:
        say(console, f"left out: {plural(found.left_out, 'question')} that only one run has")


def comparison_json(found: Comparison) -> dict[str, Any]:
    """Give a comparison as one object."""
    boot = found.bootstrap
    return {
        "a": {"name": found.first.name, **summary(found.first)},
        "b": {"name": found.second.name, **summary(found.second)},
        "difference": {"value": boot.difference, "low": boot.low, "high": boot.high, "p": boot.p},
        "mcnemar_p": found.p,
        "gained": [pair[0].question.id for pair in found.gained],
        "lost": [pair[0].question.id for pair in found.lost],
        "left_out": found.left_out,
    }


def _show_one(console: Console, one: Evaluation) -> None:
    say(console, f"{one.name}: {_headline(one)}", style="bold")
    say(console, f"benchmark {one.benchmark}, by the rule: {one.rule}", style="dim")
    if len(by_hardness := grouped((found for found in one.scored if found.judged), "hardness")) > 1:
        ordered = sorted(by_hardness, key=lambda name: _HARDNESS.index(name) if name in _HARDNESS else len(_HARDNESS))
        rows = [(name, *_share_cells(accuracy(by_hardness[name]))) for name in ordered]
        say(console, "")
        _table(console, ("hardness", "right", "accuracy", "95 %"), rows)
    _show_failures(console, one.scored)
    _show_metrics(console, one)
    _show_cost(console, costs(one.scored, one.prices))
    _show_broken(console, one.scored)
    _show_examples(console, one)


def _headline(one: Evaluation) -> str:
    share = accuracy(one.scored)
    low, high = share.interval
    if not share.total:
        executable = sum(scored.verdict.executable is True for scored in one.scored)
        return f"{executable} of {len(one.scored)} executable; nobody can tell which are right"
    return f"{share.right} of {share.total} right, {_percent(share.value)} [{_percent(low)}, {_percent(high)}]"


def _show_failures(console: Console, scored: Iterable[Scored]) -> None:
    wrong = [one for one in scored if one.category]
    by_category = sorted(grouped(wrong, "category").items(), key=lambda found: -len(found[1]))
    rows: list[tuple[Cell, ...]] = []
    for name, found in by_category:
        places = sorted(grouped(found, "lost_at").items(), key=lambda place: -len(place[1]))
        rows.append((name, len(found), ", ".join(f"{step} {len(lost)}" for step, lost in places), found[0].question.id))
    if rows:
        say(console, "")
        _table(console, ("why it failed", "questions", "lost at", "for example"), rows)


def _show_metrics(console: Console, one: Evaluation) -> None:
    """Print the means, several on a line; precisions are left to the report."""
    means = [(name, metric_mean(one.scored, name)) for name in one.metric_names if not name.endswith("_precision")]
    shown = [f"{name.replace('_', ' ')} {mean:.3f}" for name, mean in means if mean is not None]
    lines, width = [""], console.width if console.is_terminal else _PIPE_WIDTH
    for text in shown:
        longer = f"{lines[-1]} · {text}" if lines[-1] else text
        lines = [*lines[:-1], longer] if len(longer) <= width else [*lines, text]
    if shown:
        say(console, "\n" + "\n".join(lines))


def _show_cost(console: Console, cost: Costs) -> None:
    if not cost.calls and not cost.seconds:
        return
    text = (
        f"\na question: {cost.calls:.2f} calls, {cost.prompt_tokens:,.0f} + {cost.completion_tokens:,.0f} tokens, "
        f"{cost.seconds:.2f} s (median {cost.p50_s:.2f}, 95 % within {cost.p95_s:.2f})"
    )
    say(console, text + (f"; all of them cost {cost.price:.4g}" if cost.price is not None else ""))


def _show_broken(console: Console, scored: Sequence[Scored]) -> None:
    broken = [one.question.id for one in scored if one.verdict.gold_error]
    missing = sum(one.record.error.startswith("missing:") for one in scored)
    if broken:
        names = ", ".join(broken[:_LISTED]) + (", …" if len(broken) > _LISTED else "")
        say(console, f"the gold of {plural(len(broken), 'question')} fails; none counts as right: {names}")
    if missing:
        say(console, f"{plural(missing, 'question')} without a prediction, counted as wrong")


def _show_examples(console: Console, one: Evaluation) -> None:
    by_why: dict[str, list[str]] = {}
    for found in worth_looking_at(one):
        if found.why != found.scored.category:  # those are in the table of reasons
            by_why.setdefault(found.why, []).append(found.scored.question.id)
    for why, names in by_why.items():
        say(console, f"{why}: {', '.join(names)}", style="dim")


def _table(console: Console, columns: Sequence[str], rows: Sequence[Sequence[Cell]]) -> None:
    drawn = layout(columns, [tuple(row) for row in rows], width=console.width if console.is_terminal else None)
    show_lines(console, drawn)


def _share_cells(share: Share) -> tuple[str, str, str]:
    low, high = share.interval
    return f"{share.right}/{share.total}", _percent(share.value), f"{100 * low:.1f}-{100 * high:.1f}"


def _percent(value: float) -> str:
    return f"{100 * value:.1f} %"


def _points(value: float) -> str:
    return f"{100 * value:+.1f}"


def _tokens(cost: Costs) -> float:
    return cost.prompt_tokens + cost.completion_tokens


def _meaning(found: Comparison) -> str:
    if found.p >= 0.05:
        return "the difference may be chance"
    return "B is better" if found.bootstrap.difference > 0 else "B is worse"
