"""Vanna 2: its agent with `RunSqlTool` on a `SqliteRunner`, the CREATE texts in the system prompt.

The small models here do not call tools of their own accord (see the README), so the first turn asks the server to make
them: without that this agent runs no SQL at all.
"""

from __future__ import annotations

import asyncio

from line import MAX_TOKENS, Options, Reply, main, table_texts


def open_peer(options: Options):
    from vanna import Agent, AgentConfig, ToolRegistry, User
    from vanna.core.system_prompt import DefaultSystemPromptBuilder
    from vanna.core.user import RequestContext, UserResolver
    from vanna.integrations.local.agent_memory import DemoAgentMemory
    from vanna.integrations.openai import OpenAILlmService
    from vanna.integrations.sqlite import SqliteRunner
    from vanna.tools import RunSqlTool

    class Model(OpenAILlmService):
        """Sends the temperature, which the service knows and leaves out, and the wish for a tool."""

        def _build_payload(self, request):
            payload = super()._build_payload(request)
            payload["temperature"] = request.temperature
            if "tools" in payload and not any(message.role == "tool" for message in request.messages):
                payload["tool_choice"] = "required"
            return payload

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
        return Reply((runner.without_error or runner.ran or [""])[-1], "\n".join(texts))

    def ask(question: str, database: str, evidence: str) -> Reply:
        return asyncio.run(asked(f"{question}\nHint: {evidence}" if evidence else question, database))

    return ask


if __name__ == "__main__":
    main(open_peer, "vanna", "openai")
