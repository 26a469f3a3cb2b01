"""The prompt of `agentsql chat`: history, completion, highlighting and the line at the foot of the screen."""

from __future__ import annotations

import contextlib

from prompt_toolkit import PromptSession
from prompt_toolkit.application import get_app
from prompt_toolkit.filters import Condition
from prompt_toolkit.history import FileHistory, History, InMemoryHistory
from prompt_toolkit.lexers import DynamicLexer, PygmentsLexer
from prompt_toolkit.patch_stdout import patch_stdout
from prompt_toolkit.styles import Style
from pygments.lexers.sql import SqlLexer

from agentsql.cli.commands import COMMANDS
from agentsql.cli.complete import ChatCompleter
from agentsql.cli.conversation import Conversation
from agentsql.cli.safe import one_line
from agentsql.folders import data_folder


class ForgivingHistory(FileHistory):
    """A history file whose loss costs nobody a question."""

    def store_string(self, string: str) -> None:
        """Write a line to the file, or do without on a full disk."""
        with contextlib.suppress(OSError):
            super().store_string(string)


def prompt_session(conversation: Conversation) -> PromptSession[str]:
    """Give the prompt of a conversation."""
    sql_lexer = PygmentsLexer(SqlLexer)
    return PromptSession(
        "agentsql> ",
        history=open_history(),
        completer=ChatCompleter(conversation.agent.schema, COMMANDS),
        complete_while_typing=Condition(lambda: get_app().current_buffer.text.startswith("\\")),
        lexer=DynamicLexer(lambda: sql_lexer if get_app().current_buffer.text.startswith("\\sql") else None),
        bottom_toolbar=lambda: _toolbar(conversation),
        style=Style.from_dict({"bottom-toolbar": "noreverse ansibrightblack"}),
        refresh_interval=1.0,
    )


def read_line(session: PromptSession[str], prefill: str) -> str:
    """Give what the person typed, starting from `prefill`; Ctrl-C raises KeyboardInterrupt and Ctrl-D EOFError."""
    with patch_stdout():  # a warning from another thread goes above the prompt, not into it
        return session.prompt(default=prefill).strip()


def open_history() -> History:
    """Give the history of earlier sessions, or an empty one where its file cannot be written."""
    path = data_folder() / "chat_history"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
    except OSError:
        return InMemoryHistory()
    return ForgivingHistory(path)


def _toolbar(conversation: Conversation) -> str:
    parts = (conversation.agent.database.name, conversation.agent.settings.agent.sql_model, conversation.progress.note)
    return one_line(" · ".join(part for part in parts if part))
