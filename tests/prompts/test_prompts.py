"""Prompts are a pure function of their inputs and share their beginning."""

from __future__ import annotations

import subprocess
import sys

import pytest

from agentsql.prompts import DIALECT_NAMES, build_prompt

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


def test_the_prompt_of_sqlite_keeps_its_bytes() -> None:
    # What is measured on SQLite was measured with exactly this.
    prompt = build_prompt("generate", dialect="sqlite", product="SQLite", schema="CREATE TABLE t (a INT);", **FIELDS)
    assert prompt.messages[0].content == (
        "You are a careful data analyst. You work with a SQLite database that you can only read. Its schema:\n\n"
        "CREATE TABLE t (a INT);"
    )
    assert prompt.hash == build_prompt("generate", dialect="sqlite", schema="CREATE TABLE t (a INT);", **FIELDS).hash
    assert prompt.hash == "56d74dfeca55"


@pytest.mark.parametrize("dialect", ["postgres", "mysql", "duckdb", "snowflake", "bigquery", "tsql", "oracle"])
def test_another_dialect_is_named_with_the_few_rules_a_small_model_needs(dialect: str) -> None:
    prompt = build_prompt("generate", dialect=dialect, product="Product 15", schema="CREATE TABLE t (a INT);", **FIELDS)
    system, user = prompt.messages[0].content, prompt.messages[-1].content
    assert system.startswith("You are a careful data analyst. You work with a Product 15 database that you can only ")
    assert system.endswith(" Its schema:\n\nCREATE TABLE t (a INT);")
    assert "Write one Product 15 query" in user
    rules = system.partition("only read. ")[2].partition(" Its schema:")[0]
    assert 100 < len(rules) < 700  # about 200 tokens, of the prefix that a server keeps
    assert all(part in rules for part in ("ames ", "quotes", "Dates:", "Join texts", "Limit with"))


def test_a_dialect_without_rules_is_named_all_the_same() -> None:
    assert "trino" in DIALECT_NAMES
    prompt = build_prompt("generate", dialect="trino", schema="s", question="Who?")
    said = "You work with a Trino database that you can only read. Its schema:\n\ns"
    assert prompt.messages[0].content.endswith(said)


def test_what_a_product_or_a_question_holds_is_never_filled_in() -> None:
    prompt = build_prompt("generate", dialect="postgres", product="P $schema {x}", schema="s", question="$rules")
    assert "a P $schema {x} database" in prompt.messages[0].content
    assert prompt.messages[-1].content.endswith("Question: $rules")
