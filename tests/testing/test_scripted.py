"""The scripted model and the tiny database."""

from __future__ import annotations

from pathlib import Path

import pytest

from agentsql.testing import ScriptedModel, tiny_database
from agentsql.types import Message


def test_a_tiny_database_is_never_written_over(tmp_path: Path) -> None:
    path = tiny_database(tmp_path / "tiny.sqlite")
    with pytest.raises(FileExistsError, match="give tiny_database a new path"):
        tiny_database(path)


async def test_replies_may_be_added_behind_those_that_are_there() -> None:
    model = ScriptedModel("one")
    model.script("two", lambda messages: messages[-1].content)
    asked = [Message("user", "three")]
    assert [(await model.complete(asked))[0].text for _ in range(4)] == ["one", "two", "three", "three"]


async def test_a_model_without_replies_says_what_it_was_asked() -> None:
    with pytest.raises(AssertionError, match=r"scripted was asked, but has no reply; the last message was: How many\?"):
        await ScriptedModel().complete([Message("user", "How many?")])
