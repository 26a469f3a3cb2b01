"""Vanna 2: its agent with `RunSqlTool` on a `SqliteRunner`, the CREATE texts in the system prompt.

The small models here write tool calls that the server does not take for any (see the README), so that this agent runs
nothing. The SQL in its words then counts, and its text says so.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import re

from line import MAX_TOKENS, Options, Reply, main, table_texts

NOTHING_RUN = "[no SQL was run]"
_FENCED = re.compile(r"```(?:sql|json)?\s*\n(.*?)```", re.DOTALL)


def open_peer(options: Options):
    from vanna import Agent, AgentConfig, ToolRegistry, User
    from vanna.core.system_prompt import DefaultSystemPromptBuilder
    from vanna.core.user import RequestContext, UserResolver
    from vanna.integrations.local.agent_memory import DemoAgentMemory
    from vanna.integrations.openai import OpenAILlmService
    from vanna.integrations.sqlite import SqliteRunner
    from vanna.tools import RunSqlTool

    class Model(OpenAILlmService):
        """Sends the temperature, which the service knows and leaves out."""

        def _build_payload(self, request):
            return {**super()._build_payload(request), "temperature": request.temperature}

    class Prompt(DefaultSystemPromptBuilder):
        def __init__(self, tables):
            super().__init__()
            self._tables = tables

        async def build_system_prompt(self, user, tools):
            usual = await super().build_system_prompt(user, tools)
            return f"{usual}\n\nThe database is SQLite and has these tables:\n\n{self._tables}"

    class Runner(SqliteRunner):
        """Remembers what was run."""

        def __init__(self, database):
            super().__init__(database)
            self.ran: list[str] = []
            self.without_error: list[str] = []

        async def run_sql(self, args, context):
            self.ran.append(args.sql)
            rows = await super().run_sql(args, context)
            self.without_error.append(args.sql)
            return rows

    class Anyone(UserResolver):
        async def resolve_user(self, request_context):  # noqa: ARG002
            return User(id="user", username="user", email="user@example.com", group_memberships=["user"])

    model = Model(model=options.model, base_url=options.url, api_key="none", max_retries=0)

    async def asked(question: str, database: str) -> Reply:
        runner = Runner(database)
        tools = ToolRegistry()
        tools.register_local_tool(RunSqlTool(sql_runner=runner), access_groups=[])
        agent = Agent(
            llm_service=model,
            tool_registry=tools,
            user_resolver=Anyone(),
            agent_memory=DemoAgentMemory(),
            config=AgentConfig(temperature=0.0, max_tokens=MAX_TOKENS),
            system_prompt_builder=Prompt(";\n\n".join(table_texts(database))),
        )
        texts = [
            component.simple_component.text
            async for component in agent.send_message(RequestContext(), question)
            if getattr(component.simple_component, "text", "")
        ]
        words = "\n".join(texts)
        if runner.ran:
            return Reply((runner.without_error or runner.ran)[-1], words)
        return Reply(_written(words), f"{NOTHING_RUN}\n{words}")

    def ask(question: str, database: str, evidence: str) -> Reply:
        return asyncio.run(asked(f"{question}\nHint: {evidence}" if evidence else question, database))

    return ask


def _written(words: str) -> str:
    """Give the SQL of the first fenced block, which may be a tool call in JSON."""
    found = _FENCED.search(words)
    text = found.group(1).strip() if found else ""
    if text.startswith("{"):
        with contextlib.suppress(ValueError, KeyError, TypeError):
            return str(json.loads(text)["arguments"]["sql"])
        return ""
    return text


if __name__ == "__main__":
    main(open_peer, "vanna", "openai")
