"""A question whose model server misbehaves ends in time, with a clear error, and leaves nothing behind."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import psutil
import pytest

from agentsql import Settings, SQLAgent
from agentsql.errors import ModelError
from agentsql.settings import BudgetSettings, ModelSettings

COUNT = "SELECT count(*) FROM singer"
QUESTION = "How many singers are there?"
Misbehave = Callable[[BaseHTTPRequestHandler, threading.Event], None]


def choices(*texts: str) -> str:
    """Give the JSON of a chat completion with these texts."""
    made = [
        {"index": number, "finish_reason": "stop", "message": {"role": "assistant", "content": text}}
        for number, text in enumerate(texts)
    ]
    usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
    return json.dumps(
        {"id": "1", "object": "chat.completion", "created": 1, "model": "m", "choices": made, "usage": usage}
    )


def send(handler: BaseHTTPRequestHandler, text: str, *, status: int = 200, kind: str = "application/json") -> None:
    handler.send_response(status)
    handler.send_header("content-type", kind)
    handler.send_header("content-length", str(len(text)))
    handler.end_headers()
    handler.wfile.write(text.encode())


def answer(handler: BaseHTTPRequestHandler) -> None:
    """Stream one query, as a server in order does."""
    frame = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    first = {**frame, "choices": [{"index": 0, "delta": {"content": COUNT}}]}
    last = {**frame, "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
    events = "".join(f"data: {json.dumps(chunk)}\n\n" for chunk in (first, last))
    send(handler, f"{events}data: [DONE]\n\n", kind="text/event-stream")


def hang(_handler: BaseHTTPRequestHandler, ended: threading.Event) -> None:
    ended.wait(60)


def stream_for_ever(handler: BaseHTTPRequestHandler, ended: threading.Event) -> None:
    frame = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    chunk = json.dumps({**frame, "choices": [{"index": 0, "delta": {"content": "SELECT "}}]})
    handler.send_response(200)
    handler.send_header("content-type", "text/event-stream")
    handler.end_headers()
    while not ended.wait(0.005):
        handler.wfile.write(f"data: {chunk}\n\n".encode())


FAULTS: dict[str, Misbehave] = {
    "it hangs": hang,
    "500": lambda handler, _ended: send(handler, '{"error": {"message": "out of memory"}}', status=500),
    "truncated JSON": lambda handler, _ended: send(handler, choices(COUNT)[:60]),
    "HTML": lambda handler, _ended: send(handler, "<html><body>Log in</body></html>", kind="text/html"),
    "an endless stream": stream_for_ever,
    "no choice": lambda handler, _ended: send(handler, choices()),
    "the connection is cut": lambda handler, _ended: handler.connection.close(),
}


class Server:
    """Answers every chat completion with one fault, until it is mended."""

    def __init__(self) -> None:
        self.fault: Misbehave | None = None
        self.ended = threading.Event()
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._http.daemon_threads = True
        threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_port}/v1"

    def close(self) -> None:
        self.ended.set()
        self._http.shutdown()
        self._http.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - named by the base class
                pass

            def do_GET(self) -> None:
                send(self, json.dumps({"object": "list", "data": [{"id": "m", "object": "model"}]}))

            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["content-length"]))
                try:
                    if server.fault:
                        server.fault(self, server.ended)
                    else:
                        answer(self)
                except OSError:  # who asked has gone
                    self.close_connection = True

        return Handler


@pytest.fixture
def server() -> Iterator[Server]:
    import langchain_openai  # noqa: F401  # takes seconds the first time, which are not the server's

    started = Server()
    yield started
    started.close()


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_of_the_model_server_ends_in_time_and_the_next_question_works(tiny, server: Server, fault: str) -> None:
    settings = replace(
        Settings(), budget=BudgetSettings(seconds=60), models=replace(ModelSettings(), deadline_s=5.0, retries=1)
    )
    with SQLAgent(tiny, sql_model=f"openai:m@{server.url}", graph="direct", settings=settings) as agent:
        assert agent.ask(QUESTION, thread_id="t").rows == ((4,),)
        held = psutil.Process().num_fds()
        server.fault = FAULTS[fault]
        started = time.monotonic()
        with pytest.raises(ModelError) as raised:
            agent.ask(QUESTION, thread_id="t")
        assert time.monotonic() - started < 40
        assert len(str(raised.value)) > 20
        server.fault = None
        assert agent.ask(QUESTION, thread_id="t").rows == ((4,),)
        assert psutil.Process().num_fds() <= held + 4
