"""The report as Markdown: its headline and tables, for a pull request or a terminal."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from agentsql.evaluation.examples import Example, worth_looking_at
from agentsql.evaluation.report.changes import comparison
from agentsql.evaluation.report.parts import Section, share_text
from agentsql.evaluation.report.sections import WORTH, sections, settings
from agentsql.evaluation.score import Evaluation, accuracy, costs
from agentsql.safe import printable

_SPECIAL = re.compile(r"(?<!\w)_|_(?!\w)|[\\`*\[\]<>|~&]")
_SHOWN = 5
"""Wrong answers shown for each run."""


def as_markdown(evaluations: Sequence[Evaluation]) -> str:
    """Give a report of one or several runs."""
    parts = [f"# Evaluation: {_escaped(' and '.join(one.name for one in evaluations))}"]
    parts += [_headline(one) for one in evaluations]
    if len(evaluations) == 2:
        parts.append(_table(comparison(*evaluations)))
    # Here the answers themselves stand below.
    parts += [_table(one) for one in sections(evaluations) if one.id != WORTH]
    parts += [found for one in evaluations if (found := _worth_looking_at(one))]
    if (run := settings(evaluations)).rows:
        parts.append(_table(run))
    return "\n\n".join(parts) + "\n"


def _headline(evaluation: Evaluation) -> str:
    share, spent = accuracy(evaluation.scored), costs(evaluation.scored, evaluation.prices)
    text = (
        f"**{_escaped(evaluation.name)}** on {_escaped(evaluation.benchmark)}: **{share_text(share)}** right, "
        f"{share.right} of {share.total}, by the rule: {evaluation.rule}."
    )
    if spent.calls:
        tokens = spent.prompt_tokens + spent.completion_tokens
        text += f" A question took {spent.calls:.1f} calls, {tokens:,.0f} tokens and {spent.seconds:.2f} s."
    return text + (f" All together cost {spent.price:.4g}." if spent.price is not None else "")


def _table(section: Section) -> str:
    lines = [_line(section.columns), "|---" + "|---:" * (len(section.columns) - 1) + "|"]
    lines += [_line(row.cells) for row in section.rows]
    parts = [f"## {_escaped(section.title)}", _escaped(section.about), "\n".join(lines) if section.rows else ""]
    return "\n\n".join(filter(None, parts))


def _worth_looking_at(evaluation: Evaluation) -> str:
    shown = worth_looking_at(evaluation)[:_SHOWN]
    if not shown:
        return ""
    return "\n\n".join([f"## Worth looking at: {_escaped(evaluation.name)}", *map(_example, shown)])


def _example(example: Example) -> str:
    question, record = example.scored.question, example.scored.record
    sure = f", confidence {record.confidence:.2f}" if record.confidence is not None else ""
    queries = [f"-- gold\n{sql.strip()}" for sql in question.golds[:1]] + [f"-- prediction\n{record.sql.strip()}"]
    about = f"{_escaped(question.db_id)}, {_escaped(example.why)}{sure}"
    return f"**{_escaped(question.id)}** ({about}): {_escaped(question.text)}\n\n{_fenced(chr(10).join(queries))}"


def _line(cells: Iterable[str]) -> str:
    return "| " + " | ".join(map(_escaped, cells)) + " |"


def _escaped(text: str) -> str:
    """Give text of a database or a model on one line, with nothing in it that Markdown or HTML would act on."""
    return _SPECIAL.sub(_harmless, " ".join(printable(text).split()))


def _harmless(found: re.Match[str]) -> str:
    character = found.group()
    return {"<": "&lt;", ">": "&gt;", "&": "&amp;"}.get(character, f"\\{character}")


def _fenced(sql: str) -> str:
    sql = printable(sql)
    longest = max((len(run) for run in re.findall("`+", sql)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}sql\n{sql}\n{fence}"
