"""Plans the servers of the two roles: their command lines, and the model specs by which an agent reaches them."""

from __future__ import annotations

import json
import math
import os
import socket
import subprocess
import urllib.request
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from agentsql.errors import ModelFileError, UsageError
from agentsql.models.catalogue import catalogue
from agentsql.models.progress import ReportProgress, ignore_progress
from agentsql.models.supervise import ServerProcess
from agentsql.settings import ModelSettings

if TYPE_CHECKING:
    from agentsql.models.serve_local import ServeConfig

Engine = Literal["vllm", "llama"]

LOOPBACK = "127.0.0.1"
_MEMORY_SHARE = 0.9
"""Of a device's memory, for all servers on it together; vLLM's own default for one is 0.92."""
_LORA_RANKS = (16, 32, 64, 128, 256, 320, 512)
"""What vLLM takes for --max-lora-rank, from its default on."""
_OWN_OPTIONS = ("--model", "--served-model-name", "--host", "--port", "--lora-modules", "--max-lora-rank")


@dataclass(frozen=True, slots=True)
class Wish:
    """Which models are to be served, and how."""

    chat: str = ""
    """Model of the chat role; empty means that of the other role."""
    sql: str = ""
    adapters: Mapping[str, str] = field(default_factory=dict)
    """Paths of LoRA adapters by the names they are served under; see `adapter_of`."""
    host: str = LOOPBACK
    port: int = 8000
    """Of the first server; the others follow."""
    replicas: int = 1
    """Servers of each model."""
    extra: tuple[str, ...] = ()
    """Further options of the server's own."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The servers, and how an agent names their models."""

    servers: tuple[ServerProcess, ...]
    chat_model: str
    """Model spec of the chat role."""
    sql_model: str


def engine_for(wish: Wish) -> Engine:
    """Give the engine that the wished models are made for: llama for embedded models and GGUF files, else vllm."""
    return "llama" if any(map(_is_gguf, (wish.chat, wish.sql))) else "vllm"


def vllm_plan(wish: Wish, *, python: str, devices: Sequence[str] = ()) -> Plan:
    """Give the plan for vLLM servers; a model of both roles, and one with adapters, has one server.

    Args:
        python: the interpreter that has vLLM.
        devices: what may stand in CUDA_VISIBLE_DEVICES; the servers are dealt out to them.

    Raises:
        UsageError: a GGUF model, an adapter without one model below it, or an option that is set here.
        ModelFileError: what looks like a path of a model or an adapter is none.
    """
    models = _role_models(wish)
    for path in {*models.values(), *wish.adapters.values()}:
        _check_folder(path)
    if own := [word for word in wish.extra if word.split("=")[0] in _OWN_OPTIONS]:
        raise UsageError(f"{own[0]} is what `agentsql models serve` sets itself; leave it out after the `--`")
    if len(devices) < 2 or any("parallel-size" in word for word in wish.extra):
        devices = ("",)  # one, or all of them together
    distinct = list(dict.fromkeys(models.values()))
    share = _MEMORY_SHARE / math.ceil(len(distinct) * wish.replicas / len(devices))
    servers: list[ServerProcess] = []
    urls: dict[str, list[str]] = {model: [] for model in distinct}
    for model in distinct:
        roles = [role for role in models if models[role] == model and role not in wish.adapters]
        served = roles or ["base"]
        for number in range(1, wish.replicas + 1):
            port, device = wish.port + len(servers), devices[len(servers) % len(devices)]
            command = _vllm_command(model, served, wish, python=python, port=port, share=share)
            servers.append(
                ServerProcess(
                    "+".join((*served, *wish.adapters)) + (f"-{number}" if wish.replicas > 1 else ""),
                    command,
                    partial(_answers, f"http://{LOOPBACK if wish.host in _ANY else wish.host}:{port}/health"),
                    {"CUDA_VISIBLE_DEVICES": device} if device else {},
                )
            )
            urls[model].append(f"http://{socket.gethostname() if wish.host in _ANY else wish.host}:{port}/v1")
    specs = {
        role: f"vllm:{adapter_of(role, wish.adapters) or role}@{','.join(urls[model])}"
        for role, model in models.items()
    }
    return Plan(tuple(servers), specs["chat"], specs["sql"])


def llama_plan(wish: Wish, settings: ModelSettings, progress: ReportProgress = ignore_progress) -> Plan:
    """Give the plan for local servers, the same that `local:NAME` starts, but kept running; files are pulled later.

    Raises:
        UsageError: an adapter without one model below it, or what only vLLM can do.
    """
    from agentsql.models.server import serve_command

    models = _role_models(wish)
    if wish != replace(wish, host=LOOPBACK, port=Wish().port, replicas=1, extra=()):
        raise UsageError(
            "local servers listen on a free port for this user alone, one for each model: --host, --port, --replicas"
            " and options after `--` are for `--engine vllm`"
        )
    servers = []
    for model in dict.fromkeys(models.values()):
        local = _LocalServer(model, settings, progress, tuple(wish.adapters.values()))
        label = "+".join(role for role in models if models[role] == model)
        servers.append(
            ServerProcess(
                label, serve_command(), local.is_healthy, stdin=local.stdin, prepare=local.prepare, final=local.final
            )
        )
    adapters = {role: wish.adapters.get(adapter_of(role, wish.adapters), "") for role in models}
    specs = {
        role: f"local:{model}" + (f"+{adapters[role]}" if adapters[role] else "") for role, model in models.items()
    }
    return Plan(tuple(servers), specs["chat"], specs["sql"])


def adapter_of(role: str, adapters: Mapping[str, str]) -> str:
    """Name the adapter that plays `role`: the one of its name, for `sql` any that is not named `chat`; or none."""
    if role in adapters:
        return role
    return next((name for name in adapters if name != "chat"), "") if role == "sql" else ""


def check_machine(plan: Plan, wish: Wish, *, python: str) -> None:
    """Raise a UsageError if this machine cannot run vLLM servers as planned: no vLLM, or a port is taken."""
    probe = "import importlib.util, sys; sys.exit(importlib.util.find_spec('vllm') is None)"
    try:
        has_vllm = subprocess.run([python, "-c", probe], check=False, capture_output=True).returncode == 0
    except OSError as exc:
        raise UsageError(f"cannot run the Python {python!r}: {exc.strerror or exc}") from exc
    if not has_vllm:
        raise UsageError(
            f"there is no vLLM in {python}; install it there (`pip install 'agentsql-framework[vllm]'`, CUDA only), or"
            " name the Python that has it with --python or [models] vllm_python"
        )
    for port in range(wish.port, wish.port + len(plan.servers)):
        with socket.socket() as probe_socket:
            probe_socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe_socket.bind((wish.host, port))
            except OSError as exc:
                raise UsageError(
                    f"cannot listen on {wish.host}:{port}: {exc.strerror or exc}; give another --port or --host"
                ) from exc


def visible_devices(environment: Mapping[str, str] = os.environ) -> tuple[str, ...]:
    """Give the GPUs that servers may use, as CUDA_VISIBLE_DEVICES or else nvidia-smi lists them."""
    if "CUDA_VISIBLE_DEVICES" in environment:
        return tuple(filter(None, environment["CUDA_VISIBLE_DEVICES"].split(",")))
    try:
        listed = subprocess.run(["nvidia-smi", "-L"], check=False, capture_output=True, text=True).stdout
    except OSError:
        return ()
    return tuple(str(number) for number in range(len(listed.splitlines())))


_ANY = ("0.0.0.0", "::")


class _LocalServer:
    """What supervision asks of one local server; its configuration, with the key, is the same at every start."""

    def __init__(self, name: str, settings: ModelSettings, progress: ReportProgress, adapters: tuple[str, ...]) -> None:
        from agentsql.models.serve_local import EXIT_OTHER_SERVES

        self.final = frozenset({0, EXIT_OTHER_SERVES})
        self._name = name
        self._settings = settings
        self._progress = progress
        self._adapters = adapters
        self._config: ServeConfig | None = None

    def prepare(self) -> None:
        """Pull the file, and stop the server that may be running already."""
        from agentsql.models.server import serve_config, stop_server

        if self._config is None:
            made = serve_config(self._name, self._settings, self._progress, adapters=self._adapters)
            self._config = replace(made, idle_s=math.inf)
        stop_server(self._name)

    def stdin(self) -> str:
        assert self._config is not None
        return json.dumps(asdict(self._config))

    def is_healthy(self) -> bool:
        from agentsql.models.server import serves

        return self._config is not None and serves(self._config)


def _role_models(wish: Wish) -> dict[str, str]:
    """Give the model of each role."""
    chat, sql = wish.chat or wish.sql, wish.sql or wish.chat
    if not chat:
        raise UsageError("there is no model to serve; give --chat MODEL, --sql MODEL, or both")
    if wish.adapters and chat != sql:
        raise UsageError("an adapter needs one model for both roles; leave out --chat or --sql")
    return {"chat": chat, "sql": sql}


def _check_folder(path: str) -> None:
    """Refuse what vLLM would take minutes to refuse; a name that is no path is one on the hub."""
    if _is_gguf(path):
        raise UsageError(
            f"{path!r} is a GGUF model; serve it with `--engine llama`, or give vLLM a model on the hub or a folder in"
            " the Hugging Face layout"
        )
    folder = Path(path)
    if folder.is_dir() and not any(folder.glob("*config.json")):
        raise ModelFileError(f"the folder {path!r} holds neither a model nor an adapter: it has no config.json")
    if path.startswith(("/", "./", "../", "~")) and not folder.is_dir():
        raise ModelFileError(f"there is no folder {path!r}; give that of a model or an adapter, or a name on the hub")


def _is_gguf(model: str) -> bool:
    return model in catalogue() or model.endswith(".gguf")


def _vllm_command(
    model: str, served: Sequence[str], wish: Wish, *, python: str, port: int, share: float
) -> tuple[str, ...]:
    # The module works where the `vllm` command does not, as in builds for the CPU.
    command = [python, "-m", "vllm.entrypoints.openai.api_server", "--model", model, "--served-model-name", *served]
    command += ["--host", wish.host, "--port", str(port), "--enable-prompt-tokens-details"]
    if share < _MEMORY_SHARE:
        command += ["--gpu-memory-utilization", f"{math.floor(100 * share) / 100:g}"]
    if wish.adapters:
        command += ["--enable-lora", "--max-lora-rank", str(_max_rank(wish.adapters.values())), "--lora-modules"]
        command += [f"{name}={path}" for name, path in wish.adapters.items()]
    return (*command, *wish.extra)


def _max_rank(adapters: Iterable[str]) -> int:
    """Give the least rank that vLLM takes and that is enough for the adapters whose settings lie here."""
    settings = [Path(path) / "adapter_config.json" for path in adapters]
    most = max((json.loads(one.read_text("utf-8")).get("r", 0) for one in settings if one.is_file()), default=0)
    return next((rank for rank in _LORA_RANKS if rank >= most), most)


def _answers(url: str) -> bool:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        opener.open(url, timeout=2.0).close()
    except OSError:
        return False
    return True
