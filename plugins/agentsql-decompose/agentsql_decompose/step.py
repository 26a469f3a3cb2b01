"""The step `decompose`, and the routers that lead to it and back."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import resources as files
from typing import TYPE_CHECKING, Any

from agentsql.db.extract import extract_sql
from agentsql.db.quote import on_one_line
from agentsql.errors import BudgetSpentError
from agentsql.steps.execute import gave_rows
from agentsql.steps.shared import json_object, prompt_for
from agentsql.steps.step import router, step
from agentsql.types import Candidate
from agentsql_decompose.compose import Part, PartsDoNotFitError, compose, part_from, part_name

if TYPE_CHECKING:
    from agentsql.resources import Resources

NAME = "parts"
"""What the candidate is called."""
_QUESTION_CHARACTERS = 300
_TEXT = {"type": "string", "maxLength": _QUESTION_CHARACTERS}
_PART = {
    "type": "object",
    "properties": {"name": {"type": "string", "maxLength": 40}, "question": _TEXT},
    "required": ["name", "question"],
    "additionalProperties": False,
}
_SCHEMA = {
    "type": "object",
    "properties": {"parts": {"type": "array", "items": _PART, "maxItems": 4}},
    "required": ["parts"],
    "additionalProperties": False,
}


@step(reads=("question", "candidates"), optional=("evidence", "history", "tables"), writes=("candidates",))
async def decompose(state: Mapping[str, Any], resources: Resources) -> dict[str, object]:
    """Write the query in parts: the chat model splits the question, the SQL model writes each part and the last query.

    Where the question is not split, a piece is no query, or the whole does not pass the check, nothing is written
    and the trace says why; no further model is asked from there on.
    """
    try:
        sql = await _composed(state, resources)
    except (PartsDoNotFitError, BudgetSpentError) as exc:
        resources.note(f"not decomposed: {exc}")
        return {"candidates": ()}
    return {"candidates": (Candidate(NAME, sql),)}


@router(reads=("candidates",), outcomes=("composed", "plain"))
def by_parts(state: Mapping[str, Any], _resources: Resources) -> str:
    """`composed` if there is a query of parts, else `plain`."""
    return "composed" if any(one.name == NAME for one in state["candidates"]) else "plain"


@router(reads=("candidates",), outcomes=("done", "plain"))
def by_composed(state: Mapping[str, Any], _resources: Resources) -> str:
    """`done` once the query of parts, or its mended form, has rows, else `plain`."""
    names = (NAME, f"{NAME}.mend", f"{NAME}.edit")
    return "done" if any(one.name in names and gave_rows(one) for one in state["candidates"]) else "plain"


async def _composed(state: Mapping[str, Any], resources: Resources) -> str:
    parts: list[Part] = []
    for name, question in await _split(state, resources):
        sql = await _written("part", {**state, "question": question}, parts, resources, whole=state["question"])
        part = part_from(name, question, sql, resources.database.dialect, parts)
        _checked(compose(parts, part.sql, resources.database.dialect, uses_parts=False), resources)
        parts.append(part)
    last = await _written("last", state, parts, resources)
    sql = compose(parts, last, resources.database.dialect)
    _checked(sql, resources)
    resources.note(f"composed of {', '.join(part.name for part in parts)}")
    return sql


async def _split(state: Mapping[str, Any], resources: Resources) -> list[tuple[str, str]]:
    """Give (name, question) of each part, in order."""
    prompt = prompt_for("split", state, resources, tables=state.get("tables", ()), template=_text("split"))
    (completion,) = await resources.complete("chat", prompt, max_tokens=400, json_schema=_SCHEMA)
    found = json_object(completion.text).get("parts")
    taken = [table.parts[-1] for table in resources.schema]
    parts: list[tuple[str, str]] = []
    for one in found[:4] if isinstance(found, list) else []:
        question = on_one_line(str(one.get("question", "")))[:_QUESTION_CHARACTERS] if isinstance(one, dict) else ""
        if question:
            name = part_name(str(one.get("name", "")), [*taken, *(name for name, _ in parts)])
            parts.append((name, question))
    if len(parts) < 2:
        raise PartsDoNotFitError("the chat model sees no parts in the question")
    return parts


async def _written(name: str, state: Mapping[str, Any], parts: list[Part], resources: Resources, **fields: str) -> str:
    results = "\n".join(f"{part.name} ({', '.join(part.columns)}): {part.question}" for part in parts)
    prompt = prompt_for(
        name,
        state,
        resources,
        tables=state.get("tables", ()),
        template=_prompt(name, results),
        results=results,
        **fields,
    )
    (completion,) = await resources.complete("sql", prompt, max_tokens=400)
    return extract_sql(completion.text, resources.database.dialect)


def _prompt(name: str, results: str) -> str:
    """Give the text without its first line where there is no earlier part to speak of."""
    text = _text(name)
    return text if results else text.partition("\n")[2]


def _checked(sql: str, resources: Resources) -> None:
    if failure := resources.database.check(sql):
        raise PartsDoNotFitError(f"{failure.kind}: {failure.message}")


@cache
def _text(name: str) -> str:
    return files.files("agentsql_decompose").joinpath("prompts", f"{name}.txt").read_text("utf-8").strip()
