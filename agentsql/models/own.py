"""Models of the user's own under short names: `local:NAME` for a file, or for a model with an adapter."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

from agentsql.errors import ModelFileError, UsageError
from agentsql.folders import data_folder
from agentsql.models.catalogue import catalogue

_FILE = "models.toml"


def own_models() -> dict[str, str]:
    """Give what stands behind each name: `PATH.gguf`, `NAME+ADAPTER.gguf` or `PATH.gguf+ADAPTER.gguf`.

    Raises:
        ModelFileError: the file that keeps them is broken.
    """
    path = data_folder() / _FILE
    try:
        found = tomllib.loads(path.read_text("utf-8"))["models"]
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, KeyError) as exc:
        raise ModelFileError(
            f"the list of your own models, {path}, cannot be read: {exc}; correct or remove it"
        ) from exc
    return {str(name): str(target) for name, target in found.items()}


def add_model(name: str, target: str) -> None:
    """Put a model under a name.

    Raises:
        UsageError: the name is taken, or is none that a spec can hold.
    """
    check_free(name)
    _write({**own_models(), name: target})


def check_free(name: str) -> None:
    """See that a name can be given to a model.

    Raises:
        UsageError: the name is taken, or is none that a spec can hold.
    """
    if name in own_models() or name in catalogue():
        raise UsageError(
            f"there is a model {name!r} already; choose another --name, or `agentsql models rm {name}` first"
        )
    if not name.replace("-", "").replace("_", "").replace(".", "").isalnum() or name.endswith(".gguf"):
        raise UsageError(f"{name!r} cannot be a model's name; use letters, digits, '-', '_' and '.'")


def remove_model(name: str) -> bool:
    """Forget a name, and tell whether there was one; files stay."""
    models = own_models()
    if name not in models:
        return False
    del models[name]
    _write(models)
    return True


def expanded(rest: str) -> str:
    """Give what stands behind a name of the user's own, or the text as it is."""
    return own_models().get(rest, rest)


def adapters_folder() -> Path:
    """Give the folder that keeps adapters of the user's own."""
    return data_folder() / "adapters"


def _write(models: dict[str, str]) -> None:
    path = data_folder() / _FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [
        f"{json.dumps(name)} = {json.dumps(target, ensure_ascii=False)}" for name, target in sorted(models.items())
    ]
    unfinished = path.with_name(f"{path.name}.part")
    unfinished.write_text("[models]\n" + "".join(f"{line}\n" for line in lines), "utf-8")
    unfinished.replace(path)
