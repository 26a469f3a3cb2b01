"""A small server that keeps datasets as the hub does, for the hub's own client."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit


class HubServer:
    """One repository, `me/rows`; its files are in `files`."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.large: dict[str, bytes] = {}
        """What was uploaded by hash, until a commit names it."""
        self.http = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.http.daemon_threads = True

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.http.server_port}"

    @property
    def commit(self) -> str:
        return hashlib.sha1(repr(sorted(self.files.items())).encode()).hexdigest()

    def listing(self, folder: str) -> list[dict[str, Any]]:
        """Give the files and folders right below a folder."""
        prefix = f"{folder}/" if folder else ""
        below = {path.removeprefix(prefix): text for path, text in self.files.items() if path.startswith(prefix)}
        folders = sorted({path.partition("/")[0] for path in below if "/" in path})
        return [{"type": "directory", "path": prefix + one, "size": 0, "oid": "0"} for one in folders] + [
            {"type": "file", "path": prefix + path, "size": len(text), "oid": hashlib.sha1(text).hexdigest()}
            for path, text in below.items()
            if "/" not in path
        ]

    def answer(self, path: str, body: bytes) -> object:
        """Give what a request for JSON gets; None for 404."""
        if path == "/api/repos/create":
            return {"url": f"{self.url}/datasets/me/rows"}
        if path == "/api/validate-yaml":
            return {"warnings": [], "errors": []}
        if path.endswith("/preupload/main"):
            asked = [one["path"] for one in json.loads(body)["files"]]
            kinds = {one: "lfs" if one.endswith(".parquet") else "regular" for one in asked}
            return {"files": [{"path": one, "uploadMode": kinds[one], "shouldIgnore": False} for one in asked]}
        if path.endswith("/objects/batch"):
            asked = json.loads(body)["objects"]
            return {
                "objects": [{**one, "actions": {"upload": {"href": f"{self.url}/lfs/{one['oid']}"}}} for one in asked]
            }
        if path.startswith("/lfs/"):
            self.large[path.removeprefix("/lfs/")] = body
            return {}
        if "/commit/" in path:
            for line in map(json.loads, body.splitlines()):
                value = line["value"]
                if line["key"] == "lfsFile":
                    self.files[value["path"]] = self.large[value["oid"]]
                elif line["key"] == "file":
                    self.files[value["path"]] = base64.b64decode(value["content"])
            return {"success": True, "commitOid": self.commit, "commitUrl": f"{self.url}/datasets/me/rows/commit/1"}
        if "/tree/" in path:
            return self.listing(path.partition("/tree/")[2].partition("/")[2]) or None
        if path.startswith("/api/datasets/me/rows"):
            return {"id": "me/rows", "sha": self.commit, "siblings": [{"rfilename": one} for one in self.files]}
        return None


def _handler(hub: HubServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - named by the base class
            pass

        def reply(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            path = unquote(urlsplit(self.path).path)
            if "/resolve/" in path:
                found = hub.files.get(path.partition("/resolve/")[2].partition("/")[2])
            else:
                answer = hub.answer(path, body)
                found = None if answer is None else json.dumps(answer).encode()
            self.send_response(404 if found is None else 200)
            if found is None:
                missing = "EntryNotFound" if "me/rows" in path else "RepoNotFound"
                self.send_header("X-Error-Code", missing)
            self.send_header("X-Repo-Commit", hub.commit)
            self.send_header("ETag", f'"{hashlib.sha1(found or b"").hexdigest()}"')
            self.send_header("content-length", str(len(found or b"")))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(found or b"")

        do_GET = do_HEAD = do_POST = do_PUT = reply  # noqa: N815 - named by the base class

    return Handler


@contextmanager
def running_hub() -> Iterator[HubServer]:
    """Run a hub."""
    hub = HubServer()
    thread = threading.Thread(target=hub.http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        hub.http.shutdown()
        hub.http.server_close()
        thread.join()
