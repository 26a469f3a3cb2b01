"""What an agent works with, opened and closed together."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from agentsql.db.connect import open_database
from agentsql.db.policy import Policy, load_policy
from agentsql.errors import PolicyError
from agentsql.folders import cache_folder, data_folder
from agentsql.graph import GraphSpec, load_graph
from agentsql.graph.check import checked_parts
from agentsql.graph.run import GraphRunner
from agentsql.models.spec import open_endpoint
from agentsql.models.specialist import for_sql
from agentsql.observe.opening import open_observers
from agentsql.observe.watching import Observers, watched
from agentsql.resources import Meter, Resources
from agentsql.retrieval.store import ExampleStore, open_examples
from agentsql.settings import Settings
from agentsql.types import Event, Principal, Role
from agentsql.views import View, Views

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from sqlalchemy import Engine

    from agentsql.db.database import Database
    from agentsql.models.endpoint import Endpoint

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Parts:
    """What the questions put to one agent are answered with."""

    settings: Settings
    graph: GraphSpec
    endpoints: Mapping[Role, Endpoint]
    database: Database
    """Its queries are told to the observers; no policy is put on it."""
    observers: Observers
    views: Views
    examples: ExampleStore
    runner: GraphRunner

    def resources(self, view: View, emit: Callable[[Event], None] = lambda _event: None) -> Resources:
        """Give what the steps of one question work with, its budget starting now."""
        meter = Meter(self.settings.budget)
        meter.start()
        known = (view.database, view.schema, view.words, self.endpoints, self.settings)
        return Resources(*known, meter, emit, view.values.index, view.examples(self.examples))

    def each_endpoint(self) -> Iterable[Endpoint]:
        """Give the models of the roles; one that plays both comes once."""
        return {id(one): one for one in self.endpoints.values()}.values()

    async def disconnect(self) -> None:
        """Close what was opened in the event loop: the models' connections and the place of the threads."""
        for endpoint in self.each_endpoint():
            await endpoint.close()
        await self.runner.close()

    def close(self) -> None:
        """Stop reading values and close the database."""
        self.views.close()
        self.database.close()


def open_parts(
    database: str | Path | Engine,
    settings: Settings,
    *,
    sql_model: str | BaseChatModel | Endpoint | None,
    chat_model: str | BaseChatModel | Endpoint | None,
    graph: str | Path | GraphSpec | None,
    policy: Policy | str | Path | None,
    principal: Principal | str | None,
    progress: Callable[[str], None] | None,
) -> Parts:
    """Check the graph and open the rest; what is None is taken from the settings. See `SQLAgent` for what is raised."""
    spec = load_graph(graph or settings.agent.graph)
    checked_parts(spec)
    given = policy or settings.database.policy or None
    rules = load_policy(given) if isinstance(given, str | Path) else given
    endpoints = _open_endpoints(settings, sql_model, chat_model, progress)
    opened = open_database(database, settings=settings.database, schema_settings=settings.schema)
    try:
        opened.schema()
        observers = open_observers(settings.observe, opened, graph=spec.name, data=data_folder(), schema=opened.schema)
        opened = watched(opened, observers)
        own = principal or settings.database.principal or None
        views = Views(opened, settings.values, cache_folder() / "schemas", rules, own=own)
        _open_own_view(views)
    except BaseException:
        opened.close()
        raise
    examples = open_examples(settings.examples)
    runner = GraphRunner(spec, settings.agent.conversations or data_folder() / "threads.sqlite")
    return Parts(settings, spec, endpoints, opened, observers, views, examples, runner)


def _open_endpoints(
    settings: Settings,
    sql_model: str | BaseChatModel | Endpoint | None,
    chat_model: str | BaseChatModel | Endpoint | None,
    progress: Callable[[str], None] | None,
) -> dict[Role, Endpoint]:
    def opened(model: str | BaseChatModel | Endpoint) -> Endpoint:
        return open_endpoint(
            model, settings=settings.models, progress=lambda done: progress(str(done)) if progress else None
        )

    wished = sql_model or settings.agent.sql_model
    best = for_sql(wished) if isinstance(wished, str) else wished
    sql = opened(best)
    chat = chat_model or settings.agent.chat_model or wished
    return {"sql": sql, "chat": sql if chat is best or chat == sql.name else opened(chat)}


def _open_own_view(views: Views) -> None:
    """Make the view of the agent's own principal, and begin to read its values."""
    try:
        views.of(None).refresh()
    except PolicyError as exc:
        if views.own is not None:
            raise
        logger.info("each question has to say who asks: %s", exc)
