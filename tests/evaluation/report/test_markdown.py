"""The report as Markdown, word by word."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from agentsql.evaluation.report.markdown import as_markdown

from .runs import BASE, OTHER, PREDICTIONS

EXPECTED = Path(__file__).with_name("expected.md")


def test_two_runs_are_told_apart_word_by_word():
    assert as_markdown([BASE, OTHER]) == EXPECTED.read_text(encoding="utf-8")


def test_predictions_without_a_run_have_no_cost_latency_or_settings():
    text = as_markdown([PREDICTIONS])
    assert "25.0% (5% to 70%)" in text
    assert not any(word in text for word in ("## Accuracy against cost", "## Latency", "## Settings", "calls"))


def test_text_of_a_model_cannot_close_the_block_its_query_is_in():
    wrong = PREDICTIONS.scored[1]
    scored = replace(wrong, record=replace(wrong.record, sql="SELECT 1 -- ```\n# A headline"))
    text = as_markdown([replace(PREDICTIONS, scored=(scored,))])
    assert "\n````sql\n-- gold\nSELECT 'x' AS a\n-- prediction\nSELECT 1 -- ```\n# A headline\n````\n" in text
