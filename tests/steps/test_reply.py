"""The step that answers what needs no query."""

from __future__ import annotations

import pytest

from agentsql.steps.reply import reply
from agentsql.types import Turn


async def test_small_talk_is_worded_by_the_model(run) -> None:
    done = await run(reply, question="Hello!", intent="chat", replies=(" Hello, ask me about singers. ",))
    text = "Hello, ask me about singers."
    assert done.updates == {"status": "chat", "text": text, "history": (Turn("Hello!", text=text),)}


@pytest.mark.parametrize("intent", ["clarify", "refused"])
async def test_the_reason_is_the_reply_where_there_is_no_answer(run, intent: str) -> None:
    done = await run(reply, intent=intent, reason="There is no weather in this database.")
    assert (done.updates["status"], done.updates["text"]) == (intent, "There is no weather in this database.")
    assert done.model.asked == []


async def test_a_missing_reason_is_made_up_for(run) -> None:
    done = await run(reply, intent="refused", reason="")
    assert done.updates["text"] == "This database cannot answer that."
