"""The check of a graph: proven to be able to run, then run with models that are right, wrong and destructive."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from agentsql.agent import SQLAgent
from agentsql.db.quote import quote_table
from agentsql.db.schema import Schema
from agentsql.errors import AgentSQLError, GraphError, ModelError, ModelUnreachableError
from agentsql.graph import GraphSpec, load_graph
from agentsql.graph import check_graph as problems_of
from agentsql.models.endpoint import Endpoint
from agentsql.settings import Settings
from agentsql.testing.scripted import Reply, ScriptedModel
from agentsql.types import Answer, Completion

_THREAD = "check_graph"


def check_graph(
    graph: GraphSpec | Callable[[], GraphSpec] | str | Path,
    *,
    database: str | Path,
    model: Endpoint | None = None,
    question: str = "",
) -> GraphSpec:
    """Prove that a graph can run, run it, and give it.

    It is asked one question in a conversation with a model that writes a right query, then with models that write a
    wrong one, nothing, and a DELETE, and with one that cannot be reached: the first has to end with an answer, and
    none of the others may.

    Args:
        graph: a GraphSpec, what the entry point of the group `agentsql.graphs` names, an installed graph, or a TOML.
        database: a path or URL, such as that of `tiny_database`; nothing is changed.
        model: the right one, where a step asks for something else than SQL or JSON of a schema.
        question: the one it is right about; one that counts the rows of a table if empty.

    Raises:
        AssertionError: something does not fit the contract; the text says how to mend it.
    """
    spec = _spec(graph)
    assert spec.name, "a graph needs a `name`"
    assert spec.description.strip(), f"the graph {spec.name!r} needs a `description`: a sentence for lists and traces"
    problems = problems_of(spec)
    assert not problems, f"the graph {spec.name!r} cannot run:\n" + "\n".join(f"  - {one}" for one in problems)
    with TemporaryDirectory() as folder:
        settings = Settings()
        settings = replace(settings, agent=replace(settings.agent, conversations=str(Path(folder, "threads.sqlite"))))

        def ask(playing: Endpoint) -> Answer:
            with SQLAgent(database, sql_model=playing, graph=spec, settings=settings) as agent:
                return agent.ask(question or _question(schema), thread_id=_THREAD)

        with SQLAgent(database, sql_model=_Playing("SELECT 1"), graph=spec, settings=settings) as agent:
            schema = agent.schema
        playing = model or _Playing(_right_query(schema))
        right = _checked(spec, "a model that writes a right query", partial(ask, playing))
        _check_right(spec, right)
        for what, reply in _wrong_replies(schema).items():
            answer = _checked(spec, what, partial(ask, _Playing(reply)))
            _check_wrong(spec, what, answer)
        if right.usage.calls:
            _check_unreachable(spec, partial(ask, _Playing(*[ModelUnreachableError("nothing answers")] * 99)))
    return spec


def _spec(graph: GraphSpec | Callable[[], GraphSpec] | str | Path) -> GraphSpec:
    if not callable(graph):
        return load_graph(graph)
    found: object = graph()
    assert isinstance(found, GraphSpec), (
        "the entry point of a graph is a function without arguments that gives a GraphSpec; this gave "
        f"{type(found).__name__}"
    )
    assert graph() == found, "the function gives another graph the second time; a graph is the same for every agent"
    return found


def _checked(spec: GraphSpec, what: str, ask: Callable[[], Answer]) -> Answer:
    try:
        return ask()
    except GraphError as exc:
        raise AssertionError(f"with {what}, the graph {spec.name!r} does not end: {exc}") from exc
    except AgentSQLError as exc:
        raise AssertionError(
            f"with {what}, the graph {spec.name!r} raised {type(exc).__name__}: {exc}; what a model gets "
            "wrong is a status"
        ) from exc
    # Foreign code: a plugin's step may raise anything.
    except Exception as exc:
        raise AssertionError(
            f"with {what}, a step of the graph {spec.name!r} raised {type(exc).__name__}: {exc}; "
            "a step copes with every text that a model can write"
        ) from exc


def _check_right(spec: GraphSpec, answer: Answer) -> None:
    assert answer.status == "answered", (
        f"with a model that writes a right query, the graph {spec.name!r} ends with the status {answer.status!r} "
        f"({answer.error or answer.text!r}): lead every way to the steps `select` and `answer`, or to steps of your "
        "own that write `chosen`, `status` and `text`. Where a step asks its model for anything but SQL or JSON of a "
        "schema, give check_graph a model"
    )
    assert answer.sql and answer.columns, (
        f"the graph {spec.name!r} answers without a query: write `chosen`, the name of a candidate that `execute` "
        "has run"
    )


def _check_wrong(spec: GraphSpec, what: str, answer: Answer) -> None:
    assert answer.status != "answered", (
        f"with {what}, the graph {spec.name!r} ends as answered, with {answer.sql or answer.text!r}: an error is never "
        "presented as an answer; let `status` follow from the candidates of this question"
    )


def _check_unreachable(spec: GraphSpec, ask: Callable[[], Answer]) -> None:
    try:
        answer = ask()
    except ModelError:
        return
    _check_wrong(spec, "a model that cannot be reached", answer)


class _Playing(ScriptedModel):
    """Gives a query where text is asked for, and the smallest JSON of a schema where that is."""

    def __init__(self, *replies: Reply) -> None:
        super().__init__(*replies, name="check_graph")

    async def complete(self, messages: Any, **options: Any) -> tuple[Completion, ...]:
        """Give the next reply, or JSON."""
        found = await super().complete(messages, **options)
        schema = options.get("json_schema")
        return tuple(replace(one, text=json.dumps(_smallest(schema))) for one in found) if schema else found


def _right_query(schema: Schema) -> str:
    return f"SELECT count(*) AS number FROM {quote_table(schema.tables[0], schema.dialect)}"


def _wrong_replies(schema: Schema) -> Mapping[str, str]:
    """Give what models of each kind reply, by what such a model is called in a message."""
    table = quote_table(schema.tables[0], schema.dialect)
    return {
        "a model that writes a wrong query": f"SELECT agentsql_missing_column FROM {table}",
        "a model that writes nothing": "",
        "a model that writes a DELETE": f"DELETE FROM {table}",
    }


def _question(schema: Schema) -> str:
    return f"How many rows of {schema.tables[0].name} are there?"


def _smallest(schema: Mapping[str, Any]) -> Any:
    """Give the smallest value of a JSON schema, with the first of what can be chosen."""
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema["enum"][0]
    for key in ("anyOf", "oneOf"):
        if key in schema:
            return _smallest(schema[key][0])
    kind = schema.get("type", "string")
    if kind == "object":
        return {name: _smallest(one) for name, one in schema.get("properties", {}).items()}
    if kind == "array":
        return [_smallest(schema.get("items", {}))] * int(schema.get("minItems", 0))
    return {"boolean": True, "integer": schema.get("minimum", 0), "number": schema.get("minimum", 0), "null": None}.get(
        kind, ""
    )
