"""What changed from one run to another."""

from __future__ import annotations

from agentsql.errors import UsageError
from agentsql.evaluation.compare import compare
from agentsql.evaluation.report.parts import Row, Section, count_text, query
from agentsql.evaluation.score import Evaluation


def comparison(base: Evaluation, other: Evaluation) -> Section:
    """Give what changed from one run to another, on the questions that both have; no rows where they do not compare."""
    title = "What changed"
    try:
        found = compare(base, other, shared_only=True)
    except UsageError as exc:
        return Section("comparison", title, f"Not compared: {exc}.", ("", ""), ())
    boot, (before, after) = found.bootstrap, found.costs
    tokens = [one.prompt_tokens + one.completion_tokens for one in found.costs]
    both_right = found.shares[0].right - len(found.lost)
    both_wrong = len(found.first.scored) - both_right - len(found.gained) - len(found.lost)
    rows = [
        Row(("difference in accuracy, in points", _points(boot.difference))),
        Row(("95% interval, paired bootstrap", f"{_points(boot.low)} to {_points(boot.high)}")),
        Row(("p-value, McNemar's exact test", f"{found.p:.2g}")),
        Row(("gained: wrong before, right now", str(len(found.gained))), query(result="gained")),
        Row(("lost: right before, wrong now", str(len(found.lost))), query(result="lost")),
        Row(("both right", str(both_right)), query(result="both right")),
        Row(("both wrong", str(both_wrong)), query(result="both wrong")),
    ]
    if any(tokens):
        rows.append(Row(("tokens a question", f"{count_text(tokens[0])} → {count_text(tokens[1])}")))
    if before.seconds or after.seconds:
        rows.append(Row(("seconds a question", f"{before.seconds:.2f} → {after.seconds:.2f}")))
    if found.left_out:
        rows.append(Row(("left out: in one run only", str(found.left_out))))
    return Section("comparison", title, f"From {base.name} to {other.name}.", ("", ""), tuple(rows))


def _points(share: float) -> str:
    return f"{share * 100:+.1f}"
