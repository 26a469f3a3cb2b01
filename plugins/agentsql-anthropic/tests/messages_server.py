"""A server on loopback that speaks Anthropic's Messages protocol, streamed or not, as documented."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

KEY = "sk-ant-test"
MODEL = "claude-test-1"


class MessagesServer(ThreadingHTTPServer):
    """Keeps the bodies of requests in `asked`; `reply` is what the model says, `refusals` what is refused first."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked: list[dict] = []
        self.reply = "SELECT COUNT(*) FROM singer"
        self.stop_reason = "end_turn"
        self.refusals: list[tuple[int, str, str]] = []
        """(status, type, message) of errors that the next requests get."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


@contextmanager
def running() -> Iterator[MessagesServer]:
    server = MessagesServer()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: MessagesServer

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        server = self.server
        if self.path != "/v1/messages":
            return self._fail(404, "not_found_error", self.path)
        if not self.headers.get("anthropic-version"):
            return self._fail(400, "invalid_request_error", "anthropic-version: header is required")
        # The client sends its key as a bearer token; older ones send x-api-key.
        if KEY not in (self.headers.get("x-api-key"), self.headers.get("authorization", "").removeprefix("Bearer ")):
            return self._fail(401, "authentication_error", "invalid x-api-key")
        if body["model"] != MODEL:
            return self._fail(404, "not_found_error", f"model: {body['model']}")
        server.asked.append(body)
        if server.refusals:
            return self._fail(*server.refusals.pop(0))
        return self._stream(body) if body.get("stream") else self._whole(body)

    def _message(self, body: dict) -> dict:
        usage = {
            "input_tokens": 20,
            "cache_read_input_tokens": 80,
            "cache_creation_input_tokens": 0,
            "output_tokens": 7,
        }
        return {
            "id": "msg_01", "type": "message", "role": "assistant", "model": body["model"],
            "content": [{"type": "text", "text": self.server.reply}],
            "stop_reason": self.server.stop_reason, "stop_sequence": None, "usage": usage,
        }  # fmt: skip

    def _whole(self, body: dict) -> None:
        self._send(200, json.dumps(self._message(body)), "application/json")

    def _stream(self, body: dict) -> None:
        message = self._message(body)
        start = {**message, "content": [], "stop_reason": None, "usage": {**message["usage"], "output_tokens": 1}}
        words = [word for word in self.server.reply.replace(" ", "| ").split("|") if word]
        delta = {"stop_reason": message["stop_reason"], "stop_sequence": None}
        events = [
            {"type": "message_start", "message": start},
            {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
            {"type": "ping"},
            *(
                {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": word}}
                for word in words
            ),
            {"type": "content_block_stop", "index": 0},
            {"type": "message_delta", "delta": delta, "usage": message["usage"]},
            {"type": "message_stop"},
        ]
        text = "".join(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n" for event in events)
        self._send(200, text, "text/event-stream; charset=utf-8")

    def _fail(self, status: int, kind: str, message: str) -> None:
        error = {"type": "error", "error": {"type": kind, "message": message}, "request_id": "req_01"}
        self._send(status, json.dumps(error), "application/json")

    def _send(self, status: int, text: str, media_type: str) -> None:
        encoded = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(encoded)))
        self.end_headers()
        self.wfile.write(encoded)

    def log_message(self, *_arguments: object) -> None:
        """Say nothing: a test's output is its failures."""
