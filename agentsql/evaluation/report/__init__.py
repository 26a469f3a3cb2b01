"""A report of scored runs: one HTML file that needs no network, and Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from agentsql.evaluation.report.markdown import as_markdown
from agentsql.evaluation.report.page import as_html
from agentsql.evaluation.score import Evaluation

__all__ = ["write_report"]


def write_report(evaluations: Sequence[Evaluation], folder: Path) -> tuple[Path, ...]:
    """Write `report.md` and `report.html` of one or several runs and give their paths.

    Of two runs, the second is held against the first.

    Raises:
        MissingExtraError: a package of the extra `report` is not installed; `report.md` is there nevertheless.
    """
    folder.mkdir(parents=True, exist_ok=True)
    markdown, html = folder / "report.md", folder / "report.html"
    # Text of a model can hold lone surrogates, which no file takes.
    named = _told_apart(evaluations)
    markdown.write_text(as_markdown(named), encoding="utf-8", errors="replace")
    html.write_text(as_html(named), encoding="utf-8", errors="replace")
    return (markdown, html)


def _told_apart(evaluations: Sequence[Evaluation]) -> list[Evaluation]:
    """Give the runs under names of which no two are equal, as those of two folders `today` are."""
    seen: set[str] = set()
    named = []
    for one in evaluations:
        name, number = one.name, 1
        while name in seen:
            number += 1
            name = f"{one.name} ({number})"
        seen.add(name)
        named.append(replace(one, name=name))
    return named
