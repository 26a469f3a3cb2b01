"""Lets the SQL model write queries for the question."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from itertools import islice
from typing import Any

from agentsql.db.extract import bare_sql, extract_sql
from agentsql.db.grammar import sql_grammar
from agentsql.db.quote import clip
from agentsql.resources import Resources
from agentsql.steps.shared import prompt_for, shown_schema
from agentsql.steps.step import step
from agentsql.types import Candidate, Completion, Links, QueryFailure

VIEWS = ("pruned", "full", "pruned-links", "full-links")
"""What a prompt shows: the tables that `prune` left or all, and with `-links` what `link` found, named once more."""

_QUESTION_CHARACTERS = 1000
_VALUE_CHARACTERS = 300
"""Texts longer than this are not indexed either."""
_MOST_VALUES = 30
# The beginning of a query may well be another query, one that nobody meant. Without a grammar it is prose behind the
# query that is cut off, as a rule.
_CUT_OFF = QueryFailure("syntax", "the query was cut off at the token limit", "write a shorter query")


@step(
    reads=("question",),
    optional=("evidence", "history", "links", "tables", "examples", "candidates"),
    writes=("candidates",),
    choices={"views": VIEWS},
)
async def generate(
    state: Mapping[str, Any],
    resources: Resources,
    *,
    candidates: int = 1,
    temperature: float = 0.0,
    top_p: float = 1.0,
    top_k: int = 0,
    views: tuple[str, ...] = ("pruned",),
    hints: bool = True,
    grammar: bool = False,
) -> dict[str, Any]:
    """Write `candidates` queries over all `views` together, in one request for each view.

    A view that would show the same as another is left out. With `hints` the prompt says where named values stand.
    With `grammar` the server lets the model write only queries over the tables of the view.
    """
    shown = _distinct(views, state)
    only_if_set = {"top_k": top_k} if top_k else {}  # an endpoint that does not know it is asked all the same
    counts = [candidates // len(shown) + (number < candidates % len(shown)) for number in range(len(shown))]

    async def ask(view: str, count: int) -> tuple[Completion, ...]:
        return await resources.complete(
            "sql",
            _prompt(view, state, resources, hints=hints),
            n=count,
            temperature=temperature,
            top_p=top_p,
            max_tokens=400,
            logprobs=True,
            stream=candidates == 1,
            grammar=_grammar(view, state, resources) if grammar else None,
            **only_if_set,
        )

    asked = [(view, count) for view, count in zip(shown, counts, strict=True) if count]
    replies = await asyncio.gather(*(ask(view, count) for view, count in asked))
    taken = {candidate.name for candidate in state.get("candidates", ())}
    written: list[Candidate] = []
    for (view, _), completions in zip(asked, replies, strict=True):
        free = (name for number in range(1, 1000) if (name := f"{view}-{number}") not in taken)
        for completion in completions:
            sql = extract_sql(completion.text, resources.database.dialect)
            cut_off = _CUT_OFF if grammar and completion.finish_reason == "length" else None
            written.append(Candidate(next(free), sql, failure=cut_off, logprob=completion.logprob))
    return {"candidates": tuple(written)}


def _distinct(views: tuple[str, ...], state: Mapping[str, Any]) -> list[str]:
    """Give the views that differ: one of pruned tables is that of all if none were dropped."""
    named = views if _named(state) else [view.removesuffix("-links") for view in views]
    pruned = named if state.get("tables") else [view.replace("pruned", "full") for view in named]
    return list(dict.fromkeys(pruned))


def _prompt(view: str, state: Mapping[str, Any], resources: Resources, *, hints: bool) -> Any:
    dialect = resources.database.dialect
    examples = "\n\n".join(
        f"Question: {clip(question, _QUESTION_CHARACTERS)}\n{bare_sql(sql, dialect)}"
        for question, sql in state.get("examples", ())
    )
    return prompt_for(
        "generate",
        state,
        resources,
        tables=_tables(view, state),
        examples=examples,
        links=_named(state) if view.endswith("-links") else "",
        hints=_hints(state.get("links", Links())) if hints else "",
    )


def _tables(view: str, state: Mapping[str, Any]) -> tuple[str, ...]:
    """Give the tables of a view; none stands for all."""
    return () if view.startswith("full") else state.get("tables", ())


def _grammar(view: str, state: Mapping[str, Any], resources: Resources) -> str | None:
    tables = shown_schema(resources, _tables(view, state)).tables
    return sql_grammar(resources.schema, tables, resources.database.dialect) if tables else None


def _named(state: Mapping[str, Any]) -> str:
    """Say what the question seems to speak of, table by table."""
    links: Links = state.get("links", Links())
    columns: dict[str, list[str]] = {table: [] for table in links.tables}
    for table, column in links.columns:
        columns.setdefault(table, []).append(column)
    return "; ".join(f"{table} ({', '.join(names)})" if names else table for table, names in columns.items())


def _hints(links: Links) -> str:
    """Say in which columns the values of the question stand, where that is one or two places."""
    places: dict[str, list[str]] = {}
    for table, column, value in links.values:
        places.setdefault(value, []).append(f"{table}.{column}")
    few = {value: found for value, found in places.items() if len(found) <= 2 and len(value) <= _VALUE_CHARACTERS}
    lines = [f"{value!r} is a value of {' and of '.join(found)}" for value, found in islice(few.items(), _MOST_VALUES)]
    return f"Values: {'; '.join(lines)}." if lines else ""
