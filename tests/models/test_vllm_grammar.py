"""A real vLLM server with a random model bound to the SQL grammar: what it writes must be SQL all the same."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from llguidance import LLMatcher, LLTokenizer, grammar_from
from llguidance.gbnf_to_lark import any_to_lark

from agentsql.db.grammar import sql_grammar
from agentsql.db.introspect import read_structure
from agentsql.models.spec import open_endpoint
from agentsql.settings import ModelSettings
from agentsql.testing import tiny_database
from agentsql.types import Completion, Message

pytestmark = pytest.mark.slow


async def written_at_random(address: str, grammar: str) -> tuple[Completion, ...]:
    endpoint = open_endpoint(f"vllm:sql@{address}", settings=ModelSettings(retries=0, deadline_s=300))
    try:
        messages = [Message("user", "Which singers are from France?")]
        return await endpoint.complete(messages, n=12, temperature=1.0, max_tokens=700, grammar=grammar)
    finally:
        await endpoint.close()


def fault(sql: str) -> str:
    """Say what SQLite holds against a query where there are no tables at all; empty if it ran."""
    with closing(sqlite3.connect(":memory:")) as empty:
        try:
            empty.execute(sql)
        except sqlite3.Error as exc:
            return str(exc).casefold()
    return ""


async def test_random_weights_write_queries_over_known_tables(vllm_url: str, tmp_path: Path) -> None:
    database = tiny_database(tmp_path / "tiny.sqlite")
    with closing(sqlite3.connect(database)) as connection:
        schema = read_structure(connection)
    # Words are made short: among 49,000 tokens, one without sense hardly ever chooses to close a quote.
    grammar = re.sub(r"^(text-word ::= .*)\*$", r"\1{0,2}", sql_grammar(schema, (), "sqlite"), flags=re.MULTILINE)
    completions = await written_at_random(vllm_url, grammar)
    assert all(one.degraded == () for one in completions)
    reader = LLMatcher(LLTokenizer("byte"), grammar_from("lark", any_to_lark(grammar)))
    for one in completions:  # the other engine's reader agrees
        text = one.text.encode()[:400]
        assert reader.deep_copy().validate_tokens(list(text)) == len(text), one.text
    finished = [one.text for one in completions if one.finish_reason == "stop"]
    assert finished
    for text in finished:
        query = text.removeprefix("```sql\n").removesuffix("\n```")
        found, _, name = fault(query).partition("no such table: ")
        assert found == "", query
        # Behind a WITH any name that looks like its tables passes.
        assert name in ("", *(table.name for table in schema)) or query.casefold().startswith("with"), query
