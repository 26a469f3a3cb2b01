"""An agent as a LangChain tool."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentsql.answers import as_text
from agentsql.types import Principal

if TYPE_CHECKING:
    from langchain_core.tools import StructuredTool

    from agentsql.agent import SQLAgent


def database_tool(agent: SQLAgent, name: str, principal: Principal | str | None) -> StructuredTool:
    """Give a tool that takes the principal's questions; see `SQLAgent.as_tool`."""
    from langchain_core.tools import StructuredTool

    async def aask(question: str) -> str:
        return as_text(await agent.aask(question, principal=principal))

    tables = ", ".join(table.name for table in agent.schema_for(principal))
    return StructuredTool.from_function(
        func=lambda question: as_text(agent.ask(question, principal=principal)),
        coroutine=aask,
        name=name,
        description=f"Answers a question in plain language from a database with the tables {tables}.",
        args_schema={"type": "object", "properties": {"question": {"type": "string"}}, "required": ["question"]},
    )
