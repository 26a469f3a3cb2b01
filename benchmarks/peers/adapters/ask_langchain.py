"""LangChain: `create_sql_query_chain` (variant `chain`), and `create_sql_agent` of the type that needs no tool calls
of the server (variant `agent`)."""

from __future__ import annotations

from line import MAX_TOKENS, Options, Reply, main, without_fence

_ROWS = 1000
"""Both are told to limit their queries to so many rows; with the defaults of 5 and 10 many right answers are cut."""


def open_peer(options: Options):
    from langchain_classic.chains import create_sql_query_chain
    from langchain_community.agent_toolkits import create_sql_agent
    from langchain_community.agent_toolkits.sql.prompt import SQL_PREFIX
    from langchain_community.tools import QuerySQLDatabaseTool
    from langchain_community.utilities import SQLDatabase
    from langchain_openai import ChatOpenAI

    model = ChatOpenAI(
        model=options.model, base_url=options.url, api_key="none", temperature=0, max_tokens=MAX_TOKENS, max_retries=0
    )

    def ask_chain(question: str, database: str, evidence: str) -> Reply:
        opened = SQLDatabase.from_uri(f"sqlite:///{database}")
        written = create_sql_query_chain(model, opened, k=_ROWS).invoke({"question": _with(question, evidence)})
        # The chain gives the model's words; its documentation has the reader cut the label and the fence off.
        sql = without_fence(written.partition("SQLQuery:")[2] or written)
        return Reply(sql, QuerySQLDatabaseTool(db=opened).invoke(sql))

    def ask_agent(question: str, database: str, evidence: str) -> Reply:
        opened = SQLDatabase.from_uri(f"sqlite:///{database}")
        # Without the tables in its prompt the small model guesses their names until its 15 turns are over. The text
        # goes through two templates, of which each halves doubled braces.
        tables = opened.get_table_info().replace("{", "{{{{").replace("}", "}}}}")
        agent = create_sql_agent(
            model,
            db=opened,
            prefix=f"{SQL_PREFIX}\nThe tables of the database:\n{tables}\n",
            agent_type="zero-shot-react-description",
            top_k=_ROWS,
            agent_executor_kwargs={"handle_parsing_errors": True, "return_intermediate_steps": True},
        )
        result = agent.invoke({"input": _with(question, evidence)})
        steps = [(str(action.tool_input), str(seen)) for action, seen in result["intermediate_steps"]
                 if action.tool == "sql_db_query"]  # fmt: skip
        ran = [sql for sql, seen in steps if not seen.startswith("Error")]
        return Reply((ran or [sql for sql, _ in steps] or [""])[-1], result["output"])

    return ask_agent if options.variant == "agent" else ask_chain


def _with(question: str, evidence: str) -> str:
    return f"{question}\nHint: {evidence}" if evidence else question


if __name__ == "__main__":
    main(open_peer, "langchain-classic", "langchain-community", "langchain-openai")
