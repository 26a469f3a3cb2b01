"""Answers a message that needs no query."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agentsql.resources import Resources
from agentsql.steps.shared import prompt_for, remembered
from agentsql.steps.step import step
from agentsql.steps.wording import foreign_matter

_PLAIN = "I answer questions about this database by writing SQL, which you can look at. What do you want to know?"


@step(reads=("question", "intent"), optional=("evidence", "history", "reason"), writes=("status", "text", "history"))
async def reply(state: Mapping[str, Any], resources: Resources) -> dict[str, Any]:
    """Give the reason where the question is sent back or refused; let the chat model word a reply otherwise."""
    intent = state["intent"]
    if intent != "chat":
        default = {
            "clarify": "The question is not complete enough to answer. What exactly do you want to know?",
            "refused": "This database cannot answer that.",
        }
        reason = state.get("reason", "")
        if foreign := foreign_matter(reason):
            resources.note(f"the chat model's reason had {foreign!r} in it; a plain one is given")
            reason = ""
        text = reason or default.get(intent, "")
        return {"status": intent, "text": text, "history": remembered(state, text)}
    (completion,) = await resources.complete("chat", prompt_for("reply", state, resources), max_tokens=120, stream=True)
    text = completion.text.strip()
    if foreign := foreign_matter(text):
        resources.note(f"the chat model's reply had {foreign!r} in it; a plain one is given")
        text = _PLAIN
    return {"status": "chat", "text": text, "history": remembered(state, text)}
