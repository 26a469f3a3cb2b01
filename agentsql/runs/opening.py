"""Opens the agent of a question's database, with settings under which nothing of the evaluated databases leaks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from agentsql.agent import SQLAgent
from agentsql.evaluation.questions import Question
from agentsql.graph import GraphSpec
from agentsql.runs.schema_only import empty_database
from agentsql.settings import Settings

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

    from agentsql.models.endpoint import Endpoint

OpenWith = Callable[[Question, Settings], SQLAgent]
"""Opens an agent on `question.database` with these settings; called once for each database, in any thread."""


@dataclass(frozen=True, slots=True)
class Opener:
    """Opens an agent with models and graph as they are given; with specs it can be sent to another process."""

    graph: GraphSpec
    sql_model: str | BaseChatModel | Endpoint
    """An object is shared by all agents, so it must not mind being closed by one of them."""
    chat_model: str | BaseChatModel | Endpoint | None = None

    def __call__(self, question: Question, settings: Settings) -> SQLAgent:
        return SQLAgent(
            question.database,
            sql_model=self.sql_model,
            chat_model=self.chat_model,
            graph=self.graph,
            settings=settings,
        )


@dataclass(frozen=True, slots=True)
class Opening:
    """Opens agents by an OpenWith, each with the settings of its database."""

    open_with: OpenWith
    settings: Settings
    scratch: Path
    """Folder for databases made of a schema only."""

    def __call__(self, question: Question) -> SQLAgent:
        if not question.database:
            self.scratch.mkdir(parents=True, exist_ok=True)
            question = replace(question, database=str(empty_database(question.schema_sql, self.scratch)))
        schema = replace(self.settings.schema, notes=question.notes or self.settings.schema.notes)
        return self.open_with(question, replace(self.settings, schema=schema))


def without_leaks(settings: Settings, questions: Sequence[Question]) -> Settings:
    """Give settings that show no solved question of a database that is evaluated, nor the asked one itself."""
    names = [name.strip() for name in settings.examples.exclude.split(",")]
    evaluated = dict.fromkeys(name for name in (*names, *sorted({one.db_id for one in questions}), "this") if name)
    return replace(settings, examples=replace(settings.examples, exclude=",".join(evaluated)))
