"""LangSmith through LangChain's own variables: its tracer sees each model call."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator

import pytest

from agentsql.models.endpoint import Address, open_client
from agentsql.models.exchange import Exchange
from agentsql.types import Message

REPLY = (
    b'{"id":"1","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"finish_reason":"stop",'
    b'"message":{"role":"assistant","content":"SELECT 1"}}],"usage":{"prompt_tokens":1,"completion_tokens":1,'
    b'"total_tokens":2}}'
)


class Model(http.server.BaseHTTPRequestHandler):
    """A model server that always says the same."""

    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(REPLY)))
        self.end_headers()
        self.wfile.write(REPLY)

    def log_message(self, *_arguments):
        pass


@pytest.fixture
def url() -> Iterator[str]:
    """The address of a model server."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Model) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{running.server_port}/v1"
        running.shutdown()


@pytest.mark.parametrize("tracing", ["true", "false"])
async def test_langchains_tracer_sees_a_model_call_where_langsmiths_variables_say_so(url, monkeypatch, tracing):
    from langchain_core.tracers.langchain import LangChainTracer
    from langsmith.utils import get_env_var

    seen: list[str] = []
    monkeypatch.setattr(LangChainTracer, "_persist_run_single", lambda _self, run: seen.append(run.name))
    monkeypatch.setattr(LangChainTracer, "_update_run_single", lambda _self, run: seen.append(str(run.outputs)))
    for name, value in {"TRACING": tracing, "ENDPOINT": "http://127.0.0.1:9", "API_KEY": "none"}.items():
        monkeypatch.setenv(f"LANGSMITH_{name}", value)
    get_env_var.cache_clear()
    client = open_client(Address(url), "coder")
    try:
        (completion,) = await Exchange([Message("user", "Count the singers.")], {}, None).send(client)
    finally:
        await client.close()
        get_env_var.cache_clear()
    assert completion.text == "SELECT 1"
    assert bool(seen) == (tracing == "true")
    if seen:
        assert seen[0] == "ChatOpenAI"
        assert "SELECT 1" in seen[-1]
