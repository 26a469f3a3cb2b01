"""The report as one HTML file: styles, script, charts and data inside it, and a policy that forbids all else."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from importlib.resources import files
from typing import Any

from agentsql.errors import MissingExtraError
from agentsql.evaluation.categories import MEANING
from agentsql.evaluation.report.changes import comparison
from agentsql.evaluation.report.charts import RUN_COLOURS, draw
from agentsql.evaluation.report.questions import PART, packed_details, question_rows
from agentsql.evaluation.report.sections import sections, settings
from agentsql.evaluation.score import Evaluation, Share, accuracy, costs
from agentsql.safe import printable


def as_html(evaluations: Sequence[Evaluation]) -> str:
    """Give a report of one or several runs as a page that works without a network.

    Raises:
        MissingExtraError: a package of the extra `report` is not installed.
    """
    try:
        from jinja2 import Environment, PackageLoader, StrictUndefined
        from markupsafe import Markup
    except ImportError as exc:
        raise MissingExtraError("an HTML report", "jinja2", "report") from exc
    environment = Environment(
        autoescape=True,
        loader=PackageLoader("agentsql.evaluation.report"),
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
        # What is text of a database or a model may turn the reading direction around, or hold what no page may.
        finalize=lambda value: printable(value) if type(value) is str else value,
    )
    environment.policies["json.dumps_kwargs"] = {"separators": (",", ":"), "ensure_ascii": False}
    style, script = _asset("report.css"), _asset("question.js") + _asset("table.js")
    found = [(one, Markup(draw(one.chart, one.title)) if one.chart else "") for one in sections(evaluations)]
    changed = comparison(*evaluations) if len(evaluations) == 2 else None
    return environment.get_template("report.html.jinja").render(
        title=" and ".join(one.name for one in evaluations),
        policy=_policy(style, script),
        style=Markup(style),
        script=Markup(script),
        runs=[_headline(one, place) for place, one in enumerate(evaluations)],
        comparison=changed,
        sections=found,
        settings=settings(evaluations),
        data={
            "part": PART,
            "runs": [one.name for one in evaluations],
            "meanings": MEANING,
            "questions": question_rows(evaluations),
        },
        parts=packed_details(evaluations),
    )


def _headline(evaluation: Evaluation, place: int) -> dict[str, Any]:
    share, spent = accuracy(evaluation.scored), costs(evaluation.scored, evaluation.prices)
    figures = [(f"{_answered(evaluation):.1%}", "with SQL that runs")] if evaluation.scored else []
    if spent.calls:
        figures += [
            (f"{spent.calls:.1f}", "calls a question"),
            (f"{spent.prompt_tokens + spent.completion_tokens:,.0f}", "tokens a question"),
        ]
    if spent.p50_s:
        figures += [(f"{spent.p50_s:.2f} s", "median"), (f"{spent.p95_s:.2f} s", "95th percentile")]
    if spent.price is not None:
        figures.append((f"{spent.price:.4g}", "price of all"))
    return {
        "name": evaluation.name,
        "benchmark": evaluation.benchmark,
        "rule": evaluation.rule,
        "share": share,
        "interval": _interval(share),
        "figures": figures,
        "place": place % len(RUN_COLOURS),
        "gold_errors": sum(bool(one.verdict.gold_error) for one in evaluation.scored),
    }


def _answered(evaluation: Evaluation) -> float:
    runs = [one.verdict.executable is not False and bool(one.record.sql) for one in evaluation.scored]
    return sum(runs) / len(runs)


def _interval(share: Share) -> str:
    low, high = share.interval
    return f"{low:.1%} to {high:.1%}"


def _asset(name: str) -> str:
    return files(__package__).joinpath("templates", name).read_text(encoding="utf-8")


def _policy(style: str, script: str) -> str:
    """Give a Content-Security-Policy that lets nothing in from outside, and runs no script but the page's own."""
    return (
        f"default-src 'none'; base-uri 'none'; form-action 'none'; style-src {_hash(style)}; script-src {_hash(script)}"
    )


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
