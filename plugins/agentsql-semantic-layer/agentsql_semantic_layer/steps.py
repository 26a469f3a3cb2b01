"""The steps `define_metrics` and `use_metrics`, and the router `by_metrics`."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from agentsql.db.policed import PolicedDatabase
from agentsql.errors import UsageError
from agentsql.steps.step import router, step
from agentsql.types import Candidate, QueryFailure
from agentsql_semantic_layer.expressions import layer_problems, uses, with_metric
from agentsql_semantic_layer.layer import Layer, Metric, SemanticLayerError, read_layer

if TYPE_CHECKING:
    from agentsql.db.schema import Schema
    from agentsql.resources import Resources

FILE = "AGENTSQL_PLUGIN_SEMANTIC_LAYER"
"""The environment variable that names the file where the graph does not."""


@step(reads=("question",), optional=("evidence", "history"), writes=("evidence", "metrics"))
def define_metrics(state: Mapping[str, Any], resources: Resources, *, file: str = "") -> dict[str, object]:
    """Add what the metrics and synonyms mean that the question, or one before it, names, to the evidence.

    Evidence stands behind the schema and before the question, so that the beginning of prompts stays the same.

    Raises:
        SemanticLayerError: the file cannot be read or does not fit the database.
    """
    layer = _layer(file, resources)
    asked = " . ".join([state["question"], *(turn.question for turn in state.get("history", ())[-2:])])
    metrics = layer.named(asked)
    meanings = [_metric_meaning(metric) for metric in metrics]
    meanings += [f'"{word}" means {_target(target, resources)}.' for word, target in layer.meant(asked)]
    for meaning in meanings:
        resources.note(meaning)
    evidence = " ".join(filter(None, [state.get("evidence", ""), *meanings]))
    return {"evidence": evidence, "metrics": tuple(metric.name for metric in metrics)}


@router(reads=("metrics",), outcomes=("named", "none"))
def by_metrics(state: Mapping[str, Any], _resources: Resources) -> str:
    """`named` for a question with a metric, which the database can answer though no word of it is in the schema."""
    return "named" if state["metrics"] else "none"


@step(reads=("question", "candidates"), writes=("candidates",))
def use_metrics(state: Mapping[str, Any], resources: Resources, *, file: str = "") -> dict[str, object]:
    """Put the expression of each metric that the question names into queries that have its name in place of it.

    A query that then does not use it is held to be suspicious, so that it is written anew, and the model is told the
    expression.
    """
    layer = _layer(file, resources)
    metrics = layer.named(state["question"])
    new = [one for one in state["candidates"] if one.result is None and one.failure is None]
    return {"candidates": tuple(_with_metrics(one, metrics, resources) for one in new) if metrics else ()}


def _with_metrics(candidate: Candidate, metrics: tuple[Metric, ...], resources: Resources) -> Candidate:
    schema = resources.schema
    try:
        query: exp.Expr = sqlglot.parse_one(candidate.sql, read=schema.dialect)
    except (SqlglotError, RecursionError):
        return candidate  # `check` says what is wrong with it
    for metric in metrics:
        if uses(query, metric, schema):
            continue
        mended = with_metric(query, metric, schema)
        if mended is None:
            resources.note(f"{candidate.name}: does not use the metric {metric.name!r}")
            message = f"the query does not use the metric {metric.name!r}, which the question asks for"
            failure = QueryFailure("suspicious", message, f"write {metric.name} as {metric.expression}")
            return replace(candidate, failure=failure)
        resources.note(f"{candidate.name}: the metric {metric.name!r} put in")
        query = mended
        candidate = replace(candidate, sql=query.sql(dialect=schema.dialect))
    return candidate


def _metric_meaning(metric: Metric) -> str:
    named = " or ".join(f'"{word}"' for word in metric.words)
    described = f" ({metric.description.strip().rstrip('.')})" if metric.description else ""
    # Said to be "over" its tables, it became a window function in 11 of 16 queries of qwen2.5-coder-1.5b.
    return f"{named} means {metric.expression}, from {' and '.join(metric.tables)}{described}."


def _target(target: str, resources: Resources) -> str:
    return f"the table {target}" if resources.schema.table(target) else target


def _layer(file: str, resources: Resources) -> Layer:
    """Give the layer, read anew when its file has changed, as far as the asker may know of what it names."""
    path = Path(file or os.environ.get(FILE, ""))
    if path == Path():
        raise UsageError(f"the semantic layer has no file; put its path into {FILE}, or into the step's option `file`")
    layer = _read(path, path.stat().st_mtime_ns if path.is_file() else 0)
    problems = _problems(layer, resources.schema)
    if problems and not isinstance(resources.database, PolicedDatabase):
        raise SemanticLayerError(path, [text for texts in problems.values() for text in texts])
    # Under a policy, what does not fit is what this asker may not see, and is not told of either.
    metrics = tuple(metric for metric in layer.metrics if metric.name not in problems)
    return Layer(metrics, tuple(pair for pair in layer.synonyms if pair[0] not in problems))


@lru_cache(maxsize=16)
def _read(path: Path, _changed_ns: int) -> Layer:
    return read_layer(path)


@lru_cache(maxsize=64)
def _problems(layer: Layer, schema: Schema) -> dict[str, list[str]]:
    return layer_problems(layer, schema)
