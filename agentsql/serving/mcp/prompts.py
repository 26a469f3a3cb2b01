"""The prompts that a person may pick in a chat client, and the completion of their arguments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mcp.types import (
    Completion,
    EmbeddedResource,
    GetPromptResult,
    Prompt,
    PromptArgument,
    PromptMessage,
    TextContent,
    TextResourceContents,
)

from agentsql.errors import UsageError, nearest
from agentsql.serving.keys import Caller
from agentsql.serving.mcp.resources import SQL_TYPE, schema_text, schema_uri, table_names
from agentsql.serving.service import Service, names_for, served

_DATABASE = PromptArgument(name="database", description="Left out, the first one.", required=False)
_QUESTION = PromptArgument(name="question", description="What you want to know.", required=True)
_MOST_COMPLETIONS = 100
"""As many as the protocol lets a server give."""


@dataclass(frozen=True, slots=True)
class _Kind:
    prompt: Prompt
    text: str
    """`{question}` and `{database}` are put in."""
    with_schema: bool = False


PROMPTS = {
    kind.prompt.name: kind
    for kind in (
        _Kind(
            Prompt(
                name="ask",
                title="Ask a database",
                description="Has a question answered, with its SQL and what it rests on.",
                arguments=[_QUESTION, _DATABASE],
            ),
            "Answer this question with the tool ask_database on the database {database}, and show the SQL. If it asks "
            "back, ask me. If it fails, say why, and do not guess.\n\nQuestion: {question}",
        ),
        _Kind(
            Prompt(
                name="write_sql",
                title="Write SQL",
                description="Has a query written against the schema and tried.",
                arguments=[_QUESTION, _DATABASE],
            ),
            "Write one query that only reads for the database {database}, whose schema is above. Look up how names "
            "are written with search_values, run the query with run_sql, and mend it until its result answers the "
            "question. Then show the SQL and explain it in a few sentences.\n\nQuestion: {question}",
            with_schema=True,
        ),
        _Kind(
            Prompt(
                name="explore",
                title="Explore a database",
                description="Has a database described, with questions that it can answer.",
                arguments=[_DATABASE],
            ),
            "The schema of the database {database} is above. Say in plain words what it is about and how its tables "
            "belong together, and propose five questions that it can answer.",
            with_schema=True,
        ),
    )
}


async def get_prompt(service: Service, caller: Caller, name: str, arguments: Mapping[str, str]) -> GetPromptResult:
    """Give the messages of a prompt.

    Raises:
        UsageError, ApiError: there is no such prompt or database, or an argument is missing.
    """
    kind = PROMPTS.get(name)
    if kind is None:
        raise UsageError(f"there is no prompt {name[:100]!r}{nearest(name, PROMPTS)}")
    for one in kind.prompt.arguments or ():
        if one.required and not arguments.get(one.name, "").strip():
            raise UsageError(f"the prompt {name!r} needs a {one.name}")
    of = served(service, caller, arguments.get("database") or None)
    # Not a format string: what a person typed may have braces.
    text = kind.text.replace("{database}", repr(of.name)).replace("{question}", arguments.get("question", ""))
    messages = [PromptMessage(role="user", content=TextContent(text=text))]
    if kind.with_schema:
        schema = TextResourceContents(uri=schema_uri(of.name), mime_type=SQL_TYPE, text=await schema_text(of))
        messages.insert(0, PromptMessage(role="user", content=EmbeddedResource(resource=schema)))
    return GetPromptResult(description=kind.prompt.description, messages=messages)


async def complete(
    service: Service, caller: Caller, argument: str, start: str, others: Mapping[str, str]
) -> Completion:
    """Give the databases or tables whose names begin so."""
    names: list[str] = []
    if argument == "database":
        names = names_for(service, caller)
    elif argument == "table":
        names = await table_names(served(service, caller, others.get("database") or None))
    found = [name for name in names if name.casefold().startswith(start.casefold())]
    more = len(found) > _MOST_COMPLETIONS
    return Completion(values=found[:_MOST_COMPLETIONS], total=len(found), has_more=more)
