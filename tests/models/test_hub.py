"""The hub client against a small server that answers as the hub does."""

import hashlib
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

CONTENT = b"GGUF" + bytes(300_000)
SHA256 = hashlib.sha256(CONTENT).hexdigest()
PULL = """
from pathlib import Path
from agentsql.models.catalogue import CatalogueModel, HubSource
from agentsql.models.pull import pull_model
model = CatalogueModel("tiny", 1, "MIT", "Q4_0", "tiny.gguf", {size}, {sha256!r}, (HubSource("org/tiny"),), ())
try:
    print(pull_model(model, Path({folder!r}), print).read_bytes()[:4])
except Exception as exc:
    print(exc)
"""


@pytest.fixture
def hub():
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, format, *args):  # noqa: A002 - named by the base class
            pass

        def do_HEAD(self):
            self.send_response(200)
            self.send_header("X-Repo-Commit", "a" * 40)
            self.send_header("ETag", f'"{SHA256}"')
            self.send_header("Content-Length", str(len(CONTENT)))
            self.end_headers()

        def do_GET(self):
            self.do_HEAD()
            self.wfile.write(CONTENT)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def pull(folder, monkeypatch, *, sha256=SHA256, **environment):
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    program = PULL.format(size=len(CONTENT), sha256=sha256, folder=str(folder))
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert done.stderr == ""
    return done.stdout


def test_a_file_comes_from_the_hub_or_its_mirror(hub, tmp_path, monkeypatch):
    said = pull(tmp_path, monkeypatch, HF_ENDPOINT=hub, HF_HUB_DISABLE_XET="1")
    assert said.splitlines()[-1] == "b'GGUF'"
    assert "downloading tiny: 0 of 0 MB" in said
    assert sorted(path.name for path in tmp_path.iterdir()) == [".tiny.gguf.lock", "tiny.gguf", "tiny.gguf.verified"]


def test_a_hub_that_holds_another_file_is_not_downloaded_from(hub, tmp_path, monkeypatch):
    assert "it now holds another file" in pull(tmp_path, monkeypatch, HF_ENDPOINT=hub, sha256="0" * 64)


def test_an_unreachable_hub_is_given_up_quickly(tmp_path, monkeypatch):
    started = time.monotonic()
    assert "hub org/tiny: " in pull(tmp_path, monkeypatch, HF_ENDPOINT="http://127.0.0.1:9")
    assert time.monotonic() - started < 8


def test_the_hubs_offline_switch_is_honoured(hub, tmp_path, monkeypatch):
    assert "offline mode is enabled" in pull(tmp_path, monkeypatch, HF_ENDPOINT=hub, HF_HUB_OFFLINE="1")
