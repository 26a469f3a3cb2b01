"""`%load_ext agentsql.notebook`: questions in the cells of a notebook, as `%%ask --db FILE|URL`."""

from __future__ import annotations

import argparse
import atexit
import shlex
from collections.abc import Mapping
from typing import TYPE_CHECKING, NoReturn

from IPython.core.error import UsageError as CellError

from agentsql.agent import SQLAgent
from agentsql.errors import AgentSQLError
from agentsql.settings import load_settings
from agentsql.types import Answer, Answered

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

_SETTINGS = {
    "graph": "agent.graph",
    "sql_model": "agent.sql_model",
    "chat_model": "agent.chat_model",
    "max_rows": "database.max_rows",
    "policy": "database.policy",
    "principal": "database.principal",
    "schemas": "database.schemas",
}
"""The setting that each option is."""


def load_ipython_extension(shell: InteractiveShell) -> None:
    """Give the shell `%%ask`; no `%ask`, because IPython takes a line that ends in a question mark for help."""
    asking = Asking(shell)
    shell.magics_manager.register_function(asking, "cell", "ask")
    atexit.register(asking.close)


def unload_ipython_extension(shell: InteractiveShell) -> None:
    """Take `%%ask` away, and close what it opened."""
    asking = shell.magics_manager.magics["cell"].pop("ask", None)
    if isinstance(asking, Asking):
        atexit.unregister(asking.close)
        asking.close()


class Asking:
    """The magic, with the agents that its cells have opened; a cell without `--db` asks the last one."""

    def __init__(self, shell: InteractiveShell) -> None:
        self._shell = shell
        self._agents: dict[tuple[str, ...], SQLAgent] = {}
        self._last: SQLAgent | None = None
        self._parser = _parser()
        self.__doc__ = self._parser.format_help()  # which `%%ask?` shows

    def __call__(self, line: str, cell: str) -> Answer:
        try:
            given, words = self._parser.parse_known_args(shlex.split(line))
            if words:
                raise CellError(f"`%%ask` does not know {' '.join(words)!r}; the question goes into the cell below it")
            return self._ask(given, cell)
        except (AgentSQLError, ValueError) as exc:
            raise CellError(str(exc)) from None

    def close(self) -> None:
        """Close the agents that cells have opened; those of variables stay their owner's."""
        while self._agents:
            _, agent = self._agents.popitem()
            agent.close()
        self._last = None

    def _ask(self, given: argparse.Namespace, question: str) -> Answer:
        agent = self._agent(given)
        # By its events, because Ctrl-C and the notebook's stop button then stop the question too.
        answer: Answer | None = None
        for event in agent.stream(question, evidence=given.evidence, thread_id=given.thread):
            if isinstance(event, Answered):
                answer = event.answer
        assert answer is not None, "a question without an error ends with its answer"
        if given.to:
            self._shell.user_ns[given.to] = answer
        return answer

    def _agent(self, given: argparse.Namespace) -> SQLAgent:
        settings = {key: getattr(given, name) for name, key in _SETTINGS.items()}
        own = self._shell.user_ns.get(given.db) if given.db else None
        if isinstance(own, SQLAgent):
            self._last = own
        elif given.db:
            self._last = self._opened(given.db, settings)
        elif any(settings.values()):
            raise CellError("name the database too, with --db FILE|URL, where you name a model, a graph or a policy")
        if self._last is None:
            raise CellError("name a database: %%ask --db FILE|URL, or --db and the name of a variable with an SQLAgent")
        return self._last

    def _opened(self, db: str, settings: Mapping[str, object]) -> SQLAgent:
        key = (db, *map(str, settings.values()))
        if key not in self._agents:
            self._agents[key] = SQLAgent(db, settings=load_settings(flags=settings).settings)
        return self._agents[key]


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise CellError(f"{message}; `%%ask?` shows the options")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="%%ask", description="Ask a question about a database.", add_help=False, allow_abbrev=False)
    parser.add_argument("--db", metavar="FILE|URL|NAME", help="a database, or the variable that holds an SQLAgent")
    parser.add_argument("--to", metavar="NAME", help="keep the answer in this variable too")
    parser.add_argument("--evidence", default="", help="what you know that the schema does not say")
    parser.add_argument("--thread", metavar="ID", help="questions with one id are a conversation")
    parser.add_argument("--sql-model", metavar="SPEC")
    parser.add_argument("--chat-model", metavar="SPEC")
    parser.add_argument("--graph", metavar="NAME|FILE")
    parser.add_argument("--max-rows", type=int, metavar="N")
    parser.add_argument("--policy", metavar="FILE")
    parser.add_argument("--schema", dest="schemas", metavar="A,B", help="schemas of a server's database")
    parser.add_argument("--as", dest="principal", metavar="NAME", help="who asks, for the policy")
    return parser
