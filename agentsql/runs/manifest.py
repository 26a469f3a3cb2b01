"""`run.json`: what a run is made of, so that it is gone on with by the same only, and can be told from another."""

from __future__ import annotations

import hashlib
import json
import os
import platform
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from importlib import metadata, resources
from pathlib import Path
from typing import Any

import agentsql
from agentsql.errors import UsageError
from agentsql.evaluation.questions import Question
from agentsql.graph import GraphSpec
from agentsql.runs.files import write_whole
from agentsql.runs.shard import Shard
from agentsql.settings import Settings

MANIFEST = "run.json"

Manifest = dict[str, Any]

_FORMAT = 1
_SAME = ("format", "benchmark", "questions", "graph", "prompts", "models", "settings", "agentsql")
"""Parts of a manifest that must stay the same in one folder."""
_ELSEWHERE = frozenset({"agent.graph", "agent.sql_model", "agent.chat_model"})
"""Settings that the manifest has under another name."""
_OF_THE_MACHINE = frozenset({"models.directory", "models.threads", "models.idle_minutes", "models.vllm_python"})
"""Settings that say where and how models are run, not what they answer."""
_PACKAGES = ("agentsql-framework", "langchain-openai", "langgraph", "openai", "sqlalchemy", "sqlglot", "xllamacpp")


def describe_run(
    name: str,
    questions: Sequence[Question],
    *,
    settings: Settings,
    graph: GraphSpec,
    sql_model: str,
    chat_model: str,
    shard: Shard,
) -> Manifest:
    """Give the manifest of a run that has not begun.

    Args:
        questions: those of this shard, in the benchmark's order.
        sql_model, chat_model: names of the endpoints; addresses are left out, as the same model may move.
    """
    return {
        "format": _FORMAT,
        "benchmark": name,
        "questions": {"count": len(questions), "sha256": questions_hash(questions), "shard": str(shard)},
        "graph": {"name": graph.name, "sha256": graph_hash(graph)},
        "prompts": {"sha256": prompts_hash()},
        "models": {"sql": _without_address(sql_model), "chat": _without_address(chat_model)},
        "settings": _settings(settings),
        "agentsql": agentsql.__version__,
        "sessions": [],
        "finished": None,
    }


def describe_session(now: str, **bounds: object) -> dict[str, Any]:
    """Give what a manifest says of one process that works on a run: since when, with what, where."""
    return {
        "started": now,
        "finished": None,
        **bounds,
        "code": code_hash(),
        "versions": {name: version for name in _PACKAGES if (version := _version(name))},
        "python": platform.python_version(),
        "machine": {"system": platform.system(), "kind": platform.machine(), "cores": os.cpu_count()},
    }


def changed(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """Give a line for each part of `new` that is not as in `old`, and would change answers."""
    before, now = (dict(_flat({key: one.get(key) for key in _SAME})) for one in (old, new))
    return [
        f"{key} was {_short(before.get(key))}, is {_short(now.get(key))}"
        for key in dict.fromkeys((*before, *now))
        if before.get(key) != now.get(key)
    ]


def read_manifest(folder: Path) -> Manifest | None:
    """Give the manifest of a run's folder; None if there is none.

    Raises:
        UsageError: it cannot be read.
    """
    path = folder / MANIFEST
    try:
        found = json.loads(path.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as exc:
        raise UsageError(f"{path} cannot be read: {exc}; name another folder with --out") from exc
    if not isinstance(found, dict):
        raise UsageError(f"{path} is no manifest of a run; name another folder with --out")
    return found


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write the manifest in one step."""
    write_whole(folder / MANIFEST, [json.dumps(manifest, indent=2, ensure_ascii=False).encode(), b"\n"])


def questions_hash(questions: Sequence[Question]) -> str:
    """Give a hash of what is asked and what counts as right, wherever the files lie."""
    digest = hashlib.sha256()
    for one in questions:
        told = [one.id, one.db_id, one.text, one.evidence, one.golds, one.schema_sql, one.ordered, one.now]
        digest.update(json.dumps(told).encode())
    return digest.hexdigest()[:16]


def graph_hash(graph: GraphSpec) -> str:
    """Give a hash of a graph's nodes, options and branches."""
    nodes = [
        (node.name, node.step_name, sorted(node.options.items()), node.router_name, sorted(node.next.items()))
        for node in graph.nodes
    ]
    return hashlib.sha256(repr((graph.start, nodes)).encode()).hexdigest()[:16]


def prompts_hash() -> str:
    """Give a hash of the texts that prompts are built of."""
    texts = [one for one in resources.files("agentsql.prompts").iterdir() if one.name.endswith((".txt", ".py"))]
    digest = hashlib.sha256()
    for one in sorted(texts, key=lambda found: found.name):
        digest.update(one.name.encode() + b"\0" + one.read_bytes())
    return digest.hexdigest()[:16]


def code_hash() -> str:
    """Give a hash of the package's own files: sessions of two hashes may answer differently."""
    digest = hashlib.sha256()
    package = Path(agentsql.__file__).parent
    for path in sorted(package.rglob("*")):
        if path.suffix in (".py", ".txt", ".toml"):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _settings(settings: Settings) -> dict[str, Any]:
    left_out = _ELSEWHERE | _OF_THE_MACHINE
    return {key: value for key, value in _flat(asdict(settings)) if key not in left_out}


def _flat(found: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in found.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def _without_address(model: str) -> str:
    return model.partition("@http")[0]


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}…"


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""
