"""Opens an endpoint from a model spec: `local:NAME`, `vllm:MODEL@URL`, `openai:MODEL[@URL]`, or `PLUGIN:…`."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

from agentsql.errors import ModelFileError, UsageError
from agentsql.loop import in_daemon_thread
from agentsql.models.catalogue import catalogue_model
from agentsql.models.endpoint import Address, Endpoint
from agentsql.models.options import MOST_COMPLETIONS
from agentsql.models.progress import ReportProgress, ignore_progress
from agentsql.models.replicas import Replica
from agentsql.models.served import ServedEndpoint
from agentsql.plugins import load_plugin
from agentsql.settings import ModelSettings

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

_OPENAI_URL = "https://api.openai.com/v1"


class Opener(Protocol):
    """What an `agentsql.models` entry point names: it opens the endpoint of `PLUGIN:rest`."""

    def __call__(self, rest: str, *, settings: ModelSettings, progress: ReportProgress) -> Endpoint | BaseChatModel:
        """Give an endpoint, without connecting yet; `rest` is the spec after the first colon."""


def open_endpoint(
    spec: str | Endpoint | BaseChatModel,
    *,
    settings: ModelSettings | None = None,
    progress: ReportProgress = ignore_progress,
    find_opener: Callable[[str], Opener] | None = None,
) -> Endpoint:
    """Give the endpoint of a model spec or a LangChain chat model; it connects on first use.

    Args:
        progress: told about downloads and server starts, possibly from another thread.
        find_opener: gives the opener of a kind or raises PluginError; None looks among the installed plugins.

    Raises:
        UsageError: the spec is malformed.
        PluginError: nothing that is installed opens specs of its kind.
        ModelNotFoundError: `local:NAME` is not in the catalogue.
    """
    settings = settings or ModelSettings()
    if not isinstance(spec, str):
        return _adapted(spec, settings)
    scheme, colon, rest = spec.partition(":")
    if not colon or not rest:
        raise UsageError(
            f"model spec {spec!r} is not of the form local:NAME, vllm:MODEL@URL, openai:MODEL[@URL] or PLUGIN:…"
        )
    opener = (find_opener or _installed_opener)(scheme)
    return _adapted(opener(rest, settings=settings, progress=progress), settings)


def local_endpoint(rest: str, *, settings: ModelSettings, progress: ReportProgress = ignore_progress) -> ServedEndpoint:
    """Open `local:NAME`, a catalogue model, or `local:PATH.gguf`; file and server are there after the first call.

    `+ADAPTER.gguf` behind it is the same model with a LoRA adapter, in the same server, `+sql` the adapter that comes
    with it. NAME may also be one of the user's own.
    """
    from agentsql.models.own import expanded
    from agentsql.models.server import ensure_server
    from agentsql.models.specialist import adapter_file

    shown, rest = rest, expanded(rest)
    name, adapter = split_adapter(rest)
    adapter = adapter_file(name, adapter)
    if not name.endswith(".gguf"):
        catalogue_model(name)
    for path in filter(None, (name if name.endswith(".gguf") else "", adapter)):
        if not Path(path).expanduser().is_file():
            raise ModelFileError(f"there is no model file {path!r}; give the path of a GGUF file after `local:`")

    async def locate() -> Address:
        adapters = (adapter,) if adapter else ()
        server = await in_daemon_thread(
            lambda: ensure_server(name, settings, progress, adapters=adapters), name="agentsql model start"
        )
        return Address(server.url, server.key, _adapter_fields(server.adapters, adapter))

    return ServedEndpoint(f"local:{shown}", rest, [Replica(rest, locate)], kind="llama.cpp", settings=settings)


def vllm_endpoint(rest: str, *, settings: ModelSettings, progress: ReportProgress = ignore_progress) -> ServedEndpoint:
    """Open `vllm:MODEL@URL[,URL…]`; the key is in VLLM_API_KEY if the server wants one."""
    del progress
    model, urls = _model_and_urls("vllm", rest)
    if not urls:
        raise UsageError(f"model spec 'vllm:{rest}' has no address; write vllm:MODEL@http://HOST:8000/v1")
    replicas = [_fixed(model, url, "VLLM_API_KEY", os.environ) for url in urls]
    return ServedEndpoint(f"vllm:{rest}", model, replicas, kind="vllm", settings=settings)


def openai_endpoint(
    rest: str, *, settings: ModelSettings, progress: ReportProgress = ignore_progress
) -> ServedEndpoint:
    """Open `openai:MODEL[@URL[,URL…]]`, any OpenAI-compatible server; the key is in OPENAI_API_KEY."""
    del progress
    model, urls = _model_and_urls("openai", rest)
    replicas = [_fixed(model, url, "OPENAI_API_KEY", os.environ) for url in urls or (_OPENAI_URL,)]
    return ServedEndpoint(f"openai:{rest}", model, replicas, kind="openai", settings=settings)


def split_adapter(rest: str) -> tuple[str, str]:
    """Give model and adapter of `NAME+ADAPTER.gguf` or `PATH.gguf+ADAPTER.gguf`; the adapter is empty without one."""
    model, dot, adapter = rest.partition(".gguf+")
    if dot:
        return f"{model}.gguf", adapter
    name, plus, adapter = rest.partition("+")
    if plus and not Path(rest).expanduser().is_file():
        return name, adapter
    return rest, ""


def _adapter_fields(adapters: Sequence[str], wanted: str) -> dict[str, object]:
    """Give the fields by which a local server that has adapters is asked for one of them, or for none.

    None has to be said too: without a word the engine goes on from a state that an adapter has made. Each has a slot
    of its own, so that it finds its schema there again.
    """
    if not adapters:
        return {}
    path = str(Path(wanted).expanduser().resolve()) if wanted else ""
    scales = [{"id": number, "scale": float(one == path)} for number, one in enumerate(adapters)]
    number = adapters.index(path) + 1 if path else 0
    return {"lora": scales, "id_slot": number % MOST_COMPLETIONS}


def _installed_opener(kind: str) -> Opener:
    opener: Opener = load_plugin("agentsql.models", kind)
    return opener


def _model_and_urls(scheme: str, rest: str) -> tuple[str, tuple[str, ...]]:
    """Split `MODEL@URL,URL`; a URL without a path gets /v1.

    Raises:
        UsageError: no model, not an http URL, or a URL that holds a password, which would end up in traces.
    """
    model, at, addresses = rest.partition("@http")
    if not model or (not at and "@" in model and "://" in model):
        raise UsageError(f"model spec '{scheme}:{rest}' is not {scheme}:MODEL@http://HOST:PORT/v1")
    urls = []
    for url in f"http{addresses}".split(",") if at else ():
        parts = urlsplit(url.strip())
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise UsageError(f"{url!r} in a model spec is no http address; write {scheme}:MODEL@http://HOST:PORT/v1")
        if parts.username or parts.password:
            raise UsageError(
                f"the address of {scheme}:{model} holds a name or password; put the key into {scheme.upper()}_API_KEY"
            )
        urls.append(url.strip().rstrip("/") + ("" if parts.path.strip("/") else "/v1"))
    return model, tuple(urls)


def _fixed(model: str, url: str, key_variable: str, environment: Mapping[str, str]) -> Replica:
    async def locate() -> Address:
        return Address(url, environment.get(key_variable, ""))

    return Replica(model, locate, url=url)


def _adapted(model: Endpoint | BaseChatModel, settings: ModelSettings) -> Endpoint:
    if isinstance(model, Endpoint):
        return model
    from agentsql.models.adapter import LangChainEndpoint

    return LangChainEndpoint(model, deadline_s=settings.deadline_s)
