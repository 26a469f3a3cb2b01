"""agentsql itself: a graph of that name (the variant), no model wording the answers."""

from __future__ import annotations

import json
import urllib.request

from line import Options, Reply, main

_CALLS = 40
"""More than the default of 12, which would end `feather` in the middle of its corrections."""
_VALUES_S = 120.0


def open_peer(options: Options):
    from dataclasses import replace

    from agentsql import Settings, SQLAgent
    from agentsql.graph import load_graph
    from agentsql.models.endpoint import Address
    from agentsql.models.replicas import Replica
    from agentsql.models.served import ServedEndpoint
    from agentsql.settings import BudgetSettings

    settings = replace(Settings(), budget=BudgetSettings(calls=_CALLS))
    graph = load_graph(options.variant)
    node = graph.node("answer")
    graph = graph.replace_node("answer", options={**node.options, "by": "rows"})

    async def locate() -> Address:
        return Address(options.url, "none")

    kind = _kind(options.url)
    agents: dict[str, SQLAgent] = {}

    def ask(question: str, database: str, evidence: str) -> Reply:
        if database not in agents:
            # Each agent has an event loop of its own, to which its endpoint belongs.
            replica = Replica(options.model, locate, url=options.url)
            model = ServedEndpoint(options.model, options.model, [replica], kind=kind, settings=settings.models)
            agents[database] = SQLAgent(database, sql_model=model, chat_model=model, graph=graph, settings=settings)
            agents[database].wait_for_values(_VALUES_S)  # else the first questions would be asked without them
        answer = agents[database].ask(question, evidence=evidence)
        answered = answer.status == "answered"
        return Reply(answer.sql if answered else "", answer.text or f"{answer.status}: {answer.error or ''}")

    return ask


def _kind(url: str):
    """Tell llama.cpp, which gets one request at a time, from other servers."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(f"{url}/models", timeout=60) as response:
        owners = {one.get("owned_by") for one in json.load(response)["data"]}
    return "llama.cpp" if "llamacpp" in owners else "vllm" if "vllm" in owners else "openai"


if __name__ == "__main__":
    main(open_peer, "agentsql-framework")
