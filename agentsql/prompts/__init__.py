"""Turns a step's text file and its inputs into messages; the same inputs give the same bytes."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from string import Template

from agentsql.types import Message

DIALECT_NAMES = {
    "sqlite": "SQLite",
    "postgres": "PostgreSQL",
    "mysql": "MySQL",
    "duckdb": "DuckDB",
    "tsql": "SQL Server",
    "bigquery": "BigQuery",
    "snowflake": "Snowflake",
    "oracle": "Oracle",
    "redshift": "Redshift",
    "clickhouse": "ClickHouse",
    "databricks": "Databricks",
    "spark": "Spark SQL",
    "trino": "Trino",
}


@dataclass(frozen=True, slots=True)
class Prompt:
    """Messages for a model and the hash that stands for them in a trace."""

    messages: tuple[Message, ...]
    hash: str
    """First 12 hex digits of the SHA-256 over roles and contents."""


def build_prompt(
    step: str, *, dialect: str, schema: str, product: str = "", turns: Sequence[Message] = (), **fields: str
) -> Prompt:
    """Give the prompt of a step.

    Every step begins with the same system message (role text, then the schema), so a server that caches prefixes
    reads a schema once for all steps and questions. What changes from question to question comes last.

    Args:
        step: name of a text file in this folder, without `.txt`.
        dialect: sqlglot's name of the SQL dialect; where there is a `dialect_NAME.txt`, its rules go before the schema.
        product: what the database calls itself, with its version; empty takes the dialect's usual name.
        schema: rendered schema.
        turns: earlier questions and their SQL, as messages in order.
        fields: values for the `$names` of the text. A line with a `$name` whose value is empty is left out;
            values are never looked into for further `$names`.
    """
    shown = product or DIALECT_NAMES.get(dialect, dialect)
    rules = f" {_text(name)}" if (name := f"dialect_{dialect}") in _names() else ""
    system = Template(_text("system")).substitute(dialect=shown, rules=rules, schema=schema)
    user = _fill(_text(step), {"dialect": shown, **fields})
    messages = (Message("system", system), *turns, Message("user", user))
    digest = hashlib.sha256("\x1e".join(f"{one.role}\x1f{one.content}" for one in messages).encode()).hexdigest()
    return Prompt(messages, digest[:12])


@cache
def _names() -> frozenset[str]:
    return frozenset(one.name.removesuffix(".txt") for one in resources.files(__name__).iterdir())


@cache
def _text(name: str) -> str:
    return resources.files(__name__).joinpath(f"{name}.txt").read_text(encoding="utf-8").strip()


def _fill(text: str, fields: dict[str, str]) -> str:
    lines = []
    for line in text.splitlines():
        template = Template(line)
        if all(fields.get(name) for name in template.get_identifiers()):
            lines.append(template.substitute(fields))
    return "\n".join(lines).strip()
