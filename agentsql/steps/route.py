"""Decides whether a question needs the database, and sends away what cannot be answered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agentsql.db.words import meaning_words, words_of
from agentsql.resources import Resources
from agentsql.steps.shared import json_object, prompt_for
from agentsql.steps.step import router, step

INTENTS = ("sql", "chat", "clarify", "refused")
_SCHEMA = {
    "type": "object",
    "properties": {"intent": {"enum": list(INTENTS)}, "reason": {"type": "string", "maxLength": 200}},
    "required": ["intent", "reason"],
    "additionalProperties": False,
}
_CHANGES = frozenset(
    "add alter change clear create delete drop erase grant insert modify purge remove rename replace truncate update "
    "wipe".split()
)


@step(reads=("question",), optional=("evidence", "history"), writes=("intent", "reason"))
async def route(state: Mapping[str, Any], resources: Resources) -> dict[str, Any]:
    """Ask the chat model only about what names nothing of the schema or begins like an order to change something.

    A question that names a table or a column, or two words of one, is taken for SQL without a call; a known value
    alone, such as a city, is not enough. When the model's reply is not what was asked for, the question goes on as
    SQL: a needless query does no harm.
    """
    words = [word for word in words_of(state["question"]) if word != "please"]
    links = resources.words.find(state["question"])
    orders_change = bool(words) and (
        words[0] in _CHANGES or (words[0] == "please" and words[1:2] and words[1] in _CHANGES)
    )
    named = links.tables or links.columns or _names_part(state["question"], resources)
    if named and not orders_change:
        return {"intent": "sql", "reason": ""}
    (completion,) = await resources.complete(
        "chat", prompt_for("route", state, resources), max_tokens=100, json_schema=_SCHEMA
    )
    reply = json_object(completion.text)
    intent = reply.get("intent")
    if intent not in INTENTS:
        resources.note("the chat model gave no intent; taken as sql")
        return {"intent": "sql", "reason": ""}
    reason = str(reply.get("reason", "")) if intent != "sql" else ""
    return {"intent": intent, "reason": reason}


def _names_part(question: str, resources: Resources) -> bool:
    """True if it has two of the words of one name: "available features" for `Other_Available_Features`."""
    asked = meaning_words(question)
    names = (name for table in resources.schema for name in (table.name, *(column.name for column in table.columns)))
    return any(len(asked & meaning_words(name)) > 1 for name in names)


@router(reads=("intent",), outcomes=INTENTS)
def by_intent(state: Mapping[str, Any], _resources: Resources) -> str:
    """Follow the intent that `route` wrote."""
    return str(state["intent"])
