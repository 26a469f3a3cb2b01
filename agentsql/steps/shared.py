"""What several steps need: the prompt of a question, and JSON from a model's reply."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

from agentsql.db.quote import clip
from agentsql.db.render import RenderedSchema, render_schema
from agentsql.db.schema import Schema
from agentsql.db.value_match import find_values
from agentsql.prompts import Prompt, build_prompt
from agentsql.resources import Resources
from agentsql.types import Links, Message, Turn

_TURNS_SHOWN = 2
_TURNS_KEPT = 20
_QUESTION_CHARACTERS = 1000
_SQL_CHARACTERS = 4000
"""Of a turn that is shown: a caller may bring turns of his own."""


def prompt_for(
    step: str,
    state: Mapping[str, Any],
    resources: Resources,
    *,
    tables: tuple[str, ...] = (),
    template: str = "",
    **fields: str,
) -> Prompt:
    """Give the step's prompt on these tables, or on all; tables that did not fit are noted.

    A plugin's step brings its text as `template`.
    """
    rendered = shown_schema(resources, tables)
    if rendered.dropped:
        resources.note(f"left out of the prompt for its token budget: {', '.join(rendered.dropped)}")
    return build_prompt(
        step,
        dialect=resources.database.dialect,
        product=resources.database.product,
        schema=rendered.text,
        turns=turns_as_messages(state.get("history", ())),
        evidence=state.get("evidence", ""),
        question=state["question"],
        template=template,
        **fields,
    )


def shown_schema(resources: Resources, tables: tuple[str, ...] = ()) -> RenderedSchema:
    """Give the schema text for a prompt, all tables where none are named."""
    settings = resources.settings.schema
    return _rendered(resources.schema, tables, settings.prompt_tokens, settings.sample_values)


@lru_cache(maxsize=64)
def _rendered(schema: Schema, tables: tuple[str, ...], prompt_tokens: int, sample_values: int) -> RenderedSchema:
    return render_schema(schema, tables=tables, prompt_tokens=prompt_tokens, sample_values=sample_values)


def linked_by_words(state: Mapping[str, Any], resources: Resources) -> Links:
    """Give what the words of question, evidence and last turns name; values from the index, else from the samples."""
    asked = all_asked(state)
    found = resources.words.find(asked)
    if not resources.values.is_empty:
        if not resources.values.is_current:
            resources.note("the values are those before the last change of the data; they are being read anew")
        return replace(found, values=find_values(asked, resources.values, resources.words))
    if not resources.values.is_current:
        resources.note("the values of the database are being read; until then those of the schema are linked")
    # A number among samples is in the question for another reason four times in five.
    return replace(found, values=tuple(value for value in found.values if any(map(str.isalpha, value[2]))))


def all_asked(state: Mapping[str, Any]) -> str:
    """Give question, evidence and the last turns' questions: a follow-up leaves out what was said before it."""
    turns = [turn.question for turn in state.get("history", ())[-_TURNS_SHOWN:]]
    return " . ".join([state["question"], state.get("evidence", ""), *turns])


def turns_as_messages(history: tuple[Turn, ...]) -> tuple[Message, ...]:
    """Give the last turns that had SQL as a conversation, so that a follow-up is read against them."""
    shown = [turn for turn in history if turn.sql][-_TURNS_SHOWN:]
    return tuple(
        message
        for turn in shown
        for message in (
            Message("user", f"Question: {clip(turn.question, _QUESTION_CHARACTERS)}"),
            Message("assistant", turn.sql[:_SQL_CHARACTERS]),
        )
    )


def remembered(state: Mapping[str, Any], text: str, sql: str = "", columns: tuple[str, ...] = ()) -> tuple[Turn, ...]:
    """Give the conversation with this question added, the oldest turns dropped."""
    turn = Turn(state["question"], sql, columns, text)
    return (*state.get("history", ()), turn)[-_TURNS_KEPT:]


def json_object(text: str) -> dict[str, Any]:
    """Give the JSON object in a model's reply, or an empty one: what a model writes need not be JSON."""
    start, end = text.find("{"), text.rfind("}")
    try:
        found = json.loads(text[start : end + 1]) if start >= 0 else {}
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
