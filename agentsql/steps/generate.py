"""Lets the SQL model write queries for the question."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agentsql.db.extract import extract_sql
from agentsql.resources import Resources
from agentsql.steps.shared import prompt_for
from agentsql.steps.step import step
from agentsql.types import Candidate, Links


@step(
    reads=("question",),
    optional=("evidence", "history", "links", "tables", "examples"),
    writes=("candidates",),
)
async def generate(
    state: Mapping[str, Any],
    resources: Resources,
    *,
    candidates: int = 1,
    temperature: float = 0.0,
    hints: bool = True,
) -> dict[str, Any]:
    """Write `candidates` queries in one request; with `hints` the prompt says where named values stand."""
    examples = "\n\n".join(f"Question: {question}\n{sql}" for question, sql in state.get("examples", ()))
    prompt = prompt_for(
        "generate",
        state,
        resources,
        tables=state.get("tables", ()),
        examples=examples,
        hints=_hints(state.get("links", Links())) if hints else "",
    )
    completions = await resources.complete(
        "sql", prompt, n=candidates, temperature=temperature, max_tokens=400, logprobs=True, stream=candidates == 1
    )
    view = "pruned" if state.get("tables") else "full"
    return {
        "candidates": tuple(
            Candidate(f"{view}-{number}", extract_sql(one.text, resources.database.dialect), logprob=one.logprob)
            for number, one in enumerate(completions, start=1)
        )
    }


def _hints(links: Links) -> str:
    """Say in which columns the values of the question stand, where that is one or two places."""
    places: dict[str, list[str]] = {}
    for table, column, value in links.values:
        places.setdefault(value, []).append(f"{table}.{column}")
    lines = [f"{value!r} is a value of {' and of '.join(found)}" for value, found in places.items() if len(found) <= 2]
    return f"Values: {'; '.join(lines)}." if lines else ""
