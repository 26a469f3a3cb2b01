"""A model that knows the questions of the pages and examples, in the process and as a server."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from agentsql.types import Message

REPLIES = {
    "How many customers live in Germany?": "SELECT count(*) FROM customers WHERE country = 'Germany'",
    "How many customers live in France?": "SELECT count(*) FROM customers WHERE country = 'France'",
    "Which customer placed the most orders?": "SELECT name FROM customers JOIN orders USING (customer_id) "
    "GROUP BY customer_id ORDER BY count(*) DESC LIMIT 1",
    "How many books cost more than 20?": "SELECT count(*) FROM books WHERE price > 20",
    "And how many of them are hardcovers?": "SELECT count(*) FROM books WHERE price > 20 AND format = 'HC'",
    "How many books are there?": "SELECT count(*) FROM books",
    "How many orders were cancelled?": "SELECT count(*) FROM orders WHERE status = 'X'",
    "Which five books are the most expensive?": "SELECT title FROM books ORDER BY price DESC LIMIT 5",
}


def scripted(messages: Sequence[Message]) -> str:
    """Write the query of the last question that the prompt holds, or one sentence about rows."""
    asked = messages[-1].content
    known = [(asked.rfind(question), sql) for question, sql in REPLIES.items() if question in asked]
    return max(known)[1] if known and "No SQL" not in asked else "This is what was found."


@contextmanager
def served() -> Iterator[str]:
    """Serve the model in OpenAI's shape, and give its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1"
    finally:
        server.shutdown()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - named by the base class
        pass

    def do_GET(self) -> None:
        self._send(json.dumps({"object": "list", "data": [{"id": "scripted", "object": "model"}]}))

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        text = scripted([Message(one["role"], one["content"]) for one in body["messages"]])
        many = range(body.get("n") or 1)
        if body.get("stream"):
            parts = [self._chunk({"index": index, "delta": {"content": text}}) for index in many]
            parts += [self._chunk({"index": index, "delta": {}, "finish_reason": "stop"}) for index in many]
            self._send("".join(f"data: {part}\n\n" for part in [*parts, "[DONE]"]), kind="text/event-stream")
            return
        message = {"role": "assistant", "content": text}
        choices = [{"index": index, "finish_reason": "stop", "message": message} for index in many]
        usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
        self._send(json.dumps({**self._frame("chat.completion"), "choices": choices, "usage": usage}))

    def _chunk(self, choice: dict[str, Any]) -> str:
        return json.dumps({**self._frame("chat.completion.chunk"), "choices": [choice]})

    def _frame(self, kind: str) -> dict[str, Any]:
        return {"id": "1", "object": kind, "created": 1, "model": "scripted"}

    def _send(self, text: str, *, kind: str = "application/json") -> None:
        self.send_response(200)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(text.encode())))
        self.end_headers()
        self.wfile.write(text.encode())
