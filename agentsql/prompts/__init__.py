"""Turns a step's text file and its inputs into messages; the same inputs give the same bytes."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import resources
from string import Template

from agentsql.prompts.tokens import special_tokens, without_special_tokens
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

_OF_LINES = frozenset({"examples", "results", "rows", "sql"})
"""Fields that may have several lines; what makes them sees to it that no value breaks its own."""
_LINE_BREAKS = re.compile(r"\s*[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]\s*")


@dataclass(frozen=True, slots=True)
class Prompt:
    """Messages for a model and the hash that stands for them in a trace."""

    messages: tuple[Message, ...]
    hash: str
    """First 12 hex digits of the SHA-256 over roles and contents."""
    tokens: Mapping[str, str] = field(default_factory=dict)
    """Special tokens of chat templates that are in the data: as the model is shown them, and as they are."""

    def restored(self, text: str) -> str:
        """Give what a model wrote with the data's special tokens as they are in the data."""
        for shown, token in self.tokens.items():
            text = text.replace(shown, token)
        return text


def build_prompt(
    step: str,
    *,
    dialect: str,
    schema: str,
    product: str = "",
    turns: Sequence[Message] = (),
    template: str = "",
    **fields: str,
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
        template: the text itself, of a plugin's step; empty takes the file.
        fields: values for the `$names` of the text. A line with a `$name` whose value is empty is left out;
            values are never looked into for further `$names`. What is one line in the text stays one line, so that no
            value can go on as if it were the text; and special tokens of chat templates are shown as harmless ones.
    """
    shown = _line("product", product) or DIALECT_NAMES.get(dialect, dialect)
    rules = f" {_text(name)}" if (name := f"dialect_{dialect}") in _names() else ""
    system = Template(_text("system")).substitute(dialect=shown, rules=rules, schema=schema)
    values = {"dialect": shown, **{name: _line(name, value) for name, value in fields.items()}}
    user = _fill(template or _text(step), values)
    written = (Message("system", system), *turns, Message("user", user))
    messages = tuple(replace(one, content=without_special_tokens(one.content)) for one in written)
    tokens = special_tokens(one.content for one in written)
    # One that is in the data as it is shown would come back as the other.
    tokens = {shown: token for shown, token in tokens.items() if not any(shown in one.content for one in written)}
    digest = hashlib.sha256("\x1e".join(f"{one.role}\x1f{one.content}" for one in messages).encode()).hexdigest()
    return Prompt(messages, digest[:12], tokens)


@cache
def _names() -> frozenset[str]:
    return frozenset(one.name.removesuffix(".txt") for one in resources.files(__name__).iterdir())


@cache
def _text(name: str) -> str:
    return resources.files(__name__).joinpath(f"{name}.txt").read_text(encoding="utf-8").strip()


def _line(name: str, value: str) -> str:
    """Give a value without its line breaks, unless it has lines of its own in the text."""
    return value if name in _OF_LINES else _LINE_BREAKS.sub(" ", value).strip()


def _fill(text: str, fields: dict[str, str]) -> str:
    lines = []
    for line in text.splitlines():
        template = Template(line)
        if all(fields.get(name) for name in template.get_identifiers()):
            lines.append(template.substitute(fields))
    return "\n".join(lines).strip()
