"""PremSQL: `BaseLineAgent` with `Text2SQLGeneratorOpenAI` and the LangChain executor, asked with `/query`."""

from __future__ import annotations

import os
from pathlib import Path

from line import Options, Reply, main


def open_peer(options: Options):
    os.environ["OPENAI_BASE_URL"] = options.url  # the generator has no argument for it
    os.environ["MPLBACKEND"] = "Agg"
    from premsql.agents import BaseLineAgent
    from premsql.agents.tools import SimpleMatplotlibTool
    from premsql.executors import ExecutorUsingLangChain
    from premsql.generators import Text2SQLGeneratorOpenAI

    model = Text2SQLGeneratorOpenAI(
        model_name=options.model,
        experiment_name="peers",
        type="test",
        experiment_folder=str(Path("experiments").resolve()),
        openai_api_key="none",
    )
    count = 0

    def ask(question: str, database: str, evidence: str) -> Reply:
        nonlocal count
        count += 1
        agent = BaseLineAgent(
            session_name=f"question_{count}",  # a session of its own: no question sees another's rows
            db_connection_uri=f"sqlite:///{database}",
            specialized_model1=model,
            specialized_model2=model,
            executor=ExecutorUsingLangChain(),
            plot_tool=SimpleMatplotlibTool(),
            session_db_path=str(Path("sessions.memory").resolve()),
            # Its own temperature of 0.1 stays: at 0 each of its five tries would be the first one again.
            route_worker_kwargs={"query": {"additional_knowledge": evidence}},
        )
        output = agent(f"/query {question}")
        return Reply(output.sql_string or "", output.error_from_sql_worker or str(output.sql_output_dataframe))

    return ask


if __name__ == "__main__":
    main(open_peer, "premsql", "openai", "langchain-community")
