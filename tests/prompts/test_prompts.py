"""Prompts are a pure function of their inputs and share their beginning."""

from __future__ import annotations

import subprocess
import sys

import pytest

from agentsql.prompts import build_prompt

STEPS = ["answer", "correct", "generate", "link", "prune", "reply", "route"]
FIELDS = {
    "question": "Who?",
    "evidence": "e",
    "sql": "SELECT 1",
    "error": "x",
    "hint": "h",
    "rows": "1",
    "shape": "1 row",
    "hints": "v",
    "examples": "Question: a\nSELECT 2",
}


@pytest.mark.parametrize("step", STEPS)
def test_every_step_begins_with_the_same_system_message(step: str) -> None:
    system = build_prompt("generate", dialect="sqlite", schema="CREATE TABLE t (a INT);", **FIELDS).messages[0]
    prompt = build_prompt(step, dialect="sqlite", schema="CREATE TABLE t (a INT);", **FIELDS)
    assert prompt.messages[0] == system
    assert "CREATE TABLE t (a INT);" in system.content
    assert "$" not in prompt.messages[-1].content


@pytest.mark.parametrize("step", STEPS)
def test_a_line_whose_value_is_empty_is_left_out(step: str) -> None:
    text = build_prompt(step, dialect="sqlite", schema="s", question="Who?").messages[-1].content
    assert "Evidence" not in text
    assert "$" not in text


def test_values_are_never_read_as_templates() -> None:
    prompt = build_prompt("generate", dialect="sqlite", schema="$question", question="$schema {x} %s ${dialect}")
    assert prompt.messages[0].content.endswith("$question")
    assert prompt.messages[-1].content.endswith("Question: $schema {x} %s ${dialect}")


def test_a_hash_stands_for_the_bytes_in_every_process() -> None:
    program = (
        "from agentsql.prompts import build_prompt;"
        "print(build_prompt('generate', dialect='sqlite', schema='s', question='Who?').hash)"
    )
    runs = {
        subprocess.run(
            [sys.executable, "-c", program], capture_output=True, text=True, check=True, env={"PYTHONHASHSEED": seed}
        ).stdout.strip()
        for seed in ("1", "2")
    }
    assert runs == {build_prompt("generate", dialect="sqlite", schema="s", question="Who?").hash}
    assert runs != {build_prompt("generate", dialect="sqlite", schema="s", question="What?").hash}
