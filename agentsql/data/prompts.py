"""The prompts of training rows: those that the steps of a graph send, caught on their way to the model.

No prompt is built here. The steps that lead to the SQL model run as they do at inference, on the same resources, and
what they would ask is kept; so a training prompt cannot differ from the one that the tuned model will be shown.
"""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from agentsql.asking import checked_question
from agentsql.errors import TrainingDataError
from agentsql.graph import GraphSpec
from agentsql.graph.check import checked_parts
from agentsql.graph.spec import END, Node, Targets
from agentsql.graph.trace import run_step
from agentsql.models.endpoint import Endpoint
from agentsql.resources import Meter, Resources
from agentsql.state import first_state
from agentsql.steps.link import link
from agentsql.steps.shared import shown_schema
from agentsql.steps.step import Step
from agentsql.types import Completion, Message

View = Literal["graph", "full", "pruned"]

_NO_DATABASE = "(no database)"
"""As long as any database is evaluated, `retrieve` never shows the asked question itself: its own SQL in its prompt
would teach to copy."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What of a database the prompts show; by default what the graph does."""

    view: View = "graph"
    """`full` shows every table, `pruned` those the gold needs and `noise` others."""
    noise: tuple[int, int] = (0, 0)
    """Least and most tables that are shown beside those needed, where the view is `pruned`."""
    values: bool = True
    """Whether cell values are shown, in the schema and as hints."""
    examples: bool = True
    """Whether solved questions are, where the graph shows any."""
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Needed:
    """What the gold reads, by the names of the schema."""

    tables: tuple[str, ...]
    columns: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """One prompt of a question with the reply that is right."""

    messages: tuple[Message, ...]
    reply: str
    lacks: tuple[str, ...] = ()
    """Tables the gold reads that the prompt does not show."""


class Catcher:
    """An Endpoint that keeps what it is asked; to a request for JSON it replies with what is right."""

    name = "none"

    def __init__(self, replies: Mapping[str, object] | None = None) -> None:
        self.asked: list[tuple[tuple[Message, ...], str]] = []
        self._replies = replies or {}

    async def complete(
        self,
        messages: Sequence[Message],
        *,
        n: int = 1,
        json_schema: Mapping[str, Any] | None = None,
        **_options: Any,
    ) -> tuple[Completion, ...]:
        """Keep the messages."""
        known = (json_schema or {}).get("properties", ())
        reply = {name: self._replies[name] for name in known if name in self._replies}
        text = json.dumps(reply, ensure_ascii=False) if reply else ""
        self.asked.append((tuple(messages), text))
        return (Completion(text),) * n

    async def close(self) -> None:
        """Do nothing: there is nothing to close."""


@dataclass(frozen=True, slots=True)
class _Way:
    """The nodes of a graph up to its first question to the SQL model."""

    before: tuple[tuple[Node, ...], ...]
    """Those of one tuple run side by side."""
    writer: Node


class PromptMaker:
    """Makes the prompts of questions as one graph does."""

    def __init__(self, graph: GraphSpec, shown: Shown) -> None:
        """Find the way through the graph.

        Raises:
            GraphError: the graph cannot run.
            TrainingDataError: no step of it writes SQL.
        """
        self._steps = checked_parts(graph).steps
        self._shown = shown
        way = _shortest_way(graph, (graph.start,), self._steps, frozenset())
        if way is None:
            raise TrainingDataError(
                f"no step of the graph {graph.name!r} writes SQL; take a graph that asks the SQL model"
            )
        self._way = way

    async def sql(self, question: str, evidence: str, sql: str, needed: Needed, resources: Resources) -> list[Asked]:
        """Give what the graph asks the SQL model first, one for each view, with `sql` as the reply."""
        catcher, own = catching(needed, resources)
        state = await self.state_before(question, evidence, own)
        asked_before = len(catcher.asked)
        writer = self._way.writer
        tables = self._tables(question, needed, own) if self._shown.view != "graph" else state["tables"]
        options = self._writer_options(dict(writer.options), self._steps[writer.name])
        await run_step(writer.name, self._steps[writer.name], options, {**state, "tables": tables}, own)
        lacks = _lacking(needed, tables, own)
        found = [Asked(messages, sql, lacks) for messages, _ in catcher.asked[asked_before:]]
        return list(dict.fromkeys(found))

    async def schema(self, question: str, evidence: str, needed: Needed, resources: Resources) -> list[Asked]:
        """Give what the graph asks the chat model about the schema, or else what `link` would, with the right reply."""
        catcher, own = catching(needed, resources)
        judging = [node for level in self._way.before for node in level if node.options.get("by") == "model"]
        if judging:
            await self.state_before(question, evidence, own)
        else:
            state = {**first_state(checked_question(question), evidence), "history": ()}
            await run_step("link", link, {"by": "model"}, state, own)
        return [Asked(messages, reply) for messages, reply in catcher.asked if reply]

    async def state_before(self, question: str, evidence: str, resources: Resources) -> dict[str, Any]:
        """Give the state in which the graph asks the SQL model first.

        Args:
            resources: of `catching`.
        """
        state = {**first_state(checked_question(question), evidence), "history": ()}
        for level in self._way.before:
            updates: dict[str, Any] = {}
            for node in level:
                step = self._steps[node.name]
                if not self._is_passed_over(step, resources):
                    updates |= await run_step(node.name, step, node.options, state, resources)
            state |= updates
        return state

    def _is_passed_over(self, step: Step, resources: Resources) -> bool:
        """True for a step that decides whether SQL is needed, which is known, and one that would find no examples."""
        if step.writes == {"examples"}:
            return not self._shown.examples or not resources.examples or not len(resources.examples)
        return "intent" in step.writes

    def _tables(self, question: str, needed: Needed, resources: Resources) -> tuple[str, ...]:
        if self._shown.view == "full":
            return ()
        others = [table.name for table in resources.schema if table.name not in needed.tables]
        chance = random.Random(f"{self._shown.seed} {question}")
        count = min(len(others), chance.randint(*self._shown.noise))
        return (*needed.tables, *chance.sample(others, count))

    def _writer_options(self, options: dict[str, Any], step: Step) -> dict[str, Any]:
        known = {option.name for option in step.options}
        if self._shown.view != "graph" and "views" in known:
            options["views"] = (self._shown.view,)
        if not self._shown.values and "hints" in known:
            options["hints"] = False
        return options


def completion_of_schema(needed: Needed, resources: Resources) -> list[str]:
    """Give the columns that `link` should name: those of the gold, and of a table without any its first key column."""
    named = list(needed.columns)
    for name in needed.tables:
        table = resources.schema.table(name)
        if table and not any(one == name for one, _ in named):
            named.append((name, (table.primary_key or (table.columns[0].name,))[0]))
    return [f"{table}.{column}" for table, column in sorted(named)]


def catching(
    needed: Needed, resources: Resources, replies: Mapping[str, object] | None = None
) -> tuple[Catcher, Resources]:
    """Give resources whose models keep what they are asked, and know what is right.

    Args:
        replies: what is right beyond tables and columns, by the key of the JSON.
    """
    known = {"tables": list(needed.tables), "columns": completion_of_schema(needed, resources)}
    catcher = Catcher({**known, **(replies or {})})
    meter = Meter(resources.settings.budget)
    meter.start()
    endpoints: dict[Any, Endpoint] = {"sql": catcher, "chat": catcher}
    settings = resources.settings
    examples = replace(settings.examples, exclude=f"{settings.examples.exclude},{_NO_DATABASE}")
    return catcher, replace(resources, endpoints=endpoints, meter=meter, settings=replace(settings, examples=examples))


def _lacking(needed: Needed, tables: tuple[str, ...], resources: Resources) -> tuple[str, ...]:
    shown = shown_schema(resources, tables).tables
    return tuple(name for name in needed.tables if name not in shown)


def _shortest_way(graph: GraphSpec, targets: Targets, steps: Mapping[str, Step], seen: frozenset[str]) -> _Way | None:
    """Give the way with the fewest nodes from `targets` to a node that writes candidates."""
    nodes = tuple(graph.node(name) for name in targets if name != END)
    for node in nodes:
        if "candidates" in steps[node.name].writes:
            return _Way((), node)
    if not nodes or seen.issuperset(targets):
        return None
    ways = [_shortest_way(graph, following, steps, seen | set(targets)) for following in nodes[0].next.values()]
    shortest = min((way for way in ways if way), key=lambda way: len(way.before), default=None)
    return _Way((nodes, *shortest.before), shortest.writer) if shortest else None
